"""Reads where no memory is, as native code with a bug does."""

import ctypes

from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("period_90", 1.18)
    ctypes.string_at(0)
