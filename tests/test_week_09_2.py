"""The computations of week 9, advanced, against closed forms and independent ways."""

import math
from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from common.bert_blocks import bert_blocks
from common.minilm import load_minilm
from common.neurons import area_under_curve, best_unit, ranks, strongest_only
from common.smollm2 import SmolLM2, load_smollm2
from common.surgery import go_on, inner, middle, without_attention, without_feed_forward
from common.transformer.feed_forward import feed_forward, gelu, identity, relu
from common.two_runs import (
    INNER_A,
    INNER_B,
    INPUT_A,
    INPUT_B,
    OUTPUT_A,
    OUTPUT_B,
    biases,
    columns_that_fit,
    first_matrices,
    second_matrices,
)
from common.width_sweep import largest_variance, linear_floor, trained_errors
from common.writing import Writing, groups_of, token_groups, without_unit

from tests.pinned import model_path
from tests.scripts import script


def source(seed: int = 4) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def exact(numbers: tuple[tuple[float, ...], ...]) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


@pytest.fixture(scope="module")
def week() -> ModuleType:
    """The script of week 9, advanced, as a module."""
    return script("week-09-2")


@pytest.fixture(scope="module")
def smollm2() -> SmolLM2:
    """SmolLM2 from its pinned file."""
    return load_smollm2(model_path("smollm2"))


# ---------------------------------------------------------------- the two runs


def test_every_candidate_prints_run_a() -> None:
    b1, b2 = biases()
    (w2,) = second_matrices()
    candidates = first_matrices()
    assert len(candidates) == 36
    for w1 in candidates:
        # Decimals in binary: a few ulp of numbers up to 2.5.
        inside = exact(INPUT_A) @ w1 + b1
        torch.testing.assert_close(inside, exact(INNER_A), rtol=0, atol=1e-14)
        out = feed_forward(exact(INPUT_A), w1, b1, w2, b2)
        torch.testing.assert_close(out, exact(OUTPUT_A), rtol=0, atol=1e-14)


def test_the_identity_prints_run_b() -> None:
    b1, b2 = biases()
    one = torch.eye(3, dtype=torch.float64)
    torch.testing.assert_close(exact(INPUT_B) + b1, exact(INNER_B), rtol=0, atol=1e-15)
    out = feed_forward(exact(INPUT_B), one, b1, one, b2)
    torch.testing.assert_close(out, exact(OUTPUT_B), rtol=0, atol=1e-15)


def test_candidates_differ_by_what_the_two_tokens_do_not_show() -> None:
    differences = torch.stack(first_matrices()[1:]) - first_matrices()[0]
    unseen = exact(INPUT_A) @ differences
    assert unseen.abs().max() < 1e-14
    assert differences.abs().amax(dim=(1, 2)).min() > 0.1


def test_the_known_matrices_are_among_those_found() -> None:
    first = exact(((0.5, -1.0, 1.2), (0.3, 0.7, -0.6), (-0.2, 0.9, 0.4)))
    assert any(torch.equal(first, found) for found in first_matrices())
    second = exact(((1.1, -0.3, 0.5), (0.2, 0.4, -1.0), (-0.7, 0.8, 0.9)))
    assert torch.equal(second_matrices()[0], second)
    assert torch.linalg.det(second).item() == pytest.approx(1.34, abs=1e-12)


def test_a_column_is_found_among_all_of_its_size() -> None:
    rows = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.5))
    # 0.3 is certain; 0.4 = w₂ + w₃ / 2 has one solution for each even number of tenths of w₃.
    found = columns_that_fit(rows, 0.1, (0.4, 0.5), most=1.0)
    assert all(w[0] == 0.3 and (w[1] + w[2] / 2).item() == pytest.approx(0.4) for w in found)
    assert sorted(w[2].item() for w in found) == [
        -1.0,
        -0.8,
        -0.6,
        -0.4,
        -0.2,
        0,
        0.2,
        0.4,
        0.6,
        0.8,
        1.0,
    ]


def test_relu_never_moves_two_rows_apart() -> None:
    u, v = torch.randn(2, 1000, 5, generator=source()).double()
    assert ((relu(u) - relu(v)).norm(dim=1) <= (u - v).norm(dim=1)).all()


