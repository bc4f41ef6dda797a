"""A formula's tree of SVG elements as PDF operators, 1000 units to the em, y upwards."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.digest import digest_bytes
from generator.drawing.path import (
    IDENTITY,
    Matrix,
    SvgError,
    change,
    multiply,
    number,
    transform,
)
from generator.drawing.shapes import shape
from generator.drawing.style import colour
from generator.maths.cuts import RELATION, Cut, cuts, row
from generator.maths.fallback import glyph
from generator.maths.weight import heavier

# MathJax's rules of tables and boxes are 70 and 67 wide, for screens; TeX's are 40.
_RULE_WIDTH = 45.0
# Its style sheet says how they are dashed.
_BREAKABLE = 3000  # 1/1000 em: shorter formulas stay whole
_LONG = 8000  # shorter ones are broken at their relations only
_TEXT_VARIANT = re.compile(r"normal|monospace|-tex-mathit|(sans-serif-?)?(bold-?)?(italic)?")
_UPWARDS: Matrix = (1, 0, 0, -1, 0, 0)
_DASHES = {"mjx-solid": "", "mjx-dashed": "[140] 0 d", "mjx-dotted": "[0 140] 0 d 1 J"}


@dataclass(frozen=True, slots=True)
class MathDrawing:
    """Operators with the baseline at y = 0; sizes in em; tags hang right of `width_em`.

    glyphs: the path of each letter that the operators draw with "/NAME Do".
    """

    width_em: float
    height_em: float
    depth_em: float
    operators: str
    glyphs: dict[str, str]
    tag_width_em: float = 0.0
    tag_operators: str = ""
    pieces: tuple["Piece", ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula that may stand on a line of its own, hung from x = 0, sizes in em.

    gap_em: the space behind it where the formula goes on beside it. penalty: how bad the end of a
    line there is, 0 being that between words. tex: its part of the author's TeX.
    """

    operators: str
    tex: str
    width_em: float
    gap_em: float
    penalty: float


Element = tuple[str, Mapping[str, str], list[Any]]


@dataclass(frozen=True, slots=True)
class _Paint:
    """Inherited paint: None is the colour of the text around."""

    fill: str | None = None
    stroke: str | None = None


def math_drawing(tree: Element, meaning: Any = None, *, display: bool = False) -> MathDrawing:
    """The drawing of MathJax's answer `tree`. Raises SvgError on what can't be drawn exactly.

    meaning: the same formula as MathML; from it come the places where a formula may be broken.
    """
    _, _, (picture, *_) = tree
    _, attributes, children = picture
    tagged = _find(picture, "data-table")
    pen = _Pen()
    if tagged is None:
        if "viewBox" not in attributes:
            raise SvgError("a formula of several lines in a line of text")
        _, top, width, height = _numbers(attributes["viewBox"], 4)
        # The outer group turns the picture upside down, which PDF's axes do not need.
        body = pen.all(children, _UPWARDS, _Paint())
        return MathDrawing(
            width_em=width / 1000,
            height_em=-top / 1000,
            depth_em=(height + top) / 1000,
            operators=body,
            glyphs=pen.glyphs,
            pieces=_pieces(pen, picture, meaning, width, display=display) if meaning else (),
        )
    half, top, _, height = _numbers(tagged[1]["viewBox"], 4)
    labels = _find(picture, "data-labels")
    if labels is None:
        raise SvgError("a table of equations without its labels")
    return MathDrawing(
        width_em=half * 2 / 1000,
        height_em=-top / 1000,
        depth_em=(height + top) / 1000,
        operators=pen.all(tagged[2], _UPWARDS, _Paint()),
        glyphs=pen.glyphs,
        tag_width_em=_numbers(labels[1]["viewBox"], 4)[0] / 1000,
        tag_operators=pen.all(labels[2], _UPWARDS, _Paint()),
    )


def _pieces(
    pen: "_Pen", picture: Any, meaning: Any, width: float, *, display: bool
) -> tuple[Piece, ...]:
    """The parts that a formula of `width` (1/1000 em) may be broken into; () if it stays whole."""
    if width < _BREAKABLE:
        return ()
    drawn, said = row(picture, meaning)
    places = list(cuts(drawn, said, display=display))
    if not display and width < _LONG:
        places = [cut for cut in places if cut.penalty <= RELATION]
    if not places:
        return ()
    ends = [*places, Cut(len(drawn), width, width, 0.0)]
    pieces = []
    at, left = 0, 0.0
    for cut in ends:
        # Without a colour of its own: what is given around a whole formula breaks the row.
        inside = pen.all(drawn[at : cut.at], (1, 0, 0, 1, -left, 0), _Paint())
        span, gap = (cut.end - left) / 1000, (cut.start - cut.end) / 1000
        tex = " ".join(element[1].get("data-latex", "") for element in drawn[at : cut.at])
        pieces.append(Piece(inside, tex, span, gap, cut.penalty))
        at, left = cut.at, cut.start
    return tuple(pieces)


def _find(element: Element, attribute: str) -> Element | None:
    """The first <svg> below `element` with `attribute`."""
    for child in element[2]:
        if not isinstance(child, str):
            if child[0] == "svg" and attribute in child[1]:
                return child[0], child[1], child[2]
            if found := _find((child[0], child[1], child[2]), attribute):
                return found
    return None


