"""SVG's basic shapes as the PDF operators that build their paths."""

import re
from collections.abc import Mapping

from generator.drawing.path import SvgError, number, path_operators
from generator.drawing.style import length

BEND = 0.5522847498  # control distance of a quarter circle drawn as a Bézier curve


def shape(name: str, attributes: Mapping[str, str]) -> str:
    """The path of the element `name`; "" if it covers nothing. Raises SvgError."""

    def get(*keys: str) -> list[float]:
        return [length(attributes.get(key, "0")) for key in keys]

    match name:
        case "path":
            return path_operators(attributes.get("d", ""))
        case "rect":
            x, y, width, height = get("x", "y", "width", "height")
            if any(get("rx", "ry")):
                raise SvgError("a rectangle with round corners")
            if width <= 0 or height <= 0:
                return ""
            return " ".join(map(number, (x, y, width, height))) + " re"
        case "line":
            x1, y1, x2, y2 = map(number, get("x1", "y1", "x2", "y2"))
            return f"{x1} {y1} m\n{x2} {y2} l"
        case "circle":
            x, y, radius = get("cx", "cy", "r")
            return ellipse(x, y, radius, radius)
        case "ellipse":
            return ellipse(*get("cx", "cy", "rx", "ry"))
        case "polygon" | "polyline":
            lines = polygon(attributes.get("points", ""))
            return f"{lines}\nh" if lines and name == "polygon" else lines
    raise SvgError(f"element <{name}>")


def polygon(points: str) -> str:
    """A line through `points`, not closed."""
    values = [float(item) for item in re.split(r"[\s,]+", points.strip()) if item]
    if len(values) % 2:
        raise SvgError("an odd number of coordinates")
    pairs = [f"{number(x)} {number(y)}" for x, y in zip(values[::2], values[1::2], strict=True)]
    return "\n".join(f"{pair} {'l' if at else 'm'}" for at, pair in enumerate(pairs))


def ellipse(x: float, y: float, rx: float, ry: float) -> str:
    """An ellipse of four curves; "" without an extent."""
    if rx <= 0 or ry <= 0:
        return ""
    curves = [f"{number(x + rx)} {number(y)} m"]
    for cosine, sine in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        points = (
            (cosine - sine * BEND, sine + cosine * BEND),
            (-sine + cosine * BEND, cosine + sine * BEND),
            (-sine, cosine),
        )
        flat = [number(v) for px, py in points for v in (x + px * rx, y + py * ry)]
        curves.append(" ".join(flat) + " c")
    return "\n".join(curves) + "\nh"
