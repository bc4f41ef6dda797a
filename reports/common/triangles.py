"""The triangle of the exam question of week 2, found by search and measured by trial.

Nothing here uses the solution on paper: conditions and answer are computed from coordinates, so
that the two can be held against each other. Lengths are in the question's own unit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

Array = NDArray[np.float64]

_RADIUS = 7.0  # of the circumscribed circle
_SINES = 8 / 5  # sin A : sin C
_AREAS = 9 / 35  # ADE : ABC
_AD = 3 / 5  # AD : AB


@dataclass(frozen=True, slots=True)
class Triangle:
    """A triangle by two angles in radians; a, b, c are the sides opposite to A, B, C."""

    angle_a: float
    angle_c: float

    @property
    def angle_b(self) -> float:
        return math.pi - self.angle_a - self.angle_c

    @property
    def a(self) -> float:
        return 2 * _RADIUS * math.sin(self.angle_a)

    @property
    def b(self) -> float:
        return 2 * _RADIUS * math.sin(self.angle_b)

    @property
    def c(self) -> float:
        return 2 * _RADIUS * math.sin(self.angle_c)

    def corners(self) -> Array:
        """(3, 2): A, B, C with B at the origin and C on the first axis."""
        top = (self.c * math.cos(self.angle_b), self.c * math.sin(self.angle_b))
        return np.array([top, (0.0, 0.0), (self.a, 0.0)])


def satisfying_triangles(steps: int = 20_000) -> list[Triangle]:
    """All triangles with the three ratios: the angle C is scanned, then bisected.

    sin A = 8/5 sin C leaves two angles A for each C; each is followed as a branch of its own.
    """
    found = []
    for branch in (_acute, _obtuse):
        grid = np.linspace(0, math.asin(1 / _SINES), steps)[1:-1]
        misses = [_miss(branch(float(c))) for c in grid]
        for i in range(len(grid) - 1):
            # Infinite where the angles leave no room for B, so no sign change there.
            if misses[i] * misses[i + 1] < 0 and math.isfinite(misses[i] * misses[i + 1]):
                found.append(branch(_root(branch, float(grid[i]), float(grid[i + 1]))))
    return found


def largest_area(triangle: Triangle, tried: int = 100_000) -> tuple[Array, float]:
    """(tried,) areas of PBC for P all around the circle about A through D; the largest."""
    corners = triangle.corners()
    turn = np.arange(tried) * (2 * math.pi / tried)
    points = corners[0] + _AD * triangle.c * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    to_b, to_c = corners[1] - points, corners[2] - points
    areas: Array = np.abs(to_b[:, 0] * to_c[:, 1] - to_b[:, 1] * to_c[:, 0]) / 2
    return areas, float(areas.max())


def draw_triangle(axes: Axes, triangle: Triangle) -> None:
    """The triangle, the circle, and its point P that is farthest from BC."""
    corners, radius = triangle.corners(), _AD * triangle.c
    axes.fill(corners[:, 0], corners[:, 1], facecolor="none", edgecolor="0.2")
    turn = np.linspace(0, 2 * math.pi, 361)
    circle = corners[0] + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    axes.plot(circle[:, 0], circle[:, 1], color="C0")
    top = corners[0] + np.array([0, radius])
    axes.plot([top[0], top[0]], [0, top[1]], color="C1", linestyle="--")
    marks = {
        "A": corners[0],
        "B": corners[1],
        "C": corners[2],
        "D": corners[0] + _AD * (corners[1] - corners[0]),
        "E": corners[0] + radius / triangle.b * (corners[2] - corners[0]),
        "P": top,
    }
    for name, (x, y) in marks.items():
        axes.plot(x, y, "o", color="C1" if name == "P" else "0.2", markersize=3)
        axes.annotate(name, (x, y), xytext=(3, 3), textcoords="offset points", fontsize=8)
    axes.set_aspect("equal")
    axes.axis("off")


def _acute(angle_c: float) -> Triangle:
    return Triangle(math.asin(_SINES * math.sin(angle_c)), angle_c)


def _obtuse(angle_c: float) -> Triangle:
    return Triangle(math.pi - math.asin(_SINES * math.sin(angle_c)), angle_c)


def _miss(triangle: Triangle) -> float:
    """Area of ADE over area of ABC, both from coordinates, minus what is due."""
    if triangle.angle_b <= 0:
        return math.inf
    a, b, c = triangle.corners()
    d = a + _AD * (b - a)
    e = a + _AD * triangle.c / triangle.b * (c - a)
    return _area(a, d, e) / _area(a, b, c) - _AREAS


def _area(p: Array, q: Array, r: Array) -> float:
    u, v = q - p, r - p
    return abs(float(u[0] * v[1] - u[1] * v[0])) / 2


def _root(branch: Callable[[float], Triangle], low: float, high: float) -> float:
    """The angle C between low and high at which the areas fit, to the last bit."""
    falling = _miss(branch(low)) > 0
    for _ in range(60):
        middle = (low + high) / 2
        if (_miss(branch(middle)) > 0) == falling:
            low = middle
        else:
            high = middle
    return (low + high) / 2
