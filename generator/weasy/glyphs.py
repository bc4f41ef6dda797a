"""How a line of text is written into the PDF.

WeasyPrint 70 writes a correction after nearly every glyph, most of them 0, the others cut to whole
thousandths of an em, so that long lines drift. Here the error is carried along and corrected when
it reaches half a thousandth: content streams are a third smaller and written faster. The spaces of
a justified line are widened here, where WeasyPrint lets Pango shape the line once more.
"""

import re
from typing import Any

from weasyprint.draw import text as draw_text
from weasyprint.matrix import Matrix
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango
from weasyprint.text.line_break import create_layout

_draw_first_line = draw_text.draw_first_line


_PARAGRAPHS = re.compile("[\n\r\u2029]")


class _Unusual(Exception):
    """The line has what only WeasyPrint's own function knows to write."""


def draw_first_line(
    stream: Any, textbox: Any, text_overflow: str, block_ellipsis: str, matrix: Any
) -> list[Any]:
    """Write the line of `textbox`; returns pictures that stand for letters, as WeasyPrint does.

    Shortened lines, missing and raised glyphs and letters that are pictures are left to WeasyPrint.
    """
    scale = getattr(textbox, "study_scale", 1.0)
    if scale != 1.0:
        # Letters of a justified line, a little wider or narrower.
        matrix = Matrix(a=scale) @ matrix
    arguments = (stream, textbox, text_overflow, block_ellipsis, matrix)
    if text_overflow == "ellipsis" or block_ellipsis != "none":
        return _theirs(*arguments)
    if not textbox.text.strip() or textbox.style["font_size"] < 1e-6:
        return []
    layout = textbox.pango_layout
    if _PARAGRAPHS.search(layout.text):
        # Only here: Pango shapes a line anew when it is told so.
        pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    first_line, _ = layout.get_first_line()
    line = _Line(stream, layout.text.encode(), _widening(textbox))
    try:
        run = first_line.runs[0]
        while run != ffi.NULL:
            line.add(run.data)
            run = run.next
    except _Unusual:
        return _theirs(*arguments)
    stream.set_text_matrix(*matrix.values)
    line.write()
    return []


def _widening(textbox: Any) -> float:
    """By how many CSS pixels the spaces of a line are wider than in its layout."""
    if textbox.pango_layout.justification_spacing:
        return 0.0
    # The words of a drawing are no box of a page, and know nothing of justified lines.
    scale = getattr(textbox, "study_scale", 1.0)
    return float(getattr(textbox, "justification_spacing", 0.0)) / scale


def _theirs(*arguments: Any) -> list[Any]:
    textbox = arguments[1]
    if spacing := _widening(textbox):
        text, style = textbox.pango_layout.text, textbox.style
        textbox.pango_layout = create_layout(text, style, None, None, spacing)
        textbox.pango_layout.reactivate(style)
    emojis: list[Any] = _draw_first_line(*arguments)
    return emojis


class _Line:
    """Glyphs and corrections, by font."""

    def __init__(self, stream: Any, text: bytes, widening: float) -> None:
        self._stream = stream
        self._text = text
        self._widening = widening * TO_UNITS
        self._address: Any = ffi.NULL
        self._font: Any = None
        self._scale = 0.0  # from Pango's units to 1/1000 em
        self._late = 0.0  # 1/1000 em by which the pen is behind the place it should have
        self._parts: list[str] = []
        self._pieces: list[tuple[str, float, list[str]]] = []

    def add(self, item: Any) -> None:
        """Add the glyphs of a Pango item. Raises _Unusual."""
        address = item.item.analysis.font
        if address != self._address:
            self._change_font(address)
        widths, to_unicode = self._font.widths, self._font.to_unicode
        widening = self._widening * self._scale
        parts, scale, late = self._parts, self._scale, self._late
        count = item.glyphs.num_glyphs
        for place in range(count):
            info = item.glyphs.glyphs[place]
            glyph, geometry = info.glyph, info.geometry
            width = geometry.width * scale
            if glyph == pango.PANGO_GLYPH_EMPTY:
                late += width
                continue
            if glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG or geometry.y_offset:
                raise _Unusual
            if glyph not in to_unicode:
                to_unicode[glyph] = self._letters(item, place, count)
            if glyph not in widths:
                widths[glyph] = self._advance(glyph)
            shift = geometry.x_offset * scale
            correction = round(late + shift)
            if correction:
                parts.append(f">{-correction}<")
            parts.append(f"{glyph:04x}")
            late += width - widths[glyph] - correction
            if widening and to_unicode[glyph] in (" ", "\u00a0"):
                late += widening
        self._late = late

    def write(self) -> None:
        """Write all into the stream, at the place where its text matrix is."""
        for font, size, parts in self._pieces:
            self._stream.set_font_size(font, size)
            self._stream.show_text(f"<{''.join(parts)}>".replace("<>", ""))

    def _change_font(self, address: Any) -> None:
        font, size = self._stream.add_font(address)
        if font.bitmap or font.png or font.svg or font.colr or pango.pango_version() < 14802:
            raise _Unusual
        if self._scale:
            self._late *= 1000 * FROM_UNITS / size / self._scale
        self._address, self._font, self._scale = address, font, 1000 * FROM_UNITS / size
        self._parts = []
        self._pieces.append((font.hash, size, self._parts))

    def _letters(self, item: Any, place: int, count: int) -> str:
        """The characters that the glyph at `place` stands for."""
        clusters, start = item.glyphs.log_clusters, item.item.offset
        first = clusters[place]
        if item.item.analysis.level % 2:  # right to left
            last = item.item.length if place == 0 else clusters[place - 1]
        else:
            last = item.item.length if place == count - 1 else clusters[place + 1]
        return self._text[start + first : start + last].decode()

    def _advance(self, glyph: int) -> int:
        """The advance width of `glyph` in 1/1000 em."""
        ink, logical = self._stream.ink_rect, self._stream.logical_rect
        pango.pango_font_get_glyph_extents(self._address, glyph, ink, logical)
        width: int = round(logical.width * self._scale)
        return width
