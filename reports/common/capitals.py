"""Asking SmolLM2 which country a capital belongs to: by examples in its context, or after training.

One line a question: "Oslo ->", to be continued with " Oslo is the capital of Norway."
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from common.generation import bits_per_byte
from common.lora_smollm2 import Lesson, adapter_weights, learned, merged
from common.reading import continued, read
from common.scores import exact_match
from common.smollm2 import END_OF_TEXT, TURN_END, SmolLM2, load_smollm2

SHOTS = (0, 1, 2, 4, 8)
RANKS = (1, 4, 16)
UPPER, STEPS = 6, 15  # blocks that are adapted; steps of training
COUNT = 11  # tokens of an answer at most


class Pair(NamedTuple):
    """A capital and its country."""

    capital: str
    country: str

    @property
    def sentence(self) -> str:
        """What a right answer says."""
        return f"{self.capital} is the capital of {self.country}."


def prompt(pair: Pair, examples: Sequence[Pair]) -> str:
    """The examples as finished lines, then the line to finish."""
    done = "".join(f"{shot.capital} -> {shot.sentence}\n" for shot in examples)
    return f"{done}{pair.capital} ->"


@torch.no_grad()
def finished(model: SmolLM2, prompts: list[str]) -> list[str]:
    """The likeliest continuation of each prompt, up to the end of its line."""
    reading = read(model, [model.ids(text) for text in prompts])
    (line_end,) = model.ids("\n")
    ends = (END_OF_TEXT, TURN_END, line_end)
    found = continued(model, reading, range(len(prompts)), COUNT, best, ends)
    texts = [model.text(ids).split("\n")[0] for ids in found]
    return [text.split("<|")[0].strip() for text in texts]


def best(logits: Tensor) -> Tensor:
    """The likeliest token of each row."""
    return logits.argmax(-1)


def matches(answers: list[str], test: Sequence[Pair]) -> list[bool]:
    """Which answers match exactly."""
    return [
        exact_match(answer, pair.sentence) == 1 for answer, pair in zip(answers, test, strict=True)
    ]


def draws(count: int) -> int:
    """How many different sets of examples are tried: most where it is cheap."""
    return 2 if 0 < count < max(SHOTS) else 1


def all_shots(path: Path, test: Sequence[Pair], training: Sequence[Pair]) -> dict[str, list[str]]:
    """The frozen model's answers, by "shots/draw"."""
    model = load_smollm2(path)
    prompts = {
        f"{count}/{draw}": [prompt(pair, training[8 * draw : 8 * draw + count]) for pair in test]
        for count in SHOTS
        for draw in range(draws(count))
    }
    said = iter(finished(model, [text for texts in prompts.values() for text in texts]))
    return {name: [next(said) for _ in texts] for name, texts in prompts.items()}


class Taught(NamedTuple):
    """What LoRA of one rank makes of the model. with_shots: with four examples as well, for
    the largest rank only."""

    answers: list[str]
    with_shots: list[str]
    losses: list[float]
    weights: int
    text_bits: float


def lessons(model: SmolLM2, training: Sequence[Pair]) -> list[Lesson]:
    """The training pairs as prompts without examples, and their lines."""
    return [
        Lesson(model.ids(prompt(pair, [])), model.ids(f" {pair.sentence}\n")) for pair in training
    ]


def taught_answers(
    path: Path, test: Sequence[Pair], training: Sequence[Pair], text: str, rank: int
) -> Taught:
    """Train adapters of `rank` in the upper blocks, then ask without any example."""
    model = load_smollm2(path)
    rate = 5e-3 if rank == max(RANKS) else 1e-2
    changes, losses = learned(model, lessons(model, training), rank, UPPER, STEPS, rate, 0)
    adapted = merged(model, changes)
    with torch.no_grad():
        return Taught(
            finished(adapted, [prompt(pair, []) for pair in test]),
            finished(adapted, [prompt(pair, training[:4]) for pair in test])
            if rank == max(RANKS)
            else [],
            losses,
            adapter_weights(model, rank, UPPER),
            bits_per_byte(adapted, text),
        )


@torch.no_grad()
def plain_bits(path: Path, text: str) -> float:
    """Bits per byte of the frozen model."""
    return bits_per_byte(load_smollm2(path), text)
