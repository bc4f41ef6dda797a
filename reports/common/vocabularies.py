"""Real vocabularies, split by our own code: byte-level BPE and SentencePiece BPE.

Every loader takes the path of a pinned file and returns a `Vocabulary`: its size, and functions
from text to ids and from an id to the bytes it stands for.
Source: Sennrich, Haddow & Birch (2016); Radford et al., GPT-2 (2019); Kudo & Richardson,
SentencePiece (2018).
"""

import base64
import gzip
import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, pre_tokenizers

# How a text is cut into words before any merge; each as its publishers give it.
GPT2_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
O200K_WORDS = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SPACE = "▁"  # U+2581, how SentencePiece writes a space


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """size: number of tokens. encode: text → ids, no marks of begin or end added.

    token: id → the bytes it stands for; they need not be whole characters.
    """

    size: int
    encode: Callable[[str], list[int]]
    token: Callable[[int], bytes]

    def pieces(self, text: str) -> list[bytes]:
        """The bytes of each token of `text`."""
        return [self.token(index) for index in self.encode(text)]


def syllables(text: str) -> int:
    """Hangul syllables of `text`."""
    return sum("가" <= letter <= "힣" for letter in text)


def hangul_tokens(vocabulary: Vocabulary, start: str = "") -> int:
    """Tokens that begin with `start` and hold at least one whole Hangul syllable."""
    found = 0
    for index in range(vocabulary.size):
        try:
            text = vocabulary.token(index).decode()
        except (KeyError, UnicodeDecodeError):  # a gap among the ids, or part of a character
            continue
        found += text.startswith(start) and syllables(text) > 0
    return found


# ---------------------------------------------------------------- byte-level BPE


def merged(parts: Sequence[bytes], ranks: Mapping[bytes, float]) -> list[bytes]:
    """`parts` after all merges that `ranks` knows: always the pair of lowest rank, leftmost.

    ranks: the bytes of a token → its rank, the order in which the tokens were learned.
    """
    parts = list(parts)
    while len(parts) > 1:
        known = [(ranks.get(left + right), i) for i, (left, right) in enumerate(pairwise(parts))]
        rank, i = min(((r, i) for r, i in known if r is not None), default=(None, 0))
        if rank is None:
            break
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts


def byte_level(ranks: Mapping[bytes, float], words: str, ids: Mapping[bytes, int]) -> Vocabulary:
    """Byte-level BPE: cut by the pattern `words`, take each word's bytes, merge.

    ids: the bytes of a token → its id (the same as `ranks` but for GPT-2).
    """
    cut = pre_tokenizers.Split(Regex(words), "isolated")
    by_id = {index: token for token, index in ids.items()}

    def encode(text: str) -> list[int]:
        found: list[int] = []
        for word, _ in cut.pre_tokenize_str(text):
            letters = [bytes([byte]) for byte in word.encode()]
            found.extend(ids[part] for part in merged(letters, ranks))
        return found

    return Vocabulary(len(ids), encode, by_id.__getitem__)


def load_tiktoken(path: Path, words: str) -> Vocabulary:
    """A compressed list of lines `BASE64 RANK` (cl100k, o200k); `words`: its pattern."""
    ranks = {}
    for line in gzip.decompress(path.read_bytes()).splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    return byte_level(ranks, words, ranks)


def load_tekken(path: Path) -> Vocabulary:
    """Mistral's JSON of tokens by rank; the first 1000 ids are kept for marks."""
    content = json.loads(path.read_text(encoding="utf-8"))
    marks = content["config"]["default_num_special_tokens"]
    kept = content["vocab"][: content["config"]["default_vocab_size"] - marks]
    ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in kept}
    ids = {token: rank + marks for token, rank in ranks.items()}
    return byte_level(ranks, content["config"]["pattern"], ids)


