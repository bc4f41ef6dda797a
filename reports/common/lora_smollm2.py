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


def learned(
    model: SmolLM2,
    lessons: Sequence[Lesson],
    rank: int,
    upper: int,
    steps: int,
    rate: float,
    seed: int,
) -> tuple[list[Change], list[float]]:
    """The changes of the `upper` last blocks, bottom up, and the loss in nats before each step.

    Every step sees all lessons; only the answers' tokens count.
    """
    torch.manual_seed(seed)
    n = max(len(lesson.prompt) + len(lesson.answer) for lesson in lessons)
    rows = torch.zeros(len(lessons), n, dtype=torch.long)
    counted = torch.zeros(len(lessons), n, dtype=torch.bool)
    for row, lesson in enumerate(lessons):
        whole = [*lesson.prompt, *lesson.answer]
        rows[row, : len(whole)] = torch.tensor(whole)
        counted[row, len(lesson.prompt) : len(whole)] = True
    wanted, asked = rows[:, 1:][counted[:, 1:]], counted[:, 1:]
    with torch.no_grad():
        below = model.embedding[rows[:, :-1]]
        for block in model.blocks[:-upper]:
            below = stepped(model, block, below)
    pairs = [
        (Adapter(*_shape(block.query), rank), Adapter(*_shape(block.value), rank))
        for block in model.blocks[-upper:]
    ]
    weights = [weight for pair in pairs for adapter in pair for weight in adapter.parameters()]
    optimiser = torch.optim.Adam(weights, rate)
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        state = below
        for block, (query, value) in zip(model.blocks[-upper:], pairs, strict=True):
            state = stepped(model, _changed(block, Change(query.change(), value.change())), state)
        error = cross_entropy(model.readout(state[asked]), wanted)
        error.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(error.item())
    found = [Change(q.change().detach(), v.change().detach()) for q, v in pairs]
    return found, losses


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
