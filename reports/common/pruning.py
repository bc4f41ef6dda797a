"""Taking heads out of the sentence encoder, in the order of what each is worth or in others."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from common.bert import pooled, unit
from common.minilm import MiniLM, load_minilm

DRAWS = 8  # random orders
PRUNED = (0, 12, 24, 36, 48, 60, 72)  # heads taken out


def kept_vectors(model: MiniLM, sentences: Sequence[str], head_weights: Tensor | None) -> Tensor:
    """(sentences, d): unit vectors of the sentences with heads weighted by (L, h)."""
    words = [model.words[model.ids(text)] for text in sentences]
    return unit(pooled(model.encoder, words, head_weights))


def pruning(files: Sequence[Path], sentences: Sequence[str]) -> dict[str, list[list[float]]]:
    """Mean cosine with the whole model's vectors, by number of heads taken out.

    Importance is measured on every second sentence, one head at a time; the curves are those
    of the other half. "least": least important first; "most": last; "random": `DRAWS` orders.
    """
    model = load_minilm(*files)
    layers, heads = len(model.encoder.blocks), model.encoder.heads
    for_order, for_curves = sentences[::2], sentences[1::2]

    def kept(texts: Sequence[str], each: Sequence[Tensor]) -> list[float]:
        whole, found = kept_vectors(model, texts, None), []
        for pruned in each:
            weights = torch.ones(layers * heads)
            weights[pruned] = 0
            vectors = kept_vectors(model, texts, weights.view(layers, heads))
            found.append(float((vectors * whole).sum(dim=1).mean()))
        return found

    alone = torch.tensor(kept(for_order, list(torch.arange(layers * heads))))
    order = alone.argsort(descending=True)
    source = torch.Generator().manual_seed(0)
    drawn = [torch.randperm(layers * heads, generator=source) for _ in range(DRAWS)]
    orders = {"least": [order], "most": [order.flip(0)], "random": drawn}
    curves = {
        name: [kept(for_curves, [o[:count] for count in PRUNED]) for o in each]
        for name, each in orders.items()
    }
    return curves | {"alone": [alone.tolist()]}
