"""The period of a pendulum."""

import math


def period(amplitude: float) -> float:
    return 1 + amplitude**2 / 16


def main() -> None:
    print(period(math.pi / 2))
