"""Ready drawings that WeasyPrint places as pictures: `write_pdf(cache={url: drawing})`.

WeasyPrint asks an image for `get_intrinsic_size(resolution, font_size)` in CSS pixels and then
calls `draw(stream, width, height, style)`, with the origin in the upper left corner and y
downwards. What is handed to `stream.add_image` is asked once for its `get_x_object`, however
often it is placed: the drawing is stored once in the PDF.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor
from typing import Any

from generator.digest import digest_bytes
from generator.drawing.parts import SvgDrawing, packed, shown_digest, unpacked
from generator.drawing.safety import svg_problems
from generator.errors import Where, raise_all
from generator.maths.formulas import DrawnFormula
from generator.store.cache import Cache

DRAWING = 5  # raise when the same SVG comes out as other operators, or is kept in another form
TAG_GAP_EM = 2.0  # least distance between a formula and its \tag
_DRAWN = re.compile(rb"/(g[0-9a-f]{12}) Do")
_NUMBER = re.compile(rb"-?[\d.]+")
_MARGIN = 500  # 1/1000 em: slanted letters and accents reach out of their box


class FormulaImage:
    """A formula as WeasyPrint's replaced element, in the colour of the text around it.

    A box wider than the formula centres it and puts its \\tag at the right edge.
    """

    def __init__(self, drawn: DrawnFormula) -> None:
        self._drawn = drawn
        self._body = _Form(drawn.operators, drawn, drawn.width_em, drawn.tex)
        self._tag = _Form(drawn.tag_operators, drawn, drawn.tag_width_em)

    def get_intrinsic_size(
        self, _resolution: float, font_size: float
    ) -> tuple[float, float, float | None]:
        """Width and height in the unit of `font_size`; a formula with a tag has no ratio."""
        drawn = self._drawn
        height = (drawn.height_em + drawn.depth_em) * font_size
        if drawn.tag_operators:
            width = drawn.width_em + 2 * (TAG_GAP_EM + drawn.tag_width_em)
            return width * font_size, height, None
        width = drawn.width_em * font_size
        return width, height, width / height if height else 1

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Place the formula in a box of `width` × `height`."""
        drawn = self._drawn
        scale = height / (drawn.height_em + drawn.depth_em)
        colour = style["color"]
        stream.set_color(colour)
        stream.set_color(colour, stroke=True)
        baseline = drawn.height_em * scale
        left = 0.0
        if drawn.tag_operators:
            left = (width - drawn.width_em * scale) / 2
            right = width - drawn.tag_width_em * scale
            left = min(left, right - (TAG_GAP_EM + drawn.width_em) * scale)
            self._tag.place(stream, scale / 1000, right, baseline)
        self._body.place(stream, scale / 1000, left, baseline)


def parts(drawn: DrawnFormula) -> Iterator[tuple[str, DrawnFormula]]:
    """ "/0", "/1", … and the pieces of a formula. All of its text lies over the first."""
    for number, piece in enumerate(drawn.pieces):
        yield (
            f"/{number}",
            replace(
                drawn,
                operators=piece.operators,
                width_em=piece.width_em,
                tex=piece.tex,
                pieces=(),
            ),
        )


class _Form:
    """Operators that become a Form XObject with `tex` as its text, and the letters in it.

    Each letter is an object of its own.
    """

    def __init__(
        self, operators: bytes, drawn: DrawnFormula, width_em: float, tex: str = ""
    ) -> None:
        self._operators = operators
        self._letters = {
            name: _Letter(name, path)
            for name, path in drawn.glyphs.items()
            if b"/%s " % name.encode() in operators
        }
        self._width_em = width_em
        self._box = _box(drawn, width_em)
        self._tex = tex
        # Under this name the PDF keeps it: by content.
        self.id = digest_bytes(operators + b"\0" + tex.encode())[:16]
        self._names: dict[bytes, bytes] = {}

    def place(self, stream: Any, scale: float, x: float, y: float) -> None:
        """Draw at (x, y), y upwards from there, `scale` of the page's units to one of ours."""
        for name, letter in self._letters.items():
            self._names[name.encode()] = stream.add_image(letter, False, 1).encode()
        form_name = stream.add_image(self, False, 1)
        with stream.stacked():
            stream.transform(scale, 0, 0, -scale, x, y)
            stream.draw_x_object(form_name)

    def get_x_object(self, _interpolate: bool, _ratio: float) -> Any:
        """The Form XObject; WeasyPrint asks once for each PDF, when everything was placed."""
        import pydyf

        from generator.drawing.words import plain
        from generator.weasy.invisible_text import FormulaForm

        operators = _DRAWN.sub(lambda found: b"/%s Do" % self._names[found[1]], self._operators)
        # WeasyPrint puts the letters' own objects where it finds None.
        letters = {name.decode(): None for name in sorted(self._names.values())}
        extra = {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array(self._box)}
        return FormulaForm(
            operators, plain(self._tex), self._width_em * 1000, extra, pydyf.Dictionary(letters)
        )


