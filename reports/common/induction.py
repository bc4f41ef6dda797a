"""Induction heads of SmolLM2: heads that find the last place where this token stood, and go on.

L blocks, h heads, n tokens. Source: Olsson et al. (2022).
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from common.capitals import SEEDS, Marks, Pair, asked, drawn
from common.smollm2 import SmolLM2, load_smollm2

OFF = (10, 30)  # heads switched off
CONTROLS = 3  # choices of as many other heads


class Induction(NamedTuple):
    """scores: (L, h) of each head; what switching heads off does to bits and to answers.

    By name, "all", "top 10", "others 10" …: a number for each choice of heads.
    """

    scores: Tensor
    first_bits: dict[str, list[float]]
    second_bits: dict[str, list[float]]
    marks: dict[str, list[Marks]]


def repeated(count: int, source: torch.Generator) -> list[int]:
    """`count` random tokens, twice over."""
    part = torch.randint(1000, 40_000, (count,), generator=source).tolist()
    return [*part, *part]


def without(model: SmolLM2, heads_off: list[tuple[int, int]]) -> SmolLM2:
    """The model with what some heads (block, head) give set to zero."""
    width = model.embedding.shape[1] // model.heads
    blocks = list(model.blocks)
    for layer, head in heads_off:
        output = blocks[layer].output.clone()
        output[:, head * width : (head + 1) * width] = 0
        blocks[layer] = replace(blocks[layer], output=output)
    return replace(model, blocks=tuple(blocks))


def induction_scores(attention: Tensor) -> Tensor:
    """(L, h): mean weight from the second copy on the token after the same one in the first."""
    half = attention.shape[-1] // 2
    queries = torch.arange(half, 2 * half)
    return attention[:, :, queries, queries - half + 1].mean(-1)


@torch.no_grad()
def induction(path: Path, test: list[Pair], training: list[Pair]) -> Induction:
    """Heads that continue a repetition, and the model without them or without others."""
    model = load_smollm2(path)
    source = torch.Generator().manual_seed(7)
    rows = [repeated(24, source) for _ in range(3)]
    scores = torch.stack([induction_scores(model.trace(row).attention) for row in rows]).mean(0)
    order = scores.flatten().argsort(descending=True, stable=True)
    heads_of = [(int(i) // model.heads, int(i) % model.heads) for i in order]
    rest = heads_of[2 * max(OFF) :]
    off = {"all": [[]]}
    for count in OFF:
        off[f"top {count}"] = [heads_of[:count]]
        picks = [torch.randperm(len(rest), generator=source)[:count] for _ in range(CONTROLS)]
        off[f"others {count}"] = [[rest[int(i)] for i in pick] for pick in picks]
    found = Induction(scores, {}, {}, {})
    for name, choices in off.items():
        models = [without(model, heads) for heads in choices]
        nats = [
            torch.stack([-reduced.log_probabilities(row) for row in rows]) / math.log(2)
            for reduced in models
        ]
        found.first_bits[name] = [each[:, :23].mean().item() for each in nats]
        found.second_bits[name] = [each[:, 24:].mean().item() for each in nats]
        examples = [drawn(training, 4, SEEDS[0])]
        found.marks[name] = [asked(reduced, test, examples)[0] for reduced in models]
    return found
