"""Heavier letters: outlines moved outwards, so that formulas are as dark as the text around.

Computer Modern was drawn for presses that add ink. A line painted around each letter would do on
paper, but viewers draw no line thinner than a pixel, and formulas would look bold on a screen.
"""

import math
from functools import lru_cache

from generator.drawing.path import number

# By how much strokes become wider, in 1/1000 em. Beside Source Serif those of the mathematical font
# are 0.66 as wide; with this they are 0.93 (benchmarks/typography.py, 600 dpi).
HAIR = 21.0
_SHARP = 0.06  # corners that turn back on themselves further than this are not drawn out

_Point = tuple[float, float]


@lru_cache(maxsize=1024)
def heavier(path: str, hair: float = HAIR) -> str:
    """The closed outlines `path`, PDF operators of lines and curves, with strokes wider by `hair`.

    Points of the outline and of its curves' control polygon move by half of it along the normal,
    which keeps a curve parallel to itself as well as can be for so small a step. Other operators
    (a rectangle) leave the path as it is.
    """
    contours: list[list[tuple[str, list[_Point]]]] = []
    values: list[float] = []
    for token in path.split():
        if token in ("m", "l", "c"):
            points = list(zip(values[::2], values[1::2], strict=True))
            if token == "m":
                contours.append([])
            if not contours:
                return path
            contours[-1].append((token, points))
            values = []
        elif token == "h":
            continue
        else:
            try:
                values.append(float(token))
            except ValueError:
                return path
    rings = [[point for _, points in contour for point in points] for contour in contours]
    # Outer contours and holes run in opposite directions; the outer ones enclose more.
    outwards = 1.0 if sum(map(_area, rings)) > 0 else -1.0
    written = []
    for contour, ring in zip(contours, rings, strict=True):
        moved = iter(_moved(ring, outwards * hair / 2))
        for operator, points in contour:
            pairs = (f"{number(x)} {number(y)}" for x, y in (next(moved) for _ in points))
            written.append(f"{' '.join(pairs)} {operator}")
        written.append("h")
    return "\n".join(written)


def _area(ring: list[_Point]) -> float:
    """Twice the enclosed area, positive if `ring` runs counterclockwise (y upwards)."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))


def _moved(ring: list[_Point], distance: float) -> list[_Point]:
    """The points of `ring`, each `distance` to the right of its way, corners mitred."""
    distinct = [point for at, point in enumerate(ring) if point != ring[at - 1]]
    if len(distinct) < 3:
        return ring
    places: dict[int, _Point] = {}
    count = len(distinct)
    for at, (x, y) in enumerate(distinct):
        before, after = distinct[at - 1], distinct[(at + 1) % count]
        long, next_long = math.dist(before, (x, y)), math.dist((x, y), after)
        in_x, in_y = (x - before[0]) / long, (y - before[1]) / long
        out_x, out_y = (after[0] - x) / next_long, (after[1] - y) / next_long
        turn = 1 + in_x * out_x + in_y * out_y  # 2: straight on, 0: back
        step = distance / max(turn, _SHARP)
        # A mitre longer than its shorter side would cross the outline.
        step = math.copysign(min(abs(step), min(long, next_long) / max(turn, _SHARP) + 1), distance)
        if turn < _SHARP:
            places[at] = (x, y)
        else:
            places[at] = (x + (in_y + out_y) * step, y - (in_x + out_x) * step)
    result: list[_Point] = []
    at = -1
    # The same walk again: repeated points stay together.
    first_repeats = ring[0] == ring[-1]
    for place, point in enumerate(ring):
        if point != ring[place - 1] or (place == 0 and not first_repeats):
            at += 1
        result.append(places[at % count])
    return result
