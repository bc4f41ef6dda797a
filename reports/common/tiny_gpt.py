"""Small Transformers over the words of little stories: trained, measured, made to talk.

b stories side by side, n tokens each, one story a row; V words. Several models of one shape are
trained at once, each with its own weights, stories and learning rate: a step of eight such small
models costs about as much as three steps of one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from common.stories import MASK, PAD, Stories
from common.transformer.model import Shape, Transformer


@dataclass(frozen=True, slots=True)
class Recipe:
    """How models are trained: AdamW, linear warm-up, then a cosine down to a twentieth."""

    steps: int = 300
    batch: int = 16
    warm_up: int = 30
    decay: float = 0.01
    every: int = 100  # steps between two measurements
    masked: float = 0.15  # share of hidden tokens, for models without a causal mask


@dataclass(frozen=True, slots=True)
class Pupil:
    """A model to train, on which stories, at which rate; seed: of the tokens that are hidden."""

    model: Transformer
    told: Stories
    rate: float
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Training:
    """A trained model's weights, and what was measured on held-out stories along the way.

    steps: when; bits: per token; right: share of the answers that came first.
    """

    weights: Mapping[str, Tensor]
    steps: list[int]
    bits: list[float]
    right: list[float]


def fresh(shape: Shape, seed: int) -> Transformer:
    """A model with random weights from the seed."""
    torch.manual_seed(seed)
    return Transformer(shape)


def restored(shape: Shape, weights: Mapping[str, Tensor]) -> Transformer:
    """The model of `shape` with these weights."""
    model = Transformer(shape)
    model.load_state_dict(dict(weights))
    return model


# ---------------------------------------------------------------- training


def train_together(pupils: Sequence[Pupil], held_out: Stories, recipe: Recipe) -> list[Training]:
    """Each pupil trained by itself on its stories, round and round in order.

    All models have one shape; only what requires a gradient changes.
    """
    model = pupils[0].model
    stacked, buffers = stack_module_state([pupil.model for pupil in pupils])
    moving = [name for name, weight in model.named_parameters() if weight.requires_grad]
    weights = {name: tensor.detach() for name, tensor in stacked.items()}
    means = [torch.zeros_like(weights[name]) for name in moving]
    squares = [torch.zeros_like(weights[name]) for name in moving]
    rates = torch.tensor([pupil.rate for pupil in pupils])
    told = torch.stack([pupil.told.rows for pupil in pupils])
    sources = [torch.Generator().manual_seed(pupil.seed) for pupil in pupils]

    def loss(changed: dict[str, Tensor], fixed: dict[str, Tensor], lesson: "Lesson") -> Tensor:
        logits = functional_call(model, (changed, fixed), (lesson.seen,))
        cost = -logits.log_softmax(-1).gather(-1, lesson.wanted[..., None])[..., 0]
        return (cost * lesson.counted).sum() / lesson.counted.sum()

    curves: list[list[tuple[int, float, float]]] = [[] for _ in pupils]
    for step in range(recipe.steps + 1):
        if step % recipe.every == 0 or step == recipe.steps:
            for index, curve in enumerate(curves):
                curve.append((step, *measured(_taken(model, weights, index), held_out)))
        if step == recipe.steps:
            break
        rows = (torch.arange(recipe.batch) + step * recipe.batch) % told.shape[1]
        lesson = _lesson(told[:, rows], recipe.masked, None if model.shape.causal else sources)
        changed = {name: weights[name].requires_grad_() for name in moving}
        fixed = {name: weight for name, weight in weights.items() if name not in changed}
        losses = vmap(loss)(changed, {**fixed, **buffers}, lesson)
        gradients = _gradients(losses.sum(), changed)
        rate = rates * share_of_rate(step, recipe)
        _adam_w(list(changed.values()), gradients, means, squares, rate, step, recipe.decay)
    found = []
    for index, curve in enumerate(curves):
        end = {name: weight[index].detach().clone() for name, weight in weights.items()}
        steps, cost, share = (list(column) for column in zip(*curve, strict=True))
        found.append(Training(end, steps, cost, share))
    return found


def _gradients(loss: Tensor, weights: Mapping[str, Tensor]) -> list[Tensor]:
    """Of the loss by each weight; 0 by the weights of a part that an experiment has taken out."""
    found = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
    pairs = zip(found, weights.values(), strict=True)
    return [torch.zeros_like(weight) if part is None else part for part, weight in pairs]


class Lesson(NamedTuple):
    """What the models see, (p, b, n), what they are to say, and where it counts."""

    seen: Tensor
    wanted: Tensor
    counted: Tensor


def _lesson(rows: Tensor, masked: float, sources: Sequence[torch.Generator] | None) -> Lesson:
    """The lesson of stories (p, b, n): the next word, or the hidden ones if there are sources."""
    if sources is None:
        return Lesson(rows[..., :-1], rows[..., 1:], rows[..., 1:] != PAD)
    drawn = torch.stack([torch.rand(rows.shape[1:], generator=source) for source in sources])
    places = (drawn < masked) & (rows != PAD)
    places[..., 0] |= ~places.any(dim=-1)  # a row without a hidden token would teach nothing
    return Lesson(rows.masked_fill(places, MASK), rows, places)


def share_of_rate(step: int, recipe: Recipe) -> float:
    """The share of the full learning rate in a step, counted from 0."""
    done = step / recipe.steps
    falling = 0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2
    return min(1.0, (step + 1) / recipe.warm_up) * falling


@torch.no_grad()
def _adam_w(
    weights: list[Tensor],
    gradients: list[Tensor],
    means: list[Tensor],
    squares: list[Tensor],
    rate: Tensor,
    step: int,
    decay: float,
) -> None:
    """One step of AdamW for p models at once, each with its rate (p,) and its own clipping.

    All tensors (p, …). Source: Loshchilov & Hutter, Decoupled Weight Decay Regularization (2019).
    """

    def each(numbers: Tensor, like: Tensor) -> Tensor:
        return numbers.view(-1, *(1,) * (like.dim() - 1))

    sizes = torch.stack([gradient.flatten(1).square().sum(1) for gradient in gradients])
    clip = (1 / sizes.sum(0).sqrt()).clamp(max=1)  # gradients longer than 1 are brought to 1
    for weight, gradient, mean, square in zip(weights, gradients, means, squares, strict=True):
        part = gradient * each(clip, gradient)
        mean.mul_(0.9).add_(part, alpha=0.1)
        square.mul_(0.98).addcmul_(part, part, value=0.02)
        spread = (square / (1 - 0.98 ** (step + 1))).sqrt_().add_(1e-8)
        by = each(rate, weight)
        weight.mul_(1 - decay * by).sub_(by / (1 - 0.9 ** (step + 1)) * mean / spread)


@torch.no_grad()
def _taken(model: Transformer, weights: Mapping[str, Tensor], index: int) -> Transformer:
    """`model` itself with the weights of number `index` out of (p, …)."""
    model.load_state_dict({name: weight[index] for name, weight in weights.items()})
    return model


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
    """`bits` and `right`; a causal model reads the stories once for both.

    A model without a mask has to read a story once for each of its tokens: its bits are those of
    the first 200 stories.
    """
    if not model.shape.causal:
        few = Stories(stories.rows[:200], stories.answers[:200])
        return bits(model, few), right(model, stories)
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
