"""A 0-d tensor is no number."""

import torch

from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("period_90", torch.tensor(1.18))
    run.value("all", torch.ones(2, 3))
