"""Outlines of characters that the mathematical font lacks, from the fonts of the text."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

# Korean text beside Latin Modern looks too large at its full size.
SCALE = 0.95


@dataclass(frozen=True, slots=True)
class Glyph:
    """An outline as PDF path operators, 1000 units to the em, y upwards; advance in em."""

    operators: str
    advance: float


@dataclass(frozen=True, slots=True)
class _Face:
    path: Path
    tables: Any = field(compare=False)
    shapes: Any = field(compare=False)
    characters: dict[int, str] = field(compare=False)


def glyph(character: str, *, sans: bool = False) -> Glyph | None:
    """The outline of `character` in the first of the text's fonts that has it, or None."""
    for path in _font_files(sans):
        face = _face(path)
        name = face.characters.get(ord(character))
        if name is not None:
            return _outline(face, name)
    return None


def advances(text: str) -> dict[str, float]:
    """Width in em of each character beyond ASCII in `text` that the text's fonts have."""
    found = {}
    for character in sorted(set(text)):
        if not character.isascii() and (shape := glyph(character)):
            found[character] = shape.advance
    return found


def _font_files(sans: bool) -> list[Path]:
    import pylopdf_fonts_ko

    return [pylopdf_fonts_ko.sans_path() if sans else pylopdf_fonts_ko.serif_path()]


@cache
def _face(path: Path) -> _Face:
    from fontTools.ttLib import TTFont

    font = TTFont(path, lazy=True)
    return _Face(path, font, font.getGlyphSet(), font.getBestCmap())


@cache
def _outline(face: _Face, name: str) -> Glyph:
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    from generator.typeset.svg_path import path_operators

    scale = SCALE * 1000 / face.tables["head"].unitsPerEm
    pen = SVGPathPen(face.shapes)
    face.shapes[name].draw(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
    return Glyph(path_operators(pen.getCommands()), face.shapes[name].width * scale / 1000)
