"""Putting heads together again: the wrong way of a notebook, and the tests that tell it apart."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from common.transformer.attention import attention, merge_heads, split_heads

Combine = Callable[[Tensor], Tensor]  # (batch, heads, tokens, d) → (batch, tokens, heads · d)


def normals(*shape: int, source: torch.Generator) -> Tensor:
    """Independent draws from N(0, 1), float64."""
    return torch.randn(*shape, generator=source, dtype=torch.float64)


def combine_as_written(x: Tensor) -> Tensor:
    """The notebook's way from (batch, heads, tokens, d) to (batch, tokens, heads · d).

    Its transpose names the axes in the order in which they already are, (0, 1, 2, 3): nothing
    moves, and the reshape then cuts the numbers of one head into rows.
    """
    batch, heads, tokens, width = x.shape
    return x.permute(0, 1, 2, 3).reshape(batch, tokens, heads * width)


def layer(x: Tensor, maps: Sequence[Tensor], heads: int, combine: Combine) -> tuple[Tensor, Tensor]:
    """Outputs (batch, n, d) and weights (batch, heads, n, n) of one layer with `combine`.

    x: (batch, n, d); maps: the four matrices (d, d) of queries, keys, values and output.
    """
    query, key, value, output = maps
    mixed, weights = attention(
        split_heads(x @ query, heads), split_heads(x @ key, heads), split_heads(x @ value, heads)
    )
    return combine(mixed) @ output, weights


def checks(combine: Combine) -> dict[str, bool]:
    """Tests of a multi-head layer, each with whether `combine` passes it.

    One sentence of 6 tokens, width 16, 4 heads: the notebook's sizes.
    """
    source = torch.Generator().manual_seed(0)
    x = normals(1, 6, 16, source=source)
    maps = [normals(16, 16, source=source) for _ in range(4)]
    output, weights = layer(x, maps, 4, combine)
    order = torch.tensor([2, 0, 1, 5, 4, 3])
    permuted, _ = layer(x[:, order], maps, 4, combine)
    single, _ = layer(x, maps, 1, combine)
    right_single, _ = layer(x, maps, 1, merge_heads)
    parts = normals(1, 4, 6, 4, source=source)
    changed = parts.clone()
    changed[:, 1] += 1
    moved = (combine(changed) - combine(parts))[0].abs() > 0
    wanted = torch.zeros(6, 16, dtype=torch.bool)
    wanted[:, 4:8] = True
    ones = torch.ones(1, dtype=torch.float64)

    def same(a: Tensor, b: Tensor) -> bool:
        return bool(torch.allclose(a, b, rtol=0, atol=1e-9))

    return {
        "output and weights have the right shapes": output.shape == x.shape
        and weights.shape == (1, 4, 6, 6),
        "every row of weights sums to one": same(weights.sum(dim=-1), ones.expand(1, 4, 6)),
        "no number is lost, none is made": same(
            combine(parts).flatten().sort().values, parts.flatten().sort().values
        ),
        "with one head it is plain attention": same(single, right_single),
        "permuting the tokens permutes the outputs": same(permuted, output[:, order]),
        "combining undoes splitting": same(combine(split_heads(x, 4)), x),
        "changing head 1 changes its four columns only": bool((moved == wanted).all()),
    }
