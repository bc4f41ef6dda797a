"""Outlines of characters that the mathematical font lacks, from the fonts of the text."""

from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any

from generator.drawing.path import path_operators
from generator.machine.fonts import font_file, static_font

# Korean letters fill their square: beside Latin Modern they look too large at full size.
SCALE = 0.95

_SERIF = ("korean-serif", "serif")
_SANS = ("korean-sans", "sans")
_BOLD = ("korean-bold", "serif-bold")


@dataclass(frozen=True, slots=True)
class Glyph:
    """An outline as PDF path operators, 1000 units to the em, y upwards; advance in em."""

    operators: str
    advance: float


@dataclass(frozen=True, slots=True)
class _Face:
    role: str
    units: int = field(compare=False)
    shapes: Any = field(compare=False)
    characters: dict[int, str] = field(compare=False)


def glyph(character: str, variant: str = "normal") -> Glyph | None:
    """The outline of `character` in the first of the text's fonts that has it, or None.

    variant: MathJax's name of a style: "bold", "sans-serif", …; Korean has no italic.
    """
    roles = _BOLD if "bold" in variant else _SANS if "sans" in variant else _SERIF
    for role in roles:
        face = _face(role)
        name = face.characters.get(ord(character))
        if name is not None:
            return _outline(face, name)
    return None


def advance(character: str) -> float:
    """Width of `character` in em; 1 for one without a glyph, which is refused when drawn."""
    shape = glyph(character)
    return shape.advance if shape else 1.0


@cache
def _face(role: str) -> _Face:
    from fontTools.ttLib import TTFont

    # A font without axes is read piece by piece from its file: the Korean ones have 8 MB.
    korean = role.startswith("korean")
    font = TTFont(font_file(role) if korean else BytesIO(static_font(role)), lazy=True)
    return _Face(role, font["head"].unitsPerEm, font.getGlyphSet(), font.getBestCmap())


@cache
def _outline(face: _Face, name: str) -> Glyph:
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    scale = SCALE * 1000 / face.units
    pen = SVGPathPen(face.shapes)
    face.shapes[name].draw(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
    return Glyph(path_operators(pen.getCommands()), face.shapes[name].width * scale / 1000)
