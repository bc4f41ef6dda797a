"""Pictures of points in two dimensions: principal components, and exact t-SNE.

n points in d dimensions, float64 inside. Source: Hotelling (1933) for the components; van der
Maaten & Hinton, Visualizing Data using t-SNE (2008).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Projection(NamedTuple):
    """Coordinates (n, k) and the share of the variance that each of the k axes carries."""

    points: Tensor
    shares: Tensor


def principal_components(points: Tensor, count: int = 2) -> Projection:
    """The coordinates of (n, d) points along the `count` directions of largest variance.

    Signs are chosen so that each axis has its largest coordinate positive.
    """
    centred = points.double() - points.double().mean(dim=0)
    left, sizes, _ = torch.linalg.svd(centred, full_matrices=False)
    found = left[:, :count] * sizes[:count]
    largest = found.gather(0, found.abs().argmax(dim=0, keepdim=True))
    return Projection(found * largest.sign(), sizes[:count].square() / sizes.square().sum())


def square_distances(points: Tensor) -> Tensor:
    """(n, n): squared Euclidean distances of (n, d) points, exactly 0 on the diagonal."""
    return (points[:, None] - points[None]).square().sum(dim=-1)


def neighbour_probabilities(distances: Tensor, perplexity: float) -> Tensor:
    """(n, n): p(j | i) ∝ exp(−β_i d_ij), each row with the wanted perplexity; diagonal 0.

    distances: (n, n), squared. β_i is found by bisection of the row's entropy.
    Raises ValueError unless 1 < perplexity < n − 1: n − 1 neighbours have at most that many.
    """
    n = len(distances)
    if not 1 < perplexity < n - 1:
        raise ValueError(f"perplexity {perplexity}: between 1 and {n - 1} for {n} points")
    others = distances.double()[~torch.eye(n, dtype=torch.bool)].view(n, n - 1)
    # The nearest neighbour at 0 changes nothing and keeps exp() from underflowing.
    others = others - others.amin(dim=1, keepdim=True)
    low, high = torch.full((n, 1), -60.0).double(), torch.full((n, 1), 60.0).double()
    for _ in range(100):
        middle = (low + high) / 2
        rows = torch.softmax(-others * middle.exp(), dim=1)
        wide = torch.special.entr(rows).sum(dim=1, keepdim=True) > math.log(perplexity)
        low, high = torch.where(wide, middle, low), torch.where(wide, high, middle)
    found = torch.zeros(n, n, dtype=torch.float64)
    found[~torch.eye(n, dtype=torch.bool)] = rows.flatten()
    return found


class Embedding(NamedTuple):
    """Coordinates (n, 2) and the Kullback–Leibler divergence that is left, in nats."""

    points: Tensor
    divergence: float


def tsne(distances: Tensor, perplexity: float, start: Tensor, steps: int = 600) -> Embedding:
    """Exact t-SNE from (n, n) squared distances, from the picture `start` (n, 2), made tiny.

    Minimises Σ p_ij ln(p_ij / q_ij) with q_ij ∝ 1 / (1 + |y_i − y_j|²) by gradient descent with
    momentum and gains; for the first 100 steps p is exaggerated fourfold. No turn of the picture
    changes the sum, so rounding would choose one: it is laid as nearly as possible onto `start`.
    """
    n = len(distances)
    conditional = neighbour_probabilities(distances, perplexity)
    wanted = (conditional + conditional.T) / (2 * n)
    points = 1e-4 * start.double() / start.double()[:, 0].std()
    velocity, gains = torch.zeros_like(points), torch.ones_like(points)
    rate = max(n / 4, 10.0)
    for step in range(steps):
        kernel = 1 / (1 + square_distances(points))
        kernel.fill_diagonal_(0)
        factor = 4.0 if step < 100 else 1.0
        pull = (factor * wanted - kernel / kernel.sum()) * kernel
        gradient = 4 * (pull.sum(dim=1, keepdim=True) * points - pull @ points)
        gains = torch.where(gradient * velocity < 0, gains + 0.2, (gains * 0.8).clamp(min=0.01))
        velocity = (0.5 if step < 100 else 0.8) * velocity - rate * gains * gradient
        points = points + velocity
        points = points - points.mean(dim=0)
    kernel = 1 / (1 + square_distances(points))
    kernel.fill_diagonal_(0)
    found = kernel / kernel.sum()
    off = ~torch.eye(n, dtype=torch.bool)
    divergence = (wanted[off] * (wanted[off].clamp(min=1e-300) / found[off]).log()).sum()
    return Embedding(turned_onto(points, start.double()), float(divergence))


def turned_onto(points: Tensor, other: Tensor) -> Tensor:
    """`points` (n, 2), turned or mirrored to lie as nearly as possible as `other` (n, 2).

    The orthogonal Q that minimises |points Q − c · other| (Schönemann 1966, Psychometrika 31).
    """
    left, _, right = torch.linalg.svd(points.T @ (other - other.mean(dim=0)))
    turned: Tensor = points @ left @ right
    return turned


def neighbours_kept(before: Tensor, after: Tensor, count: int) -> float:
    """Share of each point's `count` nearest neighbours that are still among them in a picture.

    before, after: (n, n) distances. By chance it would be count / (n − 1).
    """
    n = len(before)
    away = torch.eye(n, dtype=torch.float64) * math.inf
    away = torch.nan_to_num(away, nan=0.0, posinf=math.inf)
    first = (before.double() + away).argsort(dim=1)[:, :count]
    second = (after.double() + away).argsort(dim=1)[:, :count]
    same = (first[:, :, None] == second[:, None, :]).any(dim=-1)
    return float(same.double().mean())
