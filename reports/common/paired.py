"""The mean of paired differences with its interval, by Student's distribution."""

import math
from collections.abc import Sequence
from statistics import mean, stdev
from typing import NamedTuple


class Gap(NamedTuple):
    """A mean difference and the two ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    def text(self, digits: int, factor: float = 1) -> str:
        """As "−0.03 [−0.05, −0.01]" in any language, all three times `factor`."""
        one, low, high = (f"{factor * part:+.{digits}f}".replace("-", "−") for part in self)
        return f"{one} [{low}, {high}]"

    @property
    def clear(self) -> bool:
        """True if the interval does not hold 0."""
        return self.low > 0 or self.high < 0


def paired(first: Sequence[float], second: Sequence[float]) -> Gap:
    """first − second, pair by pair: mean and 95 % interval. Needs two pairs.

    Source: Student, The probable error of a mean, Biometrika 6 (1908) 1–25.
    """
    gaps = [a - b for a, b in zip(first, second, strict=True)]
    reach = student(len(gaps) - 1) * stdev(gaps) / math.sqrt(len(gaps))
    centre = mean(gaps)
    return Gap(centre, centre - reach, centre + reach)


def student(freedom: int, confidence: float = 0.95) -> float:
    """t with P(|T| ≤ t) = confidence for a T of Student's distribution: 2.776 at 4, 0.95."""
    low, high = 0.0, 1e3
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _inside(middle, freedom) < confidence else (low, middle)
    return (low + high) / 2


def _inside(t: float, freedom: int) -> float:
    """P(|T| ≤ t), the finite sum over θ = atan(t / √ν).

    Source: Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle)
    if freedom % 2:
        term, total = cosine, 0.0
        for k in range(1, freedom - 1, 2):
            total += term
            term *= cosine * cosine * (k + 1) / (k + 2)
        return 2 / math.pi * (angle + math.sin(angle) * total)
    term, total = 1.0, 0.0
    for k in range(0, freedom - 1, 2):
        total += term
        term *= cosine * cosine * (k + 1) / (k + 2)
    return math.sin(angle) * total
