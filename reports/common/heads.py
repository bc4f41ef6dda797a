"""What the heads of an encoder compare: their scores, their bilinear forms, and measures of both.

n tokens, d model width, d/h width of a head. Layers and heads are counted from 0.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from common.bert import Encoder, Trace, unit
from common.vectors import correlation


def scores(found: Trace, layer: int, head: int) -> Tensor:
    """(n, n): q_i·k_j/√d, what a head feeds into its softmax; rows are queries."""
    query, key = found.query[layer, head], found.key[layer, head]
    return query @ key.T / math.sqrt(query.shape[-1])


def state_cosines(found: Trace, layer: int) -> Tensor:
    """(n, n): the cosines of the states that enter a layer."""
    states = unit(found.hidden[layer])
    return states @ states.T


def content(matrix: Tensor) -> Tensor:
    """(n, n) without the rows and columns of the marks [CLS] and [SEP]: (n − 2, n − 2)."""
    return matrix[1:-1, 1:-1]


def off_diagonal_rows(matrix: Tensor) -> Tensor:
    """The entries off the diagonal of (n, n), less the mean of those in their row: flat."""
    off = ~torch.eye(len(matrix), dtype=torch.bool)
    means = (matrix * off).sum(dim=1, keepdim=True) / (len(matrix) - 1)
    return (matrix - means)[off]


def agreement(traces: Sequence[Trace], layer: int, head: int) -> float:
    """Correlation, within rows, of a head's scores with the cosines of the states it reads.

    Softmax sees only differences within a row, so each row is taken from its mean.
    """
    pairs = [
        (
            off_diagonal_rows(content(scores(found, layer, head))),
            off_diagonal_rows(content(state_cosines(found, layer))),
        )
        for found in traces
    ]
    return correlation(torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs]))


def popularity(traces: Sequence[Trace], layer: int, head: int) -> float:
    """Share of a head's scores, as variance within rows, that is the same for every query.

    Scores are taken from their row's mean; what is left of a column when it is averaged over
    the queries is the popularity of that key: the mean query's product with it.
    """
    common = total = 0.0
    for found in traces:
        matrix = content(scores(found, layer, head))
        matrix = matrix - matrix.mean(dim=1, keepdim=True)
        common += len(matrix) * float(matrix.mean(dim=0).square().sum())
        total += float(matrix.square().sum())
    return common / total


def form(encoder: Encoder, layer: int, head: int) -> Tensor:
    """(d, d): M = W_Qᵀ W_K of one head, the form that its scores are made of."""
    block = encoder.blocks[layer]
    width = block.query.weight.shape[0] // encoder.heads
    rows = slice(head * width, (head + 1) * width)
    return block.query.weight[rows].T @ block.key.weight[rows]


def antisymmetric_share(matrix: Tensor) -> float:
    """|(M − Mᵀ)/2|² / |M|² in Frobenius norms: 0 for a symmetric form, ½ expected by chance."""
    return float(((matrix - matrix.T) / 2).square().sum() / matrix.square().sum())


def identity_share(matrix: Tensor) -> float:
    """The squared Frobenius cosine of M with the identity: tr(M)² / (d |M|²)."""
    return float(matrix.trace() ** 2 / (len(matrix) * matrix.square().sum()))


def moved_weight(before: Tensor, after: Tensor) -> Tensor:
    """Half the sum of |differences| of two rows of weights: the share that has moved."""
    return (before - after).abs().sum(dim=-1) / 2


def cosine_limit(keys: int) -> float:
    """The largest weight that a softmax over cosines can give one of `keys` keys."""
    return 1 / (1 + (keys - 1) * math.exp(-2))


def without_lengths(vectors: Tensor) -> Tensor:
    """`vectors` (…, n, d) with their directions, all with the mean of their lengths."""
    lengths = vectors.norm(dim=-1, keepdim=True)
    same: Tensor = vectors / lengths * lengths.mean(dim=-2, keepdim=True)
    return same


# ---------------------------------------------------------------- what heads do, and how alike


def effective_rank(singular: Tensor) -> float:
    """exp of the entropy of the singular values, taken as shares of their sum; n if all are equal.

    singular: (n,), zeros allowed. Source: Roy & Vetterli (2007).
    """
    shares = singular / singular.sum()
    shares = shares[shares > 0]
    return float((-(shares * shares.log()).sum()).exp())


def entropy(weights: Tensor) -> Tensor:
    """Entropy in bits of distributions over the last axis; 0 log 0 is 0."""
    bits: Tensor = -torch.special.xlogy(weights, weights).sum(dim=-1) / math.log(2)
    return bits


def divergences(attention: Tensor) -> Tensor:
    """(h, h): mean Jensen–Shannon divergence in bits between the rows of every two heads.

    attention: (h, n, n), rows sum to one. 0 for the same rows, 1 for rows without a common key.
    """
    middle = (attention[:, None] + attention[None]) / 2
    own = entropy(attention)
    between: Tensor = (entropy(middle) - (own[:, None] + own[None]) / 2).mean(dim=-1)
    return between


def previous_weight(found: Trace) -> Tensor:
    """(L, h): the weight that tokens give to the one before them, on average, marks left out."""
    before = found.attention.diagonal(offset=-1, dim1=-2, dim2=-1)
    # Query 1 looks back at [CLS] and the last query is [SEP].
    return before[..., 1:-1].mean(dim=-1)


def recovered(mixing: Tensor, maps: Tensor, source: torch.Generator) -> Tensor:
    """(n,): how much of each token's variance can be read linearly from what the heads bring.

    mixing: (h, n), each head's weights. maps: (h, r, m), each head's W_V. The tokens are n
    independent N(0, I_m) vectors; the share is one less the residual of least squares.
    """
    samples, n, width = 4000, mixing.shape[1], maps.shape[2]
    x = torch.randn(samples, n, width, generator=source, dtype=mixing.dtype)
    brought = torch.einsum("hn,snm,hrm->shr", mixing, x, maps).flatten(start_dim=1)
    fit = torch.linalg.lstsq(brought, x.flatten(start_dim=1)).solution
    left = x - (brought @ fit).view_as(x)
    shares: Tensor = 1 - left.square().mean(dim=(0, 2)) / x.square().mean(dim=(0, 2))
    return shares
