"""Angles between vectors, and correlation, which is a cosine too."""

import math

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
