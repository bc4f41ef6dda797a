"""The period of a pendulum."""

import math

from generator.compute.script import Run


def period(amplitude: float) -> float:
    return 1 / math.sqrt(math.cos(amplitude) - 1)


def compute(run: Run) -> None:
    print("the amplitudes are read")
    run.value("period_90", period(math.pi / 2), digits=4)
