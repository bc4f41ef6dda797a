"""SmolLM2 one block at a time, from any states: what its parts add, and what their loss costs.

n tokens, d model width, f inner width. A block adds two branches to the stream, attention's and
the feed-forward layer's: x → m = x + A(x) → y = m + F(m).
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import linear, silu

from common.smollm2 import (
    Block,
    SmolLM2,
    after_heads,
    attended,
    causal_mask,
    queries_keys_values,
    rms_norm,
    turns,
)


def go_on(model: SmolLM2, x: Tensor, blocks: Sequence[Block]) -> Tensor:
    """(n, d) states after `blocks`, if the states before them are `x` (n, d)."""
    # A model whose word vectors are the rows of x, on the text "row 0, row 1, …".
    return replace(model, embedding=x, blocks=tuple(blocks)).states(range(len(x)))[0]


def together(model: SmolLM2, x: Tensor, block: Block) -> Tensor:
    """(k, n, d): k states of the same n places after one block; as `go_on` for each of them."""
    k, n, d = x.shape
    flat = x.reshape(k * n, d)
    width = d // model.heads
    rotation = turns(torch.arange(n).repeat(k), width, model.rope_base)
    query, keys, values = (
        part.reshape(len(part), k, n, width)
        for part in queries_keys_values(model, block, flat, rotation)
    )
    brought = attended(query, keys, values, causal_mask(n, n)).flatten(1, 2)
    return after_heads(model, block, flat, brought).view(k, n, d)


def middle(model: SmolLM2, x: Tensor, block: Block) -> Tensor:
    """(n, d): the states between the two branches, m = x + A(x)."""
    return go_on(model, x, [without_feed_forward(block)])


def inner(model: SmolLM2, m: Tensor, block: Block) -> Tensor:
    """(n, f): what the feed-forward layer multiplies its last matrix by, from its input m."""
    normed = rms_norm(m, block.ffn_norm, model.epsilon)
    return silu(linear(normed, block.gate)) * linear(normed, block.up)


def without_attention(block: Block) -> Block:
    """The block with A(x) = 0."""
    return replace(block, output=torch.zeros_like(block.output))


def without_feed_forward(block: Block) -> Block:
    """The block with F(m) = 0."""
    return replace(block, down=torch.zeros_like(block.down))
