"""Layer norm, the skip connections and the whole block against torch's own."""

import pytest
import torch
from common.transformer.layer_norm import LayerNorm, layer_norm
from common.transformer.residual import Block, residual
from torch import nn
from torch.nn import functional


def normals(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def test_layer_norm_is_what_torch_computes() -> None:
    x, gain, bias = normals(2, 5, 8), normals(8), normals(8)
    expected = functional.layer_norm(x, (8,), gain, bias, 1e-5)
    torch.testing.assert_close(layer_norm(x, gain, bias), expected, rtol=0, atol=1e-14)


def test_layer_norm_forgets_shift_and_size_of_a_row() -> None:
    x = normals(3, 16)
    # ε / σ² is 1e-5 at σ = 1 and 1e-9 at σ = 100: they may differ by half of that.
    torch.testing.assert_close(layer_norm(100 * x + 7), layer_norm(x), rtol=1e-4, atol=0)
    torch.testing.assert_close(
        layer_norm(100 * x + 7, epsilon=0.0), layer_norm(x, epsilon=0.0), rtol=0, atol=1e-12
    )


def test_a_constant_row_becomes_the_bias() -> None:
    bias = normals(4)
    assert torch.equal(layer_norm(torch.full((2, 4), 3.0).double(), bias=bias)[0], bias)


def test_a_new_norm_has_gain_1_and_bias_0() -> None:
    x = normals(5, 8).float()
    assert torch.equal(LayerNorm(8)(x), layer_norm(x))


def test_the_three_placements_are_their_formulas() -> None:
    x = normals(5, 8)
    assert torch.equal(residual(x, torch.sin, torch.tanh, "pre"), x + torch.sin(torch.tanh(x)))
    assert torch.equal(residual(x, torch.sin, torch.tanh, "post"), torch.tanh(x + torch.sin(x)))
    assert torch.equal(residual(x, torch.sin, torch.tanh, "none"), x + torch.sin(x))
    with pytest.raises(ValueError, match="'sandwich', not"):
        residual(x, torch.sin, torch.tanh, "sandwich")  # type: ignore[arg-type]


@pytest.mark.parametrize("placement", ["pre", "post"])
def test_a_block_is_torchs_encoder_layer(placement: str) -> None:
    torch.manual_seed(0)
    ours = Block(16, 4, 32, placement="pre" if placement == "pre" else "post").double()
    theirs = nn.TransformerEncoderLayer(
        16, 4, 32, dropout=0.0, batch_first=True, norm_first=placement == "pre"
    ).double()
    attention = ours.attention
    parts = (attention.query, attention.key, attention.value)
    with torch.no_grad():
        for norm in (ours.attention_norm, ours.feed_forward_norm):
            norm.gain.copy_(torch.rand(16) + 0.5)
            norm.bias.copy_(torch.rand(16))
        theirs.self_attn.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        theirs.self_attn.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        theirs.self_attn.out_proj.load_state_dict(attention.output.state_dict())
        theirs.linear1.load_state_dict(ours.feed_forward.expand.state_dict())
        theirs.linear2.load_state_dict(ours.feed_forward.contract.state_dict())
        for norm, other in (
            (ours.attention_norm, theirs.norm1),
            (ours.feed_forward_norm, theirs.norm2),
        ):
            other.weight.copy_(norm.gain)
            other.bias.copy_(norm.bias)
        x = normals(2, 5, 16)
        # Sums of 32 products in another order, through two norms: some ulp of numbers near 1.
        torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-13)
