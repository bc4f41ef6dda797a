"""Subsets of the Korean fonts that are small, and right in every viewer.

Korean fonts are CFF with CIDs. WeasyPrint 70 keeps the numbers of all glyphs up to the last one
used, so that 107 letters of bold took 133 KB, of which 6 KB are letters; and it embeds them as
OpenType with glyph numbers where PDF 32000-1, 9.7.4.2, wants the CIDs of the font's own charset,
which viewers that ignore the charset show right and others do not. Here unused glyphs go, the
charset says what the page says, and the bare CFF is embedded, for which all viewers agree.
"""

import re
from itertools import pairwise
from typing import Any

import pydyf
from weasyprint.pdf.fonts import Font
from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset
from weasyprint.text.fonts import get_hb_object_data

_ESCAPE, _LONG, _REAL = 12, 29, 30  # first bytes in a CFF DICT
_CHARSET, _CHAR_STRINGS, _FD_SELECT = b"\x0f", b"\x11", b"\x0c\x25"
_ZERO, _VERTICAL, _BOTH = b"\x8b", b"\x04", b"\x15"  # in a Type 2 charstring
_ONE_MOVE = re.compile(rb"\A(\x1c..|[\x20-\xf6]|[\xf7-\xfe].|\xff....)([\x04\x16])", re.DOTALL)
_DROPPED = (b"BASE", b"DSIG", b"GDEF", b"GPOS", b"GSUB", b"VORG", b"vhea", b"vmtx", b"STAT")


class SubsetFont(Font):  # type: ignore[misc]
    """WeasyPrint's font of a PDF, with a subset of its own for CFF."""

    def _harfbuzz_subset(self, to_unicode: dict[int, str], hinting: bool) -> None:
        """Reduce `file_content` to the glyphs that are keys of `to_unicode`."""
        if "CFF " not in self.tables:
            super()._harfbuzz_subset(to_unicode, hinting)
            return
        glyphs = sorted({0, *to_unicode})
        self.file_content = with_charset(_reduced(self.hb_face, glyphs), glyphs[1:])

    @property
    def type(self) -> str:
        """What WeasyPrint goes by: "otf" for CFF."""
        return "otf" if "CFF " in self.tables else "ttf"


def with_charset(cff: bytes, cids: list[int]) -> bytes:
    """The CFF font program `cff`, whose glyphs from 1 on are called `cids` from now on.

    The table that says which private dictionary a glyph has is written out, one byte a glyph:
    page-validation 0.11 misreads ranges. fontTools does the same in 0.2 s, because it takes every
    outline apart. Source: Adobe Technical Note 5176, sections 4 (DICT), 5 (INDEX), 13 (charsets)
    and 19 (FDSelect).
    """
    start, count = _first_of_index(cff, _end_of_index(cff, cff[2]))
    charset = b"\0" + b"".join(cid.to_bytes(2, "big") for cid in cids)
    made = bytearray(cff)
    _move(made, _operand(cff, start, start + count, _CHARSET), charset)
    place = _operand(cff, start, start + count, _FD_SELECT)
    old = int.from_bytes(cff[place : place + 4], "big")
    _move(made, place, b"\0" + _selected(cff, old, len(cids) + 1))
    _write_moves_out(made, _operand(cff, start, start + count, _CHAR_STRINGS))
    return bytes(made)


def _write_moves_out(made: bytearray, operand: int) -> None:
    """Let every glyph of `made` begin with rmoveto, where it begins with hmoveto or vmoveto.

    page-validation 0.11 takes the one number of these for the glyph's width. HarfBuzz writes
    rmoveto wherever it takes hints out, so this is about a few glyphs that never had any.
    """
    at = int.from_bytes(made[operand : operand + 4], "big")
    data, offsets = _index(bytes(made), at)
    old = [bytes(made[data + begin - 1 : data + end - 1]) for begin, end in pairwise(offsets)]
    new = [_ONE_MOVE.sub(_written_out, shape) for shape in old]
    if new == old:
        return
    end = data + offsets[-1] - 1
    made[at:end] = bytes(end - at)  # compresses to nothing
    places = [1]
    for shape in new:
        places.append(places[-1] + len(shape))
    table = len(new).to_bytes(2, "big") + b"\4"
    table += b"".join(place.to_bytes(4, "big") for place in places)
    _move(made, operand, table + b"".join(new))


def _written_out(match: re.Match[bytes]) -> bytes:
    """A move along one axis as one along both (Adobe Technical Note 5177, section 4.1)."""
    distance, is_vertical = match[1], match[2] == _VERTICAL
    return (_ZERO + distance if is_vertical else distance + _ZERO) + _BOTH


