"""The computations of week 11 against closed forms, autograd and independent ways."""

import math
from types import ModuleType

import pytest
import torch
from common.bert_blocks import bert_blocks, embedded
from common.block_diagram import parts
from common.deep_stacks import (
    KEEPING,
    USUAL,
    WIRINGS,
    Stacks,
    Wiring,
    backward_ratio,
    block_gain,
    points_apart,
    spirals,
    trained,
)
from common.lesions import (
    apart,
    attention_only,
    bits,
    random_attention,
    without_attention_skips,
)
from common.minilm import load_minilm
from common.smollm2 import load_smollm2
from common.surgery import go_on
from common.transformer.layer_norm import layer_norm, layer_norm_jacobian
from common.transformer.residual import Placement
from torch import nn

from tests.pinned import model_path
from tests.scripts import script


def source(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normals(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=source(), dtype=torch.float64)


@pytest.fixture(scope="module")
def week() -> ModuleType:
    """The script of week 11 as a module."""
    return script("week-11")


# ---------------------------------------------------------------- stacks


@pytest.mark.parametrize("wiring", ["plain", "skip", "post", "pre"])
@pytest.mark.parametrize("gains", [USUAL, KEEPING], ids=["usual", "keeping"])
def test_the_gradient_comes_back_as_computed(
    week: ModuleType, wiring: Wiring, gains: tuple[float, float]
) -> None:
    # Eight stacks of width 64 and 16 blocks: each log scatters by about a third.
    expected = math.log(week.expected_ratio(wiring, 16, gains))
    assert math.log(backward_ratio(16, wiring, gains)) == pytest.approx(expected, abs=0.5)


def test_torchs_start_has_a_gain_of_one_eighteenth() -> None:
    assert block_gain(USUAL) == pytest.approx(1 / 18)
    assert block_gain(KEEPING) == pytest.approx(1)
    torch.manual_seed(0)
    # nn.Linear draws from ±1/√w evenly: variance 1/(3w). A standard error of 0.5 per cent.
    weight = nn.Linear(200, 200).weight
    assert weight.var().item() * 200 == pytest.approx(USUAL[0] ** 2, rel=0.02)


def test_the_product_of_the_pre_ln_stack_cancels_to_a_root(week: ModuleType) -> None:
    c = block_gain(USUAL)
    product = math.prod(math.sqrt(1 + c / (1 + c * (block - 1))) for block in range(1, 33))
    assert week.expected_ratio("pre", 32, USUAL) == pytest.approx(product, rel=1e-12)


def test_a_stack_in_a_batch_is_the_same_stack_alone() -> None:
    stacks = Stacks.random(3, 4, 8, KEEPING, source())
    x = torch.randn(1, 5, 2, generator=source())
    alone = Stacks(
        stacks.enter[1:2],
        stacks.first[:, 1:2],
        stacks.first_bias[:, 1:2],
        stacks.second[:, 1:2],
        stacks.second_bias[:, 1:2],
        stacks.leave[1:2],
    )
    for wiring in WIRINGS:
        # Matrix products of another batch size: a few ulp of float32.
        torch.testing.assert_close(
            alone.logits(x, wiring)[0], stacks.logits(x, wiring)[1], rtol=1e-4, atol=1e-5
        )


def test_the_stacks_are_the_formulas() -> None:
    stacks = Stacks.random(1, 1, 8, KEEPING, source())
    h = torch.randn(1, 5, 8, generator=source())
    branch = (h @ stacks.first[0]).clamp(min=0) @ stacks.second[0]
    expected = {
        "plain": branch,
        "plain-norm": layer_norm(branch),
        "skip": h + branch,
        "post": layer_norm(h + branch),
        "pre": h + (layer_norm(h) @ stacks.first[0]).clamp(min=0) @ stacks.second[0],
    }
    for wiring in WIRINGS:
        torch.testing.assert_close(stacks.through(h, wiring), expected[wiring], rtol=0, atol=1e-6)


def test_deep_plain_stacks_do_not_learn_and_those_with_a_skip_do() -> None:
    torch.manual_seed(1)  # another seed than the study's: not a matter of luck
    lost = trained(16, "plain", USUAL, (0.004,), 1, 80)
    assert lost.training.item() == pytest.approx(math.log(2), abs=0.02)
    assert lost.gradient.item() < 1e-9
    learned = trained(16, "skip", USUAL, (0.004,), 1, 80)
    assert learned.training.item() < 0.1
    assert learned.gradient.item() > 0.1


def test_points_stay_apart_where_there_is_a_skip_connection() -> None:
    torch.manual_seed(2)  # another seed than the study's
    lost = points_apart(32, "plain-norm", USUAL, 3)
    kept = points_apart(32, "post", USUAL, 3)
    assert max(lost) < 0.5 < min(kept) <= 1
    # Without any layer: the spirals around their centre, through a random matrix.
    assert min(points_apart(0, "pre", USUAL, 2)) > 0.9


def test_losses_are_written_with_three_decimals(week: ModuleType) -> None:
    assert [week.short(x) for x in (0.6931, 0.1, 0.0006, 1.26e-5)] == [
        "0.693",
        "0.100",
        "0.001",
        "< 0.001",
    ]


def test_the_spirals_have_two_arms_of_equal_shape() -> None:
    points, arm = spirals(500, source())
    radius = points.norm(dim=1) * 5
    angle = radius + math.pi * arm
    arms = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1) / 5
    torch.testing.assert_close(points, arms, rtol=0, atol=1e-5)
    assert 200 < int(arm.sum()) < 300


