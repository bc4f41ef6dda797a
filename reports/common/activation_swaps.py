"""What is left of a trained encoder when its activation is swapped, without training it again."""

import torch
from torch import Tensor

from common.bert import unit
from common.bert_blocks import batch, bert_blocks, layer_inputs, through
from common.minilm import MiniLM
from common.transformer.feed_forward import Activation, fast_gelu, gelu, identity, relu, silu
from common.transformer.residual import Block

SWAPS: dict[str, Activation] = {
    "fast": fast_gelu,
    "silu": silu,
    "relu": relu,
    "tanh": torch.tanh,
    "identity": identity,
    "nothing": torch.zeros_like,
}


def kept(blocks: list[Block], x: Tensor, reference: Tensor) -> float:
    """Mean cosine of the sentence vectors with those of the unchanged model."""
    vectors = unit(through(blocks, x).mean(dim=-2))
    return float((vectors * reference).sum(dim=-1).mean())


def swapped(
    model: MiniLM, sentences: list[str], fitted_on: int
) -> dict[str, tuple[float, float, float, float]]:
    """What is left of MiniLM's sentence vectors with another activation, never trained on it.

    For each activation φ the mean cosine with the true vectors, over the sentences from
    `fitted_on` on: φ in all blocks; φ plus a constant for each unit, the mean of GELU − φ over the
    sentences before it; the worst and the best single block.
    """
    blocks = bert_blocks(model.encoder)
    x = batch(model, sentences)
    fitted = layer_inputs(blocks, x[:fitted_on])
    starts = [x[fitted_on:]]
    for block in blocks:
        starts.append(block(starts[-1]))
    reference = unit(starts[-1].mean(dim=-2))
    found = {}
    for name, function in SWAPS.items():
        alone = []
        for index, block in enumerate(blocks):
            block.feed_forward.activation = function
            alone.append(kept(blocks[index:], starts[index], reference))
            block.feed_forward.activation = gelu
        for block in blocks:
            block.feed_forward.activation = function
        everywhere = kept(blocks, starts[0], reference)
        for block, seen in zip(blocks, fitted, strict=True):
            constant = (gelu(seen) - function(seen)).flatten(end_dim=-2).mean(dim=0)
            block.feed_forward.activation = lifted(function, constant)
        mended = kept(blocks, starts[0], reference)
        for block in blocks:
            block.feed_forward.activation = gelu
        found[name] = (everywhere, mended, min(alone), max(alone))
    return found


def lifted(activation: Activation, constant: Tensor) -> Activation:
    """φ(u) + c, with a constant (f,) for each unit."""
    return lambda u: activation(u) + constant
