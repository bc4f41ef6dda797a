"""A GPT on one page: every weight in a dictionary, every tensor with its shape.

n tokens, d width, h heads, f inner width, V words in the vocabulary. The names of the weights are
those of `common.transformer.model`, so that its trained weights fit.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import layer_norm


def gpt(ids: Tensor, w: dict[str, Tensor], heads: int) -> Tensor:
    """Scores of every word as the next one, after each of n ids: (n, V)."""

    def linear(x: Tensor, name: str) -> Tensor:
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(x: Tensor, name: str) -> Tensor:
        return layer_norm(x, (d,), w[name + ".gain"], w[name + ".bias"])

    def split(x: Tensor) -> Tensor:
        return x.view(n, heads, -1).transpose(0, 1)  # (n, d) → (h, n, d/h)

    n, d = len(ids), w["embedding.weight"].shape[1]
    blocks = {name[: len("blocks.0")] for name in w if name.startswith("blocks.")}
    past = torch.ones(n, n, dtype=torch.bool).tril()  # (n, n), no looking ahead
    x = w["embedding.weight"][ids] + w["positions.table.weight"][:n]  # (n, d)
    for block in sorted(blocks):
        y = norm(x, block + ".attention_norm")  # (n, d)
        q = split(linear(y, block + ".attention.query"))  # (h, n, d/h)
        k = split(linear(y, block + ".attention.key"))  # (h, n, d/h)
        v = split(linear(y, block + ".attention.value"))  # (h, n, d/h)
        scores = q @ k.transpose(1, 2) / math.sqrt(d / heads)  # (h, n, n)
        weights = scores.masked_fill(~past, -math.inf).softmax(dim=-1)  # (h, n, n)
        mixed = (weights @ v).transpose(0, 1).flatten(1)  # (n, d)
        x = x + linear(mixed, block + ".attention.output")  # skip connection

        y = norm(x, block + ".feed_forward_norm")  # (n, d)
        inner = linear(y, block + ".feed_forward.expand").clamp(min=0)  # (n, f)
        x = x + linear(inner, block + ".feed_forward.contract")  # skip connection
    return norm(x, "norm") @ w["embedding.weight"].T  # (n, V)


def write(ids: list[int], w: dict[str, Tensor], heads: int, count: int, seed: int) -> list[int]:
    """`ids` and `count` more, each drawn with the model's probability."""
    dice = torch.Generator().manual_seed(seed)
    for _ in range(count):
        p = gpt(torch.tensor(ids), w, heads)[-1].softmax(dim=-1)  # (V,)
        ids = [*ids, int(torch.multinomial(p, 1, generator=dice))]
    return ids
