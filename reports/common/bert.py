"""A BERT encoder that keeps everything that it computes.

n tokens, d model width, h heads of width d/h, f width of the feed-forward layer, L blocks.
Source: Devlin et al., BERT (2019); Vaswani et al., Attention Is All You Need (2017), section 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize


class Affine(NamedTuple):
    """x ↦ x Wᵀ + b. weight: (out, in); bias: (out,). For a layer norm both are (d,)."""

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Block:
    """The weights of one block: attention, then a feed-forward layer, a layer norm after each.

    query, key, value, output: (d, d), rows of head i at i·d/h … (i + 1)·d/h, columns for output.
    expand: (f, d). contract: (d, f).
    """

    query: Affine
    key: Affine
    value: Affine
    output: Affine
    attention_norm: Affine
    expand: Affine
    contract: Affine
    ffn_norm: Affine


@dataclass(frozen=True, slots=True)
class Encoder:
    """All weights but the word vectors. positions: (longest text, d); segment: (d,)."""

    positions: Tensor
    segment: Tensor
    embedding_norm: Affine
    blocks: tuple[Block, ...]
    heads: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Trace:
    """What one text did inside the encoder.

    hidden: (L + 1, n, d), the embedding first; query, key, value: (L, h, n, d/h);
    attention: (L, h, n, n), rows sum to one; activation: (L, n, f), after the GELU.
    """

    hidden: Tensor
    query: Tensor
    key: Tensor
    value: Tensor
    attention: Tensor
    activation: Tensor


def trace(encoder: Encoder, words: Tensor, head_weights: Tensor | None = None) -> Trace:
    """Run the encoder over one text.

    words: (n, d), the vectors of its tokens. head_weights: (L, h), by which each head's output
    is multiplied; 0 prunes a head, None leaves all as they are.
    """
    n = len(words)
    state = _norm(words + encoder.positions[:n] + encoder.segment, encoder.embedding_norm, encoder)
    hidden, queries, keys, values, attentions, activations = [state], [], [], [], [], []
    for index, block in enumerate(encoder.blocks):
        q, k, v = (
            _split(linear(state, *affine), encoder.heads)
            for affine in (block.query, block.key, block.value)
        )
        attention = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), dim=-1)
        mixed = attention @ v
        if head_weights is not None:
            mixed = mixed * head_weights[index, :, None, None]
        state = _norm(state + linear(_join(mixed), *block.output), block.attention_norm, encoder)
        activation = gelu(linear(state, *block.expand))
        state = _norm(state + linear(activation, *block.contract), block.ffn_norm, encoder)
        hidden.append(state)
        queries.append(q)
        keys.append(k)
        values.append(v)
        attentions.append(attention)
        activations.append(activation)
    return Trace(
        hidden=torch.stack(hidden),
        query=torch.stack(queries),
        key=torch.stack(keys),
        value=torch.stack(values),
        attention=torch.stack(attentions),
        activation=torch.stack(activations),
    )


def pooled(encoder: Encoder, texts: Sequence[Tensor], head_weights: Tensor | None = None) -> Tensor:
    """(texts, d): the mean of each text's last states; as `trace`, but of all texts at once.

    texts: each (n, d), the vectors of its tokens. Only attention takes them one by one: products
    with many rows are several times as fast as many products with few.
    """
    lengths = [len(words) for words in texts]
    places = torch.cat([torch.arange(n) for n in lengths])
    state = torch.cat(list(texts)) + encoder.positions[places] + encoder.segment
    state = _norm(state, encoder.embedding_norm, encoder)
    for index, block in enumerate(encoder.blocks):
        q, k, v = (
            torch.split(_split(linear(state, *affine), encoder.heads), lengths, dim=1)
            for affine in (block.query, block.key, block.value)
        )
        parts = []
        for query, key, value in zip(q, k, v, strict=True):
            scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
            parts.append(torch.softmax(scores, dim=-1) @ value)
        mixed = torch.cat(parts, dim=1)
        if head_weights is not None:
            mixed = mixed * head_weights[index, :, None, None]
        state = _norm(state + linear(_join(mixed), *block.output), block.attention_norm, encoder)
        activation = gelu(linear(state, *block.expand))
        state = _norm(state + linear(activation, *block.contract), block.ffn_norm, encoder)
    return torch.stack([mean_pooled(part) for part in torch.split(state, lengths)])


def mean_pooled(states: Tensor) -> Tensor:
    """The mean of (n, d) states over the tokens: (d,), of whatever length it has."""
    return states.mean(dim=0)


def unit(vectors: Tensor) -> Tensor:
    """`vectors` (…, d), each divided by its Euclidean length."""
    return normalize(vectors, dim=-1)


def _split(states: Tensor, heads: int) -> Tensor:
    """(n, d) → (h, n, d/h): each head's slice of every token."""
    n, d = states.shape
    return states.view(n, heads, d // heads).transpose(0, 1)


def _join(states: Tensor) -> Tensor:
    """(h, n, d/h) → (n, d): the inverse of `_split`."""
    heads, n, width = states.shape
    # The transpose comes before the reshape: without it all shapes still fit, but the
    # numbers of different tokens land in one row.
    return states.transpose(0, 1).reshape(n, heads * width)


def _norm(states: Tensor, affine: Affine, encoder: Encoder) -> Tensor:
    return layer_norm(states, affine.bias.shape, affine.weight, affine.bias, encoder.epsilon)
