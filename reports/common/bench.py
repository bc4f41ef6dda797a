"""A small bench: n questions, k replies to each, every reply kept, and rules that grade them.

A question is the beginning of a sentence, and a list of words that end it rightly. A contestant
is a model together with its prompt and its way of drawing: change one and it is another.
"""

import csv
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from common.generation import tempered
from common.reading import continued, next_logits, read
from common.smollm2 import SmolLM2, chat

_CHUNK = 20  # questions side by side: at 4 repeats 30 MB of probabilities a step


@dataclass(frozen=True, slots=True)
class Question:
    """prompt: how the sentence begins; accepted: the words that count as right, lower case."""

    kind: str
    prompt: str
    accepted: tuple[str, ...]


class Record(NamedTuple):
    """Everything that one contestant said.

    replies: for each question its k replies; sure: for each question the largest probability of
    a first token, or of a first word, as the contestant itself gives it at temperature 1.
    """

    replies: list[list[str]]
    sure: list[float]


def read_questions(text: str) -> list[Question]:
    """The rows of a table with the columns kind, prompt and answers, answers joined by |."""
    return [
        Question(row["kind"], row["prompt"], tuple(row["answers"].split("|")))
        for row in csv.DictReader(text.splitlines())
    ]


def words(text: str) -> list[str]:
    """Runs of letters and digits, in lower case; everything else separates."""
    return re.findall(r"[a-z0-9]+", text.lower())


def asked(style: str, question: Question, examples: str) -> str:
    """The prompt for one question: as it is ("plain"), after examples, or as a "chat"."""
    if style == "examples":
        return examples + question.prompt
    if style == "chat":
        text = f"Complete the sentence with one word: {question.prompt} …"
        return chat([{"role": "user", "content": text}])
    return question.prompt


# ---------------------------------------------------------------- rules that grade


def first_word(reply: str, question: Question) -> bool:
    """True if the reply begins with an accepted word."""
    return any(word in question.accepted for word in words(reply)[:1])


def anywhere(reply: str, question: Question) -> bool:
    """True if an accepted word stands somewhere in the reply."""
    return any(word in question.accepted for word in words(reply))


def graded(
    record: Record, questions: Sequence[Question], rule: Callable[[str, Question], bool]
) -> list[list[float]]:
    """(n, k): 1 for each reply that the rule calls right, else 0."""
    pairs = zip(record.replies, questions, strict=True)
    return [[float(rule(reply, question)) for reply in said] for said, question in pairs]


# ---------------------------------------------------------------- counts of neighbours


class Ngram:
    """Draws the next word as often as it followed the last words in the training text.

    order: 1 looks at no word before, 3 at two; an unseen context is shortened from its left.
    Source: Shannon, A Mathematical Theory of Communication (1948), § 3.
    """

    def __init__(self, text: str, order: int) -> None:
        self._order = order
        self._after: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        seen = words(text)
        for place, word in enumerate(seen):
            for length in range(min(order - 1, place) + 1):
                self._after[tuple(seen[place - length : place])][word] += 1

    def followers(self, prompt: str) -> Counter[str]:
        """How often each word followed the longest known end of `prompt`."""
        context = tuple(words(prompt)[-(self._order - 1) :]) if self._order > 1 else ()
        while context not in self._after:
            context = context[1:]
        return self._after[context]

    def record(self, questions: Sequence[Question], repeats: int, source: random.Random) -> Record:
        """`repeats` drawn words for each question."""
        replies, sure = [], []
        for question in questions:
            found = self.followers(question.prompt)
            replies.append(source.choices(list(found), list(found.values()), k=repeats))
            sure.append(max(found.values()) / found.total())
        return Record(replies, sure)


# ---------------------------------------------------------------- the real model


def sampled(
    model: SmolLM2,
    prompts: Sequence[str],
    repeats: int,
    count: int,
    temperature: float,
    source: torch.Generator,
) -> Record:
    """`repeats` continuations of at most `count` tokens for each prompt.

    temperature: 0 takes the likeliest token, so that all repeats are the same one.
    """
    record = Record([], [])
    reading = read(model, [model.ids(prompt) for prompt in prompts])
    record.sure.extend(tempered(next_logits(model, reading), 1.0).amax(-1).tolist())
    copies = repeats if temperature > 0 else 1

    def choose(logits: Tensor) -> Tensor:
        return _chosen(logits, temperature, source)

    for start in range(0, len(prompts), _CHUNK):
        part = range(start, min(start + _CHUNK, len(prompts)))
        owners = [prompt for prompt in part for _ in range(copies)]
        texts = [model.text(ids) for ids in continued(model, reading, owners, count, choose)]
        for first in range(0, len(texts), copies):
            record.replies.append(texts[first : first + copies] * (repeats // copies))
    return record


def _chosen(logits: Tensor, temperature: float, source: torch.Generator) -> Tensor:
    """(b,) tokens from (b, V) logits."""
    if temperature == 0:
        return logits.argmax(-1)
    return torch.multinomial(tempered(logits, temperature), 1, generator=source)[:, 0]
