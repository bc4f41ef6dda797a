"""The small models that more than one report uses: made from the texts of the two grammars.

Kept apart from `tiny_gpt` so that `run.memo(taught, …)` in two reports is one computation.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from torch import Tensor

from common.stories import Grammar, Stories, longest, read_grammar, tell, vocabulary
from common.tiny_gpt import Pupil, Recipe, Training, fresh, measured, restored, train_together
from common.transformer.feed_forward import relu
from common.transformer.model import Shape

RECIPE = Recipe()
RATES = (4e-3, 8e-3)
SEEDS = (1, 2, 3, 4, 5)
TUNING = 6  # the seed whose runs choose the rate, and are used for nothing else
TOLD = RECIPE.steps * RECIPE.batch  # stories of each seed: every one is seen once
HELD_OUT, TEST = 300, 1000  # stories to choose by, stories to report


class Kept(NamedTuple):
    """A training that a memo can keep: its weights by name, and what was measured.

    bits, right: on the stories to choose by, at `steps`; test_bits, test_right: at the end, on
    the others.
    """

    weights: dict[str, Tensor]
    steps: list[int]
    bits: list[float]
    right: list[float]
    test_bits: float
    test_right: float


class Tuned(NamedTuple):
    """One kind of model: bits of the tuning run at each of RATES, the rate, a run a seed."""

    tried: list[float]
    rate: float
    runs: list[Kept]


class Ground(NamedTuple):
    """What all experiments stand on: both grammars, their words, and the plain model's shape."""

    harbour: Grammar
    kitchen: Grammar
    words: tuple[str, ...]
    shape: Shape

    def told(self, grammar: Grammar, count: int, seed: int) -> Stories:
        """`count` stories as the models take them."""
        return tell(grammar, self.words, count, self.shape.longest, seed)

    def chosen_by(self, grammar: Grammar) -> Stories:
        """The stories to choose rates by."""
        return self.told(grammar, HELD_OUT, 101)

    def test(self, grammar: Grammar) -> Stories:
        """The stories to report."""
        return self.told(grammar, TEST, 102)


def ground(harbour: str, kitchen: str) -> Ground:
    """From the texts of the two files. The kitchen's words are there from the start."""
    grammars = read_grammar(harbour), read_grammar(kitchen)
    words = vocabulary(*grammars)
    shape = Shape(
        len(words),
        longest(*grammars),
        width=48,
        heads=4,
        blocks=2,
        inner=192,
        activation=relu,
        spread=0.3,
    )
    return Ground(*grammars, words, shape)


def variant(name: str, plain: Shape) -> tuple[Shape, Recipe]:
    """The shape and the recipe of the experiment `name`; only what it says is changed."""
    shapes = {
        "no attention": replace(plain, attention=False),
        "no skip": replace(plain, skip=False),
        "no feed-forward": replace(plain, feed_forward=False),
        "no positions": replace(plain, positions="none"),
        "sine waves": replace(plain, positions="waves"),
        "no norm in the blocks": replace(plain, placement="none"),
        "norm after (post-LN)": replace(plain, placement="post"),
        "one head": replace(plain, heads=1),
        "no scale": replace(plain, scale=1.0),
        "no mask": replace(plain, causal=False),
    }
    recipe = replace(RECIPE, masked=0.3, every=RECIPE.steps) if name == "no mask" else RECIPE
    return shapes.get(name, plain), recipe


ABLATIONS = (
    "no attention",
    "no skip",
    "no feed-forward",
    "no positions",
    "sine waves",
    "no norm in the blocks",
    "norm after (post-LN)",
    "one head",
    "no scale",
)


def taught(harbour: str, kitchen: str, name: str = "plain") -> Tuned:
    """The model `name` trained on harbour stories, its rate tuned; about 20 s on one core."""
    base = ground(harbour, kitchen)
    shape, recipe = variant(name, base.shape)
    if name != "plain":
        recipe = replace(recipe, every=recipe.steps)
    held, test = base.chosen_by(base.harbour), base.test(base.harbour)

    def trained(choices: Sequence[tuple[int, float]]) -> list[Training]:
        pupils = [
            Pupil(fresh(shape, seed), base.told(base.harbour, TOLD, seed), rate, seed)
            for seed, rate in choices
        ]
        return train_together(pupils, held, recipe)

    tried = [run.bits[-1] for run in trained([(TUNING, rate) for rate in RATES])]
    rate = RATES[tried.index(min(tried))]
    runs = []
    for run in trained([(seed, rate) for seed in SEEDS]):
        ends = measured(restored(shape, run.weights), test)
        runs.append(Kept(dict(run.weights), run.steps, run.bits, run.right, *ends))
    return Tuned(tried, rate, runs)
