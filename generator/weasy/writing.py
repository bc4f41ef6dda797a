"""The last steps before a PDF is written, and a quicker way to write it.

pydyf 0.13 turns every object into bytes twice, once for the file identifier, and so compresses
every stream twice; and it asks of every number what it is not before what it is.
"""

import zlib
from typing import Any

import pydyf

from generator.drawing.parts import COMPRESSION
from generator.weasy.formula_text import add_font
from generator.weasy.subset import name_bare_fonts


def finish(document: Any, pdf: Any) -> None:
    """The finisher that WeasyPrint calls with all objects made, before they are written."""
    name_bare_fonts(document, pdf)
    add_font(pdf)
    for entry in pdf.objects:
        if isinstance(entry, pydyf.Stream) and entry.compress:
            content = zlib.compress(b"\n".join(map(to_bytes, entry.stream)), COMPRESSION)
            entry.stream = [content]
            entry.extra["Filter"] = "/FlateDecode"
            entry.compress = False


def to_bytes(item: Any) -> bytes:
    """`item` as it stands in a PDF; the same as pydyf's own function."""
    kind = type(item)
    if kind is bytes:
        return item  # type: ignore[no-any-return]
    if kind is str:
        return item.encode("ascii")  # type: ignore[no-any-return]
    if kind is int:
        return b"%d" % item
    if kind is float:
        if item.is_integer():
            return b"%d" % int(item)
        return (b"%f" % item).rstrip(b"0")
    if isinstance(item, pydyf.Object):
        return item.data  # type: ignore[no-any-return]
    return str(item).encode("ascii")
