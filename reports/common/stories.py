"""Little stories from a file of sentences with gaps: as many as wanted, with a known entropy.

A file has the words that may fill each kind of gap ("name: mina jin"), a line "--", then stories.
A gap is its kind and a number (name1); different numbers of one kind get different words. What
stands in brackets follows from the words before it: an answer.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

PAD, MASK = 0, 1
_MARKS = ("[PAD]", "[MASK]")


@dataclass(frozen=True, slots=True)
class Grammar:
    """kinds: the words of each kind of gap; stories: each a list of words and gaps."""

    kinds: Mapping[str, tuple[str, ...]]
    stories: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Stories:
    """rows: (b, n) token ids, padded on the right; answers: (b, n), true where one stands."""

    rows: Tensor
    answers: Tensor


def read_grammar(text: str) -> Grammar:
    """The grammar of a file's text. Raises ValueError without a line "--"."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    if "--" not in lines:
        raise ValueError('no line "--" between the words and the stories')
    middle = lines.index("--")
    kinds = dict(line.split(": ") for line in lines[:middle])
    return Grammar(
        {kind: tuple(words.split()) for kind, words in kinds.items()},
        tuple(tuple(line.split()) for line in lines[middle + 1 :]),
    )


def vocabulary(*grammars: Grammar) -> tuple[str, ...]:
    """Padding, the mask, then every word of the grammars, sorted."""
    words = {word for grammar in grammars for kind in grammar.kinds.values() for word in kind}
    for grammar in grammars:
        for story in grammar.stories:
            words |= {word.strip("[]") for word in story if _gap(word) is None}
    return (*_MARKS, *sorted(words))


def longest(*grammars: Grammar) -> int:
    """Tokens of the longest story."""
    return max(len(story) for grammar in grammars for story in grammar.stories)


def tell(grammar: Grammar, words: Sequence[str], count: int, length: int, seed: int) -> Stories:
    """`count` stories, each drawn evenly from the file's, its gaps evenly from their words."""
    source = random.Random(seed)
    number = {word: i for i, word in enumerate(words)}
    # Every word of every story with its gap, found once and not for each telling.
    gaps = {
        story: [(_gap(word), number.get(word.strip("[]"), PAD)) for word in story]
        for story in grammar.stories
    }
    rows, answers = [], []
    for _ in range(count):
        story = source.choice(grammar.stories)
        filled = {
            kind: [number[word] for word in source.sample(choices, 2)]
            for kind, choices in grammar.kinds.items()
        }
        row = [plain if gap is None else filled[gap[0]][gap[1] - 1] for gap, plain in gaps[story]]
        blank = length - len(row)
        rows.append(row + [PAD] * blank)
        answers.append([word.startswith("[") for word in story] + [False] * blank)
    return Stories(torch.tensor(rows), torch.tensor(answers))


def entropy(grammar: Grammar) -> float:
    """Bits of one story, exact: which story, and which words. A text tells its story."""
    found = math.log2(len(grammar.stories))
    for story in grammar.stories:
        for kind, choices in grammar.kinds.items():
            used = {gap[1] for word in story if (gap := _gap(word)) and gap[0] == kind}
            found += math.log2(math.perm(len(choices), len(used))) / len(grammar.stories)
    return found


def mean_length(grammar: Grammar) -> float:
    """Tokens of a story on average."""
    return sum(map(len, grammar.stories)) / len(grammar.stories)


def _gap(word: str) -> tuple[str, int] | None:
    """("name", 1) of "[name1]" and "name1"; None of a plain word."""
    plain = word.strip("[]")
    return (plain[:-1], int(plain[-1])) if plain[-1].isdigit() else None
