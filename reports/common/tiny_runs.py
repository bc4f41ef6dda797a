"""The small models that more than one report uses: made from the texts of the two grammars.

Kept apart from `tiny_gpt` so that `run.memo(pretrained, …)` in two reports is one computation.
"""

from dataclasses import replace
from typing import NamedTuple

from torch import Tensor

from common.stories import Grammar, Stories, longest, read_grammar, tell, vocabulary
from common.tiny_gpt import Recipe, train
from common.transformer.model import Shape

RECIPE = Recipe(rate=8e-3)
TOLD, HELD_OUT = 6400, 200  # stories: each of the training's is seen once


class Kept(NamedTuple):
    """A training that a memo can keep: its weights by name, and what was measured."""

    weights: dict[str, Tensor]
    steps: list[int]
    bits: list[float]
    right: list[float]


class Ground(NamedTuple):
    """What all experiments stand on: both grammars, their words, and the plain model's shape."""

    harbour: Grammar
    kitchen: Grammar
    words: tuple[str, ...]
    shape: Shape

    def told(self, grammar: Grammar, count: int, seed: int) -> Stories:
        """`count` stories as the models take them."""
        return tell(grammar, self.words, count, self.shape.longest, seed)


def ground(harbour: str, kitchen: str) -> Ground:
    """From the texts of the two files. The kitchen's words are there from the start."""
    grammars = read_grammar(harbour), read_grammar(kitchen)
    words = vocabulary(*grammars)
    return Ground(*grammars, words, Shape(len(words), longest(*grammars), blocks=2))


def variant(name: str, plain: Shape) -> tuple[Shape, Recipe]:
    """The shape and the recipe of the experiment `name`; only what it says is changed.

    Of all but the plain model only the end is asked for, and nothing measured on the way.
    """
    brief = replace(RECIPE, every=RECIPE.steps)
    recipes = {
        "plain": RECIPE,
        "another seed": replace(brief, seed=1),
        "a third seed": replace(brief, seed=2),
        "BERT": replace(brief, masked=0.3),
    }
    shapes = {
        "no attention": replace(plain, attention=False),
        "no skip": replace(plain, skip=False),
        "no feed-forward": replace(plain, feed_forward=False),
        "no positions": replace(plain, positions="none"),
        "waves": replace(plain, positions="waves"),
        "no norm in the blocks": replace(plain, placement="none"),
        "norm after": replace(plain, placement="post"),
        "one head": replace(plain, heads=1),
        "no scale": replace(plain, scale=1.0),
        "BERT": replace(plain, causal=False),
    }
    return shapes.get(name, plain), recipes.get(name, brief)


ABLATIONS = (
    "no attention",
    "no skip",
    "no feed-forward",
    "no positions",
    "waves",
    "no norm in the blocks",
    "norm after",
    "one head",
    "no scale",
)


def pretrained(harbour: str, kitchen: str, name: str = "plain") -> Kept:
    """The model `name` trained on harbour stories; a few seconds on one core."""
    base = ground(harbour, kitchen)
    shape, recipe = variant(name, base.shape)
    told = base.told(base.harbour, TOLD, 1)
    found = train(shape, told, base.told(base.harbour, HELD_OUT, 2), recipe)
    return Kept(dict(found.weights), found.steps, found.bits, found.right)
