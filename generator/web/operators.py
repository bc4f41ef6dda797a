"""Operators of a PDF → elements of an SVG: the drawings that pages on paper place, for browsers."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from generator.drawing.path import number

_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_WORD = re.compile(r"\[[^\]]*\]|\S+")
_PATH = {"m": "M", "l": "L", "c": "C"}


@dataclass(slots=True)
class _Layer:
    """What stands between q and Q."""

    matrix: Sequence[float] = _IDENTITY
    window: Sequence[float] = ()
    paint: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)


def elements(operators: str, name: Callable[[str], str]) -> str:
    """The SVG elements of `operators`, in their own axes: y upwards.

    name: what "/NAME Do" draws → the id of its path on the page. Colours that no operator sets
    are those of the text around. Raises ValueError for an operator that formulas never have.
    """
    layers = [_Layer()]
    numbers: list[str] = []
    for word in _WORD.findall(operators):
        layer = layers[-1]
        if word[0] in "-.0123456789[/":
            numbers.append(word)
            continue
        if word == "q":
            layers.append(_Layer())
        elif word == "Q":
            layers.pop()
            layers[-1].drawn.append(_closed(layer))
        elif word == "cm":
            layer.matrix = [float(item) for item in numbers]
        elif word == "Do":
            layer.drawn.append(_use(name(numbers[0][1:]), layer.matrix, layer.paint))
        elif word in _PATH:
            layer.path.append(f"{_PATH[word]}{' '.join(map(_short, numbers))}")
        elif word == "h":
            layer.path.append("Z")
        elif word == "re":
            x, y, width, height = (float(item) for item in numbers)
            layer.path.append(_rectangle(x, y, width, height))
            layer.window = (x, y, width, height)
        elif word in ("f", "S"):
            layer.drawn.append(_shape(layer, filled=word == "f"))
            layer.path = []
        elif word in ("W", "n"):
            layer.path = []  # the window is what `re` said
            if word == "W":
                layer.paint["clip"] = "yes"
        else:
            _set(layer, word, numbers)
        numbers = []
    return "".join(layers[0].drawn)


def path_data(operators: str) -> str:
    """The path of a letter as the `d` of an SVG path, to 1/1000 em."""
    data: list[str] = []
    numbers: list[str] = []
    for word in operators.split():
        if word in _PATH:
            data.append(_PATH[word] + _joined(str(round(float(item))) for item in numbers))
        elif word == "h":
            data.append("Z")
        elif word == "re":
            data.append(_rectangle(*(float(item) for item in numbers)))
        else:
            numbers.append(word)
            continue
        numbers = []
    return "".join(data)


def _joined(numbers: Iterable[str]) -> str:
    return " ".join(numbers).replace(" -", "-")


def _short(text: str) -> str:
    return number(float(text))


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}Z"


def _set(layer: _Layer, word: str, numbers: Sequence[str]) -> None:
    """Note a colour, the width of lines, or how they are dashed."""
    if word in ("rg", "RG"):
        channels = " ".join(str(round(255 * float(item))) for item in numbers)
        layer.paint["fill" if word == "rg" else "stroke"] = f"rgb({channels})"
    elif word == "w":
        layer.paint["stroke-width"] = _short(numbers[0])
    elif word == "d":
        layer.paint["stroke-dasharray"] = numbers[0].strip("[]")
    elif word == "J":
        layer.paint["stroke-linecap"] = ("butt", "round", "square")[int(numbers[0])]
    else:
        raise ValueError(f"operator {word}")


def _transform(matrix: Sequence[float]) -> str:
    if tuple(matrix) == _IDENTITY:
        return ""
    if tuple(matrix[:4]) == _IDENTITY[:4]:
        return f' transform="translate({number(matrix[4])} {number(matrix[5])})"'
    # Scales need more digits than places, as in `drawing.path.change`.
    scales = [f"{item:.6f}".rstrip("0").rstrip(".") for item in matrix[:4]]
    return f' transform="matrix({" ".join([*scales, *map(number, matrix[4:])])})"'


def _attributes(paint: dict[str, str], *wanted: str) -> str:
    return "".join(f' {key}="{paint[key]}"' for key in wanted if paint.get(key))


def _use(name: str, matrix: Sequence[float], paint: dict[str, str]) -> str:
    place = _transform(matrix)
    if place.startswith(' transform="translate'):
        x, y = number(matrix[4]), number(matrix[5])
        place = (f' x="{x}"' if x != "0" else "") + (f' y="{y}"' if y != "0" else "")
    return f'<use href="#{name}"{place}{_attributes(paint, "fill")}/>'


def _shape(layer: _Layer, *, filled: bool) -> str:
    data, place = "".join(layer.path), _transform(layer.matrix)
    if filled:
        return f'<path d="{data}"{place}{_attributes(layer.paint, "fill")}/>'
    line = _attributes(layer.paint, "stroke-width", "stroke-dasharray", "stroke-linecap")
    colour = layer.paint.get("stroke", "currentColor")
    return f'<path d="{data}"{place} fill="none" stroke="{colour}"{line}/>'


def _closed(layer: _Layer) -> str:
    """What a layer drew; within its window, if it has one."""
    inside = "".join(layer.drawn)
    if "clip" not in layer.paint:
        return inside
    x, y, width, height = map(number, layer.window)
    window = (
        f'<svg x="{x}" y="{y}" width="{width}" height="{height}" '
        f'viewBox="{x} {y} {width} {height}" overflow="hidden">{inside}</svg>'
    )
    place = _transform(layer.matrix)
    return f"<g{place}>{window}</g>" if place else window
