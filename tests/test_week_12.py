"""Week 12: stories with a known entropy, tiny models, the lens and the sinks."""

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from common.lens import even_share, lens_ranks, sink_share
from common.paired import paired, student
from common.smollm2 import SmolLM2, load_smollm2
from common.stories import PAD, Stories, entropy, mean_length, read_grammar, tell, vocabulary
from common.tiny_gpt import (
    Pupil,
    Recipe,
    bits,
    bits_of_tokens,
    fresh,
    measured,
    right,
    share_of_rate,
    train_together,
)
from common.tiny_runs import Ground, ground

from generator.machine.models import model_file

ROOT = Path(__file__).parents[1]
SMALL = "name: ann bob\nthing: cup pen\n--\nname1 has a thing1 . [name1] .\nthe thing2 .\n"


@pytest.fixture(scope="module")
def base() -> Ground:
    texts = [
        (ROOT / path).read_text(encoding="utf-8")
        for path in ("reports/week-12/data/stories.txt", "reports/project/data/kitchen.txt")
    ]
    return ground(*texts)


@pytest.fixture(scope="module")
def smollm2() -> SmolLM2:
    return load_smollm2(model_file(ROOT, "smollm2")[0])


def test_the_entropy_of_a_grammar_is_that_of_its_stories() -> None:
    grammar = read_grammar(SMALL)
    # Half the time one of four stories, half the time one of two.
    exact = 0.5 * math.log2(8) + 0.5 * math.log2(4)
    assert entropy(grammar) == pytest.approx(exact)
    told = tell(grammar, vocabulary(grammar), 4000, 7, 5).rows
    counts = Counter(tuple(row) for row in told.tolist())
    measured = -sum(n / 4000 * math.log2(n / 4000) for n in counts.values())
    # Six kinds of story: the plug-in estimate is low by about 5 / (2 * 4000 ln 2) = 9e-4 bits,
    # and its standard error is about sqrt(Var log p / 4000) = 0.008.
    assert measured == pytest.approx(exact, abs=0.03)
    assert mean_length(grammar) == 5


def test_answers_are_what_stands_in_brackets(base: Ground) -> None:
    told = base.told(base.harbour, 50, 3)
    words = {base.words[int(i)] for i in told.rows[told.answers]}
    kinds = {word for kind in base.harbour.kinds.values() for word in kind}
    assert words <= kinds
    assert not (told.rows[told.answers] == PAD).any()


def test_a_file_without_its_line_is_refused() -> None:
    with pytest.raises(ValueError, match='no line "--"'):
        read_grammar("name: ann bob\n")


def test_bits_are_the_cross_entropy_that_torch_computes(base: Ground) -> None:
    model = fresh(base.shape, 0)
    told = base.told(base.harbour, 20, 3)
    rows = told.rows
    with torch.no_grad():
        nats = torch.nn.functional.cross_entropy(
            model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten(), ignore_index=PAD
        )
    assert bits(model, told) == pytest.approx(nats.item() / math.log(2), rel=1e-5)


def test_a_masked_model_is_not_told_the_token_that_it_is_asked_for(base: Ground) -> None:
    model = fresh(replace(base.shape, causal=False), 0)
    rows = base.told(base.harbour, 1, 3).rows
    found = bits_of_tokens(model, rows)
    # p of all candidates at one place sums to one, whatever stands there.
    total = 0.0
    for token in range(base.shape.vocabulary):
        changed = rows.clone()
        changed[:, 3] = token
        total += float(2.0 ** -bits_of_tokens(model, changed)[0, 3]) if token != PAD else 0.0
    assert total < 1.0
    assert total > 0.5  # all but what the padding gets
    assert found.shape == rows.shape


def test_a_few_steps_teach_more_than_the_frequencies_of_words(base: Ground) -> None:
    told, held = base.told(base.harbour, 640, 1), base.told(base.harbour, 40, 2)
    pupil = Pupil(fresh(base.shape, 0), told, 5e-3)
    (found,) = train_together([pupil], held, Recipe(steps=40, every=20))
    floor = (entropy(base.harbour) - 2) / (mean_length(base.harbour) - 1)
    assert floor < found.bits[-1] < 2.0 < found.bits[0]


