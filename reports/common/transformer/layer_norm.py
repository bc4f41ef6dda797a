"""Layer normalisation: every token brought to mean 0 and variance 1 over its own features."""

import torch
from torch import Tensor, nn


def layer_norm(
    x: Tensor,
    gain: Tensor | None = None,
    bias: Tensor | None = None,
    epsilon: float = 1e-5,
) -> Tensor:
    """γ (x − μ) / √(σ² + ε) + β, with μ and σ² of each row on its own.

    x: (…, d); gain γ and bias β: (d,), 1 and 0 if None. σ² is the biased variance (over d).
    Source: Ba, Kiros & Hinton (2016), with ε as in all implementations.
    """
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    normed = centred * torch.rsqrt(variance + epsilon)
    if gain is not None:
        normed = normed * gain
    return normed if bias is None else normed + bias


def layer_norm_jacobian(x: Tensor, epsilon: float = 1e-5) -> Tensor:
    """∂ layer_norm(x) / ∂x for one row (d,), gain 1: (d, d); derived in week 11.

    1/s · (I − 11ᵀ/d − x̂x̂ᵀ/d), with s² = σ² + ε and x̂ the output.
    """
    d = len(x)
    spread = torch.sqrt(x.var(correction=0) + epsilon)
    normed = layer_norm(x, epsilon=epsilon)
    return (torch.eye(d, dtype=x.dtype) - 1 / d - torch.outer(normed, normed) / d) / spread


class LayerNorm(nn.Module):
    """`layer_norm` with a trainable gain (from 1) and bias (from 0)."""

    def __init__(self, width: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        """(…, width) → (…, width)."""
        return layer_norm(x, self.gain, self.bias, self.epsilon)
