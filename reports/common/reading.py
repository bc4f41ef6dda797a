"""Many texts through SmolLM2 at once: what several have in common at the beginning is read once.

A token's states depend on the tokens before it and on nothing else, so texts with the same
beginning share its states. The texts are laid over each other as a tree: a node is a token
together with all that stands before it. b texts of n_i tokens, N nodes; other letters as in
`smollm2`.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from common.smollm2 import (
    END_OF_TEXT,
    TURN_END,
    Past,
    SmolLM2,
    after_heads,
    attended,
    causal_mask,
    grouped,
    queries_keys_values,
    turns,
)

_ROWS = 256  # tokens scored at a time: 50 MB of logits


class Reading(NamedTuple):
    """Texts that have been read.

    ids (N,) and hidden (N, d), before the final norm, of all nodes; past: of every block their
    keys and values; paths: for each text the nodes of its tokens, (n_i,).
    """

    ids: Tensor
    hidden: Tensor
    past: tuple[Past, ...]
    paths: tuple[Tensor, ...]

    def part(self, texts: Sequence[int]) -> "Reading":
        """Some of the texts alone, by their numbers."""
        return self._replace(paths=tuple(self.paths[text] for text in texts))


def read(model: SmolLM2, texts: Sequence[Sequence[int]]) -> Reading:
    """The texts, each the ids of at least one token, read from their beginning."""
    ids, fresh, paths = _tree(texts)
    positions = torch.zeros(len(ids), dtype=torch.long)
    # Nodes that are new in texts of one shape (new, all) go through attention together.
    shapes: dict[tuple[int, int], list[int]] = defaultdict(list)
    for text, (nodes, path) in enumerate(zip(fresh, paths, strict=True)):
        positions[path] = torch.arange(len(path))
        if len(nodes):
            shapes[len(nodes), len(path)].append(text)
    groups = [
        (
            torch.stack([fresh[text] for text in alike]),
            torch.stack([paths[text] for text in alike]),
            causal_mask(*shape),
        )
        for shape, alike in shapes.items()
    ]
    state = model.embedding[ids]
    rotation = turns(positions, _width(model), model.rope_base)
    past = []
    for block in model.blocks:
        query, keys, values = queries_keys_values(model, block, state, rotation)
        brought = torch.empty_like(query)
        for nodes, path, mask in groups:
            brought[:, nodes] = attended(query[:, nodes], keys[:, path], values[:, path], mask)
        state = after_heads(model, block, state, brought)
        past.append(Past(keys, values))
    return Reading(ids, state, tuple(past), tuple(paths))


def next_logits(model: SmolLM2, reading: Reading) -> Tensor:
    """(b, V) scores of the token after each text."""
    return model.readout(reading.hidden[[int(path[-1]) for path in reading.paths]])


def log_probabilities(model: SmolLM2, reading: Reading, text: int, start: int) -> Tensor:
    """(n_i − start,): log p(token | those before it) of a text's tokens from place `start` on."""
    path = reading.paths[text]
    return scored(model, reading.hidden[path[start - 1 : -1]], reading.ids[path[start:]])


def scored(model: SmolLM2, hidden: Tensor, wanted: Tensor) -> Tensor:
    """(n,): natural logarithm of p(wanted) after each of the states (n, d); wanted: (n,) ids."""
    found = [
        torch.log_softmax(model.readout(rows), -1).gather(-1, tokens[:, None])[:, 0]
        for rows, tokens in zip(torch.split(hidden, _ROWS), torch.split(wanted, _ROWS), strict=True)
    ]
    return torch.cat(found)


# ---------------------------------------------------------------- going on


def continued(
    model: SmolLM2,
    reading: Reading,
    owners: Sequence[int],
    count: int,
    choose: Callable[[Tensor], Tensor],
    ends: Collection[int] = (END_OF_TEXT, TURN_END),
) -> list[list[int]]:
    """At most `count` new tokens for each of r rows; a row ends before a token of `ends`.

    owners: (r,) the number of the text that each row goes on from. choose: from (r, V) logits to
    (r,) tokens; it is called `count` times whatever happens, so that what one row draws doesn't
    depend on where another ends. Rows that agree so far are computed once, ended ones not at all.
    """
    used = sorted(set(owners))
    first = next_logits(model, reading.part(used))
    where = torch.tensor([used.index(owner) for owner in owners])
    branches = _Branches(model, reading.part(used))
    logits, alive = first[where], torch.ones(len(owners), dtype=torch.bool)
    found = []
    for step in range(count):
        found.append(choose(logits))
        alive &= ~torch.isin(found[-1], torch.tensor(list(ends)))
        if step < count - 1 and alive.any():
            pairs = torch.stack([where, found[-1]], 1)[alive]
            different, where[alive] = torch.unique(pairs, dim=0, return_inverse=True)
            logits[alive] = branches.grown(*different.T)[where[alive]]
    rows = torch.stack(found, 1).tolist()
    return [_until(row, ends) for row in rows]