class _Letter:
    """One letter's path, filled, as a Form XObject that formulas share."""

    def __init__(self, name: str, path: bytes) -> None:
        self.id = name
        self._path = path

    def get_x_object(self, _interpolate: bool, _ratio: float) -> Any:
        """The Form XObject; WeasyPrint asks once for each PDF."""
        import pydyf

        numbers = [float(item) for item in _NUMBER.findall(self._path)]
        across, down = numbers[::2], numbers[1::2]
        # A box on the very edge would blur it.
        box = [
            floor(min(across)) - 9,
            floor(min(down)) - 9,
            ceil(max(across)) + 9,
            ceil(max(down)) + 9,
        ]
        extra = {"Subtype": "/Form", "BBox": pydyf.Array(box)}
        return pydyf.Stream([self._path + b"\nf"], extra, compress=True)


def _box(drawn: DrawnFormula, width_em: float) -> tuple[int, int, int, int]:
    return (
        -_MARGIN,
        round(-drawn.depth_em * 1000) - _MARGIN,
        round(width_em * 1000) + _MARGIN,
        round(drawn.height_em * 1000) + _MARGIN,
    )


class FigureImage:
    """A figure as WeasyPrint's replaced element, in its own colours."""

    def __init__(self, drawing: SvgDrawing, digest: str) -> None:
        self._drawing = drawing
        self.id = digest[:16]

    def become(self, other: "FigureImage") -> None:
        """Be drawn as `other`, wherever this is placed."""
        self._drawing, self.id = other._drawing, other.id

    def told(self) -> dict[str, Any]:
        """Where a PDF keeps this drawing, its measures in full, and the digest of what it is."""
        content = self._drawing.content
        return {
            "name": f"i{self.id}0",
            "size": self.size,
            "box": content.box,
            "sha256": shown_digest(content),
        }

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in CSS pixels."""
        return self._drawing.width, self._drawing.height

    def get_intrinsic_size(
        self, _resolution: float, _font_size: float
    ) -> tuple[float, float, float]:
        """Width and height in CSS pixels, and their ratio."""
        width, height = self.size
        return width, height, width / height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Place the figure in the middle of a box of `width` × `height`, as large as it fits."""
        left, top, right, bottom = self._drawing.content.box
        scale = min(width / (right - left), height / (bottom - top))
        x = (width - (right - left) * scale) / 2 - left * scale
        y = (height - (bottom - top) * scale) / 2 - top * scale
        name = stream.add_image(self, False, 1)
        with stream.stacked():
            stream.transform(scale, 0, 0, scale, x, y)
            stream.draw_x_object(name)

    def get_x_object(self, _interpolate: bool, _ratio: float) -> Any:
        """The Form XObject; WeasyPrint asks once for each PDF."""
        from generator.weasy.forms import form

        return form(self._drawing.content)


def figure_image(svg: bytes, cache: Cache | None, where: Where) -> FigureImage | None:
    """A figure's SVG as WeasyPrint's replaced element, or None: WeasyPrint must draw it itself.

    Raises PageErrors for what a drawing may not hold: it is committed, and anybody can edit it.
    """
    digest = digest_bytes(f"{DRAWING} {len(svg)} ".encode() + svg)
    kept = cache.get("drawing", digest) if cache else None
    if kept:
        return FigureImage(unpacked(kept), digest)
    raise_all(svg_problems(svg, where), "drawing")
    if kept is not None:
        return None
    # Only here: a report whose figures are all kept needs no converter.
    from generator.drawing.path import SvgError
    from generator.drawing.svg import svg_drawing

    try:
        drawing = svg_drawing(svg)
    except SvgError:
        if cache:
            cache.put("drawing", digest, b"")
        return None
    if cache:
        cache.put("drawing", digest, packed(drawing))
    return FigureImage(drawing, digest)
