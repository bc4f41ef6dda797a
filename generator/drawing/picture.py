"""Raster pictures inside of a figure, in the coding that PDF reads as it is."""

import io
from collections.abc import Iterator
from typing import Any

from generator.drawing.parts import Picture, Rows
from generator.drawing.path import SvgError


def picture_of_png(png: bytes, *, smooth: bool) -> Picture:
    """A PNG's pixels, none changed, as the data of PNGs that PDF reads as they are.

    Up to 256 colours are kept as a palette, half as large. smooth: a viewer may blur it.
    Raises SvgError on a damaged picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(png)) as image:
            coloured = image.convert("RGBA")
    except (UnidentifiedImageError, OSError) as error:
        raise SvgError(f"a damaged picture: {error}") from error
    alpha = coloured.getchannel("A")
    opaque = alpha.getextrema() == (255, 255)
    pixels = coloured.convert("RGB")
    if pixels.getcolors(256):
        few = pixels.quantize(256, dither=Image.Dither.NONE)
        # Pillow does not promise that it finds the very colours, even when there are few.
        if few.convert("RGB").tobytes() == pixels.tobytes():
            pixels = few
    size = coloured.size
    return Picture(*size, _rows(pixels), None if opaque else _rows(alpha), smooth)


def _rows(image: Any) -> Rows:
    """`image` as the compressed rows of a PNG, which PDF calls predictor 15."""
    buffer = io.BytesIO()
    # The best of zlib's levels takes ten times as long for 2 % less.
    image.save(buffer, format="PNG")
    depth, palette, data = 8, b"", b""
    for kind, content in _chunks(buffer.getvalue()):
        if kind == b"IHDR":
            depth = content[8]
        elif kind == b"PLTE":
            palette = content
        elif kind == b"IDAT":
            data += content
    return Rows(data, depth, {"L": 1, "P": 1, "RGB": 3}[image.mode], palette)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12
