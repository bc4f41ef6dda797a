"""The position-wise feed-forward layer: two matrices with an activation between them.

Shapes are written (…, tokens, width): any leading axes go through unchanged. d model width, f
inner width (d_ff in the papers).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

Activation = Callable[[Tensor], Tensor]


def relu(x: Tensor) -> Tensor:
    """max(0, x)."""
    return x.clamp(min=0)


def gelu(x: Tensor) -> Tensor:
    """x Φ(x), with Φ the normal distribution function. Source: Hendrycks & Gimpel (2016)."""
    return x * (1 + torch.erf(x / math.sqrt(2))) / 2


def fast_gelu(x: Tensor) -> Tensor:
    """x σ(1.702 x), an approximation of GELU. Source: Hendrycks & Gimpel (2016)."""
    return x * torch.sigmoid(1.702 * x)


def silu(x: Tensor) -> Tensor:
    """x σ(x), with σ the logistic function. Source: Elfwing, Uchibe & Doya (2018)."""
    return x * torch.sigmoid(x)


def identity(x: Tensor) -> Tensor:
    """x: what is left if the activation is forgotten."""
    return x


def feed_forward(
    x: Tensor,
    w1: Tensor,
    b1: Tensor,
    w2: Tensor,
    b2: Tensor,
    activation: Activation = relu,
) -> Tensor:
    """activation(x W₁ + b₁) W₂ + b₂, the same for every row of x.

    x: (…, n, d); w1: (d, f); b1: (f,); w2: (f, d); b2: (d,). Returns (…, n, d).
    Source: Vaswani et al. (2017), section 3.3.
    """
    return activation(x @ w1 + b1) @ w2 + b2


class FeedForward(nn.Module):
    """`feed_forward` with trainable weights, as torch keeps them: W₁ᵀ and W₂ᵀ."""

    def __init__(
        self, width: int, inner: int, activation: Activation = relu, *, bias: bool = True
    ) -> None:
        super().__init__()
        self.expand = nn.Linear(width, inner, bias=bias)
        self.contract = nn.Linear(inner, width, bias=bias)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """(…, n, width) → (…, n, width)."""
        out: Tensor = self.contract(self.activation(self.expand(x)))
        return out


class GatedFeedForward(nn.Module):
    """(activation(x G) ⊙ x U) D, without biases: three matrices instead of two.

    Used by Llama and SmolLM2 with silu. Source: Shazeer, GLU variants (2020).
    """

    def __init__(self, width: int, inner: int, activation: Activation = silu) -> None:
        super().__init__()
        self.gate = nn.Linear(width, inner, bias=False)
        self.up = nn.Linear(width, inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """(…, n, width) → (…, n, width)."""
        out: Tensor = self.down(self.activation(self.gate(x)) * self.up(x))
        return out
