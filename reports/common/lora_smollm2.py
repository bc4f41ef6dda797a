"""LoRA in the upper blocks of SmolLM2: trained on a few texts, merged into a model of its own.

b texts, n tokens, d width, u adapted blocks at the top. The blocks below them are run once and
never again, which makes a step cheap enough for one core.
Source: Hu et al. (2022), with adapters at the query and the value matrices, as there.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear, silu

from common.lora import Adapter
from common.smollm2 import Block, SmolLM2, rms_norm, rope_table, rotated


class Lesson(NamedTuple):
    """What a model is to continue, and how: ids of both parts."""

    prompt: list[int]
    answer: list[int]


class Change(NamedTuple):
    """The change of one block's matrices: query (d, d), value (g·w, d)."""

    query: Tensor
    value: Tensor


class Prepared(NamedTuple):
    """Lessons as rows of equal length, run through the blocks that stay as they are.

    below: (b, n, d) states before the adapted blocks; wanted, counted: (b, n), the token after
    each place, and whether it belongs to an answer.
    """

    below: Tensor
    wanted: Tensor
    counted: Tensor


class Course(NamedTuple):
    """How adapters are trained.

    rate: of Adam; steps: of `batch` lessons each; upper: how many blocks are adapted.
    """

    rank: int
    rate: float
    seed: int
    upper: int = 6
    steps: int = 40
    batch: int = 8
    every: int = 10  # steps between two measurements on held-out lessons


class Learned(NamedTuple):
    """changes: of the upper blocks, bottom up; held: nats per token on held-out lessons.

    held: before the first step, then after each `every` steps.
    """

    changes: list[Change]
    held: list[float]


@torch.no_grad()
def prepared(model: SmolLM2, lessons: Sequence[Lesson], upper: int) -> Prepared:
    """The lessons below the `upper` last blocks."""
    n = max(len(lesson.prompt) + len(lesson.answer) for lesson in lessons)
    rows = torch.zeros(len(lessons), n, dtype=torch.long)
    counted = torch.zeros(len(lessons), n, dtype=torch.bool)
    for row, lesson in enumerate(lessons):
        whole = [*lesson.prompt, *lesson.answer]
        rows[row, : len(whole)] = torch.tensor(whole)
        counted[row, len(lesson.prompt) : len(whole)] = True
    below = model.embedding[rows[:, :-1]]
    for block in model.blocks[: len(model.blocks) - upper]:
        below = stepped(model, block, below)
    return Prepared(below, rows[:, 1:], counted[:, 1:])


def stepped(model: SmolLM2, block: Block, state: Tensor) -> Tensor:
    """One block over (b, n, d) states, causal; texts padded on the right."""
    b, n, _ = state.shape
    width = model.embedding.shape[1] // model.heads
    rotation = rope_table(0, n, width, model.rope_base)
    share = model.heads // model.groups

    def split(x: Tensor, heads: int) -> Tensor:
        return x.view(b, n, heads, width).transpose(1, 2)

    normed = rms_norm(state, block.attention_norm, model.epsilon)
    query = rotated(split(linear(normed, block.query), model.heads), rotation)
    keys = rotated(split(linear(normed, block.key), model.groups), rotation)
    values = split(linear(normed, block.value), model.groups).repeat_interleave(share, 1)
    scores = query @ keys.repeat_interleave(share, 1).transpose(-1, -2) / math.sqrt(width)
    later = torch.full((n, n), -math.inf).triu(1)
    mixed = (torch.softmax(scores + later, -1) @ values).transpose(1, 2).flatten(2)
    state = state + linear(mixed, block.output)
    normed = rms_norm(state, block.ffn_norm, model.epsilon)
    return state + linear(silu(linear(normed, block.gate)) * linear(normed, block.up), block.down)


def nats(model: SmolLM2, lessons: Prepared, changes: Sequence[Change]) -> Tensor:
    """Mean nats of the answers' tokens under the changed model."""
    return cross_entropy(
        model.readout(above(model, lessons, changes)), lessons.wanted[lessons.counted]
    )


def above(model: SmolLM2, lessons: Prepared, changes: Sequence[Change]) -> Tensor:
    """(answers' tokens, d): the last states where an answer's token is to come."""
    state = lessons.below
    for block, change in zip(model.blocks[-len(changes) :], changes, strict=True):
        state = stepped(model, _changed(block, change), state)
    return state[lessons.counted]


def learned(model: SmolLM2, lessons: Prepared, held: Prepared, course: Course) -> Learned:
    """Adapters after `course`, batch by batch in an order drawn anew in each round."""
    torch.manual_seed(course.seed)
    pairs = [
        (
            Adapter(*_shape(block.query), course.rank),
            Adapter(*_shape(block.value), course.rank),
        )
        for block in model.blocks[-course.upper :]
    ]
    weights = [weight for pair in pairs for adapter in pair for weight in adapter.parameters()]
    optimiser = torch.optim.Adam(weights, course.rate)

    def changes() -> list[Change]:
        return [Change(query.change(), value.change()) for query, value in pairs]

    found: list[float] = []
    waiting: list[int] = []
    for step in range(course.steps + 1):
        if step % course.every == 0:
            with torch.no_grad():
                found.append(nats(model, held, changes()).item())
        if step == course.steps:
            break
        if len(waiting) < course.batch:
            waiting += torch.randperm(len(lessons.below)).tolist()
        rows, waiting = torch.tensor(waiting[: course.batch]), waiting[course.batch :]
        optimiser.zero_grad()
        error = nats(model, Prepared(*(part[rows] for part in lessons)), changes())
        error.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return Learned([Change(q.detach(), v.detach()) for q, v in changes()], found)


def merged(model: SmolLM2, changes: Sequence[Change]) -> SmolLM2:
    """A model whose last blocks carry the changes; it costs nothing more to run."""
    kept = model.blocks[: len(model.blocks) - len(changes)]
    top = model.blocks[len(kept) :]
    changed = (_changed(block, change) for block, change in zip(top, changes, strict=True))
    return replace(model, blocks=(*kept, *changed))


def adapter_weights(model: SmolLM2, rank: int, upper: int) -> int:
    """How many numbers such adapters have."""
    return sum(
        rank * sum(_shape(matrix))
        for block in model.blocks[-upper:]
        for matrix in (block.query, block.value)
    )


def _changed(block: Block, change: Change) -> Block:
    return replace(block, query=block.query + change.query, value=block.value + change.value)


def _shape(matrix: Tensor) -> tuple[int, int]:
    out, into = matrix.shape
    return out, into
