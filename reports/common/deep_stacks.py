"""Deep stacks of small feed-forward branches, wired in five ways, many of them trained at once.

A stack maps (n, rows, 2) to (n, rows, 2) through L blocks of width w; n stacks are one batch, in
which each has its own weights. The branch of every block is F(x) = max(0, x W₁ + b₁) W₂ + b₂.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from common.transformer.layer_norm import layer_norm
from common.transformer.residual import residual

Wiring = Literal["plain", "plain-norm", "skip", "post", "pre"]
WIRINGS: tuple[Wiring, ...] = ("plain", "plain-norm", "skip", "post", "pre")
Gains = tuple[float, float]

USUAL: Gains = (1 / math.sqrt(3), 1 / math.sqrt(3))  # the standard deviation of torch's nn.Linear
KEEPING: Gains = (math.sqrt(2), 1.0)  # a branch of unit variance, for ReLU: He et al. (2015)


def block_gain(gains: Gains) -> float:
    """c: mean square of F(x) over that of x, for random weights; ReLU loses half."""
    return gains[0] ** 2 / 2 * gains[1] ** 2


def wired(x: Tensor, branch: Callable[[Tensor], Tensor], wiring: Wiring) -> Tensor:
    """The block's output: F(x) with or without the skip connection, with or without a norm."""
    if wiring == "plain":
        return branch(x)
    if wiring == "plain-norm":
        return layer_norm(branch(x))
    return residual(x, branch, layer_norm, "none" if wiring == "skip" else wiring)


@dataclass(frozen=True, slots=True)
class Stacks:
    """The weights of n stacks.

    enter: (n, 2, w); first, second: (L, n, w, w); their biases (L, n, 1, w); leave: (n, w, 2).
    """

    enter: Tensor
    first: Tensor
    first_bias: Tensor
    second: Tensor
    second_bias: Tensor
    leave: Tensor

    @classmethod
    def random(
        cls, count: int, depth: int, width: int, gains: Gains, source: torch.Generator
    ) -> "Stacks":
        """Normal weights of standard deviation gain/√w, biases 0."""

        def normals(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=source)

        return cls(
            enter=normals(count, 2, width) / math.sqrt(2),
            first=normals(depth, count, width, width) * gains[0] / math.sqrt(width),
            first_bias=torch.zeros(depth, count, 1, width),
            second=normals(depth, count, width, width) * gains[1] / math.sqrt(width),
            second_bias=torch.zeros(depth, count, 1, width),
            leave=normals(count, width, 2) / math.sqrt(width),
        )

    def tensors(self) -> list[Tensor]:
        """All weights."""
        return [
            self.enter,
            self.first,
            self.first_bias,
            self.second,
            self.second_bias,
            self.leave,
        ]

    def through(self, h: Tensor, wiring: Wiring) -> Tensor:
        """(n, rows, w) states after all blocks."""
        layers = zip(
            self.first.unbind(),
            self.first_bias.unbind(),
            self.second.unbind(),
            self.second_bias.unbind(),
            strict=True,
        )
        for w1, b1, w2, b2 in layers:

            def branch(
                x: Tensor, w1: Tensor = w1, b1: Tensor = b1, w2: Tensor = w2, b2: Tensor = b2
            ) -> Tensor:
                # x W + b in one call: a fifth of the time of a training step.
                return torch.baddbmm(b2, torch.baddbmm(b1, x, w1).clamp(min=0), w2)

            h = wired(h, branch, wiring)
        return h

    def logits(self, x: Tensor, wiring: Wiring) -> Tensor:
        """(n, rows, 2) scores of two classes; a pre-LN stack is normed once more at its end."""
        h = self.through(x @ self.enter, wiring)
        return (layer_norm(h) if wiring == "pre" else h) @ self.leave


