"""Small feed-forward layers that are made by hand, and one that is trained, to see their bends."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from common.transformer.feed_forward import FeedForward, feed_forward


def sorter() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """W₁ (2, 5), b₁, W₂ (5, 2), b₂ of a layer that puts two numbers into falling order.

    max = b + ReLU(a − b) and min = a − ReLU(a − b), and any x is ReLU(x) − ReLU(−x).
    """
    w1 = torch.tensor([[1.0, 1.0, -1.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 1.0, -1.0]])
    w2 = torch.tensor([[1.0, -1.0], [0.0, 1.0], [0.0, -1.0], [1.0, 0.0], [-1.0, 0.0]])
    return w1, torch.zeros(5), w2, torch.zeros(2)


def hinge_fit(
    target: Callable[[Tensor], Tensor], f: int, width: float
) -> Callable[[Tensor], Tensor]:
    """A layer 1 → f → 1 with ReLU that meets `target` at f + 1 even places of [0, width]."""
    places = torch.linspace(0, width, f + 1, dtype=torch.float64)
    heights = target(places)
    slopes = heights.diff() / places.diff()
    turns = torch.cat([slopes[:1], slopes.diff()])  # each unit adds a change of slope

    def layer(x: Tensor) -> Tensor:
        ones = torch.ones(1, f, dtype=x.dtype)
        return feed_forward(x[:, None], ones, -places[:-1], turns[:, None], heights[:1])[:, 0]

    return layer


def closed_by_training(
    rate: float, source: torch.Generator, units: int = 64
) -> tuple[float, float]:
    """Loss, and share of units closed for every input, after 300 steps towards max(x).

    Full-batch gradient descent on 256 random x of width 8, mean squared error.
    """

    def normals(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    x = normals(256, 8)
    wanted = x.amax(dim=1, keepdim=True)
    layer = FeedForward(8, units).double()
    with torch.no_grad():
        layer.expand.weight.copy_(normals(units, 8) * math.sqrt(2 / 8))
        layer.contract.weight.copy_(normals(8, units) * math.sqrt(2 / units))
        layer.expand.bias.zero_()
        layer.contract.bias.zero_()
    weights = list(layer.parameters())
    for _ in range(300):
        loss = (layer(x)[:, :1] - wanted).square().mean()
        with torch.no_grad():
            for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                weight.sub_(rate * slope)
    closed = (layer.expand(x).amax(dim=0) <= 0).double().mean().item()
    return loss.item(), closed
