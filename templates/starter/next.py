"""Say here what this script computes.

`study build` runs this file. Started by itself it only defines functions, and prints nothing.
"""

import numpy as np

from generator.compute.script import Run


def compute(run: Run) -> None:
    draws = np.random.normal(size=200)
    run.value("count", len(draws))
    run.value("mean", draws.mean(), digits=3)

    figure = run.new_figure(height_mm=60)
    axes = figure.subplots()
    axes.plot(np.sort(draws), ".")
    axes.set_xlabel("rank")
    axes.set_ylabel("drawn number")
    run.figure("draws", figure)
