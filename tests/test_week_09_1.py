"""The computations of week 9, basic, against closed forms and independent ways."""

import math
from types import ModuleType

import pytest
import torch
from common.activation_swaps import swapped
from common.bert_blocks import batch, bert_blocks, embedded, layer_inputs, through
from common.hinges import closed_by_training, hinge_fit, sorter
from common.minilm import MiniLM, load_minilm
from common.position_tests import coarse, convolution, influence, leak, reorder_gap
from common.transformer.feed_forward import feed_forward, gelu, identity, relu

from tests.pinned import ROOT, model_path
from tests.scripts import script


def source(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normals(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=source(), dtype=torch.float64)


@pytest.fixture(scope="module")
def week() -> ModuleType:
    """The script of week 9, basic, as a module."""
    return script("week-09-1")


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    """all-MiniLM-L6-v2 from the pinned files."""
    return load_minilm(
        model_path("minilm-weights"), model_path("minilm-tokenizer"), model_path("minilm-config")
    )


def test_the_worked_layer_sorts_any_two_numbers() -> None:
    x = normals(50, 2).float()
    expected = x.sort(dim=1, descending=True).values
    # b + (a − b) in float32: an ulp of numbers up to 4.
    torch.testing.assert_close(feed_forward(x, *sorter()), expected, rtol=0, atol=1e-6)


def test_with_a_way_around_one_unit_sorts() -> None:
    x = normals(50, 2)
    w1, w2 = torch.tensor([[-1.0], [1.0]]).double(), torch.tensor([[1.0, -1.0]]).double()
    out = x + feed_forward(x, w1, torch.zeros(1).double(), w2, torch.zeros(2).double())
    torch.testing.assert_close(out, x.sort(dim=1, descending=True).values, rtol=0, atol=1e-15)


def test_a_layer_that_adds_the_neighbour_fails_both_tests() -> None:
    x = coarse(normals(5, 3))

    def shifted(x: torch.Tensor) -> torch.Tensor:
        return x + x.roll(1, dims=0)

    assert leak(shifted, x) == 1
    assert reorder_gap(shifted, x) > 0
    assert leak(torch.tanh, x) == 0
    assert reorder_gap(torch.tanh, x) == 0


def test_a_kernel_of_width_1_is_a_matrix_for_each_token() -> None:
    x, weight, bias = coarse(normals(6, 4)), coarse(normals(4, 8)), coarse(normals(8))
    assert torch.equal(convolution(x, weight.T[:, :, None], bias), x @ weight + bias)


def test_a_wide_kernel_sees_its_neighbours_and_zeros_beyond_the_ends() -> None:
    x = torch.tensor([[1.0], [2.0], [4.0]])
    out = convolution(x, torch.ones(1, 1, 3), torch.zeros(1))
    assert out[:, 0].tolist() == [3, 7, 6]


def test_the_influence_of_a_linear_mixing_is_its_matrix() -> None:
    mixing, x = normals(4, 4), normals(4, 64)
    found = influence(lambda x: mixing @ x, x, source())
    # A step of length 1e-3 through a linear map: rounding of numbers near 10 over the step.
    torch.testing.assert_close(found, mixing.abs(), rtol=0, atol=1e-10)


def test_a_fit_by_hinges_meets_its_points_and_keeps_to_the_chord_bound() -> None:
    places = torch.linspace(0, 2, 9, dtype=torch.float64)
    layer = hinge_fit(torch.exp, 8, 2.0)
    torch.testing.assert_close(layer(places), places.exp(), rtol=0, atol=1e-13)
    x = torch.linspace(0, 2, 1001, dtype=torch.float64)
    assert (layer(x) - x.exp()).abs().max() < math.exp(2) * (2 / 8) ** 2 / 8


def test_the_blocks_give_the_vectors_of_the_encoder(minilm: MiniLM) -> None:
    text = "Iron rusts faster in salt water than in air."
    x = embedded(minilm.encoder, minilm.words[minilm.ids(text)])
    out = through(bert_blocks(minilm.encoder), x)
    # Two orders of float32 sums through six blocks of numbers near 1.
    torch.testing.assert_close(out, minilm.trace(text).hidden[-1], rtol=0, atol=1e-5)


def test_what_reaches_the_activation_gives_the_traced_activation(minilm: MiniLM) -> None:
    text = "Iron rusts."
    x = embedded(minilm.encoder, minilm.words[minilm.ids(text)])
    inputs = torch.stack(layer_inputs(bert_blocks(minilm.encoder), x))
    torch.testing.assert_close(gelu(inputs), minilm.trace(text).activation, rtol=0, atol=1e-5)


def test_a_batch_of_sentences_of_different_length_is_refused(minilm: MiniLM) -> None:
    with pytest.raises(ValueError, match="same number of tokens"):
        batch(minilm, ["One.", "One more."])


def test_a_constant_mends_relu_and_not_a_missing_activation(minilm: MiniLM) -> None:
    path = ROOT / "reports/week-09-1/data/sentences.txt"
    found = swapped(minilm, path.read_text(encoding="utf-8").splitlines()[:8], 4)
    plain, mended, _, _ = found["relu"]
    assert plain < 0.7
    assert mended > 0.9
    assert max(found["identity"][:2]) < 0.2
    assert found["fast"][0] > 0.99


def test_the_gradient_through_relu_halves_in_mean_square_unless_weights_make_up_for_it(
    week: ModuleType,
) -> None:
    # Random stacks scatter by some 20 per cent around the expectation at this width.
    small = week.backward_ratio(relu, 1.0, source())
    assert small == pytest.approx(2 ** (-week.DEPTH / 2), rel=0.4)
    assert week.backward_ratio(relu, math.sqrt(2), source()) == pytest.approx(
        small * 2 ** (week.DEPTH / 2), rel=1e-6
    )
    assert week.backward_ratio(identity, 1.0, source()) == pytest.approx(1, rel=0.3)
    assert week.backward_ratio(torch.sigmoid, 1.0, source()) < 4.0**-week.DEPTH * 2


def test_a_large_step_closes_units_and_a_small_one_does_not() -> None:
    assert closed_by_training(0.03, source())[1] == 0
    assert max(closed_by_training(0.1, source(seed))[1] for seed in range(3)) > 0.3


def test_a_step_is_measured_against_the_state_before_it(week: ModuleType) -> None:
    hidden = torch.zeros(3, 4, 2)
    hidden[0, :, 0], hidden[1, :, 0], hidden[2, :, 0] = 2.0, 3.0, 0.0
    hidden[:, (0, -1)] = 100 * torch.rand(3, 2, 2)
    assert week.step_sizes(hidden).tolist() == [0.5, 1.0]


def test_the_shares_are_those_of_the_formula(week: ModuleType, minilm: MiniLM) -> None:
    block = minilm.encoder.blocks[0]
    ffn = week.size(*block.expand, *block.contract)
    attention = week.size(*block.query, *block.key, *block.value, *block.output)
    assert ffn == 2 * 384 * 1536 + 1536 + 384
    assert attention == 4 * (384 * 384 + 384)
    assert ffn / (ffn + attention) == pytest.approx(2 / 3, abs=3e-4)


@pytest.mark.parametrize("error", [0.1, 0.001])
def test_so_many_units_are_enough_and_the_bound_asks_for_no_fewer(
    week: ModuleType, error: float
) -> None:
    units, width = week.units_for(error), 2 * math.pi
    x = torch.linspace(0, width, 4001, dtype=torch.float64)
    assert (hinge_fit(torch.sin, units, width)(x) - x.sin()).abs().max().item() <= error
    assert (width / (units - 1)) ** 2 / 8 > error
