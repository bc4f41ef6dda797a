"""Scaled dot-product attention, its masks, and several heads of it side by side.

Shapes are written (…, tokens, width): any leading axes (batch, heads) go through unchanged.
"""

import math

import torch
from torch import Tensor, nn


def softmax(scores: Tensor) -> Tensor:
    """Weights that sum to 1 over the last axis; NaN only where all are −∞."""
    shifted = scores - scores.amax(dim=-1, keepdim=True)
    powers = shifted.exp()
    return powers / powers.sum(dim=-1, keepdim=True)


def attention(
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    mask: Tensor | None = None,
    scale: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Each query's average of the values, weighted by its likeness to the keys.

    queries: (…, m, d_k); keys: (…, n, d_k); values: (…, n, d_v).
    mask: boolean, broadcast to (…, m, n), True where the query may look.
    scale: 1/√d_k if None. Returns outputs (…, m, d_v), weights (…, m, n).
    Raises ValueError if the mask leaves a query without any key.
    Source: Vaswani et al. (2017), section 3.2.1.
    """
    if scale is None:
        scale = 1 / math.sqrt(keys.shape[-1])
    scores = queries @ keys.transpose(-2, -1) * scale
    if mask is not None:
        if not mask.any(dim=-1).all():
            raise ValueError("the mask leaves a query without any key")
        scores = scores.masked_fill(~mask, -math.inf)
    weights = softmax(scores)
    return weights @ values, weights


def causal_mask(tokens: int) -> Tensor:
    """(tokens, tokens), boolean: position i may look at positions j ≤ i."""
    return torch.ones(tokens, tokens, dtype=torch.bool).tril()


def padding_mask(lengths: Tensor, tokens: int) -> Tensor:
    """(batch, 1, tokens), boolean: True at the first `lengths[b]` keys of sentence b.

    The middle axis is the queries': every one of them sees the same keys.
    """
    return (torch.arange(tokens) < lengths[:, None])[:, None, :]


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(…, tokens, width) → (…, heads, tokens, width / heads): a slice of the width each."""
    *lead, tokens, width = x.shape
    if width % heads:
        raise ValueError(f"a width of {width} is not divisible into {heads} heads")
    return x.reshape(*lead, tokens, heads, width // heads).transpose(-3, -2)


def merge_heads(x: Tensor) -> Tensor:
    """(…, heads, tokens, d) → (…, tokens, heads · d): the inverse of `split_heads`."""
    # Heads and tokens must change places before the reshape: without the transpose every
    # shape still fits, and the numbers land at the wrong tokens.
    return x.transpose(-3, -2).flatten(start_dim=-2)


class MultiHeadAttention(nn.Module):
    """`heads` attentions over slices of the width, concatenated and mixed by one matrix.

    Source: Vaswani et al. (2017), section 3.2.2, with d_k = d_v = width / heads.
    """

    def __init__(self, width: int, heads: int, *, bias: bool = True) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"a width of {width} is not divisible into {heads} heads")
        self.heads = heads
        self.query = nn.Linear(width, width, bias=bias)
        self.key = nn.Linear(width, width, bias=bias)
        self.value = nn.Linear(width, width, bias=bias)
        self.output = nn.Linear(width, width, bias=bias)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, memory: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The mixed outputs (…, m, width) and the weights (…, heads, m, n).

        x: (…, m, width). memory: (…, n, width), looked at instead of x (cross-attention).
        mask: boolean, broadcast to (…, m, n), the same for every head.
        """
        source = x if memory is None else memory
        if mask is not None:
            mask = mask.unsqueeze(-3)
        outputs, weights = attention(
            split_heads(self.query(x), self.heads),
            split_heads(self.key(source), self.heads),
            split_heads(self.value(source), self.heads),
            mask,
        )
        return self.output(merge_heads(outputs)), weights
