"""Scores of a text against a reference: exact match, token F1, BLEU, ROUGE-N and ROUGE-L.

All lie between 0 and 1. A text is cut into words by `words`: small letters, no punctuation, and
(unlike SQuAD's own script) articles kept.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

Words = Sequence[str]


def words(text: str) -> list[str]:
    """The words of `text` in small letters; an apostrophe inside belongs to its word."""
    return re.findall(r"\w+(?:'\w+)*", text.lower())


def exact_match(candidate: str, reference: str) -> float:
    """1 if both have the same words in the same order, else 0. Source: Rajpurkar et al. (2016)."""
    return float(words(candidate) == words(reference))


def overlap(candidate: Words, reference: Words, n: int) -> int:
    """How many n-grams they share, each counted as often as both have it."""
    return (ngrams(candidate, n) & ngrams(reference, n)).total()


def ngrams(text: Words, n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n words occurs."""
    return Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))


def f1(precision: float, recall: float) -> float:
    """The harmonic mean; 0 if both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def token_f1(candidate: str, reference: str) -> float:
    """F1 of the words as a bag. Source: Rajpurkar et al. (2016). Two empty texts agree: 1."""
    return rouge_n(candidate, reference, 1)


def rouge_n(candidate: str, reference: str, n: int) -> float:
    """F1 of the n-grams, clipped. Source: Lin (2004), who gives the recall; F1 is usual now."""
    ours, theirs = words(candidate), words(reference)
    if ours == theirs:
        return 1.0
    shared = overlap(ours, theirs, n)
    if not shared:
        return 0.0
    return f1(shared / (len(ours) - n + 1), shared / (len(theirs) - n + 1))


def common_subsequence(a: Words, b: Words) -> int:
    """Length of the longest sequence of words that both have in this order, gaps allowed."""
    row = [0] * (len(b) + 1)
    for word in a:
        above_left = 0
        for j, other in enumerate(b, 1):
            above = row[j]
            row[j] = above_left + 1 if word == other else max(above, row[j - 1])
            above_left = above
    return row[-1]


def rouge_l(candidate: str, reference: str) -> float:
    """F1 of the longest common subsequence. Source: Lin (2004), with β = 1."""
    ours, theirs = words(candidate), words(reference)
    if ours == theirs:
        return 1.0
    shared = common_subsequence(ours, theirs)
    return f1(shared / len(ours), shared / len(theirs)) if shared else 0.0


def bleu(candidates: Sequence[str], references: Sequence[str], longest: int = 4) -> float:
    """BLEU of a whole list against one reference each, without smoothing.

    The geometric mean of the clipped precisions for n = 1 … `longest`, each over all pairs, times
    exp(1 − r/c) if the candidates' c words are fewer than the references' r. 0 if no n-gram of
    some n is shared. Source: Papineni et al. (2002).
    """
    pairs = [(words(c), words(r)) for c, r in zip(candidates, references, strict=True)]
    written = sum(len(ours) for ours, _ in pairs)
    due = sum(len(theirs) for _, theirs in pairs)
    logs = 0.0
    for n in range(1, longest + 1):
        shared = sum(overlap(ours, theirs, n) for ours, theirs in pairs)
        if not shared:
            return 0.0
        logs += math.log(shared / sum(max(len(ours) - n + 1, 0) for ours, _ in pairs))
    return math.exp(min(0.0, 1 - due / written) + logs / longest)
