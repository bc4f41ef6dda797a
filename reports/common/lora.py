"""LoRA: a frozen matrix W plus a trainable product of two thin ones, W + (α/r) B A.

W: (out, in); A: (r, in), random at the start; B: (out, r), zero, so that nothing is changed yet.
Source: Hu et al. (2022).
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from common.transformer.model import Transformer


class Adapter(nn.Module):
    """The change of one matrix: (α/r) B A, r (in + out) trainable numbers."""

    def __init__(self, out: int, into: int, rank: int, scale: float = 1.0) -> None:
        super().__init__()
        if not 1 <= rank <= min(out, into):
            raise ValueError(f"rank {rank} of a matrix of {out} × {into}")
        self.down = nn.Parameter(torch.randn(rank, into) / into**0.5)
        self.up = nn.Parameter(torch.zeros(out, rank))
        self.scale = scale

    def change(self) -> Tensor:
        """(out, in): what is added to the frozen matrix."""
        return self.scale * self.up @ self.down

    def forward(self, x: Tensor) -> Tensor:
        """(…, in) → (…, out), without building the product."""
        return self.scale * linear(linear(x, self.down), self.up)


class Adapted(nn.Module):
    """A linear layer that is frozen, with an adapter beside it."""

    def __init__(self, frozen: nn.Linear, rank: int, scale: float = 1.0) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(requires_grad=False)
        self.adapter = Adapter(frozen.out_features, frozen.in_features, rank, scale)

    def forward(self, x: Tensor) -> Tensor:
        """(…, in) → (…, out)."""
        out: Tensor = self.frozen(x) + self.adapter(x)
        return out


def adapt(model: Transformer, rank: int, scale: float = 1.0) -> Transformer:
    """`model` itself, frozen, with an adapter at every matrix of its blocks."""
    model.requires_grad_(requires_grad=False)
    for block in model.blocks:
        for part in (block.attention, block.feed_forward):
            assert isinstance(part, nn.Module)
            for name, layer in list(part.named_children()):
                if isinstance(layer, nn.Linear):
                    setattr(part, name, Adapted(layer, rank, scale))
    return model


def best_error(change: Tensor, rank: int) -> float:
    """Least ‖Δ − M‖² / ‖Δ‖² over all M of this rank: the tail of Δ's squared singular values.

    Source: Eckart & Young (1936).
    """
    squares = torch.linalg.svdvals(change.double()).square()
    return float(squares[rank:].sum() / squares.sum())


def fitted_error(change: Tensor, rank: int, steps: int, rate: float, seed: int) -> float:
    """The same for the M that Adam finds as a product of two thin matrices in `steps` steps."""
    torch.manual_seed(seed)
    out, into = change.shape
    adapter = Adapter(out, into, rank)
    optimiser = torch.optim.Adam(adapter.parameters(), rate)
    size = change.square().sum()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * (1 - step / steps)
        optimiser.zero_grad()
        error = (change - adapter.change()).square().sum() / size
        error.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return float((change - adapter.change().detach()).square().sum() / size)


def trainable(model: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