class _Branches:
    """u different continuations of texts that have been read, each of t new tokens so far."""

    def __init__(self, model: SmolLM2, reading: Reading) -> None:
        paths = reading.paths
        self._model = model
        self._lengths = torch.tensor([len(path) for path in paths])
        places = torch.nn.utils.rnn.pad_sequence(list(paths), batch_first=True)
        # (g, b, n, w): the texts side by side, with anything at all after their ends …
        self._texts = [Past(*(part[:, places] for part in old)) for old in reading.past]
        # … which nobody looks at.
        after = torch.arange(places.shape[1]) >= self._lengths[:, None]
        self._mask = torch.where(after, -math.inf, 0.0)
        self._owner = torch.arange(len(paths))
        empty = [
            old.keys.new_empty(len(old.keys), len(paths), 0, _width(model)) for old in reading.past
        ]
        self._since = [Past(none, none) for none in empty]  # (g, u, t, w)

    def grown(self, parent: Tensor, tokens: Tensor) -> Tensor:
        """(u', V) scores after another token each; parent: (u',), ascending, what it follows."""
        model = self._model
        self._owner = self._owner[parent]
        counts = self._owner.bincount(minlength=len(self._lengths))
        place = torch.arange(len(parent)) - (counts.cumsum(0) - counts)[self._owner]
        spot = (self._owner, place, int(counts.max()))
        positions = self._lengths[self._owner] + self._since[0].keys.shape[2]
        rotation = turns(positions, _width(model), model.rope_base)
        state = model.embedding[tokens]
        for index, block in enumerate(model.blocks):
            query, keys, values = queries_keys_values(model, block, state, rotation)
            since = Past(
                torch.cat([self._since[index].keys[:, parent], keys[:, :, None]], 2),
                torch.cat([self._since[index].values[:, parent], values[:, :, None]], 2),
            )
            self._since[index] = since
            brought = self._brought(query[:, :, None], self._texts[index], since, spot)
            state = after_heads(model, block, state, brought)
        return model.readout(state)

    def _brought(
        self, query: Tensor, text: Past, since: Past, spot: tuple[Tensor, Tensor, int]
    ) -> Tensor:
        """(h, u, w) for queries (h, u, 1, w) that look at their text and at what came since.

        spot: for each branch its text, its number among that text's branches, and the most of
        these. Branches stand under their texts for the products with these, which are not copied.
        """
        owner, place, most = spot

        def under(rows: Tensor) -> Tensor:
            found = rows.new_zeros(len(rows), len(self._lengths), most, rows.shape[-1])
            found[:, owner, place] = rows[:, :, 0]
            return found

        old = grouped(under(query), text.keys.transpose(-1, -2))[:, owner, place][:, :, None]
        new = grouped(query, since.keys.transpose(-1, -2))
        n = old.shape[-1]
        old = old + self._mask[owner][:, None]
        scores = torch.cat([old, new], -1) / math.sqrt(query.shape[-1])
        weights = torch.softmax(scores, -1)
        brought = grouped(under(weights[..., :n]), text.values)[:, owner, place]
        return brought + grouped(weights[..., n:], since.values)[:, :, 0]


def _tree(
    texts: Sequence[Sequence[int]],
) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """The ids of the nodes; for each text the nodes that it adds, and all of its own."""
    ids: list[int] = []
    known: dict[tuple[int, int], int] = {}
    fresh, paths = [], []
    for text in texts:
        start, node, path = len(ids), -1, []
        for token in text:
            node = known.setdefault((node, token), len(ids))
            if node == len(ids):
                ids.append(token)
            path.append(node)
        fresh.append(torch.arange(start, len(ids)))
        paths.append(torch.tensor(path))
    return torch.tensor(ids), fresh, paths


def _until(ids: list[int], ends: Collection[int]) -> list[int]:
    stops = [place for place, token in enumerate(ids) if token in ends]
    return ids[: stops[0]] if stops else ids


def _width(model: SmolLM2) -> int:
    """w, the width of a head."""
    return model.embedding.shape[1] // model.heads