def load_gpt2(vocabulary: Path, merges: Path) -> Vocabulary:
    """GPT-2's and GPT-3's encoder.json and vocab.bpe (called r50k elsewhere)."""
    table = visible_bytes()
    hidden = {letter: byte for byte, letter in table.items()}

    def as_bytes(token: str) -> bytes:
        return bytes(hidden[letter] for letter in token)

    known = json.loads(vocabulary.read_text(encoding="utf-8"))
    ids = {as_bytes(token): index for token, index in known.items() if token != "<|endoftext|>"}
    lines = merges.read_text(encoding="utf-8").splitlines()[1:]
    ranks = {as_bytes(line.replace(" ", "")): rank for rank, line in enumerate(lines) if line}
    return byte_level(ranks, GPT2_WORDS, ids)


@cache
def visible_bytes() -> Mapping[int, str]:
    """How byte-level vocabularies print each of the 256 bytes as one visible letter.

    Visible Latin-1 characters stand for themselves; the others, in order, for U+0100 onwards,
    so that a space is Ġ and a line end is Ċ.
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {byte: chr(byte) for byte in plain}
    others = [byte for byte in range(256) if byte not in table]
    return table | {byte: chr(0x100 + i) for i, byte in enumerate(others)}


# ---------------------------------------------------------------- SentencePiece


def load_sentencepiece(path: Path) -> Vocabulary:
    """A SentencePiece BPE model with byte fallback (Mistral v1 to v7).

    A space is written ▁ and one is put before the text. A character that is in no piece is
    split into its bytes, which have pieces of their own: <0xEB>.
    """
    pieces: list[str] = []
    scores: list[float] = []
    kinds: list[int] = []
    for field, value in protobuf_fields(path.read_bytes()):
        if field == 1:
            entry = dict(protobuf_fields(value))
            pieces.append(entry[1].decode())
            scores.append(struct.unpack("<f", entry.get(2, bytes(4)))[0])
            kinds.append(entry.get(3, 1))
    normal, byte = 1, 6
    index = {p: i for i, (p, kind) in enumerate(zip(pieces, kinds, strict=True)) if kind == normal}
    fallback = {int(p[3:5], 16): i for i, p in enumerate(pieces) if kinds[i] == byte}
    # The best score is merged first; `merged` looks for the lowest rank.
    ranks = {piece.encode(): -scores[i] for piece, i in index.items()}

    def encode(text: str) -> list[int]:
        letters = [letter.encode() for letter in SPACE + text.replace(" ", SPACE)]
        found: list[int] = []
        for part in merged(letters, ranks):
            whole = index.get(part.decode())
            found.extend([fallback[b] for b in part] if whole is None else [whole])
        return found

    def token(i: int) -> bytes:
        if kinds[i] == byte:
            return bytes([int(pieces[i][3:5], 16)])
        return pieces[i].replace(SPACE, " ").encode()

    return Vocabulary(len(pieces), encode, token)


def protobuf_fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, value) of a protocol buffer message: int, or bytes for all else."""
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = content[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(content):
        key = number()
        kind = key & 7
        if kind == 0:
            yield key >> 3, number()
            continue
        if kind not in (1, 2, 5):
            raise ValueError(f"a field of type {kind} is not read here")
        size = {1: 8, 5: 4}.get(kind) or number()
        yield key >> 3, content[place : place + size]
        place += size


# ---------------------------------------------------------------- tokenizer.json


def load_tokenizer_json(path: Path) -> Vocabulary:
    """A tokenizer.json of the library `tokenizers`: DeepSeek's BPE, BERT's WordPiece."""
    tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    hidden = {letter: byte for byte, letter in visible_bytes().items()}
    byte_level_bpe = json.loads(tokenizer.to_str())["model"]["type"] == "BPE"

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def token(i: int) -> bytes:
        piece = tokenizer.id_to_token(i)
        if piece is None:
            raise KeyError(i)
        if byte_level_bpe and all(letter in hidden for letter in piece):
            return bytes(hidden[letter] for letter in piece)
        return piece.removeprefix("##").encode()

    return Vocabulary(tokenizer.get_vocab_size(), encode, token)


def shown(pieces: Sequence[bytes]) -> list[str]:
    """`pieces` for a reader: text where the bytes are UTF-8, else hexadecimal like EB8AA6."""
    found = []
    for piece in pieces:
        try:
            found.append(piece.decode())
        except UnicodeDecodeError:
            found.append(piece.hex().upper())
    return found
