"""Drawings as objects of a PDF: Form XObjects, patterns, pictures (PDF 32000-1, 8.10)."""

from typing import Any

import pydyf

from generator.drawing.parts import Part, Picture, Rows, Tile, stream_of
from generator.weasy.invisible_text import TextForm


def form(part: Part, *, group: bool = False) -> Any:
    """`part` as a Form XObject (a pydyf.Stream); group: as one that is opaque in itself."""
    extra: dict[str, Any] = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": pydyf.Array(part.box),
        "Resources": _resources(part),
    }
    if group:
        extra["Group"] = pydyf.Dictionary(
            {"Type": "/Group", "S": "/Transparency", "I": "true", "CS": "/DeviceRGB"}
        )
    return _object(part, extra)


def _resources(part: Part) -> Any:
    objects = {name: _image(picture) for name, picture in sorted(part.pictures.items())}
    objects |= {name: form(inner, group=True) for name, inner in sorted(part.groups.items())}
    states = {
        name: pydyf.Dictionary({"ca" if name[0] == "a" else "CA": name[1:]})
        for name in sorted(part.alphas)
    }
    return pydyf.Dictionary(
        {
            "ExtGState": pydyf.Dictionary(states),
            "XObject": pydyf.Dictionary(objects),
            "Pattern": pydyf.Dictionary(
                {name: _tile(tile) for name, tile in sorted(part.patterns.items())}
            ),
            # WeasyPrint fills this in for every object that has resources.
            "Font": None,
        }
    )


def _tile(tile: Tile) -> Any:
    left, top, right, bottom = tile.cell.box
    extra = {
        "Type": "/Pattern",
        "PatternType": 1,
        "PaintType": 1,
        "TilingType": 1,
        "BBox": pydyf.Array(tile.cell.box),
        "XStep": right - left,
        "YStep": bottom - top,
        "Matrix": pydyf.Array(tile.matrix),
        "Resources": _resources(tile.cell),
    }
    return _object(tile.cell, extra)


def _image(picture: Picture) -> Any:
    def stream(rows: Rows, space: Any) -> Any:
        parameters = {
            "Predictor": 15,
            "Columns": picture.width,
            "Colors": rows.numbers,
            "BitsPerComponent": rows.depth,
        }
        extra = {
            "Type": "/XObject",
            "Subtype": "/Image",
            "Width": picture.width,
            "Height": picture.height,
            "ColorSpace": space,
            "BitsPerComponent": rows.depth,
            "Interpolate": "true" if picture.smooth else "false",
            "Filter": "/FlateDecode",
            "DecodeParms": pydyf.Dictionary(parameters),
        }
        return pydyf.Stream([rows.data], extra)

    space: Any = "/DeviceRGB"
    if palette := picture.colours.palette:
        table = f"<{palette.hex()}>"
        space = pydyf.Array(["/Indexed", "/DeviceRGB", len(palette) // 3 - 1, table])
    image = stream(picture.colours, space)
    if picture.alpha:
        image.extra["SMask"] = stream(picture.alpha, "/DeviceGray")
    return image


def _object(part: Part, extra: dict[str, Any]) -> Any:
    extra |= {"Filter": "/FlateDecode"}
    if part.letters:
        return TextForm([stream_of(part)], extra, part.letters, compress=False)
    return pydyf.Stream([stream_of(part)], extra)
