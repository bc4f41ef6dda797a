"""Plain data, arrays and tensors as bytes and back: the same contents give the same bytes.

No pickle: its bytes depend on which parts happen to be one object, and reading it runs code.
"""

import dataclasses
import enum
import importlib
import re
import struct
import sys
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct(">Q")
_FLOAT = struct.Struct(">d")
_SIMPLE: dict[object, bytes] = {None: b"N", True: b"T", False: b"F", ...: b"."}


class NotPlain(TypeError):
    """A thing that has no contents to compare: an open file, a model object, a generator."""


def packed(thing: Any) -> bytes:
    """`thing` as bytes.

    None, bool, int, float, complex, str, bytes, range, list, tuple, dict, set, frozenset,
    dataclasses, named tuples, enum members, numpy arrays and scalars, torch tensors (without
    their gradients), dtypes and devices, regular expressions. Raises NotPlain on all else.
    """
    out = bytearray()
    try:
        _pack(thing, out)
    except RecursionError:
        raise NotPlain("a thing that holds itself") from None
    return bytes(out)


def unpacked(content: bytes) -> Any:
    """The thing that `packed` gave as `content`; a copy with contents of its own."""
    reader = _Reader(content)
    thing = reader.thing()
    if reader.position != len(content):
        raise ValueError("more bytes than one thing has")
    return thing


def _put(out: bytearray, tag: bytes, content: bytes) -> None:
    out += tag + _LENGTH.pack(len(content)) + content


def _put_all(out: bytearray, tag: bytes, things: Any) -> None:
    items = list(things)
    out += tag + _LENGTH.pack(len(items))
    for item in items:
        _pack(item, out)


def _pack(thing: Any, out: bytearray) -> None:
    kind = type(thing)
    if thing is None or kind is bool or thing is ...:
        out += _SIMPLE[thing]
    elif kind is int:
        _put(out, b"i", str(thing).encode())
    elif kind is float:
        out += b"f" + _FLOAT.pack(thing)
    elif kind is str:
        _put(out, b"s", thing.encode("utf-8", "surrogatepass"))
    elif kind is bytes:
        _put(out, b"b", thing)
    elif kind is list:
        _put_all(out, b"l", thing)
    elif kind is tuple:
        _put_all(out, b"t", thing)
    elif kind is dict:
        _put_all(out, b"d", [part for pair in thing.items() for part in pair])
    elif kind in (set, frozenset):
        members = sorted(packed(member) for member in thing)
        out += (b"S" if kind is set else b"Z") + _LENGTH.pack(len(members)) + b"".join(members)
    elif kind is complex:
        out += b"c" + _FLOAT.pack(thing.real) + _FLOAT.pack(thing.imag)
    elif kind is range:
        _put_all(out, b"r", (thing.start, thing.stop, thing.step))
    elif kind is re.Pattern:
        _put_all(out, b"p", (thing.pattern, thing.flags))
    elif isinstance(thing, enum.Enum):
        _put_all(out, b"e", (*_class_name(kind), thing.name))
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        values = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
        _put_all(out, b"D", (*_class_name(kind), *values))
    elif isinstance(thing, tuple) and hasattr(kind, "_fields"):
        _put_all(out, b"n", (*_class_name(kind), *thing))
    else:
        _pack_library(thing, out)


def _class_name(kind: type) -> tuple[str, str]:
    if "<locals>" in kind.__qualname__:
        raise NotPlain(f"a {kind.__qualname__}, whose class is made inside a function")
    return kind.__module__, kind.__qualname__


