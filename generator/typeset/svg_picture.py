"""Raster pictures inside of a figure, in the coding that PDF reads as it is."""

import io
from typing import Any

from generator.typeset.svg_parts import Picture
from generator.typeset.svg_path import SvgError


def picture_of_png(png: bytes, *, smooth: bool) -> Picture:
    """A PNG's pixels as the data of PNGs that PDF reads as they are. Raises SvgError."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(png)) as image:
            coloured = image.convert("RGBA")
    except (UnidentifiedImageError, OSError) as error:
        raise SvgError(f"a damaged picture: {error}") from error
    alpha = coloured.getchannel("A")
    seen = alpha.getextrema() != (255, 255)
    return Picture(
        coloured.width,
        coloured.height,
        _png_data(coloured.convert("RGB")),
        _png_data(alpha) if seen else b"",
        smooth,
    )


def _png_data(image: Any) -> bytes:
    """The compressed rows of `image` in PNG's own coding, which PDF calls predictor 15."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    png, at, data = buffer.getvalue(), 8, b""
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    return data
