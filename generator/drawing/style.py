"""What SVG's attributes and styles say about painting, as PDF operators."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from generator.drawing.path import SvgError, number

# Inherited properties with their initial values: https://www.w3.org/TR/SVG2/propidx.html
INITIAL: dict[str, str] = {
    "fill": "black",
    "fill-opacity": "1",
    "fill-rule": "nonzero",
    "clip-rule": "nonzero",
    "stroke": "none",
    "stroke-opacity": "1",
    "stroke-width": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-miterlimit": "4",
    "stroke-dasharray": "none",
    "stroke-dashoffset": "0",
    "visibility": "visible",
    "color": "black",
    "image-rendering": "auto",
}
# Not inherited; each element starts anew.
OWN = {"opacity": "1", "clip-path": "none", "display": "inline"}
KNOWN = INITIAL.keys() | OWN.keys()
# Say nothing about shapes; text itself is not drawn here.
_HARMLESS = re.compile(r"(font|text|letter|word|writing|white|line-height|direction|-inkscape)")

_CAPS = {"butt": "0", "round": "1", "square": "2"}
_JOINS = {"miter": "0", "round": "1", "bevel": "2"}
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_LENGTH = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-z]*)\s*")
_EVERYTHING = re.compile(r"\s*\*\s*\{([^{}]*)\}\s*")

Style = Mapping[str, str]


@lru_cache(maxsize=4096)
def length(text: str) -> float:
    """A length in CSS pixels. Raises SvgError on percentages and units relative to a font."""
    found = _LENGTH.fullmatch(text)
    if not found or found[2] not in _UNITS:
        raise SvgError(f"length {text!r}")
    return float(found[1]) * _UNITS[found[2]]


def declarations(text: str) -> dict[str, str]:
    """The properties of a `style` attribute. Raises SvgError on what is none."""
    found = {}
    for part in text.split(";"):
        name, colon, value = part.partition(":")
        if not part.strip():
            continue
        if not colon or "!" in value:
            raise SvgError(f"style {part.strip()!r}")
        found[name.strip().lower()] = value.strip()
    return found


def rules(sheet: str) -> dict[str, str]:
    """The properties that a style sheet gives to every element; other selectors are refused."""
    found: dict[str, str] = {}
    end = 0
    for rule in _EVERYTHING.finditer(sheet):
        if rule.start() != end:
            break
        found |= declarations(rule[1])
        end = rule.end()
    if sheet[end:].strip():
        raise SvgError(f"style sheet {sheet[end:].strip()[:40]!r}")
    return found


def computed(
    attributes: Mapping[str, str], everywhere: dict[str, str], inherited: Style
) -> dict[str, str]:
    """The style of an element: its own over the sheet's, over its attributes, over its parent's."""
    style = {name: inherited[name] for name in INITIAL} | OWN
    style |= {name: value for name, value in attributes.items() if name in KNOWN}
    for name, value in (everywhere | declarations(attributes.get("style", ""))).items():
        if name in KNOWN:
            style[name] = value
        elif not _HARMLESS.match(name):
            raise SvgError(f"property {name!r}")
    for name, value in style.items():
        if value == "inherit":
            style[name] = inherited.get(name, OWN.get(name, ""))
    for name in ("fill", "stroke"):
        if style[name].lower() == "currentcolor":
            style[name] = style["color"]
    return style


def line_state(style: Style) -> str:
    """The operators for width, ends, joins and dashes of a line, where they aren't PDF's own."""
    state = [f"{number(length(style['stroke-width']))} w"]
    if (cap := _choice(_CAPS, style["stroke-linecap"])) != "0":
        state.append(f"{cap} J")
    if (join := _choice(_JOINS, style["stroke-linejoin"])) != "0":
        state.append(f"{join} j")
    else:
        state.append(f"{number(float(style['stroke-miterlimit']))} M")
    if style["stroke-dasharray"] != "none":
        dashes = [length(item) for item in re.split(r"[\s,]+", style["stroke-dasharray"].strip())]
        if min(dashes) < 0:
            raise SvgError("negative dashes")
        if len(dashes) % 2:
            dashes *= 2
        if any(dashes):
            offset = length(style["stroke-dashoffset"])
            offset %= sum(dashes)
            state.append(f"[{' '.join(map(number, dashes))}] {number(offset)} d")
    return "\n".join(state)


def _choice(table: Mapping[str, str], value: str) -> str:
    if value not in table:
        raise SvgError(f"line style {value!r}")
    return table[value]


@cache
def colour(name: str) -> tuple[str, float]:
    """Red, green and blue as PDF numbers, and the alpha, of a CSS colour. Raises SvgError."""
    if re.fullmatch(r"#[0-9a-fA-F]{6}", name):
        return " ".join(number(int(name[at : at + 2], 16) / 255) for at in (1, 3, 5)), 1.0
    from tinycss2.color5 import parse_color

    parsed = parse_color(name)
    if parsed is None or parsed.space not in ("srgb", "hsl", "hwb"):
        raise SvgError(f"colour {name!r}")
    parsed = parsed.to("srgb")
    return " ".join(number(channel) for channel in parsed.coordinates), float(parsed.alpha)
