"""What is stored has to be a number."""

import numpy as np

from generator.compute.script import Run


class Tensor:
    """Like the one of an array library: one number, not a Python one."""

    shape = ()

    def item(self) -> float:
        return 1.18


def compute(run: Run) -> None:
    run.value("period_90", float("nan"))
    run.value("period_60", np.float64("inf"))
    run.value("excess", Tensor())
    run.value("all", np.ones((2, 3)))
    run.value("many", [1.0, 2.0])
    run.value("words", "1.18")
    run.value("truth", True)
    run.value("nothing", None)
    run.value("sure", 1.0, error=float("nan"))
    run.value("fine", 1.0, digits=-1)
    run.table("periods", ["amplitude", "period"], [[10, 1.0], [20, float("nan")], [30]])
    run.table("empty", [], [])
    run.string("answer", 7)