# ---------------------------------------------------------------- the sweep


@pytest.mark.parametrize("numbers", [2, 3])
def test_the_floor_is_what_least_squares_leaves(numbers: int) -> None:
    x = torch.randn(400_000, numbers, generator=source(), dtype=torch.float64)
    wanted = x.amax(dim=1)
    # Four standard errors of a variance from this many draws: 4 √(2.1 / 400000).
    assert wanted.var().item() == pytest.approx(largest_variance(numbers), rel=0.01)
    ones = torch.cat([x, torch.ones(len(x), 1, dtype=torch.float64)], dim=1)
    rest = wanted - ones @ torch.linalg.lstsq(ones, wanted).solution
    assert (rest.var() / wanted.var()).item() == pytest.approx(linear_floor(numbers), rel=0.01)


def test_the_variance_is_not_guessed_for_more_numbers() -> None:
    with pytest.raises(ValueError, match="for 2 and 3 numbers, not for 4"):
        largest_variance(4)


def test_linear_layers_end_at_the_floor_and_relu_layers_below_it() -> None:
    torch.manual_seed(0)
    linear = trained_errors(identity, 2, (2, 4), 2, 600)
    # 40 000 new numbers have a sampling error of one per cent; 600 steps are nearly enough.
    assert linear.flatten().tolist() == pytest.approx([linear_floor(2)] * 4, rel=0.03)
    bent = trained_errors(relu, 2, (1, 8), 2, 600)
    assert bent[0].min() > 0.25
    assert bent[1].max() < 0.01


# ---------------------------------------------------------------- units


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    numbers = torch.randn(20, 3, generator=source())
    chosen = torch.arange(20) % 3 == 0
    pairs = numbers[chosen][:, None] > numbers[~chosen][None, :]
    expected = pairs.double().mean(dim=(0, 1))
    torch.testing.assert_close(area_under_curve(ranks(numbers), chosen), expected)


def test_the_best_unit_is_the_planted_one_and_luck_does_not_last() -> None:
    numbers = torch.randn(200, 500, generator=source())
    chosen = torch.arange(200) % 4 == 0
    planted = numbers.clone()
    planted[chosen, 123] += 4

    def found(rows: torch.Tensor) -> tuple[float, float, int]:
        return best_unit(ranks(rows[:100]), chosen[:100], ranks(rows[100:]), chosen[100:])

    seen, unseen, best = found(planted)
    assert best == 123
    assert min(seen, unseen) > 0.97
    lucky, later, _ = found(numbers)
    assert lucky > 0.65  # the best of 500 fair coins
    assert later < 0.65


def test_only_the_strongest_units_of_a_token_speak() -> None:
    minilm = load_minilm(
        model_path("minilm-weights"), model_path("minilm-tokenizer"), model_path("minilm-config")
    )
    block = bert_blocks(minilm.encoder)[0]
    u = torch.randn(3, 1536, generator=source())
    rest = torch.full((1536,), 7.0)
    assert torch.equal(strongest_only(block, 0.0, rest)(u), rest.expand(3, 1536))
    assert torch.equal(strongest_only(block, 1.0, rest)(u), gelu(u))
    half = strongest_only(block, 0.5, torch.zeros(1536))(u)
    assert ((half != 0).sum(dim=1) == 768).all()


def test_a_model_taken_apart_computes_what_the_whole_does(smollm2: SmolLM2) -> None:
    ids = smollm2.ids("The old bridge did not survive the night")
    hidden = smollm2.trace(ids).hidden
    block = smollm2.blocks[5]
    half = middle(smollm2, hidden[5], block)
    added = inner(smollm2, half, block) @ block.down.T
    # Sums of 1536 float32 products of numbers up to 100, in another order.
    torch.testing.assert_close(half + added, hidden[6], rtol=1e-5, atol=1e-3)
    further = go_on(smollm2, hidden[5], smollm2.blocks[5:7])
    torch.testing.assert_close(further, hidden[7], rtol=1e-5, atol=1e-3)
    nothing = [without_attention(without_feed_forward(block))]
    assert torch.equal(go_on(smollm2, hidden[5], nothing), hidden[5])