def backward_ratio(
    depth: int, wiring: Wiring, gains: Gains, count: int = 8, width: int = 64
) -> float:
    """|∂L/∂x₀| / |∂L/∂x_L| of untrained stacks: geometric mean over `count` of them.

    x₀: 16 rows of N(0, 1); ∂L/∂x_L: N(0, 1).
    """
    source = torch.Generator().manual_seed(torch.initial_seed())
    stacks = Stacks.random(count, depth, width, gains, source)
    # Float64: 18^(−32) is below the smallest float32.
    stacks = Stacks(*(tensor.double() for tensor in stacks.tensors()))
    x = torch.randn(count, 16, width, generator=source).double().requires_grad_()
    arriving = torch.randn(count, 16, width, generator=source).double()
    (gradient,) = torch.autograd.grad(stacks.through(x, wiring), x, arriving)
    ratios = gradient.norm(dim=(1, 2)) / arriving.norm(dim=(1, 2))
    return float(ratios.log().mean().exp())


@dataclass(frozen=True, slots=True)
class Trained:
    """What became of one depth and wiring.

    gradient: (seeds,), norm of the first block's ∂L/∂W₁ before the first step; training, test:
    (rates, seeds), mean cross-entropy in nats after the last, infinity where it overflowed.
    """

    gradient: Tensor
    training: Tensor
    test: Tensor


def trained(
    depth: int, wiring: Wiring, gains: Gains, rates: Sequence[float], seeds: int, steps: int
) -> Trained:
    """Stacks of width 24 that learn two spirals of 128 points, by Adam on all points at once."""
    source = torch.Generator().manual_seed(torch.initial_seed())
    (x, label), (other_x, other_label) = (spirals(count, source) for count in (128, 1000))
    n = len(rates) * seeds
    one = Stacks.random(seeds, depth, 24, gains, source)
    # The same starts for every rate: stacks rate by rate, seeds inside.
    stacks = Stacks(
        *(
            torch.cat([tensor] * len(rates), dim=0 if tensor.dim() == 3 else 1)
            for tensor in one.tensors()
        )
    )
    rate = torch.tensor(rates).repeat_interleave(seeds)
    weights = stacks.tensors()
    means = [torch.zeros_like(weight) for weight in weights]
    squares = [torch.zeros_like(weight) for weight in weights]

    def losses(x: Tensor, label: Tensor) -> Tensor:
        logits = stacks.logits(x[None], wiring).flatten(end_dim=1)
        each = cross_entropy(logits, label.repeat(n), reduction="none")
        return each.view(n, -1).mean(dim=1)

    for weight in weights:
        weight.requires_grad_()
    first_gradient = torch.zeros(seeds)
    for step in range(1, steps + 1):
        gradients = torch.autograd.grad(losses(x, label).sum(), weights)
        if step == 1:
            first_gradient = gradients[1][0].norm(dim=(1, 2))[:seeds]
        for weight, gradient, mean, square in zip(weights, gradients, means, squares, strict=True):
            mean.mul_(0.9).add_(gradient, alpha=0.1)
            square.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
            spread = (square / (1 - 0.999**step)).sqrt() + 1e-8
            with torch.no_grad():
                weight.sub_(rate[:, None, None] * mean / (1 - 0.9**step) / spread)
    with torch.no_grad():
        ends = [
            losses(*points).nan_to_num(nan=math.inf).view(len(rates), seeds)
            for points in ((x, label), (other_x, other_label))
        ]
    return Trained(first_gradient, ends[0], ends[1])


def points_apart(depth: int, wiring: Wiring, gains: Gains, seeds: int) -> list[float]:
    """How far 128 points are from being one after an untrained stack of width 24: |H − h̄| / |H|.

    1 if their mean is 0, 0 if all have become the same vector; one number for each of `seeds`.
    """
    source = torch.Generator().manual_seed(torch.initial_seed())
    x, _ = spirals(128, source)
    stacks = Stacks.random(seeds, depth, 24, gains, source)
    # Float64: 18^(−32) is below the smallest float32.
    stacks = Stacks(*(tensor.double() for tensor in stacks.tensors()))
    h = stacks.through(x[None].double() @ stacks.enter, wiring)
    own = h - h.mean(dim=1, keepdim=True)
    return [float(part) for part in own.norm(dim=(1, 2)) / h.norm(dim=(1, 2))]


def spirals(count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """Points on two arms that wind round each other one and a half times: (count, 2), (count,)."""
    turn = torch.rand(count, generator=source) * 3 * math.pi + 0.5
    arm = torch.randint(2, (count,), generator=source)
    angle = turn + math.pi * arm
    return torch.stack([turn * angle.cos(), turn * angle.sin()], dim=1) / 5, arm
