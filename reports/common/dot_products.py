"""Random queries and keys: dot products, the weights they give, what a query can learn."""

import math

import torch
from torch import Tensor

from common.transformer.attention import softmax


def normals(*shape: int, source: torch.Generator) -> Tensor:
    """Independent draws from N(0, 1), float64."""
    return torch.randn(*shape, generator=source, dtype=torch.float64)


def pair_scores(width: int, pairs: int, source: torch.Generator) -> Tensor:
    """q·k of `pairs` independent pairs of N(0, I) vectors of `width` numbers: (pairs,)."""
    parts = []
    for start in range(0, pairs, 2000):  # 2000 × 1024 doubles at a time: 16 MB
        count = min(2000, pairs - start)
        queries = normals(count, width, source=source)
        parts.append((queries * normals(count, width, source=source)).sum(dim=1))
    return torch.cat(parts)


def variance_error(width: int, pairs: int) -> float:
    """Standard error of the sample variance of q·k, whose excess kurtosis is 6 / width."""
    return width * math.sqrt(2 / (pairs - 1) + 6 / (width * pairs))


def row_scores(width: int, rows: int, keys: int, source: torch.Generator) -> Tensor:
    """(rows, keys): each row is one query's dot products with keys of its own, unscaled."""
    parts = []
    for start in range(0, rows, 50):
        count = min(50, rows - start)
        queries = normals(count, width, 1, source=source)
        parts.append((normals(count, keys, width, source=source) @ queries)[..., 0])
    return torch.cat(parts)


def entropy(weights: Tensor) -> Tensor:
    """−Σ p ln p over the last axis, in nats."""
    return -(weights * weights.clamp(min=torch.finfo(weights.dtype).tiny).log()).sum(dim=-1)


def softmax_jacobian(weights: Tensor) -> Tensor:
    """∂p/∂s = diag(p) − ppᵀ for each row of weights: (…, n) → (…, n, n)."""
    others = 1 - torch.eye(weights.shape[-1], dtype=weights.dtype)
    # p times the sum of the others: 1 − p itself would round to zero.
    diagonal = torch.diag_embed(weights * (weights @ others))
    return diagonal - weights[..., :, None] * weights[..., None, :] * others


def solved(width: int, scale: float, rate: float, tasks: int, source: torch.Generator) -> Tensor:
    """(tasks,), boolean: does gradient descent turn the query towards the wanted one of 16 keys?

    Each task has its own first query, keys and wanted key t; the loss is ½‖p − e_t‖², and
    after 200 steps a task is solved if p_t > ½. In double precision: steps that are too long
    throw the query about, and single precision would leave the outcome to its last bits.
    """
    keys_each, steps = 16, 200
    query = torch.randn(tasks, width, generator=source).double()
    keys = torch.randn(tasks, keys_each, width, generator=source).double()
    chosen = torch.randint(keys_each, (tasks,), generator=source)
    wanted = torch.eye(keys_each, dtype=torch.float64)[chosen]
    for _ in range(steps):
        weights = softmax((keys @ query[:, :, None])[..., 0] * scale)
        error = weights - wanted
        # (diag(p) − ppᵀ) times the error, then the chain rule through the scores.
        gradient = weights * (error - (weights * error).sum(dim=-1, keepdim=True))
        query = query - rate * scale * (gradient[:, None, :] @ keys)[:, 0]
    weights = softmax((keys @ query[:, :, None])[..., 0] * scale)
    return (weights * wanted).sum(dim=-1) > 0.5
