"""The text of what is drawn: invisible letters over formulas and figures, to be found and copied.

Their letters are outlines, which nobody can search. Over a formula lies the author's TeX, over a
text of a figure its words, in a font without outlines whose codes are Unicode. Scanned pages
carry their recognised text the same way.
"""

import struct
from typing import Any

import pydyf

from generator.drawing.words import ADVANCE as _ADVANCE
from generator.drawing.words import FONT, invisible

_EM = 1000


class TextForm(pydyf.Stream):  # type: ignore[misc]
    """A form with invisible text of some letters; `add_font` must still give it the font."""

    def __init__(
        self, stream: list[bytes], extra: dict[str, Any], letters: str, *, compress: bool
    ) -> None:
        """extra: with resources that have a font to be filled in."""
        self.resources = extra["Resources"]
        self.letters = letters
        super().__init__(stream, extra, compress=compress)


class FormulaForm(TextForm):
    """A formula's Form XObject with its text."""

    def __init__(
        self, operators: bytes, text: str, width: float, extra: dict[str, Any], letters: Any
    ) -> None:
        """width: of the drawing, in its own units, 1000 to the em."""
        # WeasyPrint asks for "Font", and fills in those of the page.
        resources = pydyf.Dictionary({"XObject": letters, "Font": None})
        written = [operators, invisible(text, width, _EM).encode()] if text else [operators]
        super().__init__(written, extra | {"Resources": resources}, text, compress=True)


def add_font(pdf: Any) -> None:
    """Give the forms with text in `pdf` the font of it; a PDF without any gets none."""
    forms = [entry for entry in pdf.objects if isinstance(entry, TextForm)]
    used = sorted({ord(letter) for form in forms for letter in form.letters})
    if not used:
        return
    font = _font(pdf, used).reference
    for form in forms:
        form.resources["Font"] = pydyf.Dictionary({FONT: font})


def _font(pdf: Any, used: list[int]) -> Any:
    """The font of the codes `used` as a new object of `pdf` (PDF 32000-1, 9.7)."""
    program = _program()
    file = _added(pdf, pydyf.Stream([program], {"Length1": len(program)}, compress=True))
    descriptor = pydyf.Dictionary(
        {
            "Type": "/FontDescriptor",
            "FontName": "/FormulaText",
            "Flags": 4,
            "FontBBox": pydyf.Array([0, -200, _ADVANCE, 800]),
            "ItalicAngle": 0,
            "Ascent": 800,
            "Descent": -200,
            "CapHeight": 700,
            "StemV": 80,
            "FontFile2": file.reference,
        }
    )
    to_glyph = b"\0\1" * (used[-1] + 1)
    descendant = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/CIDFontType2",
            "BaseFont": "/FormulaText",
            "CIDSystemInfo": pydyf.Dictionary(
                {
                    "Registry": pydyf.String("Adobe"),
                    "Ordering": pydyf.String("Identity"),
                    "Supplement": 0,
                }
            ),
            "DW": _ADVANCE,
            "CIDToGIDMap": _added(pdf, pydyf.Stream([to_glyph], compress=True)).reference,
            "FontDescriptor": _added(pdf, descriptor).reference,
        }
    )
    unicode = _added(pdf, pydyf.Stream([_to_unicode(used)], compress=True))
    font = {
        "Type": "/Font",
        "Subtype": "/Type0",
        "BaseFont": "/FormulaText",
        "Encoding": "/Identity-H",
        "DescendantFonts": pydyf.Array([_added(pdf, descendant).reference]),
        "ToUnicode": unicode.reference,
    }
    return _added(pdf, pydyf.Dictionary(font))


def _added(pdf: Any, entry: Any) -> Any:
    pdf.add_object(entry)
    return entry


def _to_unicode(used: list[int]) -> bytes:
    """The CMap that says of each code that it is its own character (PDF 32000-1, 9.10.3)."""
    blocks = []
    for start in range(0, len(used), 100):  # as many as a block may hold
        some = used[start : start + 100]
        lines = "\n".join(f"<{code:04X}> <{code:04X}>" for code in some)
        blocks.append(f"{len(some)} beginbfchar\n{lines}\nendbfchar")
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<0000> <FFFF>",
            "endcodespacerange",
            *blocks,
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        )
    ).encode()


def _program() -> bytes:
    """A TrueType font of two glyphs without outlines, with the tables that a PDF wants.

    Source: OpenType 1.9, chapters head, hhea, hmtx, maxp, loca, glyf.
    """
    box = (0, -200, _ADVANCE, 800)
    tables = {
        b"glyf": b"\0\0\0\0",
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh",
            *(0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _EM, 0, 0, *box, 0, 8, 2, 0, 0),
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x10000, 800, -200, 0, _ADVANCE, *[0] * 3, 1, *[0] * 7, 2
        ),
        b"hmtx": struct.pack(">HhHh", _ADVANCE, 0, _ADVANCE, 0),
        b"loca": struct.pack(">HHH", 0, 0, 0),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, *[0] * 4, 1, *[0] * 8),
    }
    head = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64)
    directory, body = b"", b""
    for tag, content in sorted(tables.items()):
        at = len(head) + 16 * len(tables) + len(body)
        padded = content + bytes(-len(content) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, total, at, len(content))
        body += padded
    return head + directory + body
