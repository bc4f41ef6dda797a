"""The period of a pendulum at any amplitude, in units of its small-angle period."""

import math

import numpy as np
from generator.compute.script import Run


def mean(a: float, b: float) -> float:
    """The arithmetic-geometric mean of two positive numbers (Gauss)."""
    while abs(a - b) > 1e-15 * a:
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


def period(amplitude: float) -> float:
    """T/T0 at `amplitude` in radians, below pi: 1 / agm(1, cos(amplitude / 2))."""
    return 1 / mean(1.0, math.cos(amplitude / 2))


def compute(run: Run) -> None:
    angles = [10, 30, 60, 90, 120, 150]
    run.value("period_90", period(math.pi / 2), digits=4)
    run.value("excess_10", 100 * (period(math.radians(10)) - 1), digits=2, unit="%")
    run.table(
        "periods",
        ["amplitude in degrees", "period", "first correction"],
        [[a, period(math.radians(a)), 1 + math.radians(a) ** 2 / 16] for a in angles],
        digits=4,
    )
    figure = run.new_figure(70)
    axes = figure.subplots()
    grid = np.radians(np.linspace(1, 170, 170))
    axes.plot(np.degrees(grid), [period(x) for x in grid], label="exact")
    axes.plot(np.degrees(grid), 1 + grid**2 / 16, label="first correction")
    axes.set_xlabel("amplitude in degrees")
    axes.set_ylabel("period / small-angle period")
    axes.legend()
    run.figure("period", figure)
