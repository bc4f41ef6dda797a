"""A real BERT encoder inside the study's own Transformer blocks, to take apart and change.

The blocks are those of `transformer.residual`, after the norm ("post"), with GELU. Shapes as in
`bert.py`: n tokens, d model width, h heads, f inner width.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from common.bert import Affine, Encoder
from common.bert import Block as Weights
from common.minilm import MiniLM
from common.transformer.feed_forward import gelu
from common.transformer.layer_norm import LayerNorm, layer_norm
from common.transformer.residual import Block, residual


def bert_blocks(encoder: Encoder) -> list[Block]:
    """The encoder's blocks with its weights, shared and not trainable; see `embedded`."""
    return [_block(weights, encoder) for weights in encoder.blocks]


def embedded(encoder: Encoder, words: Tensor) -> Tensor:
    """(n, d): the vectors of a text's tokens with position and segment, as block 0 takes them."""
    x = words + encoder.positions[: len(words)] + encoder.segment
    gain, bias = encoder.embedding_norm
    return layer_norm(x, gain, bias, encoder.epsilon)


def through(blocks: Iterable[Block], x: Tensor) -> Tensor:
    """(…, n, d) after all of the blocks."""
    for block in blocks:
        x = block(x)
    return x


def batch(model: MiniLM, sentences: list[str]) -> Tensor:
    """(sentences, n, d): the vectors that block 0 takes.

    Raises ValueError unless all have the same number of tokens, so that none needs padding.
    """
    ids = [model.ids(sentence) for sentence in sentences]
    if len({len(line) for line in ids}) != 1:
        raise ValueError("a batch needs sentences of the same number of tokens")
    return torch.stack([embedded(model.encoder, model.words[line]) for line in ids])


def layer_inputs(blocks: list[Block], x: Tensor) -> list[Tensor]:
    """x W₁ + b₁ of every block: each (…, n, f), what the activation gets."""
    found = []
    for block in blocks:
        middle = block.attended(x)
        found.append(block.feed_forward.expand(middle))
        x = residual(middle, block.feed_forward, block.feed_forward_norm, "post")
    return found


def _block(weights: Weights, encoder: Encoder) -> Block:
    inner, width = weights.expand.weight.shape
    # On "meta" nothing is allocated or initialised: every tensor is put in below.
    with torch.device("meta"):
        block = Block(width, encoder.heads, inner, placement="post", activation=gelu)
    for layer, affine in (
        (block.attention.query, weights.query),
        (block.attention.key, weights.key),
        (block.attention.value, weights.value),
        (block.attention.output, weights.output),
        (block.feed_forward.expand, weights.expand),
        (block.feed_forward.contract, weights.contract),
    ):
        layer.weight, layer.bias = _fixed(affine)
    for norm, affine in (
        (block.attention_norm, weights.attention_norm),
        (block.feed_forward_norm, weights.ffn_norm),
    ):
        _set_norm(norm, affine, encoder.epsilon)
    return block


def _fixed(affine: Affine) -> tuple[nn.Parameter, nn.Parameter]:
    weight, bias = affine
    return nn.Parameter(weight, requires_grad=False), nn.Parameter(bias, requires_grad=False)


def _set_norm(norm: LayerNorm, affine: Affine, epsilon: float) -> None:
    norm.gain, norm.bias = _fixed(affine)
    norm.epsilon = epsilon
