"""Angles between vectors, what their inner products alone decide, and correlation."""

import math

import torch
from torch import Tensor


def cosine(a: Tensor, b: Tensor) -> float:
    """a·b / (|a| |b|) of two vectors."""
    return float(a @ b / (a.norm() * b.norm()))


def degrees(cos: float) -> float:
    """The angle that has this cosine, in degrees."""
    return math.degrees(math.acos(cos))


def correlation(a: Tensor, b: Tensor) -> float:
    """Pearson's correlation of two flat tensors."""
    return cosine(a - a.mean(), b - b.mean())


def pairs_of(matrix: Tensor) -> Tensor:
    """The entries of (n, n) above the diagonal, one for each pair: (n(n − 1)/2,)."""
    above = torch.triu_indices(len(matrix), len(matrix), 1)
    return matrix[above[0], above[1]]


def third_cosine(first: float, second: float) -> tuple[float, float]:
    """The least and the largest cosine of b and c, if a·b = first and a·c = second.

    The angle between b and c lies between the difference and the sum of the other two.
    """
    spread = math.sqrt((1 - first**2) * (1 - second**2))
    return first * second - spread, first * second + spread


def combined_cosines(gram: Tensor, weights: Tensor) -> Tensor:
    """(n,): cosines of Σ a_i x_i with each x_k, from their inner products."""
    products = gram @ weights
    return products / (weights @ products).sqrt()


def shuffled_means(matrix: Tensor, count: int, source: torch.Generator) -> Tensor:
    """(count,): mean of matrix[i, σ(i)] over random permutations σ of its columns."""
    n = len(matrix)
    orders = torch.rand(count, n, generator=source).argsort(dim=1)
    return matrix[torch.arange(n), orders].mean(dim=1)


def analogy_counts(pool: Tensor, n: int) -> tuple[int, int, int]:
    """How often the wanted capital wins, of n(n − 1) analogies.

    pool: (m, d) unit vectors; n countries, their n capitals, then other words. Counts: among
    all words, among all but the three inputs, and for the other country's vector alone.
    """
    country, capital = pool[:n], pool[n : 2 * n]
    among_all = without_inputs = country_alone = 0
    for i in range(n):
        for j in set(range(n)) - {i}:
            near = pool @ (capital[i] - country[i] + country[j])
            alone = pool @ country[j]
            among_all += int(near.argmax()) == n + j
            inputs = [i, j, n + i]
            near[inputs], alone[inputs] = -math.inf, -math.inf
            without_inputs += int(near.argmax()) == n + j
            country_alone += int(alone.argmax()) == n + j
    return among_all, without_inputs, country_alone


def wider_triples(matrix: Tensor) -> float:
    """Share of ordered triples (a, b, c) whose cos(a, c) − cos(a, b) is that of 0, 1, 2 or more."""
    n = len(matrix)
    gaps = matrix[:, None, :] - matrix[:, :, None]
    same = torch.eye(n, dtype=torch.bool)
    distinct = ~(same[:, :, None] | same[:, None, :] | same[None])
    return (gaps[distinct] >= matrix[0, 2] - matrix[0, 1]).double().mean().item()