def _pack_library(thing: Any, out: bytearray) -> None:
    """numpy and torch: whatever is not imported cannot have made `thing`."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if torch and type(thing) in (torch.Tensor, torch.nn.Parameter):
        if thing.layout is not torch.strided or thing.is_quantized:
            raise NotPlain(f"a tensor of layout {thing.layout}")
        flat = thing.detach().cpu().contiguous().reshape(-1)
        content = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
        _put_all(out, b"x", (str(thing.dtype), tuple(thing.shape), content))
    elif numpy and type(thing) is numpy.ndarray and not thing.dtype.hasobject:
        _put_all(out, b"a", (_dtype(numpy, thing.dtype), thing.shape, thing.tobytes()))
    elif numpy and isinstance(thing, numpy.generic) and not thing.dtype.hasobject:
        _put_all(out, b"g", (_dtype(numpy, thing.dtype), thing.tobytes()))
    elif numpy and isinstance(thing, numpy.dtype) and not thing.hasobject:
        _put_all(out, b"y", (_dtype(numpy, thing),))
    elif torch and isinstance(thing, torch.dtype):
        _put_all(out, b"Y", (str(thing),))
    elif torch and isinstance(thing, torch.device):
        _put_all(out, b"v", (str(thing),))
    else:
        kind = type(thing)
        raise NotPlain(f"{kind.__module__}.{kind.__qualname__}")


def _dtype(numpy: Any, dtype: Any) -> Any:
    """A dtype in plain data; fields are (name, type) pairs."""
    return numpy.lib.format.dtype_to_descr(dtype)


class _Reader:
    """Reads packed things one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0

    def thing(self) -> Any:
        tag = self._take(1)
        for simple, name in _SIMPLE.items():
            if name == tag:
                return simple
        if tag == b"f":
            return self._float()
        if tag == b"c":
            return complex(self._float(), self._float())
        length = _LENGTH.unpack(self._take(8))[0]
        if tag in b"isb":
            content = self._take(length)
            if tag == b"b":
                return content
            text = content.decode("utf-8", "surrogatepass")
            return int(text) if tag == b"i" else text
        return _made(tag, [self.thing() for _ in range(length)])

    def _take(self, count: int) -> bytes:
        part = self._content[self.position : self.position + count]
        if len(part) != count:
            raise ValueError("cut short")
        self.position += count
        return part

    def _float(self) -> float:
        return float(_FLOAT.unpack(self._take(8))[0])


def _made(tag: bytes, parts: list[Any]) -> Any:
    """The thing of kind `tag` that has these parts."""
    if tag == b"l":
        return parts
    if tag == b"t":
        return tuple(parts)
    if tag == b"d":
        return dict(_pairs(parts))
    if tag == b"S":
        return set(parts)
    if tag == b"Z":
        return frozenset(parts)
    if tag == b"r":
        return range(*parts)
    if tag == b"p":
        return re.compile(*parts)
    if tag in b"eDn":
        return _instance(tag, parts)
    if tag in b"agy":
        return _numpy(tag, parts)
    if tag in b"xYv":
        return _torch(tag, parts)
    raise ValueError(f"unknown kind {tag!r}")


def _pairs(parts: list[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(parts[::2], parts[1::2], strict=True)


def _instance(tag: bytes, parts: list[Any]) -> Any:
    module, path, *values = parts
    kind: Any = (
        importlib.import_module(module) if module not in sys.modules else sys.modules[module]
    )
    for name in path.split("."):
        kind = getattr(kind, name)
    if tag == b"e":
        return kind[values[0]]
    if tag == b"n":
        return kind(*values)
    thing = object.__new__(kind)  # what __post_init__ does was done when it was packed
    for field, value in zip(dataclasses.fields(kind), values, strict=True):
        object.__setattr__(thing, field.name, value)
    return thing


def _numpy(tag: bytes, parts: list[Any]) -> Any:
    import numpy

    dtype = numpy.lib.format.descr_to_dtype(parts[0])
    if tag == b"y":
        return dtype
    if tag == b"g":
        return numpy.frombuffer(parts[1], dtype)[0]
    return numpy.frombuffer(parts[2], dtype).reshape(parts[1]).copy()


def _torch(tag: bytes, parts: list[Any]) -> Any:
    import torch

    if tag == b"v":
        return torch.device(parts[0])
    dtype = getattr(torch, parts[0].removeprefix("torch."))
    if tag == b"Y":
        return dtype
    if not parts[2]:
        return torch.empty(parts[1], dtype=dtype)
    return torch.frombuffer(bytearray(parts[2]), dtype=dtype).reshape(parts[1])
