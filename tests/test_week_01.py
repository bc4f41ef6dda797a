"""Week 1: its yardsticks against closed forms, its findings against the real model."""

import gzip
import math
import random

import pytest
import torch
from common.generation import code_lengths, entropy, entropy_slope, tempered
from common.smollm2 import SmolLM2, load_smollm2
from common.yardsticks import letter_entropy, packed_bits, reliability
from torch import Tensor

from tests.pinned import ROOT, model_path
from tests.scripts import script

WEEK = script("week-01")
DATA = ROOT / "reports/week-01/data"


@pytest.fixture(scope="module")
def model() -> SmolLM2:
    return load_smollm2(model_path("smollm2"))


@pytest.fixture(scope="module")
def france(model: SmolLM2) -> Tensor:
    return model.next_logits(model.ids(WEEK.FRANCE))[0]


def test_counts_of_bytes_give_the_entropy_of_their_frequencies() -> None:
    assert letter_entropy("abababab") == pytest.approx(1)
    assert letter_entropy("aaaa") == 0
    assert letter_entropy("".join(map(chr, range(128)))) == pytest.approx(7)
    # Three bytes a syllable, three distinct values, equally often.
    assert letter_entropy("가가") == pytest.approx(math.log2(3))


def test_a_packer_without_headers_beats_gzip_and_not_the_entropy_of_chance() -> None:
    text = "".join(random.Random(0).choices("abcdefgh", k=4000))
    assert 3 <= packed_bits(text) < 8 * len(gzip.compress(text.encode(), 9)) / len(text)
    assert packed_bits("a" * 4000) < 0.1


def test_reliability_of_sure_and_of_fair_forecasts() -> None:
    p = torch.tensor([0.5] * 100 + [1.0] * 3)
    came = torch.tensor([True, False] * 50 + [True] * 3)
    fair, sure = reliability(p, came)
    assert fair == pytest.approx((100, 0.5, 0.5, 0.05))
    assert sure == (3, 1.0, 1.0, 0.0)


@pytest.mark.parametrize(("heat", "bits"), [(0.5, 0.08), (1.0, 2.14), (1.5, 8.76), (2.0, 12.46)])
def test_entropies_at_four_temperatures_are_those_of_the_findings(
    france: Tensor, heat: float, bits: float
) -> None:
    assert float(entropy(tempered(france, heat))) == pytest.approx(bits, abs=5e-3)


def test_the_slope_of_the_real_distribution_is_its_variance(france: Tensor) -> None:
    step = 1e-4
    above, below = (float(entropy(tempered(france, 1 + s))) for s in (step, -step))
    # The third derivative is of the order of 100 here: 1e-8 · 100 / 6 against a slope of 10.
    assert entropy_slope(france, 1.0) == pytest.approx((above - below) / (2 * step), rel=1e-6)


def test_code_is_cheaper_than_english_and_chance_costs_more_than_its_entropy(
    model: SmolLM2,
) -> None:
    def rate(text: str) -> float:
        return float(code_lengths(model, model.ids(text)).sum()) / len(text.encode())

    letters = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=200))
    english = (DATA / "english.txt").read_text(encoding="utf-8")[:400]
    code = (DATA / "code.txt").read_text(encoding="utf-8")[:400]
    assert rate(code) < rate(english) < math.log2(26) < rate(letters)


def test_the_parameters_add_up_to_the_formula_of_the_architecture() -> None:
    counts = WEEK.weights(model_path("smollm2"))
    d, f, groups, blocks = 576, 1536, 3 * 64, 30
    assert counts["embedding"] == 49152 * d
    assert counts["attention"] == blocks * (2 * d * d + 2 * d * groups)
    assert counts["ffn"] == blocks * 3 * d * f
    assert counts["norms"] == (2 * blocks + 1) * d
    # The makers call it 135M.
    assert sum(counts[part] for part in ("embedding", "attention", "ffn", "norms")) == 134515008
    assert counts["kept"] == blocks * 2 * groups


def test_a_step_of_training_moves_the_table_as_autograd_says() -> None:
    counts = torch.tensor([[3.0, 1, 0], [2, 2, 2], [0, 0, 1]], dtype=torch.float64)
    logits = torch.zeros(3, 3, dtype=torch.float64, requires_grad=True)
    loss = -(counts * torch.log_softmax(logits, -1)).sum() / counts.sum()
    (gradient,) = torch.autograd.grad(loss, logits)
    after = WEEK.bits_of_pairs(-WEEK.RATE * gradient, counts)
    seen, _ = WEEK.trained_pairs(counts, counts)
    assert seen[0] == pytest.approx(math.log2(3))
    assert seen[1] == pytest.approx(after)


def test_the_table_comes_down_to_the_entropy_of_the_counts() -> None:
    # Twelve blocks, so that no row has so much of the text that the step size overshoots.
    block = torch.tensor([[4.0, 4], [1, 3]], dtype=torch.float64)
    counts = torch.kron(torch.eye(12, dtype=torch.float64), block)
    seen, _ = WEEK.trained_pairs(counts, counts)
    quarter = 0.25 * math.log2(4) + 0.75 * math.log2(4 / 3)
    best = (8 * 1 + 4 * quarter) / 12
    assert best < seen[-1] < best + 0.05
    assert seen == sorted(seen, reverse=True)


def test_pairs_are_counted_in_order() -> None:
    assert WEEK.pair_counts("abab", "ab").tolist() == [[0, 2], [1, 0]]