def _move(made: bytearray, operand: int, table: bytes) -> None:
    """Put `table` at the end of `made` and let the offset at `operand` lead there."""
    made[operand : operand + 4] = len(made).to_bytes(4, "big")
    made += table


def _selected(cff: bytes, at: int, glyphs: int) -> bytes:
    """The number of each glyph's private dictionary, from the FDSelect at `at`."""
    if cff[at] == 0:
        return cff[at + 1 : at + 1 + glyphs]
    ranges = int.from_bytes(cff[at + 1 : at + 3], "big")
    selected = bytearray()
    for entry in range(at + 3, at + 3 + 3 * ranges, 3):
        until = int.from_bytes(cff[entry + 3 : entry + 5], "big")
        selected += cff[entry + 2 : entry + 3] * (until - len(selected))
    return bytes(selected)


def _index(cff: bytes, at: int) -> tuple[int, list[int]]:
    """Of the INDEX at `at`: where its data begin, and the offsets of its items, counted from 1."""
    count = int.from_bytes(cff[at : at + 2], "big")
    if count == 0:
        return at + 2, [1]
    size, first = cff[at + 2], at + 3
    offsets = [
        int.from_bytes(cff[first + size * item : first + size * (item + 1)], "big")
        for item in range(count + 1)
    ]
    return first + size * (count + 1), offsets


def _end_of_index(cff: bytes, at: int) -> int:
    data, offsets = _index(cff, at)
    return data + offsets[-1] - 1


def _first_of_index(cff: bytes, at: int) -> tuple[int, int]:
    """Where the first item of the INDEX at `at` begins, and its length."""
    data, offsets = _index(cff, at)
    return data + offsets[0] - 1, offsets[1] - offsets[0]


def _operand(cff: bytes, at: int, end: int, operator: bytes) -> int:
    """Where the four bytes of the offset before `operator` are in the DICT from `at` to `end`."""
    operand = at
    while at < end:
        byte = cff[at]
        if byte <= 21:  # an operator; what follows is the first operand of the next
            if cff[at : at + len(operator)] == operator and cff[operand] == _LONG:
                return operand + 1
            at += 2 if byte == _ESCAPE else 1
            operand = at
        elif byte == _REAL:
            at += 1
            while cff[at] & 0x0F != 0x0F and cff[at] & 0xF0 != 0xF0:
                at += 1
            at += 1
        else:
            at += {28: 3, _LONG: 5}.get(byte, 1 if byte < 247 else 2)
    raise ValueError(f"the CFF font does not say {operator!r}")


def _reduced(face: Any, glyphs: list[int]) -> bytes:
    """The CFF of `face` with only `glyphs`, which are sorted, renumbered from 0."""
    wish = ffi.gc(
        harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy
    )
    _fill(harfbuzz_subset.hb_subset_input_glyph_set(wish), glyphs)
    tags = sorted(harfbuzz.hb_tag_from_string(name, -1) for name in _DROPPED)
    _fill(
        harfbuzz_subset.hb_subset_input_set(wish, harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG),
        tags,
    )
    harfbuzz_subset.hb_subset_input_set_flags(
        wish,
        harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE
        | harfbuzz_subset.HB_SUBSET_FLAGS_NO_HINTING
        | harfbuzz_subset.HB_SUBSET_FLAGS_NO_LAYOUT_CLOSURE,
    )
    made = ffi.gc(harfbuzz_subset.hb_subset_or_fail(face, wish), harfbuzz.hb_face_destroy)
    return _table(get_hb_object_data(made), b"CFF ")


def _table(font: bytes, tag: bytes) -> bytes:
    """The table `tag` of an OpenType font."""
    for entry in range(12, 12 + 16 * int.from_bytes(font[4:6], "big"), 16):
        if font[entry : entry + 4] == tag:
            start = int.from_bytes(font[entry + 8 : entry + 12], "big")
            return font[start : start + int.from_bytes(font[entry + 12 : entry + 16], "big")]
    raise ValueError(f"the font has no table {tag!r}")


def _fill(members: Any, values: list[int]) -> None:
    array = ffi.new(f"hb_codepoint_t[{len(values)}]", values)
    harfbuzz.hb_set_add_sorted_array(members, array, len(values))


def name_bare_fonts(_document: Any, pdf: Any) -> None:
    """Say of every CFF in the PDF that it is bare and brings its own charset; a finisher."""
    for entry in pdf.objects:
        if isinstance(entry, pydyf.Stream) and entry.extra.get("Subtype") == "/OpenType":
            entry.extra["Subtype"] = "/CIDFontType0C"
        elif isinstance(entry, pydyf.Dictionary) and entry.get("Subtype") == "/CIDFontType0":
            del entry["CIDToGIDMap"]
