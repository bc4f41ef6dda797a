"""Attribute lists as Pandoc writes them: {#id .class key="value"}."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# A value in double quotes may hold escaped quotes and whole {{ expressions }}.
_QUOTED = r'"(?>\{\{(?:[^{}\n]|\n(?![ \t]*\n))*?\}\}|\\.|[^"\\])*+"'
_ITEM = rf"\#[^\s{{}}\"=]+|\.[^\s{{}}\"=.]+|[A-Za-z][\w-]*=(?:{_QUOTED}|[^\s{{}}\"“”‘’]+)"
LIST = re.compile(rf"\{{\s*(?:{_ITEM})(?:\s+(?:{_ITEM}))*\s*\}}")
_ITEMS = re.compile(_ITEM)

LABEL = re.compile(
    r"(?:fig|tbl|eq|sec|lst|thm|lem|prp|cor|cnj|def|exm|rem|exr)-"
    r"[A-Za-z0-9]+(?:[_-]+[A-Za-z0-9]+)*"
)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What an attribute list says. label: the id without '#', "" if there is none.

    doubles: keys and ids given twice, which the author can't have meant.
    """

    label: str = ""
    classes: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    doubles: tuple[str, ...] = ()


def read_attributes(text: str) -> Attributes:
    """The attributes in `text`, which `LIST` matches as a whole."""
    label = ""
    classes: list[str] = []
    values: dict[str, str] = {}
    doubles: list[str] = []
    for item in _ITEMS.findall(text[1:-1]):
        if item[0] == "#":
            if label:
                doubles.append("#" + item[1:])
            label = item[1:]
        elif item[0] == ".":
            classes.append(item[1:])
        else:
            key, _, value = item.partition("=")
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            if key in values:
                doubles.append(key)
            values[key] = " ".join(value.split())
    return Attributes(label, tuple(classes), values, tuple(doubles))
