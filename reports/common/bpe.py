"""Byte-pair encoding learned from a text, and WordPiece, which differs in one line.

A word is a tuple of symbols, a symbol a string of bytes; merging never crosses a word's end.
Source: Sennrich, Haddow & Birch (2016), algorithm 1; Schuster & Nakajima (2012) for the score.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tokenizers import Regex, pre_tokenizers

from common.vocabularies import GPT2_WORDS

Word = tuple[bytes, ...]
Pair = tuple[bytes, bytes]
# (occurrences of the pair, of its left symbol, of its right symbol) → how much it is wanted
Score = Callable[[int, int, int], float]


class Merge(NamedTuple):
    """One step: `left` and `right` became one symbol, which saved `saved` tokens."""

    left: bytes
    right: bytes
    saved: int

    @property
    def symbol(self) -> bytes:
        """The new symbol."""
        return self.left + self.right


def words_of(text: str, pattern: str = GPT2_WORDS) -> list[str]:
    """`text` cut into words by `pattern`; a space belongs to the word after it."""
    cut = pre_tokenizers.Split(Regex(pattern), "isolated")
    return [word for word, _ in cut.pre_tokenize_str(text)]


def as_bytes(word: str) -> Word:
    """A word as its UTF-8 bytes, one symbol each: the start of byte-level BPE."""
    return tuple(bytes([byte]) for byte in word.encode())


def as_characters(word: str) -> Word:
    """A word as its characters, one symbol each: the start of BPE as it was first published."""
    return tuple(letter.encode() for letter in word)


def frequency(pair: int, left: int, right: int) -> float:
    """BPE's score: merge the pair that occurs most often."""
    return pair


def likelihood(pair: int, left: int, right: int) -> float:
    """WordPiece's score: how much more often the pair occurs than its symbols promise."""
    return pair / (left * right)


def learn(
    words: Mapping[Word, int], merges: int, score: Score = frequency, least: int = 2
) -> list[Merge]:
    """Up to `merges` merges, each of the pair of highest score; ties go to the smaller bytes.

    words: how often each word occurs, no two of the same bytes.
    Stops when no pair occurs `least` times.
    """
    current = dict(words)
    pairs, symbols = pair_counts(current), symbol_counts(current)
    learned: list[Merge] = []
    for _ in range(merges):
        wanted = [pair for pair, count in pairs.items() if count >= least]
        if not wanted:
            break
        best = min(
            wanted, key=lambda p: (-score(pairs[p], symbols[p[0]], symbols[p[1]]), p[0], p[1])
        )
        # Few words hold the pair: only those are counted again.
        before = {
            word: often
            for word, often in current.items()
            if best[0] in word and best in pairwise(word)
        }
        after: dict[Word, int] = {}
        for word, often in before.items():
            del current[word]
            new = merge_pair(word, best)
            after[new] = after.get(new, 0) + often
        current.update(after)
        pairs.subtract(pair_counts(before))
        pairs.update(pair_counts(after))
        symbols.subtract(symbol_counts(before))
        symbols.update(symbol_counts(after))
        learned.append(Merge(*best, length(before) - length(after)))
    return learned


def pair_counts(words: Mapping[Word, int]) -> Counter[Pair]:
    """How often each pair of neighbours occurs inside the words."""
    counts: Counter[Pair] = Counter()
    for word, often in words.items():
        for pair in pairwise(word):
            counts[pair] += often
    return counts


def symbol_counts(words: Mapping[Word, int]) -> Counter[bytes]:
    """How often each symbol occurs."""
    counts: Counter[bytes] = Counter()
    for word, often in words.items():
        for symbol in word:
            counts[symbol] += often
    return counts


def length(words: Mapping[Word, int]) -> int:
    """Symbols in the whole text."""
    return sum(len(word) * often for word, often in words.items())


def merge_pair(word: Word, pair: Pair) -> Word:
    """`word` with every occurrence of `pair` as one symbol, from the left: aaa → aa, a."""
    found: list[bytes] = []
    i = 0
    while i < len(word):
        if word[i : i + 2] == pair:
            found.append(pair[0] + pair[1])
            i += 2
        else:
            found.append(word[i])
            i += 1
    return tuple(found)


def encode(word: Word, order: Mapping[Pair, int]) -> Word:
    """`word` after all merges that `order` knows: always the one that was learned first."""
    while len(word) > 1:
        pair = min(pairwise(word), key=lambda p: order.get(p, len(order)))
        if pair not in order:
            break
        word = merge_pair(word, pair)
    return word


def pieces(text: str, learned: Sequence[Merge]) -> list[bytes]:
    """The tokens of `text`: its bytes, merged in the order of learning, word by word."""
    order = {(merge.left, merge.right): place for place, merge in enumerate(learned)}
    return [piece for word in words_of(text) for piece in encode(as_bytes(word), order)]
