"""What a language model's states say between its blocks, and where its heads look when idle.

L blocks, h heads, n tokens, d width, V vocabulary.
Source: nostalgebraist, Interpreting GPT: the logit lens (2020); Xiao et al. (2024) for sinks.
"""

from torch import Tensor

from common.smollm2 import SmolLM2, Trace


def lens_ranks(model: SmolLM2, found: Trace, token: int) -> list[int]:
    """Rank of `token` (1 is first) after each block when the last state is read out there: L."""
    logits = model.readout(found.hidden[1:, -1])
    return [int(rank) for rank in (logits > logits[:, token : token + 1]).sum(-1) + 1]


def lens_words(model: SmolLM2, found: Trace) -> list[str]:
    """The likeliest token after each block, as text: L."""
    best = model.readout(found.hidden[1:, -1]).argmax(-1)
    return [model.text([int(token)]) for token in best]


def sink_share(attention: Tensor, position: int = 0) -> Tensor:
    """(L,) mean weight that later queries give to `position`. attention: (L, h, n, n)."""
    return attention[:, :, position + 1 :, position].mean(dim=(1, 2))


def even_share(tokens: int) -> float:
    """The mean weight on the first token if every query of 1 … n − 1 looked evenly back."""
    return sum(1 / seen for seen in range(2, tokens + 1)) / (tokens - 1)
