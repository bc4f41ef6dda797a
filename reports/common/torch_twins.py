"""Our parts beside torch.nn's with the same weights: how far apart are their outputs?

Everything in float64 with weights from N(0, 1/width), so that a difference is rounding or a
mistake. Shapes as in `transformer`: (batch, tokens, width).
"""

from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from common.transformer.attention import MultiHeadAttention, attention, causal_mask
from common.transformer.feed_forward import FeedForward, gelu, relu
from common.transformer.layer_norm import LayerNorm
from common.transformer.model import CrossBlock, Shape, Transformer
from common.transformer.residual import Block, Placement
from common.whole_gpt import gpt

M = TypeVar("M", bound=nn.Module)
WIDTH, HEADS, INNER, BATCH, TOKENS = 48, 4, 192, 3, 17


class Twin(NamedTuple):
    """A part, the week that it comes from, torch's name for it, and both outputs."""

    part: str
    week: str
    other: str
    ours: Tensor
    theirs: Tensor

    @property
    def difference(self) -> float:
        """The largest |ours − theirs|."""
        return float((self.ours - self.theirs).abs().max())


@torch.no_grad()
def twins(seed: int) -> list[Twin]:
    """Every part beside its twin, with random inputs, weights, gains and biases."""
    source = torch.Generator().manual_seed(seed)
    x, memory = (
        torch.randn(BATCH, TOKENS, WIDTH, generator=source, dtype=torch.float64) for _ in range(2)
    )
    mask = causal_mask(TOKENS)
    # torch's layers take True for "hidden", ours for "visible".
    hidden = ~mask
    found = [
        Twin(
            "scaled dot-product attention",
            "7",
            "scaled_dot_product_attention",
            attention(x, memory, x, mask)[0],
            scaled_dot_product_attention(x, memory, x, attn_mask=mask),
        )
    ]
    ours = _random(MultiHeadAttention(WIDTH, HEADS), source)
    theirs = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, dtype=torch.float64)
    _copy_attention(ours, theirs)
    found.append(
        Twin(
            "multi-head attention, causal",
            "8",
            "MultiheadAttention",
            ours(x, mask)[0],
            theirs(x, x, x, attn_mask=hidden, need_weights=False)[0],
        )
    )
    layer = _random(FeedForward(WIDTH, INNER, gelu), source)
    pair = nn.Sequential(nn.Linear(WIDTH, INNER), nn.GELU(), nn.Linear(INNER, WIDTH)).double()
    _copy(layer.expand, pair[0])
    _copy(layer.contract, pair[2])
    found.append(Twin("feed-forward layer", "9", "Linear, GELU, Linear", layer(x), pair(x)))
    norm = _random(LayerNorm(WIDTH), source)
    other = nn.LayerNorm(WIDTH, dtype=torch.float64)
    _copy_norm(norm, other)
    found.append(Twin("layer normalisation", "11", "LayerNorm", norm(x), other(x)))
    for placement in ("post", "pre"):
        found.append(_block(placement, x, mask, source))
    cross = _random(CrossBlock(WIDTH, HEADS, INNER), source)
    decoder = nn.TransformerDecoderLayer(
        WIDTH, HEADS, INNER, dropout=0.0, batch_first=True, dtype=torch.float64
    ).eval()
    _copy_attention(cross.attention, decoder.self_attn)
    _copy_attention(cross.memory_attention, decoder.multihead_attn)
    _copy(cross.feed_forward.expand, decoder.linear1)
    _copy(cross.feed_forward.contract, decoder.linear2)
    for ours_norm, their_norm in (
        (cross.attention_norm, decoder.norm1),
        (cross.memory_norm, decoder.norm2),
        (cross.feed_forward_norm, decoder.norm3),
    ):
        _copy_norm(ours_norm, their_norm)
    found.append(
        Twin(
            "decoder block, looking at an encoder",
            "8, 11",
            "TransformerDecoderLayer",
            cross(x, memory, mask),
            decoder(x, memory, tgt_mask=hidden),
        )
    )
    shape = Shape(40, TOKENS, width=WIDTH, heads=HEADS, inner=INNER, activation=relu)
    model = _random(Transformer(shape), source)
    ids = torch.randint(40, (TOKENS,), generator=source)
    page = gpt(ids, dict(model.state_dict()), HEADS)
    found.append(
        Twin("whole model against the page", "1–11", "none: our own page", model(ids), page)
    )
    return found


def _block(placement: str, x: Tensor, mask: Tensor, source: torch.Generator) -> Twin:
    places: dict[str, Placement] = {"pre": "pre", "post": "post"}
    ours = _random(Block(WIDTH, HEADS, INNER, placement=places[placement], activation=gelu), source)
    theirs = nn.TransformerEncoderLayer(
        WIDTH,
        HEADS,
        INNER,
        dropout=0.0,
        activation="gelu",
        batch_first=True,
        norm_first=placement == "pre",
        dtype=torch.float64,
    )
    _copy_attention(ours.attention, theirs.self_attn)
    _copy(ours.feed_forward.expand, theirs.linear1)
    _copy(ours.feed_forward.contract, theirs.linear2)
    _copy_norm(ours.attention_norm, theirs.norm1)
    _copy_norm(ours.feed_forward_norm, theirs.norm2)
    return Twin(
        f"whole block, {placement}-LN, causal",
        "9–11",
        "TransformerEncoderLayer",
        ours(x, mask),
        theirs(x, src_mask=~mask),
    )


def _random(module: M, source: torch.Generator) -> M:
    module.double()
    for weight in module.parameters():
        weight.copy_(torch.randn(weight.shape, generator=source, dtype=torch.float64))
        weight.div_(WIDTH**0.5)
    return module


def _copy(ours: nn.Linear, theirs: nn.Module) -> None:
    assert isinstance(theirs, nn.Linear)
    assert ours.bias is not None
    theirs.weight.copy_(ours.weight)
    theirs.bias.copy_(ours.bias)


def _copy_norm(ours: LayerNorm, theirs: nn.LayerNorm) -> None:
    theirs.weight.copy_(ours.gain)
    theirs.bias.copy_(ours.bias)


def _copy_attention(ours: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    assert theirs.in_proj_weight is not None
    parts = (ours.query, ours.key, ours.value)
    theirs.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
    theirs.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
    _copy(ours.output, theirs.out_proj)
