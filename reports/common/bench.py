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

from common.generation import Batch, batched_logits, padded, tempered
from common.smollm2 import END_OF_TEXT, TURN_END, Past, SmolLM2, chat

_CHUNK = 20  # questions side by side: at 4 repeats about 300 MB of keys and values


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
    for start in range(0, len(prompts), _CHUNK):
        rows = [model.ids(prompt) for prompt in prompts[start : start + _CHUNK]]
        logits, batch = batched_logits(model, *padded(rows))
        record.sure.extend(tempered(logits, 1.0).amax(-1).tolist())
        copies = repeats if temperature > 0 else 1
        logits, batch = logits.repeat_interleave(copies, 0), _copied(batch, copies)
        drawn = []
        for step in range(count):
            drawn.append(_choose(logits, temperature, source))
            if step < count - 1:
                blank = torch.cat([batch.blank, torch.zeros(len(logits), 1, dtype=torch.bool)], 1)
                logits, batch = batched_logits(model, drawn[-1][:, None], blank, batch.past)
        texts = [_text(model, ids) for ids in torch.stack(drawn, 1).tolist()]
        for first in range(0, len(texts), copies):
            record.replies.append(texts[first : first + copies] * (repeats // copies))
    return record


def _copied(batch: Batch, copies: int) -> Batch:
    """Each row `copies` times, so that all repeats go on from one reading of the prompt."""
    past = tuple(Past(*(part.repeat_interleave(copies, 0) for part in p)) for p in batch.past)
    return Batch(past, batch.blank.repeat_interleave(copies, 0))


def _choose(logits: Tensor, temperature: float, source: torch.Generator) -> Tensor:
    """(b,) tokens from (b, V) logits."""
    if temperature == 0:
        return logits.argmax(-1)
    return torch.multinomial(tempered(logits, temperature), 1, generator=source)[:, 0]


def _text(model: SmolLM2, ids: list[int]) -> str:
    """The text of `ids` up to a token that ends the reply."""
    ends = [place for place, token in enumerate(ids) if token in (END_OF_TEXT, TURN_END)]
    return model.text(ids[: ends[0]] if ends else ids)