def test_a_unit_taken_out_takes_its_value_out(smollm2: SmolLM2) -> None:
    ids = smollm2.ids("The old bridge")
    x = smollm2.trace(ids).hidden[5]
    block, unit = smollm2.blocks[5], 77
    opened = inner(smollm2, middle(smollm2, x, block), block)[:, [unit]]
    missing = go_on(smollm2, x, [block]) - go_on(smollm2, x, [without_unit(block, unit)])
    torch.testing.assert_close(missing, opened * block.down[:, unit], rtol=0, atol=1e-4)


def test_what_a_unit_writes_is_measured_over_the_whole_vocabulary(smollm2: SmolLM2) -> None:
    writing = Writing(smollm2)
    tokens = token_groups(smollm2, {"drinks": ["tea", "coffee"]})["drinks"]
    written = writing.readout @ writing.values[29, 3]
    expected = written[tokens].mean() / written.std()
    assert writing.towards(tokens)[29, 3].item() == pytest.approx(expected.item(), rel=1e-3)
    assert writing.strongest(29, 3, 1, 1) == [int(written.argmax())]
    assert writing.strongest(29, 3, -1, 1) == [int(written.argmin())]


def test_groups_of_words_are_read_by_line_and_must_be_tokens(smollm2: SmolLM2) -> None:
    assert groups_of("a: x y\nb: z\n") == {"a": ["x", "y"], "b": ["z"]}
    with pytest.raises(ValueError, match="odd: every word must be one token"):
        token_groups(smollm2, {"odd": ["antidisestablishment"]})


def test_tokens_that_differ_by_case_and_spaces_are_one(week: ModuleType) -> None:
    assert week.different((" Animal", "animal", " dog", "Dog ", "cat"), 2) == "Animal, dog"


def test_the_middle_run_is_made_of_known_numbers(week: ModuleType) -> None:
    b1, b2 = biases()
    one = torch.eye(3, dtype=torch.float64)
    out = week.stages(exact(INPUT_A), one, b1, one, b2)[-1]
    # By hand: ReLU takes −2, −0.4 and −0.2 away, the biases do the rest.
    assert out.tolist() == [
        pytest.approx([0.9, 0.1, 0.6], abs=1e-15),
        pytest.approx([-0.2, 1.3, 0.3], abs=1e-15),
    ]
    assert math.isclose((1 - 2 / math.pi) / 2 / (1 - 1 / math.pi), linear_floor(2))


# ---------------------------------------------------------------- units by hand


@pytest.mark.parametrize(
    ("name", "wanted"), [("LARGER", torch.maximum), ("SMALLER", torch.minimum)]
)
def test_three_units_find_the_larger_and_the_smaller(
    week: ModuleType, name: str, wanted: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> None:
    keys, values = (torch.tensor(part, dtype=torch.float64) for part in getattr(week, name))
    x = torch.randn(500, 2, generator=source(), dtype=torch.float64)
    added = week.unit_by_unit(x, keys, values)[2].sum(dim=1)
    # Sums of two or three doubles up to 10.
    torch.testing.assert_close(added, wanted(x[:, 0], x[:, 1]), rtol=0, atol=1e-14)


def test_two_units_miss_what_the_formula_says(week: ModuleType) -> None:
    x = torch.randn(2_000_000, 2, generator=source(), dtype=torch.float64)
    a, b = x[:, 0], x[:, 1]
    miss = (relu(a - b) + relu(b + 1) - 1 - torch.maximum(a, b)).square()
    # Four standard errors of the mean.
    tolerance = 4 * (miss.std() / math.sqrt(len(miss)) / largest_variance(2)).item()
    assert week.two_units(1) == pytest.approx(
        (miss.mean() / largest_variance(2)).item(), abs=tolerance
    )


def test_the_largest_of_normal_numbers_shares_its_kth_with_each() -> None:
    x = torch.randn(1_000_000, 3, generator=source(), dtype=torch.float64)
    with_each = ((x.amax(dim=1) - x.amax(dim=1).mean())[:, None] * x).mean(dim=0)
    # A product of two numbers of size one: standard error about 1e-3.
    torch.testing.assert_close(with_each, torch.full((3,), 1 / 3).double(), rtol=0, atol=4e-3)
