"""Tokens that become one without a skip connection, and a model that loses parts of a block."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from common.smollm2 import SmolLM2, load_smollm2
from common.surgery import go_on, middle, together, without_attention
from common.transformer.attention import MultiHeadAttention
from common.transformer.residual import Block


def apart(x: Tensor) -> float:
    """How far the tokens are from being one: |X − mean token| / |X|, for X (n, d)."""
    return float((x - x.mean(dim=0)).norm() / x.norm())


def random_attention(width: int, heads: int, source: torch.Generator) -> MultiHeadAttention:
    """A layer in float64 with weights N(0, 1/width) and no biases."""
    layer = MultiHeadAttention(width, heads, bias=False).double()
    for part in (layer.query, layer.key, layer.value, layer.output):
        shape = part.weight.shape
        weight = torch.randn(shape, generator=source, dtype=torch.float64) / math.sqrt(width)
        part.weight = nn.Parameter(weight, requires_grad=False)
    return layer


def attention_only(x: Tensor, depth: int, source: torch.Generator, *, skip: bool) -> list[float]:
    """`apart` before and after each of `depth` random attention layers of four heads.

    Without the skip every layer's output is brought to the size of its input, so that only the
    shape of the cloud changes.
    """
    found = [apart(x)]
    for _ in range(depth):
        out = random_attention(x.shape[1], 4, source)(x)[0]
        x = x + out if skip else out * (x.norm() / out.norm())
        found.append(apart(x))
    return found


def without_attention_skips(blocks: Sequence[Block], x: Tensor) -> list[Tensor]:
    """States (n, d) before and after post-LN blocks without skip connections at attention."""
    states = [x]
    for block in blocks:
        middle_state = block.attention_norm(block.attention(states[-1])[0])
        grown = middle_state + block.feed_forward(middle_state)
        states.append(block.feed_forward_norm(grown))
    return states


@dataclass(frozen=True, slots=True)
class Lesions:
    """What SmolLM2 loses on a text, one block at a time: bits a token more than it needs whole.

    attention, feed_forward, block: (L,), that branch or both branches removed; skip: (L,), the
    branches left and the skip connection removed. whole: bits a token of the whole model.
    stream, first: (L + 1,), median length of the states of all tokens but the first, and the
    first's; attention_step, feed_forward_step: (L,), median length of what a branch adds.
    """

    tokens: int
    whole: float
    attention: list[float]
    feed_forward: list[float]
    block: list[float]
    skip: list[float]
    stream: list[float]
    first: list[float]
    attention_step: list[float]
    feed_forward_step: list[float]


def bits(model: SmolLM2, states: Tensor, ids: Sequence[int]) -> float:
    """Bits a token, on average, if `states` (n, d) are the last ones of the text `ids`."""
    log_p = torch.log_softmax(model.readout(states[:-1]), dim=-1)
    chosen = log_p[torch.arange(len(ids) - 1), torch.tensor(ids[1:])]
    return -chosen.mean().item() / math.log(2)


def lesions(path: Path, text: str) -> Lesions:
    """Every block of SmolLM2 with one part removed; the model's file is `path`."""
    model = load_smollm2(path)
    ids = model.ids(text)
    hidden = model.trace(ids).hidden
    whole = bits(model, hidden[-1], ids)
    names = ("attention", "feed_forward", "block", "skip")
    steps: dict[str, list[float]] = {"attention": [], "feed_forward": []}
    # (lesions, n, d): what has lost a part below goes through a block all at once.
    lost = hidden.new_empty(0)
    for index, block in enumerate(model.blocks):
        x, y = hidden[index], hidden[index + 1]
        m = middle(model, x, block)
        alone = go_on(model, x, [without_attention(block)])
        fresh = torch.stack([alone, m, x, y - x])
        lost = torch.cat([together(model, lost, block), fresh]) if index else fresh
        steps["attention"].append(_median_length(m - x))
        steps["feed_forward"].append(_median_length(y - m))
    more = [bits(model, states, ids) - whole for states in lost]
    found = {name: more[place :: len(names)] for place, name in enumerate(names)}
    return Lesions(
        tokens=len(ids),
        whole=whole,
        stream=[_median_length(state) for state in hidden],
        first=[state[0].norm().item() for state in hidden],
        attention_step=steps["attention"],
        feed_forward_step=steps["feed_forward"],
        **found,
    )


def _median_length(states: Tensor) -> float:
    return float(states[1:].norm(dim=1).median())
