"""Drawings as content streams with what they need, kept as bytes."""

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from generator.digest import digest_bytes
from generator.drawing.path import Matrix

COMPRESSION = 6  # of zlib; 9 takes twice as long for 1 % less


@dataclass(slots=True)
class Rows:
    """The compressed rows of a PNG: bits of a number, numbers of a pixel, colours of a palette."""

    data: bytes
    depth: int
    numbers: int
    palette: bytes = b""


@dataclass(slots=True)
class Picture:
    """A raster picture: its colours, and its alpha where it has any. smooth: may be blurred."""

    width: int
    height: int
    colours: Rows
    alpha: Rows | None
    smooth: bool


@dataclass(slots=True)
class Part:
    """A content stream with what it needs. box: left, top, right, bottom in its own units.

    stream: its operators as they stand in a PDF, once they were asked for, or were kept.
    letters: those of its invisible text, each once.
    alphas: names of graphics states: "a0.5" fills with that opacity, "A0.5" draws lines with it.
    """

    box: tuple[float, float, float, float]
    operators: str = ""
    stream: bytes = b""
    letters: str = ""
    alphas: set[str] = field(default_factory=set)
    pictures: dict[str, Picture] = field(default_factory=dict)
    groups: dict[str, "Part"] = field(default_factory=dict)
    patterns: dict[str, "Tile"] = field(default_factory=dict)


@dataclass(slots=True)
class Tile:
    """A pattern: its cell, repeated every cell's width and height, and where it starts."""

    cell: Part
    matrix: Matrix


@dataclass(slots=True)
class SvgDrawing:
    """A figure in PDF operators, origin in the upper left corner, y downwards.

    width, height: as it wants to be, in CSS pixels; content.box: its viewBox.
    """

    width: float
    height: float
    content: Part


def packed(drawing: SvgDrawing) -> bytes:
    """`drawing` as bytes: same drawing, same bytes."""
    values = {
        "width": drawing.width,
        "height": drawing.height,
        "content": _packed_part(drawing.content),
    }
    return json.dumps(values, sort_keys=True).encode()


def unpacked(content: bytes) -> SvgDrawing:
    """The drawing that `packed` wrote."""
    values = json.loads(content)
    return SvgDrawing(values["width"], values["height"], _unpacked_part(values["content"]))


def shown_digest(part: Part) -> str:
    """SHA-256 of all that a PDF says of `part`, numbers as they are written there."""
    return digest_bytes(json.dumps(_shown(part), sort_keys=True).encode())


def _shown(part: Part) -> list[Any]:
    return [
        _written(part.box),
        digest_bytes(stream_of(part)),
        sorted(part.alphas),
        {
            name: [
                picture.width,
                picture.height,
                *map(_rows_shown, (picture.colours, picture.alpha)),
            ]
            for name, picture in part.pictures.items()
        },
        {name: _shown(group) for name, group in part.groups.items()},
        {name: [_shown(tile.cell), _written(tile.matrix)] for name, tile in part.patterns.items()},
    ]


def _rows_shown(rows: Rows | None) -> list[Any] | None:
    if rows is None:
        return None
    return [digest_bytes(rows.data), rows.depth, rows.numbers, rows.palette.hex()]


def _written(numbers: Iterable[float]) -> list[str]:
    return [f"{float(number):.6f}" for number in numbers]


def _packed_part(part: Part) -> dict[str, Any]:
    return {
        "box": part.box,
        "stream": base64.b64encode(stream_of(part)).decode(),
        "letters": part.letters,
        "alphas": sorted(part.alphas),
        "pictures": {
            name: [
                picture.width,
                picture.height,
                _packed_rows(picture.colours),
                _packed_rows(picture.alpha) if picture.alpha else None,
                picture.smooth,
            ]
            for name, picture in part.pictures.items()
        },
        "groups": {name: _packed_part(group) for name, group in part.groups.items()},
        "patterns": {
            name: [_packed_part(tile.cell), tile.matrix] for name, tile in part.patterns.items()
        },
    }


def _unpacked_part(values: dict[str, Any]) -> Part:
    left, top, right, bottom = values["box"]
    return Part(
        box=(left, top, right, bottom),
        stream=base64.b64decode(values["stream"]),
        letters=values["letters"],
        alphas=set(values["alphas"]),
        pictures={
            name: Picture(
                width,
                height,
                _unpacked_rows(colours),
                _unpacked_rows(alpha) if alpha else None,
                smooth,
            )
            for name, (width, height, colours, alpha, smooth) in values["pictures"].items()
        },
        groups={name: _unpacked_part(group) for name, group in values["groups"].items()},
        patterns={
            name: Tile(_unpacked_part(cell), (a, b, c, d, e, f))
            for name, (cell, (a, b, c, d, e, f)) in values["patterns"].items()
        },
    )


def stream_of(part: Part) -> bytes:
    """The operators of `part`, compressed once: a third of what a kept figure costs a page."""
    part.stream = part.stream or zlib.compress(part.operators.encode("ascii"), COMPRESSION)
    return part.stream


def _packed_rows(rows: Rows) -> list[Any]:
    data, palette = (base64.b64encode(item).decode() for item in (rows.data, rows.palette))
    return [data, rows.depth, rows.numbers, palette]


def _unpacked_rows(values: list[Any]) -> Rows:
    data, depth, numbers, palette = values
    return Rows(base64.b64decode(data), depth, numbers, base64.b64decode(palette))
