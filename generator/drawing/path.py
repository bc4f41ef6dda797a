"""SVG path data and transforms as PDF operators and matrices."""

import math
import re
from collections.abc import Iterator
from functools import lru_cache

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_TOKEN = re.compile(r"([A-Za-z])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([\s,]+)|(.)")
_TRANSFORM = re.compile(r"\s*(\w+)\s*\(([^()]*)\)\s*,?")
# What matplotlib and MathJax mostly write: absolute commands, numbers that need no rounding.
_SHORT = r"[\s,]*(-?\d+(?:\.\d{1,3})?)(?![\d.eE])"
_PLAIN = re.compile(rf"(?:\s*(?:[ML](?:{_SHORT}){{2}}|C(?:{_SHORT}){{6}}|[Zz]))*\s*")
_PLAIN_PAIR = re.compile(rf"([ML]){_SHORT}{_SHORT}")
_PLAIN_CURVE = re.compile(rf"C{_SHORT * 6}")
_LETTERS = str.maketrans({"M": "m", "L": "l", "Z": " h\n", "z": " h\n"})
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


class SvgError(ValueError):
    """The drawing says something that this converter has no word for."""


def number(value: float) -> str:
    """`value` for a PDF: at most three decimals, no exponent, no negative zero."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def change(matrix: Matrix) -> str:
    """The operator that draws on in the space of `matrix`; "" if that is the same."""
    if matrix == IDENTITY:
        return ""
    # Scales need more digits than places: matplotlib sets its letters at 0.015625.
    scales = [f"{value:.7g}" if abs(value) >= 1e-4 else f"{value:.9f}" for value in matrix[:4]]
    return " ".join([*scales, *map(number, matrix[4:])]) + " cm"


def multiply(inner: Matrix, outer: Matrix) -> Matrix:
    """The transform that applies `inner` first, then `outer`."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def transform(text: str) -> Matrix:
    """The matrix of an SVG `transform` attribute. Raises SvgError on what it does not know."""
    if not text:
        return IDENTITY
    result, end = IDENTITY, 0
    for found in _TRANSFORM.finditer(text):
        if found.start() != end:
            break
        end = found.end()
        values = [float(item) for item in re.split(r"[\s,]+", found[2].strip()) if item]
        result = multiply(_step(found[1], values), result)
    if text[end:].strip():
        raise SvgError(f"transform {text!r}")
    return result


def _step(name: str, values: list[float]) -> Matrix:
    match name, values:
        case "translate", [x]:
            return (1, 0, 0, 1, x, 0)
        case "translate", [x, y]:
            return (1, 0, 0, 1, x, y)
        case "scale", [x]:
            return (x, 0, 0, x, 0, 0)
        case "scale", [x, y]:
            return (x, 0, 0, y, 0, 0)
        case "matrix", [a, b, c, d, e, f]:
            return (a, b, c, d, e, f)
        case "rotate", [angle]:
            sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
            return (cosine, sine, -sine, cosine, 0, 0)
        case "rotate", [angle, x, y]:
            turned = multiply((1, 0, 0, 1, -x, -y), _step("rotate", [angle]))
            return multiply(turned, (1, 0, 0, 1, x, y))
        case "skewX", [angle]:
            return (1, 0, math.tan(math.radians(angle)), 1, 0, 0)
        case "skewY", [angle]:
            return (1, math.tan(math.radians(angle)), 0, 1, 0, 0)
    raise SvgError(f"transform {name}({', '.join(map(str, values))})")


@lru_cache(maxsize=1024)  # letters come again and again, up to 3 KB each
def path_operators(data: str) -> str:
    """The PDF operators that build the path of an SVG `d` attribute; "" if it is empty.

    Raises SvgError on arcs and on damaged data.
    """
    if data[:1] == "M" and _PLAIN.fullmatch(data):
        curved = _PLAIN_CURVE.sub(r" \1 \2 \3 \4 \5 \6 c ", data)
        return _PLAIN_PAIR.sub(r"\2 \3 \1 ", curved).translate(_LETTERS)
    written: list[str] = []
    x = y = start_x = start_y = 0.0
    control: tuple[float, float] | None = None  # last control point, for S and T
    previous = ""
    for letter, values in _commands(data):
        kind = letter.upper()
        if letter.islower():
            shift = (x, y) * 3
            if kind == "H":
                values = [values[0] + x]
            elif kind == "V":
                values = [values[0] + y]
            else:
                values = [value + by for value, by in zip(values, shift, strict=False)]
        if not previous and kind != "M":
            raise SvgError(f"a path that starts with {letter}")
        if kind == "M":
            x, y = start_x, start_y = values[0], values[1]
            written.append(f"{number(x)} {number(y)} m")
        elif kind == "Z":
            x, y = start_x, start_y
            written.append("h")
        elif kind in "LHV":
            x = values[0] if kind != "V" else x
            y = values[-1] if kind != "H" else y
            written.append(f"{number(x)} {number(y)} l")
        else:
            if kind in "ST":
                smooth = control if previous in ("CS" if kind == "S" else "QT") else None
                first = (2 * x - smooth[0], 2 * y - smooth[1]) if smooth else (x, y)
                values = [*first, *values]
            control = (values[-4], values[-3])
            if kind in "QT":
                u, v, end_x, end_y = values
                values = [
                    x + (u - x) * 2 / 3,
                    y + (v - y) * 2 / 3,
                    end_x + (u - end_x) * 2 / 3,
                    end_y + (v - end_y) * 2 / 3,
                    end_x,
                    end_y,
                ]
            x, y = values[-2], values[-1]
            written.append(" ".join(map(number, values)) + " c")
        previous = kind
    return "\n".join(written)


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """Each command letter with its numbers, repeated letters written out."""
    letter, values, fresh = "", list[float](), False
    for found in _TOKEN.finditer(data):
        if found[4]:
            raise SvgError(f"path data {found[4]!r}")
        if found[3]:
            continue
        if found[1]:
            if values or fresh:
                raise SvgError(f"too few numbers after {letter} in a path")
            letter = found[1]
            if letter.upper() not in _ARITY or letter in "Aa":
                raise SvgError(f"path command {letter}")
            fresh = _ARITY[letter.upper()] > 0
            if not fresh:
                yield letter, []
            continue
        if not letter or letter in "Zz":
            raise SvgError(f"a number without a command in path data {data[:40]!r}")
        values.append(float(found[2]))
        if len(values) == _ARITY[letter.upper()]:
            yield letter, values
            values, fresh = [], False
            # More pairs after a move are lines.
            letter = {"M": "L", "m": "l"}.get(letter, letter)
    if values or fresh:
        raise SvgError(f"too few numbers after {letter} in a path")
