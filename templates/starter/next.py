"""Say here what this script computes."""

import numpy as np

from generator.compute.script import Run


def compute(run: Run) -> None:
    draws = np.random.normal(size=200)
    run.value("count", len(draws))
    run.value("mean", draws.mean(), digits=3)

    figure = run.new_figure(height_mm=60)
    figure.subplots().plot(np.sort(draws), ".")
    run.figure("draws", figure)
