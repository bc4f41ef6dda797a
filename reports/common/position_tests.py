"""Questions to put to a layer: does it know the places of its tokens, and does it mix them?

A layer here is any function of (n, d), one row a token, that returns n rows.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import conv1d

Layer = Callable[[Tensor], Tensor]


def coarse(values: Tensor) -> Tensor:
    """`values` rounded to sixteenths: their sums and products are exact in float64.

    So what differs by nothing on paper differs by nothing here, on any machine.
    """
    return (values * 16).round() / 16


def reorder_gap(layer: Layer, x: Tensor) -> float:
    """Largest |layer(P x) − P layer(x)|, P the reversal of the n tokens."""
    return float((layer(x.flip(0)) - layer(x).flip(0)).abs().max())


def leak(layer: Layer, x: Tensor) -> float:
    """Largest change of any other token's output if the middle token is changed by 1."""
    middle = len(x) // 2
    moved = x.clone()
    moved[middle] += 1
    change = (layer(moved) - layer(x)).abs().amax(dim=1)
    change[middle] = 0
    return float(change.max())


def convolution(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """A convolution over the tokens: (n, d) → (n, out), zeros beyond the ends.

    kernel: (out, d, odd width).
    """
    return conv1d(x.T[None], kernel, bias, padding=kernel.shape[-1] // 2)[0].T


def influence(layer: Layer, x: Tensor, source: torch.Generator) -> Tensor:
    """(n, n): how far output i moves if input j moves by a small step, per length of the step.

    Root mean square over 16 random directions; the step is a thousandth of a unit.
    """
    n, d = x.shape
    base, size = layer(x), 1e-3
    found = torch.zeros(n, n, dtype=x.dtype)
    for j in range(n):
        moved = x.expand(16, n, d).clone()
        ways = torch.randn(16, d, generator=source, dtype=x.dtype)
        moved[:, j] += size * ways / ways.norm(dim=1, keepdim=True)
        found[:, j] = ((layer(moved) - base).norm(dim=-1) / size).square().mean(dim=0).sqrt()
    return found
