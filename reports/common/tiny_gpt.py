"""Small Transformers over the words of little stories: trained, measured, made to talk.

b stories side by side, n tokens each, one story a row. Two models that are trained with the same
recipe see the same stories in the same order: they differ in what they were told to differ in.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from common.stories import MASK, PAD, Stories
from common.transformer.model import Shape, Transformer


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is trained: AdamW, linear warm-up, then a cosine down to a twentieth."""

    steps: int = 400
    batch: int = 16
    rate: float = 5e-3
    warm_up: int = 30
    decay: float = 0.01
    spread: float = 0.3  # standard deviation of the embeddings at the start
    seed: int = 0
    every: int = 50  # steps between two measurements
    masked: float = 0.15  # share of hidden tokens, for models without a causal mask


@dataclass(frozen=True, slots=True)
class Training:
    """A trained model's weights, and what was measured on held-out stories along the way.

    steps: when; bits: per token; right: share of the answers that came first.
    """

    weights: Mapping[str, Tensor]
    steps: list[int]
    bits: list[float]
    right: list[float]


def fresh(shape: Shape, recipe: Recipe) -> Transformer:
    """A model with random weights from the recipe's seed."""
    torch.manual_seed(recipe.seed)
    model = Transformer(shape)
    nn.init.normal_(model.embedding.weight, std=recipe.spread)
    if model.positions is not None:
        nn.init.normal_(model.positions.table.weight, std=recipe.spread)
    return model


def restored(shape: Shape, weights: Mapping[str, Tensor]) -> Transformer:
    """The model of `shape` with these weights."""
    model = Transformer(shape)
    model.load_state_dict(dict(weights))
    return model


def train(shape: Shape, told: Stories, held_out: Stories, recipe: Recipe) -> Training:
    """A model from scratch after `recipe` on the stories `told`, round and round in order."""
    return train_model(fresh(shape, recipe), told, held_out, recipe)


def train_model(model: Transformer, told: Stories, held_out: Stories, recipe: Recipe) -> Training:
    """As `train`, for a model that is there; only what requires a gradient changes."""
    source = torch.Generator().manual_seed(recipe.seed)
    moving = [weight for weight in model.parameters() if weight.requires_grad]
    # foreach: all weights in one call a step, with the same numbers.
    optimiser = torch.optim.AdamW(
        moving, recipe.rate, betas=(0.9, 0.98), weight_decay=recipe.decay, foreach=True
    )
    found = Training({}, [], [], [])
    for step in range(recipe.steps + 1):
        if step % recipe.every == 0 or step == recipe.steps:
            found.steps.append(step)
            cost, share = measured(model, held_out)
            found.bits.append(cost)
            found.right.append(share)
        if step == recipe.steps:
            break
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, recipe)
        rows = (torch.arange(recipe.batch) + step * recipe.batch) % len(told.rows)
        optimiser.zero_grad()
        error = loss(model, told.rows[rows], recipe.masked, source)
        error.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(moving, 1.0)
        optimiser.step()
    found_weights = {name: weight.detach().clone() for name, weight in model.state_dict().items()}
    return Training(found_weights, found.steps, found.bits, found.right)


def rate_at(step: int, recipe: Recipe) -> float:
    """The learning rate of a step, counted from 0."""
    done = step / recipe.steps
    falling = 0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2
    return recipe.rate * min(1.0, (step + 1) / recipe.warm_up) * falling


def loss(model: Transformer, rows: Tensor, masked: float, source: torch.Generator) -> Tensor:
    """Nats per token: of each next one (causal), else of hidden ones. rows: (b, n)."""
    if model.shape.causal:
        return cross_entropy(
            model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten(), ignore_index=PAD
        )
    places = (torch.rand(rows.shape, generator=source) < masked) & (rows != PAD)
    places[:, 0] |= ~places.any(dim=1)  # a row without a hidden token would teach nothing
    return cross_entropy(model(rows.masked_fill(places, MASK))[places], rows[places])


# ---------------------------------------------------------------- measuring


@torch.no_grad()
def bits_of_tokens(model: Transformer, rows: Tensor) -> Tensor:
    """(b, n) bits: of each token after those before it, or with it alone hidden; PAD gets 0.

    A causal model is not asked about the first token of a row, which gets 0 as well.
    """
    found = torch.zeros(rows.shape)
    if model.shape.causal:
        found[:, 1:] = _cost(model(rows[:, :-1]), rows[:, 1:])
    else:
        for place in range(rows.shape[1]):
            hidden = rows.clone()
            hidden[:, place] = MASK
            found[:, place] = _cost(model(hidden)[:, place], rows[:, place])
    return found * (rows != PAD)


def bits(model: Transformer, stories: Stories) -> float:
    """Mean bits per token, the first of each story left out."""
    rows = stories.rows
    return float(bits_of_tokens(model, rows)[:, 1:].sum() / (rows[:, 1:] != PAD).sum())


@torch.no_grad()
def right(model: Transformer, stories: Stories) -> float:
    """Share of the answers that the model finds likeliest at their place."""
    rows, answers = stories.rows, stories.answers
    if model.shape.causal:
        hits = model(rows[:, :-1]).argmax(-1) == rows[:, 1:]
        return float(hits[answers[:, 1:]].float().mean())
    hits = model(rows.masked_fill(answers, MASK)).argmax(-1) == rows
    return float(hits[answers].float().mean())


@torch.no_grad()
def measured(model: Transformer, stories: Stories) -> tuple[float, float]:
    """`bits` and `right`; a causal model reads the stories once for both."""
    if not model.shape.causal:
        return bits(model, stories), right(model, stories)
    wanted, answers = stories.rows[:, 1:], stories.answers[:, 1:]
    logits, told = model(stories.rows[:, :-1]), wanted != PAD
    hits = (logits.argmax(-1) == wanted)[answers]
    return float(_cost(logits, wanted)[told].sum() / told.sum()), float(hits.float().mean())


def _cost(logits: Tensor, wanted: Tensor) -> Tensor:
    """(…,) bits of the tokens `wanted` (…,) under logits (…, V)."""
    log_p = logits.log_softmax(-1).gather(-1, wanted[..., None])[..., 0]
    return -log_p / math.log(2)


@torch.no_grad()
def talk(model: Transformer, prompt: Tensor, count: int, seed: int) -> Tensor:
    """(n + at most `count`,) ids: `prompt` (n,) and tokens drawn one by one, until a PAD."""
    source = torch.Generator().manual_seed(seed)
    ids = prompt
    for _ in range(min(count, model.shape.longest - len(prompt))):
        p = model(ids)[-1].softmax(-1)
        token = torch.multinomial(p, 1, generator=source)
        if token in (PAD, MASK):
            break
        ids = torch.cat([ids, token])
    return ids
