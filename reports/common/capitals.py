"""Asking SmolLM2 which country a capital belongs to: by examples in its context, or after training.

One line a question: "Oslo ->", to be continued with " Oslo is the capital of Norway."
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from common.generation import bits_per_byte
from common.lora_smollm2 import (
    Change,
    Course,
    Lesson,
    Prepared,
    above,
    adapter_weights,
    learned,
    merged,
    prepared,
)
from common.reading import continued, read
from common.scores import exact_match
from common.smollm2 import END_OF_TEXT, TURN_END, SmolLM2, load_smollm2

SHOTS = (0, 1, 2, 4, 8)
RANKS = (1, 16)
RATES = (2.5e-3, 5e-3, 1e-2)  # of Adam, for every rank
SEEDS = (1, 2, 3, 4, 5)  # of a training, or of a choice of examples
TUNING = 6  # the seed whose runs choose rate and steps, and are used for nothing else
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


def split(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Three parts of equal size, drawn at random: to learn from, to choose by, to report."""
    mixed, third = drawn(pairs, len(pairs), 0), len(pairs) // 3
    return mixed[:third], mixed[third : 2 * third], mixed[2 * third :]


def drawn(training: Sequence[Pair], count: int, seed: int) -> list[Pair]:
    """`count` examples, the first of an order that depends on the seed alone."""
    order = torch.randperm(len(training), generator=torch.Generator().manual_seed(seed))
    return [training[int(i)] for i in order[:count]]


# ---------------------------------------------------------------- part by part


class Marks(NamedTuple):
    """Which questions get which part right, each with the right words before it given.

    copied: the capital; formed: "is the capital of"; known: the country; exact: the whole
    sentence, which is then what the model itself would write, word for word.
    """

    copied: list[bool]
    formed: list[bool]
    known: list[bool]
    exact: list[bool]


def parts(model: SmolLM2, pair: Pair) -> list[list[int]]:
    """The ids of the capital, of the form, of the country and of the end of a right answer."""
    texts = (f" {pair.capital}", " is the capital of", f" {pair.country}", ".")
    return [model.ids(text) for text in texts]


def marks(model: SmolLM2, best: Sequence[Tensor], test: Sequence[Pair]) -> Marks:
    """From the likeliest token at each place of each right answer (at least up to its end)."""
    found: list[list[bool]] = [[], [], [], []]
    for pair, likeliest in zip(test, best, strict=True):
        place, right = 0, []
        for part in parts(model, pair):
            right.append(likeliest[place : place + len(part)].tolist() == part)
            place += len(part)
        for column, mark in zip(found, (*right[:3], all(right)), strict=True):
            column.append(mark)
    return Marks(*found)


@torch.no_grad()
def asked(model: SmolLM2, test: Sequence[Pair], choices: Sequence[Sequence[Pair]]) -> list[Marks]:
    """The marks of a model for each choice of examples; common beginnings are read once."""
    texts, starts = [], []
    for examples in choices:
        for pair in test:
            before = model.ids(prompt(pair, examples))
            texts.append(before + [token for part in parts(model, pair) for token in part])
            starts.append(len(before))
    reading = read(model, texts)
    best = [
        model.readout(reading.hidden[path[start - 1 : -1]]).argmax(-1)
        for path, start in zip(reading.paths, starts, strict=True)
    ]
    n = len(test)
    return [marks(model, best[i * n : (i + 1) * n], test) for i in range(len(choices))]


# ---------------------------------------------------------------- written answers


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


# ---------------------------------------------------------------- the ways


class Shots(NamedTuple):
    """The frozen model: marks by number of examples and seed, and what it wrote for seed 1.

    text_bits: bits per byte of a page of prose.
    """

    marks: dict[int, list[Marks]]
    written: dict[int, list[str]]
    text_bits: float


def shots(path: Path, test: Sequence[Pair], training: Sequence[Pair], text: str) -> Shots:
    """Nothing trained: examples stand before the question."""
    model = load_smollm2(path)
    found: dict[int, list[Marks]] = {}
    for count in SHOTS:
        seeds = SEEDS if count else SEEDS[:1]
        found[count] = asked(model, test, [drawn(training, count, seed) for seed in seeds])
    written = {
        count: finished(model, [prompt(pair, drawn(training, count, SEEDS[0])) for pair in test])
        for count in (0, 1, max(SHOTS))
    }
    with torch.no_grad():
        return Shots(found, written, bits_per_byte(model, text))


class Taught(NamedTuple):
    """What LoRA of one rank makes of the model.

    held: nats per token on the development pairs, by rate, along the tuning runs; rate, steps:
    the best of them; marks: by seed; with_shots: the same with four examples before the question;
    written: the answers of seed 1; text_bits: bits per byte of a page of prose, by seed.
    """

    held: dict[float, list[float]]
    rate: float
    steps: int
    marks: list[Marks]
    with_shots: list[Marks]
    written: list[str]
    weights: int
    text_bits: list[float]


def lessons(model: SmolLM2, pairs: Sequence[Pair]) -> list[Lesson]:
    """Pairs as prompts without examples, and their lines."""
    return [Lesson(model.ids(prompt(pair, [])), model.ids(f" {pair.sentence}\n")) for pair in pairs]


@torch.no_grad()
def taught_marks(
    model: SmolLM2, ready: Prepared, changes: Sequence[Change], test: Sequence[Pair]
) -> Marks:
    """The marks of a changed model, from lessons that have gone through the blocks below."""
    rows = model.readout(above(model, ready, changes)).argmax(-1)
    return marks(model, rows.split(ready.counted.sum(1).tolist()), test)


def taught(
    path: Path,
    sets: tuple[Sequence[Pair], Sequence[Pair], Sequence[Pair]],
    text: str,
    rank: int,
    *,
    fully: bool,
) -> Taught:
    """Train adapters of `rank` in the upper blocks, then ask without any example.

    sets: the pairs to train on, to choose by, and to report. fully: write the answers and ask
    with examples, too.
    """
    model = load_smollm2(path)
    training, development, test = sets
    course = Course(rank, RATES[0], TUNING)
    ready = prepared(model, lessons(model, training), course.upper)
    held = prepared(model, lessons(model, development), course.upper)
    asked_of = prepared(model, lessons(model, test), course.upper)
    tried = {rate: learned(model, ready, held, course._replace(rate=rate)).held for rate in RATES}
    _, rate, steps = min(
        (nats, rate, place * course.every)
        for rate, curve in tried.items()
        for place, nats in enumerate(curve)
    )
    found: list[Marks] = []
    with_shots: list[Marks] = []
    text_bits: list[float] = []
    written: list[str] = []
    for seed in SEEDS:
        # `every` beyond the end: nothing is measured on the way.
        last = Course(rank, rate, seed, steps=steps, every=steps + 1)
        changes = learned(model, ready, held, last).changes
        found.append(taught_marks(model, asked_of, changes, test))
        adapted = merged(model, changes)
        if fully:
            with_shots += asked(adapted, test, [drawn(training, 4, seed)])
            with torch.no_grad():
                text_bits.append(bits_per_byte(adapted, text))
        if fully and seed == SEEDS[0]:
            written = finished(adapted, [prompt(pair, []) for pair in test])
    size = adapter_weights(model, rank, course.upper)
    return Taught(tried, rate, steps, found, with_shots, written, size, text_bits)
