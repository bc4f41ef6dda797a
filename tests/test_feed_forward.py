"""The feed-forward layer and its activations against torch's own and closed forms."""

import math

import pytest
import torch
from common.transformer.feed_forward import (
    Activation,
    FeedForward,
    GatedFeedForward,
    feed_forward,
    gelu,
    identity,
    relu,
    silu,
)
from torch.nn import functional


def normals(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize(
    ("ours", "torchs"),
    [(relu, functional.relu), (gelu, functional.gelu), (silu, functional.silu)],
    ids=["relu", "gelu", "silu"],
)
def test_an_activation_is_what_torch_computes(ours: Activation, torchs: Activation) -> None:
    x = torch.linspace(-8, 8, 1001, dtype=torch.float64)
    # A few ulp of numbers up to 8.
    torch.testing.assert_close(ours(x), torchs(x), rtol=0, atol=4e-15)


def test_the_layer_is_the_formula_in_torchs_linear_maps() -> None:
    x, w1, b1, w2, b2 = (
        normals(2, 5, 4),
        normals(4, 16),
        normals(16),
        normals(16, 4),
        normals(4),
    )
    inner = functional.relu(functional.linear(x, w1.T, b1))
    expected = functional.linear(inner, w2.T, b2)
    torch.testing.assert_close(feed_forward(x, w1, b1, w2, b2), expected, rtol=0, atol=1e-13)


def test_the_module_and_the_function_agree() -> None:
    torch.manual_seed(0)
    layer = FeedForward(4, 16, gelu).double()
    x = normals(5, 4)
    with torch.no_grad():
        expected = feed_forward(
            x,
            layer.expand.weight.T,
            layer.expand.bias,
            layer.contract.weight.T,
            layer.contract.bias,
            gelu,
        )
        torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-14)


def test_without_an_activation_the_layer_is_one_linear_map() -> None:
    x, w1, b1, w2, b2 = normals(5, 4), normals(4, 16), normals(16), normals(16, 4), normals(4)
    one = x @ (w1 @ w2) + (b1 @ w2 + b2)
    torch.testing.assert_close(feed_forward(x, w1, b1, w2, b2, identity), one, rtol=0, atol=1e-13)


def test_a_gate_of_ones_leaves_a_linear_layer() -> None:
    layer = GatedFeedForward(3, 8, torch.ones_like).double()
    x = normals(5, 3)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), layer.down(layer.up(x)), rtol=0, atol=1e-15)


def test_the_activations_pass_through_their_known_values() -> None:
    one = torch.tensor(1.0, dtype=torch.float64)
    assert gelu(one).item() == pytest.approx((1 + math.erf(1 / math.sqrt(2))) / 2, abs=1e-16)
    assert silu(one).item() == pytest.approx(1 / (1 + math.exp(-1)), abs=1e-16)
    assert relu(-one).item() == 0
