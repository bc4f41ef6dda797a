"""The last steps before a PDF is written, and a quicker way to write it.

pydyf 0.13 turns every object into bytes twice, once for the file identifier, and so compresses
every stream twice; and it asks of every number what it is not before what it is.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import pydyf

from generator.drawing.parts import COMPRESSION
from generator.model import Attachment
from generator.weasy.archive import attach, make_archivable
from generator.weasy.invisible_text import add_font
from generator.weasy.subset import name_bare_fonts


def finish(document: Any, pdf: Any, attachments: Sequence[Attachment] = ()) -> None:
    """The finisher that WeasyPrint calls with all objects made, before they are written.

    attachments: files that the PDF carries.
    """
    name_bare_fonts(document, pdf)
    add_font(pdf)
    attach(pdf, attachments)
    make_archivable(pdf)
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


def _stream_data(stream: Any) -> bytes:
    r"""A stream as it stands in a PDF.

    The end of line before "endstream" is no part of it, but "\r\n" is one end of line: after a
    last byte "\r" pydyf's "\n" makes the stream a byte shorter than it says for who looks for
    its end (PDF/A-3, 6.1.7.1).
    """
    content = b"\n".join(map(to_bytes, stream.stream))
    extra = pydyf.Dictionary(stream.extra.copy())
    if stream.compress:
        extra["Filter"] = "/FlateDecode"
        content = zlib.compress(content, 9)
    extra["Length"] = len(content)
    end = b"\r\nendstream" if content.endswith(b"\r") else b"\nendstream"
    return b"\n".join((extra.data, b"stream", content)) + end


stream_data = property(_stream_data)
