"""A tiny model that knows the harbour's stories is brought to the kitchen's, in several ways."""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from common.lora import adapt, trainable
from common.tiny_gpt import Pupil, Recipe, Training, fresh, measured, restored, train_together
from common.tiny_runs import RECIPE, SEEDS, ground
from common.transformer.model import Transformer

FEW, RANK = 48, 4  # kitchen stories to learn from; rank of the adapters
WAYS = ("from scratch", "all weights", "LoRA", "LoRA and embeddings")
RATES = (3e-3, 1e-2, 3e-2)
SHORT = replace(RECIPE, steps=100, every=25)


class Moved(NamedTuple):
    """One way: bits of the tuning run at each of RATES, the best rate, and by seed what came.

    steps, curves: bits on the kitchen's stories to choose by; bits, right: on the kitchen's test
    stories; old_bits, old_right: on the harbour's; before: bits on the kitchen's before training.
    """

    tried: list[float]
    rate: float
    trainable: int
    steps: list[int]
    curves: list[list[float]]
    bits: list[float]
    right: list[float]
    old_bits: list[float]
    old_right: list[float]


def moved(harbour: str, kitchen: str, starts: list[dict[str, Tensor]], way: str) -> Moved:
    """Trained on FEW kitchen stories, five times: from the models `starts`, one a seed."""
    base = ground(harbour, kitchen)
    held = base.chosen_by(base.kitchen)

    def model(index: int, seed: int) -> Transformer:
        if way == "from scratch":
            return fresh(base.shape, 20 + seed)
        found = restored(base.shape, starts[index])
        if way.startswith("LoRA"):
            torch.manual_seed(seed)
            adapt(found, RANK)
            found.embedding.requires_grad_(requires_grad=way != "LoRA")
        return found

    def trained(choices: list[tuple[int, int, float]], recipe: Recipe) -> list[Training]:
        pupils = [
            Pupil(model(index, seed), base.told(base.kitchen, FEW, 20 + seed), rate)
            for index, seed, rate in choices
        ]
        return train_together(pupils, held, recipe)

    # The tuning run has kitchen stories of its own, and the first of the models to start from.
    short = replace(SHORT, every=SHORT.steps)
    tried = [run.bits[-1] for run in trained([(0, 0, rate) for rate in RATES], short)]
    rate = RATES[tried.index(min(tried))]
    runs = trained([(index, seed, rate) for index, seed in enumerate(SEEDS)], SHORT)
    ends = []
    for index, (seed, run) in enumerate(zip(SEEDS, runs, strict=True)):
        end = model(index, seed)
        end.load_state_dict(dict(run.weights))
        ends.append(
            (*measured(end, base.test(base.kitchen)), *measured(end, base.test(base.harbour)))
        )
    free = trainable(model(0, 0))
    columns = [list(column) for column in zip(*ends, strict=True)]
    return Moved(tried, rate, free, runs[0].steps, [run.bits for run in runs], *columns)
