"""From scores to text and back: temperature, top-p, code lengths, and many texts at once.

V tokens in the vocabulary, b texts side by side, n tokens each. Entropies and code lengths are
in bits, logits in nats as the model gives them.
Source: Shannon, A Mathematical Theory of Communication (1948); Holtzman et al., The Curious Case
of Neural Text Degeneration (2020).
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear, silu

from common.smollm2 import END_OF_TEXT, TURN_END, Past, SmolLM2, rms_norm, rope_table, rotated

# ---------------------------------------------------------------- one distribution


def tempered(logits: Tensor, temperature: float) -> Tensor:
    """softmax(logits / temperature), (…, V) float64; the temperature is above 0."""
    return torch.softmax(logits.double() / temperature, dim=-1)


def entropy(p: Tensor) -> Tensor:
    """−Σ p log₂ p over the last dimension, in bits; 0 log 0 counts as 0."""
    found: Tensor = torch.special.entr(p.double()).sum(-1) / math.log(2)
    return found


def entropy_slope(logits: Tensor, temperature: float) -> float:
    """dH/dT in bits: the variance of the logits under the tempered p, over T³ ln 2."""
    p = tempered(logits, temperature)
    scores = logits.double()
    mean = (p * scores).sum()
    return float((p * (scores - mean).square()).sum()) / (temperature**3 * math.log(2))


def nucleus(p: Tensor, mass: float) -> Tensor:
    """(V,) with only the likeliest tokens left, the fewest that reach `mass`, summing to one."""
    order = p.argsort(descending=True, stable=True)
    before = p[order].cumsum(0) - p[order]
    kept = torch.zeros_like(p)
    kept[order] = torch.where(before < mass, p[order], torch.zeros_like(p))
    return kept / kept.sum()


def sampler(temperature: float, mass: float, source: torch.Generator) -> Callable[[Tensor], int]:
    """Draws a token from (V,) logits: tempered first, then cut to the nucleus of `mass`."""

    def draw(logits: Tensor) -> int:
        p = tempered(logits, temperature)
        if mass < 1:
            p = nucleus(p, mass)
        return int(torch.multinomial(p, 1, generator=source))

    return draw


# ---------------------------------------------------------------- a whole text


def code_lengths(model: SmolLM2, ids: Sequence[int]) -> Tensor:
    """(n,) bits of each token of `ids`: −log₂ p(token | those before), the first after a start."""
    return -model.log_probabilities([END_OF_TEXT, *ids]).double() / math.log(2)


def bits_per_byte(model: SmolLM2, text: str) -> float:
    """The code length of `text` over its length in UTF-8."""
    return float(code_lengths(model, model.ids(text)).sum()) / len(text.encode())


def windowed_code_lengths(model: SmolLM2, ids: Sequence[int], window: int) -> Tensor:
    """(n,) bits of each token when the model sees only the last window/2 to window − 1 before it.

    window: even. The text is cut into overlapping windows, and of each the second half counts
    (of the first all), so that the whole costs twice one pass and not n passes.
    """
    found = []
    half = window // 2
    for start in range(0, max(len(ids) - half, 1), half):
        bits = code_lengths(model, ids[start : start + window])
        found.append(bits if start == 0 else bits[half:])
    return torch.cat(found)


# ---------------------------------------------------------------- many texts at once


class Batch(NamedTuple):
    """What the blocks remember of b texts: blank (b, m) marks the padding before each."""

    past: tuple[Past, ...]
    blank: Tensor


def batched_logits(
    model: SmolLM2, ids: Tensor, blank: Tensor, past: tuple[Past, ...] = ()
) -> tuple[Tensor, Batch]:
    """(b, V) scores of the token after each row, and the past to go on from.

    ids: (b, n), padded on the left; blank: (b, n), true where it is padding. Rotary positions
    act by distance alone, so rows may begin at different places.
    """
    start = past[0].keys.shape[2] if past else 0
    n, width = ids.shape[1], model.embedding.shape[1] // model.heads
    rotation = rope_table(start, n, width, model.rope_base)
    later = torch.full((n, start + n), -math.inf).triu(start + 1)
    # A blank row would have nothing to look at and become NaN: a large number keeps it finite.
    mask = later + torch.where(blank, -1e9, 0.0)[:, None, None, :]
    state = model.embedding[ids]
    now = []
    for index, block in enumerate(model.blocks):
        normed = rms_norm(state, block.attention_norm, model.epsilon)
        query = rotated(_split(linear(normed, block.query), model.heads), rotation)
        keys = rotated(_split(linear(normed, block.key), model.groups), rotation)
        values = _split(linear(normed, block.value), model.groups)
        if past:
            keys = torch.cat([past[index].keys, keys], dim=2)
            values = torch.cat([past[index].values, values], dim=2)
        now.append(Past(keys, values))
        share = model.heads // model.groups
        scores = query @ keys.repeat_interleave(share, 1).transpose(-1, -2) / math.sqrt(width)
        attention = torch.softmax(scores + mask, dim=-1)
        mixed = (attention @ values.repeat_interleave(share, 1)).transpose(1, 2).flatten(2)
        state = state + linear(mixed, block.output)
        normed = rms_norm(state, block.ffn_norm, model.epsilon)
        inner = silu(linear(normed, block.gate)) * linear(normed, block.up)
        state = state + linear(inner, block.down)
    return model.readout(state[:, -1]), Batch(tuple(now), blank)


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """(b, n) ids with padding on the left, and where it is padding."""
    n = max(map(len, rows))
    ids = torch.tensor([[END_OF_TEXT] * (n - len(row)) + list(row) for row in rows])
    blank = torch.tensor([[i < n - len(row) for i in range(n)] for row in rows])
    return ids, blank


def answers(
    model: SmolLM2,
    rows: Sequence[Sequence[int]],
    count: int,
    copies: int = 0,
    source: torch.Generator | None = None,
) -> tuple[Tensor, list[list[int]], list[list[int]]]:
    """(b, V) scores of the first new token, the likeliest answers, and `copies` drawn of each row.

    rows: the ids of b prompts, read once. The drawn answers come from `source` at temperature 1.
    At most `count` tokens each, ending before <|im_end|> or <|endoftext|>.
    """
    first, batch = batched_logits(model, *padded(rows))
    likeliest = _continued(model, first, batch, count, lambda logits: logits.argmax(-1))
    if not copies:
        return first, likeliest, []
    past = tuple(Past(*(kept.repeat_interleave(copies, 0) for kept in old)) for old in batch.past)
    batch = Batch(past, batch.blank.repeat_interleave(copies, 0))

    def draw(logits: Tensor) -> Tensor:
        return torch.multinomial(tempered(logits, 1.0), 1, generator=source)[:, 0]

    return (
        first,
        likeliest,
        _continued(model, first.repeat_interleave(copies, 0), batch, count, draw),
    )


def _continued(
    model: SmolLM2, logits: Tensor, batch: Batch, count: int, choose: Callable[[Tensor], Tensor]
) -> list[list[int]]:
    found = [choose(logits)]
    while len(found) < count:
        blank = torch.cat([batch.blank, torch.zeros(len(logits), 1, dtype=torch.bool)], dim=1)
        logits, batch = batched_logits(model, found[-1][:, None], blank, batch.past)
        found.append(choose(logits))
    return [_until_end(text) for text in torch.stack(found, dim=1).tolist()]


def _until_end(ids: list[int]) -> list[int]:
    ends = [i for i, token in enumerate(ids) if token in (END_OF_TEXT, TURN_END)]
    return ids[: ends[0]] if ends else ids


def _split(states: Tensor, heads: int) -> Tensor:
    """(b, n, heads · w) → (b, heads, n, w)."""
    return states.view(*states.shape[:2], heads, -1).transpose(1, 2)