# ---------------------------------------------------------------- the norm


@pytest.mark.parametrize("epsilon", [1e-5, 0.1])
def test_the_jacobian_of_the_norm_is_autograds(epsilon: float) -> None:
    x = normals(7).requires_grad_()
    out = layer_norm(x, epsilon=epsilon)
    rows = [torch.autograd.grad(out[i], x, retain_graph=True)[0] for i in range(7)]
    found = layer_norm_jacobian(x.detach(), epsilon)
    torch.testing.assert_close(found, torch.stack(rows), rtol=0, atol=1e-14)


def test_the_norm_forgets_the_mean_and_the_length() -> None:
    x = normals(7)
    jacobian = layer_norm_jacobian(x, 0.0)
    assert (jacobian @ torch.ones(7, dtype=torch.float64)).abs().max() < 1e-14
    assert (jacobian @ (x - x.mean())).abs().max() < 1e-14


def test_averaging_over_tokens_mixes_them(week: ModuleType) -> None:
    x = normals(6, 4)
    found = week.over_tokens(x)
    assert found.mean(dim=0).abs().max() < 1e-14
    assert week.leak(week.over_tokens, x) > 0.1
    assert week.leak(layer_norm, x) == 0


# ---------------------------------------------------------------- tokens that become one


def test_tokens_are_apart_by_what_their_mean_leaves() -> None:
    assert apart(torch.ones(4, 3)) == 0
    assert apart(torch.tensor([[1.0, 0.0], [-1.0, 0.0]])) == 1
    assert apart(torch.tensor([[2.0, 1.0], [2.0, -1.0]])) == pytest.approx(math.sqrt(2 / 10))


def test_attention_cubes_a_small_distance() -> None:
    middle, directions = normals(1, 16), normals(8, 16).flip(0)
    layer = random_attention(16, 4, source())
    after = [apart(layer(middle + size * directions)[0]) for size in (1e-2, 1e-3)]
    # The next order is one power of the distance further: a hundredth.
    assert math.log10(after[0] / after[1]) == pytest.approx(3, abs=0.02)


def test_with_a_skip_connection_tokens_stay_apart() -> None:
    x = normals(16, 32)
    assert attention_only(x, 6, source(), skip=False)[-1] < 1e-6
    assert attention_only(x, 6, source(), skip=True)[-1] > 0.1


def test_a_trained_encoder_without_its_skips_around_attention_says_one_thing() -> None:
    minilm = load_minilm(
        model_path("minilm-weights"), model_path("minilm-tokenizer"), model_path("minilm-config")
    )
    x = embedded(minilm.encoder, minilm.words[minilm.ids("The cat slept on the chair.")])
    states = without_attention_skips(bert_blocks(minilm.encoder), x)
    assert len(states) == 7
    assert apart(states[0]) > 0.8
    assert apart(states[-1]) < 1e-3


# ---------------------------------------------------------------- the stream


def test_bits_are_those_of_the_models_own_probabilities() -> None:
    model = load_smollm2(model_path("smollm2"))
    ids = model.ids("The sea was rough and no boat could reach the rock.")
    expected = -model.log_probabilities(ids).mean().item() / math.log(2)
    hidden = model.trace(ids).hidden
    # Two orders of float32 sums over thirty blocks.
    assert bits(model, hidden[-1], ids) == pytest.approx(expected, abs=1e-3)
    added = go_on(model, hidden[9] - hidden[8], model.blocks[9:])
    assert bits(model, added, ids) > expected + 5
    spared = go_on(model, hidden[8], model.blocks[9:])
    assert bits(model, spared, ids) < expected + 2


# ---------------------------------------------------------------- the drawing


def test_a_skip_connection_comes_back_behind_each_branch() -> None:
    sides: tuple[Placement, ...] = ("post", "pre", "none")
    for placement in sides:
        names = parts(placement)
        for branch in ("Attention", "Feed-forward"):
            assert names[names.index(branch) + 1] == "+"
    assert parts("post")[-1] == "LayerNorm"
    assert parts("pre")[0] == "LayerNorm"
    assert "LayerNorm" not in parts("none")
