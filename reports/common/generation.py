"""From scores to text and back: temperature, top-p, code lengths, and many texts at once.

V tokens in the vocabulary. Entropies and code lengths are
in bits, logits in nats as the model gives them.
Source: Shannon, A Mathematical Theory of Communication (1948); Holtzman et al., The Curious Case
of Neural Text Degeneration (2020).
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from common.reading import Reading, continued, read, scored
from common.smollm2 import END_OF_TEXT, SmolLM2

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
    half = window // 2
    starts = range(0, max(len(ids) - half, 1), half)
    reading = read(model, [[END_OF_TEXT, *ids[start : start + window - 1]] for start in starts])
    hidden = torch.cat(
        [reading.hidden[path[half if i else 0 :]] for i, path in enumerate(reading.paths)]
    )
    return -scored(model, hidden, torch.tensor(ids)).double() / math.log(2)


# ---------------------------------------------------------------- many texts at once


def answers(
    model: SmolLM2,
    reading: Reading,
    count: int,
    drawn: Sequence[int] = (),
    source: torch.Generator | None = None,
) -> tuple[list[list[int]], list[list[int]]]:
    """The likeliest answer to each text that was read, and answers drawn to the texts `drawn`.

    drawn: numbers of texts, each as often as it is to be answered; these answers come from
    `source` at temperature 1. At most `count` tokens each, ending before <|im_end|> or
    <|endoftext|>.
    """
    likeliest = len(reading.paths)

    def choose(logits: Tensor) -> Tensor:
        best = logits[:likeliest].argmax(-1)
        if not drawn:
            return best
        p = tempered(logits[likeliest:], 1.0)
        return torch.cat([best, torch.multinomial(p, 1, generator=source)[:, 0]])

    found = continued(model, reading, [*range(likeliest), *drawn], count, choose)
    return found[:likeliest], found[likeliest:]
