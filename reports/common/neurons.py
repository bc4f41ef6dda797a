"""Single inner units of a feed-forward layer: what opens them, and how many of them speak."""

import torch
from torch import Tensor

from common.transformer.feed_forward import Activation, gelu
from common.transformer.residual import Block


def ranks(numbers: Tensor) -> Tensor:
    """The place of every number within its column, from 0: (rows, units) → (rows, units).

    Ties have an order of their own, as if they were broken at random.
    """
    return numbers.argsort(dim=0).argsort(dim=0).double()


def area_under_curve(places: Tensor, chosen: Tensor) -> Tensor:
    """(units,): the chance that a chosen row has a larger number than another row.

    places: `ranks` of the numbers, (rows, units); chosen: boolean (rows,).
    Source: the statistic of Mann & Whitney (1947).
    """
    inside, outside = int(chosen.sum()), int((~chosen).sum())
    below = chosen.double() @ places - inside * (inside - 1) / 2
    return below / (inside * outside)


def best_unit(
    seen: Tensor, chosen_seen: Tensor, unseen: Tensor, chosen_unseen: Tensor
) -> tuple[float, float, int]:
    """The unit with the largest area under its curve among the seen rows.

    seen, unseen: `ranks` of two sets of rows. Returns that area, the same unit's area among the
    unseen rows, and its number.
    """
    areas = area_under_curve(seen, chosen_seen)
    best = int(areas.argmax())
    other = area_under_curve(unseen[:, [best]], chosen_unseen)
    return areas[best].item(), other.item(), best


def strongest_only(block: Block, share: float, rest: Tensor) -> Activation:
    """GELU for the `share` of a token's units that write most, `rest` (f,) for the others.

    How much a unit writes is |a − rest| times the length of its row of W₂.
    """
    lengths = block.feed_forward.contract.weight.norm(dim=0)

    def activation(u: Tensor) -> Tensor:
        opened = gelu(u)
        keep = round(share * u.shape[-1])
        if keep == 0:
            return rest.expand_as(opened)
        written = (opened - rest).abs() * lengths
        limit = written.kthvalue(u.shape[-1] - keep + 1, dim=-1, keepdim=True).values
        return torch.where(written >= limit, opened, rest)

    return activation
