"""GGUF files: a header of typed values, then tensors, most of them quantised in blocks of 32.

Source: the format's specification in ggml-org/ggml, docs/gguf.md, version 3.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

BLOCK = 32  # numbers that share a scale

T = TypeVar("T")
Value = int | float | bool | str | list["Value"]

_NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True)
class Gguf:
    """What a file holds: its header's values and its tensors, all float32, by name."""

    values: Mapping[str, Value]
    tensors: Mapping[str, Tensor]

    def integer(self, key: str) -> int:
        """The header's whole number `key`. Raises KeyError, or TypeError on another type."""
        return _typed(self.values[key], int, key)

    def number(self, key: str) -> float:
        """The header's number `key`. Raises KeyError, or TypeError on another type."""
        return _typed(self.values[key], float, key)

    def strings(self, key: str) -> list[str]:
        """The header's list of texts `key`. Raises KeyError, or TypeError on another type."""
        return [_typed(item, str, key) for item in _typed(self.values[key], list, key)]


def read_gguf(path: Path) -> Gguf:
    """The file at `path`, dequantised. Raises ValueError on a kind of file we do not read."""
    # A bytearray, because torch warns about memory that it may not write to.
    content = bytearray(path.read_bytes())
    cursor = _Cursor(content)
    magic, version = cursor.numbers("4sI")
    if magic != b"GGUF" or version not in (2, 3):
        raise ValueError(f"{path.name}: expected GGUF version 2 or 3, found {magic!r} {version}")
    tensor_count, value_count = cursor.numbers("QQ")
    values: dict[str, Value] = {}
    for _ in range(value_count):
        key = cursor.string()
        values[key] = cursor.value(cursor.number("I"))
    entries = []
    for _ in range(tensor_count):
        name = cursor.string()
        sizes = cursor.numbers(f"{cursor.number('I')}Q")
        kind, offset = cursor.numbers("IQ")
        entries.append((name, sizes, kind, offset))
    alignment = _typed(values.get("general.alignment", 32), int, "general.alignment")
    start = -(-cursor.place // alignment) * alignment
    bytes_ = torch.frombuffer(content, dtype=torch.uint8)
    tensors = {}
    for name, sizes, kind, offset in entries:
        if kind not in _KINDS:
            raise ValueError(f"{path.name}: {name} has type {kind}; read here: {sorted(_KINDS)}")
        block_numbers, block_bytes, dequantised = _KINDS[kind]
        # GGUF counts sizes from the innermost; torch from the outermost.
        shape = torch.Size(reversed(sizes))
        length = shape.numel() // block_numbers * block_bytes
        raw = bytes_[start + offset : start + offset + length].view(-1, block_bytes)
        tensors[name] = dequantised(raw).view(shape)
    return Gguf(values, tensors)


def float32(raw: Tensor) -> Tensor:
    """Four bytes a number: (blocks, 4) uint8 → (blocks, 1)."""
    return raw.view(torch.float32).clone()


def q8_0(raw: Tensor) -> Tensor:
    """A scale in half precision, then 32 signed bytes: (blocks, 34) uint8 → (blocks, 32)."""
    scale = raw[:, :2].contiguous().view(torch.float16).float()
    return raw[:, 2:].view(torch.int8).float().mul_(scale)


def q4_0(raw: Tensor) -> Tensor:
    """A scale in half precision, then 32 numbers of four bits less 8: (b, 18) → (b, 32)."""
    scale = raw[:, :2].contiguous().view(torch.float16).float()
    return _nibbles(raw[:, 2:]).sub_(8).mul_(scale)


def q4_1(raw: Tensor) -> Tensor:
    """Scale and minimum in half precision, then 32 numbers of four bits: (b, 20) → (b, 32)."""
    pair = raw[:, :4].contiguous().view(torch.float16).float()
    return _nibbles(raw[:, 4:]).mul_(pair[:, :1]).add_(pair[:, 1:])


_KINDS: dict[int, tuple[int, int, Callable[[Tensor], Tensor]]] = {
    0: (1, 4, float32),
    2: (BLOCK, 18, q4_0),
    3: (BLOCK, 20, q4_1),
    8: (BLOCK, 34, q8_0),
}


def _nibbles(packed: Tensor) -> Tensor:
    """(blocks, 16) bytes → (blocks, 32): all low halves, then all high halves."""
    numbers = torch.empty(len(packed), BLOCK)
    numbers[:, :16] = packed & 15
    numbers[:, 16:] = packed >> 4
    return numbers


class _Cursor:
    """A place in the header that moves on as it is read. All numbers are little-endian."""

    def __init__(self, content: bytearray) -> None:
        self.content = content
        self.place = 0

    def numbers(self, kinds: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + kinds, self.content, self.place)
        self.place += struct.calcsize("<" + kinds)
        return found

    def number(self, kind: str) -> Any:
        return self.numbers(kind)[0]

    def string(self) -> str:
        start = self.place + 8
        self.place = start + self.number("Q")
        return self.content[start : self.place].decode()

    def strings(self, count: int) -> list[Value]:
        # A vocabulary has 10^5 of these: one call for each number would take most of the time.
        content, place, length_at = self.content, self.place, struct.Struct("<Q").unpack_from
        found: list[Value] = []
        for _ in range(count):
            start = place + 8
            place = start + length_at(content, place)[0]
            found.append(content[start:place].decode())
        self.place = place
        return found

    def value(self, kind: int) -> Value:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            inner, count = self.numbers("IQ")
            if inner == _STRING:
                return self.strings(count)
            if inner != _ARRAY:
                return list(self.numbers(f"{count}{_NUMBERS[inner]}"))
            return [self.value(inner) for _ in range(count)]
        number: int | float | bool = self.number(_NUMBERS[kind])
        return number


def _typed(value: object, kind: type[T], key: str) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{key}: expected {kind.__name__}, found {type(value).__name__}")
    return value
