"""What the heads of an encoder do with "it", in sentences where one word changes its meaning."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from common.minilm import MiniLM


def pronoun_weights(model: MiniLM, rows: Sequence[Mapping[str, str]]) -> tuple[Tensor, Tensor]:
    """(rows, L, h, 2) twice: what "it" gives to the first and to the second noun.

    Once with the ending that speaks of the first noun, once with that of the second.
    """
    both: list[list[Tensor]] = [[], []]
    for row in rows:
        for side, ending in enumerate((row["for_first"], row["for_second"])):
            text = row["sentence"].format(ending)
            tokens = model.tokens(text)
            query, first, second = (tokens.index(w) for w in ("it", row["first"], row["second"]))
            both[side].append(model.trace(text).attention[:, :, query, [first, second]])
    return torch.stack(both[0]), torch.stack(both[1])


def best_of_coins(coins: int, throws: int) -> float:
    """The mean of the largest number of heads among `coins` fair coins of `throws` throws each.

    E[max] = Σ_k P(max > k) = Σ_k (1 − F(k)^coins), with F the binomial distribution.
    """
    below, expected = 0.0, 0.0
    for k in range(throws):
        below += math.comb(throws, k) / 2**throws
        expected += 1 - below**coins
    return expected
