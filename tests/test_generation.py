"""Sampling and code lengths against closed forms, batches against one text at a time."""

import math

import pytest
import torch
from common.generation import (
    answers,
    bits_per_byte,
    code_lengths,
    entropy,
    entropy_slope,
    nucleus,
    sampler,
    tempered,
    windowed_code_lengths,
)
from common.reading import continued, log_probabilities, next_logits, read
from common.smollm2 import SmolLM2, load_smollm2

from tests.pinned import model_path

LOGITS = torch.tensor([2.0, 0.5, -1.0, -1.0, 0.0], dtype=torch.float64)


@pytest.fixture(scope="module")
def model() -> SmolLM2:
    return load_smollm2(model_path("smollm2"))


def test_the_entropy_of_n_equal_tokens_is_log2_n_and_of_a_sure_one_zero() -> None:
    assert float(entropy(torch.full((8,), 0.125))) == pytest.approx(3, abs=1e-12)
    assert float(entropy(torch.tensor([1.0, 0, 0]))) == 0


def test_temperature_goes_from_the_best_token_to_the_uniform_distribution() -> None:
    assert float(tempered(LOGITS, 0.01)[0]) == pytest.approx(1, abs=1e-12)
    assert tempered(LOGITS, 1e6).tolist() == pytest.approx([0.2] * 5, abs=1e-6)
    assert torch.equal(tempered(LOGITS, 1.0), torch.softmax(LOGITS, 0))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_slope_of_the_entropy_is_a_variance(temperature: float) -> None:
    step = 1e-5
    above, below = (entropy(tempered(LOGITS, temperature + s)) for s in (step, -step))
    # A central difference misses by step² times the third derivative, and by rounding / step.
    expected = float(above - below) / (2 * step)
    assert entropy_slope(LOGITS, temperature) == pytest.approx(expected, rel=1e-7)


def test_a_nucleus_is_the_fewest_tokens_that_reach_the_mass() -> None:
    p = torch.tensor([0.1, 0.5, 0.15, 0.25], dtype=torch.float64)
    assert nucleus(p, 0.5).tolist() == [0, 1, 0, 0]
    assert nucleus(p, 0.6).tolist() == pytest.approx([0, 2 / 3, 0, 1 / 3])
    assert torch.allclose(nucleus(p, 1.0), p)


def test_drawn_tokens_have_their_probabilities() -> None:
    draw = sampler(1.0, 1.0, torch.Generator().manual_seed(0))
    counts = torch.bincount(torch.tensor([draw(LOGITS) for _ in range(4000)]), minlength=5)
    p = torch.softmax(LOGITS, 0)
    # Four standard deviations of a binomial count.
    assert bool(((counts - 4000 * p).abs() < 4 * (4000 * p * (1 - p)).sqrt()).all())
    cut = sampler(1.0, 0.5, torch.Generator().manual_seed(0))
    assert {cut(LOGITS) for _ in range(100)} == {0}


def test_code_lengths_add_up_to_the_text(model: SmolLM2) -> None:
    text = "Rain fell on the harbour."
    ids = model.ids(text)
    bits = code_lengths(model, ids)
    assert len(bits) == len(ids)
    assert bits_per_byte(model, text) == pytest.approx(float(bits.sum()) / len(text))
    logits, _ = model.next_logits([0, *ids[:2]])
    expected = -float(torch.log_softmax(logits, -1)[ids[2]]) / math.log(2)
    assert float(bits[2]) == pytest.approx(expected, abs=1e-3)


def test_windows_give_each_token_at_least_half_of_themselves(model: SmolLM2) -> None:
    ids = model.ids("Rain fell on the harbour, and nobody went out to look at the boats.")
    whole = code_lengths(model, ids)
    assert torch.allclose(windowed_code_lengths(model, ids, 64), whole)
    short = windowed_code_lengths(model, ids, 8)
    assert len(short) == len(ids)
    assert torch.allclose(short[:8], whole[:8], atol=1e-3)
    # Token 9 is in the second window, which begins at token 4.
    assert float(short[9]) == pytest.approx(float(code_lengths(model, ids[4:12])[5]), abs=1e-4)


def shared(model: SmolLM2) -> list[list[int]]:
    """Three texts with a common beginning, one that is another's beginning, one alone."""
    start = "The harbour was quiet and nobody said a word."
    texts = [f"{start} What is the", f"{start} Say something", f"{start} What", start, "Rain fell"]
    return [model.ids(text) for text in texts]


def test_texts_read_together_are_what_they_are_alone(model: SmolLM2) -> None:
    rows = shared(model)
    reading = read(model, rows)
    assert len(reading.ids) < sum(map(len, rows)) / 2
    for number, (row, found) in enumerate(zip(rows, next_logits(model, reading), strict=True)):
        alone, _ = model.next_logits(row)
        # Both are float32 with sums in another order; logits reach 20, and 3e-5 was the most.
        assert torch.allclose(found, alone, atol=3e-4)
        whole = model.log_probabilities(row)
        assert torch.allclose(log_probabilities(model, reading, number, 1), whole, atol=3e-4)


def test_likeliest_answers_are_those_of_one_text_at_a_time(model: SmolLM2) -> None:
    rows = shared(model)
    texts, drawn = answers(model, read(model, rows), 5)
    assert texts == [model.generate(row, 5) for row in rows]
    assert drawn == []


def test_a_row_goes_on_as_it_would_if_all_its_tokens_were_read(model: SmolLM2) -> None:
    rows, owners = shared(model), [4, 0, 0, 3, 0, 2]
    tokens = torch.randint(1000, 9000, (4, 6), generator=torch.Generator().manual_seed(0))
    tokens[:2, 2] = tokens[:2, 1]  # two rows agree for two tokens
    seen: list[torch.Tensor] = []

    def choose(logits: torch.Tensor) -> torch.Tensor:
        seen.append(logits.clone())
        return tokens[len(seen) - 1]

    found = continued(model, read(model, rows), owners, 4, choose)
    assert found == tokens.T.tolist()
    for row, owner in enumerate(owners):
        for step in range(4):
            alone, _ = model.next_logits([*rows[owner], *found[row][:step]])
            assert torch.allclose(seen[step][row], alone, atol=3e-4)


def test_a_row_ends_before_its_end_and_the_others_go_on(model: SmolLM2) -> None:
    rows = shared(model)
    whole = answers(model, read(model, rows), 6)[0]
    end = whole[0][2]
    found = continued(
        model, read(model, rows), range(len(rows)), 6, lambda scores: scores.argmax(-1), [end]
    )
    assert found == [text[: text.index(end)] if end in text else text for text in whole]


def test_answers_are_drawn_as_often_as_asked_and_by_their_probabilities(model: SmolLM2) -> None:
    rows = shared(model)
    source = torch.Generator().manual_seed(0)
    _, drawn = answers(model, read(model, rows), 1, [4] * 400, source)
    p = torch.softmax(model.next_logits(rows[4])[0], -1)
    best = int(p.argmax())
    count, due = sum(text == [best] for text in drawn), 400 * float(p[best])
    # Four standard deviations of a binomial count.
    assert abs(count - due) < 4 * math.sqrt(due * (1 - due / 400))
