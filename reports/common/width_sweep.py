"""Many small feed-forward layers trained at once, to find the largest of k numbers.

Layers of all widths and seeds are one batch: n = widths × seeds layers of the largest width, of
which the narrow ones have their surplus units masked out.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from common.transformer.feed_forward import Activation

_BETA_1, _BETA_2 = 0.9, 0.99


def trained_errors(
    activation: Activation, numbers: int, widths: Sequence[int], seeds: int, steps: int
) -> Tensor:
    """(widths, seeds): mean squared error of max(x) over the variance of max(x), on new x.

    x: `numbers` independent draws from N(0, 1), 128 fresh ones each step. Adam with β = 0.9 and
    0.99, step size 0.01, falling to 0 over the second half. Source: Kingma & Ba, Adam (2015).
    """
    source = torch.Generator().manual_seed(torch.initial_seed())
    n, f = len(widths) * seeds, max(widths)
    width = torch.tensor(widths).repeat_interleave(seeds)[:, None, None]
    mask = (torch.arange(f) < width).float()  # (n, 1, f)

    def normals(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source)

    weights = [
        normals(n, numbers, f) * math.sqrt(2 / numbers),
        normals(n, 1, f) * 0.1,
        normals(n, f, 1) * width.float().rsqrt() * mask.transpose(1, 2),
        torch.zeros(n, 1, 1),
    ]
    means = [torch.zeros_like(weight) for weight in weights]
    squares = [torch.zeros_like(weight) for weight in weights]

    def layers(x: Tensor) -> Tensor:
        w1, b1, w2, b2 = weights
        return (activation(x @ w1 + b1) * mask) @ w2 + b2

    for step in range(1, steps + 1):
        for weight in weights:
            weight.requires_grad_()
        x = normals(1, 128, numbers)
        loss = (layers(x) - x.amax(dim=-1, keepdim=True)).square().mean(dim=(1, 2)).sum()
        gradients = torch.autograd.grad(loss, weights)
        size = 0.01 * min(1.0, 2 * (1 - step / steps))
        for weight, gradient, mean, square in zip(weights, gradients, means, squares, strict=True):
            mean.mul_(_BETA_1).add_(gradient, alpha=1 - _BETA_1)
            square.mul_(_BETA_2).addcmul_(gradient, gradient, value=1 - _BETA_2)
            with torch.no_grad():
                spread = (square / (1 - _BETA_2**step)).sqrt() + 1e-8
                weight.sub_(size * mean / (1 - _BETA_1**step) / spread)
    with torch.no_grad():
        errors = torch.zeros(n)
        for _ in range(20):
            x = normals(1, 2000, numbers)
            errors += (layers(x) - x.amax(dim=-1, keepdim=True)).square().mean(dim=(1, 2)) / 20
    return (errors.double() / largest_variance(numbers)).view(len(widths), seeds)


def largest_variance(numbers: int) -> float:
    """Variance of the largest of two or three independent N(0, 1). Raises ValueError on others."""
    if numbers == 2:
        return 1 - 1 / math.pi
    if numbers == 3:
        return 1 + math.sqrt(3) / (2 * math.pi) - 9 / (4 * math.pi)
    raise ValueError(f"a closed form is here for 2 and 3 numbers, not for {numbers}")


def linear_floor(numbers: int) -> float:
    """The least error of any linear layer, over the variance of max(x): 1 − 1 / (k Var).

    By Stein's lemma Cov(max, x_i) = P(x_i is the largest) = 1/k, so the best linear guess is the
    mean of the numbers plus a constant, and explains k · (1/k)² of the variance.
    """
    return 1 - 1 / (numbers * largest_variance(numbers))
