"""What the numbers of our colours mean: sRGB as a profile of half a kilobyte, for archives.

The profile that comes with WeasyPrint spells sRGB's curve out in a table, 3 KB in every PDF;
version 4 of the format has its formula.
Source: ICC.1:2004-10 (version 4.2, which PDF 1.7 knows), IEC 61966-2-1; primaries and the
adaptation to D50 from B. Lindbloom's tables (Bradford).
"""

import struct
from collections.abc import Sequence
from functools import cache

_D50 = (0.9642, 1.0, 0.8249)
_RED = (0.4360747, 0.2225045, 0.0139322)
_GREEN = (0.3850649, 0.7168786, 0.0971045)
_BLUE = (0.1430804, 0.0606169, 0.7141733)
# From daylight, sRGB's white, to D50, the one of profiles; by rows.
_ADAPTATION = (
    *(1.0478112, 0.0228866, -0.0501270),
    *(0.0295424, 0.9904844, -0.0170491),
    *(-0.0092345, 0.0150436, 0.7521316),
)
# ((x + 0.055) / 1.055) ** 2.4 from 0.04045 up, x / 12.92 below.
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_HEAD = 128


@cache
def srgb_profile() -> bytes:
    """sRGB as an ICC profile; always the same bytes."""
    curve = struct.pack(">4sIHH", b"para", 0, 3, 0) + _fixed(_CURVE)
    tags = (
        (b"desc", _words("sRGB")),
        (b"cprt", _words("CC0")),
        (b"wtpt", _place(_D50)),
        (b"chad", struct.pack(">4sI", b"sf32", 0) + _fixed(_ADAPTATION)),
        (b"rXYZ", _place(_RED)),
        (b"gXYZ", _place(_GREEN)),
        (b"bXYZ", _place(_BLUE)),
        *((name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")),
    )
    at = _HEAD + 4 + 12 * len(tags)
    table, body, places = struct.pack(">I", len(tags)), b"", dict[bytes, int]()
    for name, content in tags:
        padded = content + bytes(-len(content) % 4)
        if content not in places:
            places[content] = at + len(body)
            body += padded
        table += struct.pack(">4sII", name, places[content], len(content))
    size = _HEAD + len(table) + len(body)
    # Size, maker, version, class, space and connection space; no date: it is not made anew.
    head = struct.pack(
        ">I4sI4s4s4s12x4s", size, b"", 0x04200000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    head += bytes(68 - len(head)) + _fixed(_D50)
    return head + bytes(_HEAD - len(head)) + table + body


def _fixed(numbers: Sequence[float]) -> bytes:
    """Numbers of 16 bits before the point and 16 behind it."""
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _place(numbers: Sequence[float]) -> bytes:
    return struct.pack(">4sI", b"XYZ ", 0) + _fixed(numbers)


def _words(text: str) -> bytes:
    content = text.encode("utf-16-be")
    head = struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(content), 28)
    return head + content
