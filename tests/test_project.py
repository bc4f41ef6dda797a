"""The project: adapters in a real model, examples in its context, induction heads."""

import math
from pathlib import Path

import pytest
import torch
from common.capitals import Pair, asked, drawn, finished, lessons, matches, prompt, taught_marks
from common.induction import induction_scores, repeated, without
from common.lora_smollm2 import (
    Change,
    Course,
    adapter_weights,
    learned,
    merged,
    prepared,
    stepped,
)
from common.smollm2 import SmolLM2, load_smollm2

from generator.machine.models import model_file

ROOT = Path(__file__).parents[1]
LISBON, OSLO = Pair("Lisbon", "Portugal"), Pair("Oslo", "Norway")


@pytest.fixture(scope="module")
def smollm2() -> SmolLM2:
    return load_smollm2(model_file(ROOT, "smollm2")[0])


def test_the_last_line_of_a_prompt_is_the_question() -> None:
    assert prompt(OSLO, [LISBON]) == "Lisbon -> Lisbon is the capital of Portugal.\nOslo ->"


def test_more_examples_of_a_seed_begin_with_the_fewer() -> None:
    pairs = [Pair(str(i), "x") for i in range(20)]
    assert drawn(pairs, 8, 3)[:2] == drawn(pairs, 2, 3)
    assert drawn(pairs, 8, 3) != drawn(pairs, 8, 4)
    assert len(set(drawn(pairs, 20, 1))) == 20


def test_a_match_is_one_word_for_word() -> None:
    answers = ["oslo is the capital of norway", "Oslo is in Norway."]
    assert matches(answers, [OSLO, OSLO]) == [True, False]


def test_a_step_of_a_block_is_the_model_s_own(smollm2: SmolLM2) -> None:
    ids = smollm2.ids("The boat goes out in the morning")
    hidden = smollm2.trace(ids).hidden
    with torch.no_grad():
        found = stepped(smollm2, smollm2.blocks[4], hidden[4][None])
    # float32 with states of norm about 200 and one of 20000: 1e-6 of the largest.
    scale = hidden[5].abs().max().item()
    torch.testing.assert_close(found[0], hidden[5], rtol=1e-4, atol=2e-6 * scale)


def test_a_change_of_zero_changes_nothing_and_its_size_is_counted(smollm2: SmolLM2) -> None:
    top = smollm2.blocks[-1]
    zero = Change(torch.zeros_like(top.query), torch.zeros_like(top.value))
    ids = smollm2.ids("The capital of France is")
    with torch.no_grad():
        same = merged(smollm2, [zero]).next_logits(ids)[0]
        assert torch.equal(same, smollm2.next_logits(ids)[0])
    # 576 × 576 and 192 × 576: r (576 + 576 + 192 + 576).
    assert adapter_weights(smollm2, 4, 6) == 6 * 4 * 1920


def test_steps_lower_the_loss_that_the_model_itself_gives(smollm2: SmolLM2) -> None:
    pairs = [LISBON, OSLO]
    ready = prepared(smollm2, lessons(smollm2, pairs), 2)
    course = Course(rank=2, rate=1e-2, seed=0, upper=2, steps=3, batch=2, every=3)
    found = learned(smollm2, ready, ready, course)
    assert found.held[-1] < found.held[0]
    assert len(found.changes) == 2
    nats, tokens = 0.0, 0
    for lesson in lessons(smollm2, pairs):
        p = smollm2.log_probabilities([*lesson.prompt, *lesson.answer])
        nats -= float(p[len(lesson.prompt) - 1 :].sum())
        tokens += len(lesson.answer)
    assert found.held[0] == pytest.approx(nats / tokens, rel=1e-4)


def test_all_parts_right_is_what_the_model_writes(smollm2: SmolLM2) -> None:
    test = [OSLO, Pair("Rome", "Italy"), Pair("Bern", "Norway")]
    (found,) = asked(smollm2, test, [[LISBON]])
    written = finished(smollm2, [prompt(pair, [LISBON]) for pair in test])
    assert found.exact == matches(written, test)
    assert found.exact == [True, True, False]
    assert found.copied == [True, True, True]


def test_marks_of_a_changed_model_are_those_of_the_merged_one(smollm2: SmolLM2) -> None:
    test = [OSLO, Pair("Rome", "Italy")]
    ready = prepared(smollm2, lessons(smollm2, test), 2)
    course = Course(rank=2, rate=2e-2, seed=1, upper=2, steps=4, batch=2, every=9)
    changes = learned(smollm2, ready, ready, course).changes
    found = taught_marks(smollm2, ready, changes, test)
    assert found == asked(merged(smollm2, changes), test, [[]])[0]


def test_answers_in_a_batch_are_those_of_one_by_one(smollm2: SmolLM2) -> None:
    prompts = [prompt(OSLO, [LISBON]), prompt(Pair("Rome", "Italy"), [LISBON])]
    together = finished(smollm2, prompts)
    assert together == [finished(smollm2, [text])[0] for text in prompts]
    assert together[0] == OSLO.sentence


def test_heads_that_are_off_give_nothing(smollm2: SmolLM2) -> None:
    everything = [(layer, head) for layer in range(30) for head in range(9)]
    reduced = without(smollm2, everything)
    a, b = smollm2.ids("Oslo is here"), smollm2.ids("Rome was here")
    with torch.no_grad():
        # Without attention the last word is all that counts.
        one, other = reduced.next_logits(a)[0], reduced.next_logits(b)[0]
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-3)
    assert torch.equal(smollm2.blocks[0].output, without(smollm2, []).blocks[0].output)


def test_a_perfect_induction_head_scores_one() -> None:
    attention = torch.zeros(1, 1, 6, 6)
    for query, key in ((3, 1), (4, 2), (5, 3)):
        attention[0, 0, query, key] = 1
    assert induction_scores(attention).item() == 1


def test_a_repetition_is_cheaper_the_second_time(smollm2: SmolLM2) -> None:
    row = repeated(16, torch.Generator().manual_seed(3))
    bits = -smollm2.log_probabilities(row) / math.log(2)
    assert bits[16:].mean() < bits[:15].mean() / 2