class _Pen:
    """Draws elements and collects the letters they use: a letter is stored once in a PDF."""

    def __init__(self) -> None:
        self.glyphs: dict[str, str] = {}

    def all(self, children: list[Any], matrix: Matrix, paint: _Paint) -> str:
        return "\n".join(filter(None, (self.one(child, matrix, paint) for child in children)))

    def one(self, element: Any, matrix: Matrix, paint: _Paint) -> str:
        """The operators of one element, each shape between q and Q."""
        if isinstance(element, str):
            raise SvgError(f"bare text {element!r}")
        kind, attributes, children = element
        if "transform" in attributes:
            matrix = multiply(transform(attributes["transform"]), matrix)
        paint = _inherit(paint, attributes)
        match kind:
            case "g":
                return self.all(children, matrix, paint)
            case "svg":
                return self._clipped(attributes, children, matrix, paint)
            case "text":
                return self._text(attributes, children, matrix, paint)
        path = shape(kind, attributes)
        if not path:
            return ""
        filled = self._letter(heavier(path)) if kind == "path" else f"{path}\nf"
        return _lined(path, attributes, matrix, paint) or _filled(filled, matrix, paint)

    def _clipped(
        self, attributes: Mapping[str, str], children: list[Any], matrix: Matrix, paint: _Paint
    ) -> str:
        """The middle part of a stretched bracket: a nested <svg>, a window onto a longer piece."""
        x, y, width, height = (float(attributes[key]) for key in ("x", "y", "width", "height"))
        left, top, inner_width, inner_height = _numbers(attributes["viewBox"], 4)
        if (inner_width, inner_height) != (width, height):
            raise SvgError("a scaled part")
        inside = self.all(children, (1, 0, 0, 1, x - left, y - top), paint)
        window = " ".join(map(number, (x, y, width, height)))
        return f"q\n{_cm(matrix)}{window} re W n\n{inside}\nQ" if inside else ""

    def _text(
        self, attributes: Mapping[str, str], children: list[Any], matrix: Matrix, paint: _Paint
    ) -> str:
        """Characters that the mathematical font lacks, as outlines from the fonts of the text."""
        drawn = []
        x = 0.0
        # The element's own transform turned it upright again for SVG's axes.
        matrix = multiply(_UPWARDS, matrix)
        variant = attributes.get("data-variant", "normal")
        if not _TEXT_VARIANT.fullmatch(variant):
            raise SvgError(f"{''.join(children)!r} in the style {variant.removeprefix('-tex-')}")
        for character in "".join(children):
            shape = glyph(character, variant)
            if shape is None:
                name = f"{character!r} (U+{ord(character):04X})"
                raise SvgError(f"the character {name}, which no font has,")
            placed = multiply((1, 0, 0, 1, x, 0), matrix)
            if shape.operators:
                drawn.append(_filled(self._letter(shape.operators), placed, paint))
            x += shape.advance * 1000
        return "\n".join(drawn)

    def _letter(self, path: str) -> str:
        """The operator that draws `path` filled, from what the PDF keeps of it."""
        name = f"g{digest_bytes(path.encode())[:12]}"
        self.glyphs[name] = path
        return f"/{name} Do"


def _filled(painting: str, matrix: Matrix, paint: _Paint) -> str:
    if paint.fill == "none":
        return ""
    colour = f"{_colour(paint.fill)} rg\n" if paint.fill is not None else ""
    return f"q\n{_cm(matrix)}{colour}{painting}\nQ"


def _lined(path: str, attributes: Mapping[str, str], matrix: Matrix, paint: _Paint) -> str:
    """`path` as a line, where the element has one; "" where it has none."""
    style = attributes.get("class", "")
    width = min(float(attributes.get("stroke-width", "0")), _RULE_WIDTH)
    dashes = ""
    if "data-line" in attributes or "data-frame" in attributes:
        width, paint = _RULE_WIDTH, _Paint("none", paint.stroke)
        if style not in _DASHES:
            raise SvgError(f"line style {style!r}")
        dashes = f"{_DASHES[style]}\n"
    elif style:
        raise SvgError(f"class {style!r}")
    if "stroke-dasharray" in attributes:
        dashes = f"[{' '.join(map(number, _numbers(attributes['stroke-dasharray'])))}] 0 d\n"
    if width <= 0 or paint.stroke == "none":
        return ""
    if paint.fill not in (None, "none") or (paint.fill is None and " re" in path):
        raise SvgError("a shape with both line and filling")
    colour = f"{_colour(paint.stroke)} RG\n" if paint.stroke is not None else ""
    return f"q\n{_cm(matrix)}{colour}{number(width)} w\n{dashes}{path}\nS\nQ"


def _inherit(paint: _Paint, attributes: Mapping[str, str]) -> _Paint:
    fill, stroke = attributes.get("fill"), attributes.get("stroke")
    if fill is None and stroke is None:
        return paint
    return _Paint(
        paint.fill if fill is None else None if fill == "currentColor" else fill,
        paint.stroke if stroke is None else None if stroke == "currentColor" else stroke,
    )


def _cm(matrix: Matrix) -> str:
    return f"{change(matrix)}\n" if matrix != IDENTITY else ""


def _colour(name: str) -> str:
    channels, alpha = colour(name)
    if alpha != 1:
        raise SvgError(f"colour {name!r}, which shines through,")
    return channels


def _numbers(text: str, count: int | None = None) -> list[float]:
    values = [float(item) for item in re.split(r"[\s,]+", text.strip())]
    if count is not None and len(values) != count:
        raise SvgError(f"{text!r} where {count} numbers were expected")
    return values