def test_models_trained_together_are_those_of_torch_trained_alone(base: Ground) -> None:
    held = base.told(base.harbour, 20, 2)
    recipe = Recipe(steps=8, batch=4, every=8, warm_up=3)
    pupils = [
        Pupil(fresh(base.shape, seed), base.told(base.harbour, 32, seed), rate)
        for seed, rate in ((1, 2e-3), (2, 8e-3))
    ]
    together = train_together(pupils, held, recipe)
    for pupil, found in zip(pupils, together, strict=True):
        model = fresh(base.shape, 1 if pupil is pupils[0] else 2)
        optimiser = torch.optim.AdamW(
            model.parameters(), pupil.rate, betas=(0.9, 0.98), weight_decay=recipe.decay
        )
        for step in range(recipe.steps):
            for group in optimiser.param_groups:
                group["lr"] = pupil.rate * share_of_rate(step, recipe)
            rows = pupil.told.rows[4 * step : 4 * step + 4]
            optimiser.zero_grad()
            cost = torch.nn.functional.cross_entropy(
                model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten(), ignore_index=PAD
            )
            cost.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        # Eight steps of float32: rounding grows, but stays far below a step of the rate.
        assert found.bits[-1] == pytest.approx(bits(model, held), abs=2e-3)


def test_what_is_taken_out_gets_no_training_and_stops_nothing(base: Ground) -> None:
    shape = replace(base.shape, attention=False)
    told = base.told(base.harbour, 64, 1)
    model = fresh(shape, 1)
    name = "blocks.0.attention.query.bias"
    before = model.state_dict()[name].clone()
    (found,) = train_together([Pupil(model, told, 5e-3)], told, Recipe(steps=4, every=4))
    after = found.weights[name]
    # Weight decay alone: (1 - 0.01 rate)^4 of 5e-3 and less.
    assert torch.allclose(after, before, atol=1e-3)


def test_a_masked_model_learns_what_is_hidden(base: Ground) -> None:
    shape = replace(base.shape, causal=False)
    told, held = base.told(base.harbour, 320, 1), base.told(base.harbour, 20, 2)
    pupil = Pupil(fresh(shape, 1), told, 5e-3, seed=1)
    (found,) = train_together([pupil], held, Recipe(steps=40, batch=8, every=40, masked=0.3))
    assert found.bits[-1] < 0.6 * found.bits[0]


def test_measuring_once_gives_bits_and_answers(base: Ground) -> None:
    model, held = fresh(base.shape, 3), base.told(base.harbour, 30, 2)
    cost, share = measured(model, held)
    assert cost == pytest.approx(bits(model, held), rel=1e-5)
    assert share == right(model, held)
    assert isinstance(held, Stories)


def test_the_share_of_the_rate_rises_then_falls_to_a_twentieth() -> None:
    recipe = Recipe(steps=100, warm_up=10)
    assert share_of_rate(0, recipe) == pytest.approx(0.1)
    assert max(range(100), key=lambda step: share_of_rate(step, recipe)) == 9
    assert share_of_rate(100, recipe) == pytest.approx(0.05)


def test_student_s_quantiles_are_those_of_the_tables() -> None:
    # Abramowitz & Stegun (1964), table 26.10: three decimals.
    for freedom, t in ((1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (23, 2.069), (30, 2.042)):
        assert student(freedom) == pytest.approx(t, abs=5e-4)
    assert student(4, 0.99) == pytest.approx(4.604, abs=5e-4)


def test_a_paired_interval_holds_the_truth_as_often_as_it_says() -> None:
    source = torch.Generator().manual_seed(3)
    hits = 0
    for _ in range(1000):
        shared = torch.randn(5, generator=source)
        first = shared + 0.3 + 0.2 * torch.randn(5, generator=source)
        second = shared + 0.2 * torch.randn(5, generator=source)
        gap = paired(first.tolist(), second.tolist())
        hits += gap.low <= 0.3 <= gap.high
    # 950 expected; the standard deviation of the count is sqrt(1000 * 0.95 * 0.05) = 7.
    assert abs(hits - 950) < 28


def test_the_lens_after_the_last_block_is_the_model(smollm2: SmolLM2) -> None:
    ids = smollm2.ids("The capital of France is")
    token = smollm2.ids(" Paris")[0]
    assert lens_ranks(smollm2, smollm2.trace(ids), token)[-1] == 1
    assert int(smollm2.next_logits(ids)[0].argmax()) == token


def test_an_even_look_back_has_its_closed_form() -> None:
    n = 12
    attention = torch.tril(torch.ones(n, n)) / torch.arange(1, n + 1)[:, None]
    assert sink_share(attention[None, None]).item() == pytest.approx(even_share(n), rel=1e-6)


def test_the_first_token_is_a_sink_whatever_it_is(smollm2: SmolLM2) -> None:
    ids = smollm2.ids("They look at the boats, and the birds look at the fish in the water.")
    for start in range(3):
        found = smollm2.trace(ids[start:])
        assert sink_share(found.attention).mean() > 4 * sink_share(found.attention, 1).mean()
