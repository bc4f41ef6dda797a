"""How much room the style sheet leaves for text, tables, formulas and code.

WeasyPrint lets a table that is too wide stick out of the page without a word, so tables, formulas
and lines of code are fitted before anything is laid out, to what the style sheet says: size and
margins of `@page`, letters of `html`, `table` and `pre`. Where that can't be read off its rules,
`html { --text-width: 120mm; --sideways-width: 210mm }` and `pre { --code-columns: 70 }` say it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2

from generator.errors import PageError, Where, raise_all
from generator.weasy.properties import declarations

_SHEET = "templates/report.css"
_PT = {"pt": 1.0, "px": 0.75, "pc": 12.0, "in": 72.0, "cm": 72 / 2.54, "mm": 7.2 / 2.54}
_LEAST_MM = 30
_LEAST_COLUMNS = 20
_LETTER_EM = 0.6  # the width of every letter of Study Mono
_INLINE = 0.95  # of a line: the widest formula in it that can't be broken
_FORMULA_EM = 1.05  # its letters beside those of the text

_OWN = frozenset(("--text-width", "--sideways-width", "--code-columns"))
_PAGE = re.compile(r"@page\s*([\w-]*)((?::[\w-]+(?:\([^()]*\))?)*)", re.IGNORECASE)
_SIDES = ("margin_left", "margin_right", "padding_left", "padding_right")
_EDGES = ("border_left_width", "border_right_width")


@dataclass(frozen=True, slots=True)
class TableSetting:
    """A way to set a table: its class, the size of its letters, the space beside a cell's text."""

    name: str
    size_pt: float
    padding_pt: float


@dataclass(frozen=True, slots=True)
class Measure:
    """The room on a page: widths of the text in points, of a line of code in columns.

    inline_em, display_em: the widest formula in a line and on its own, in em of its letters.
    """

    upright_pt: float
    sideways_pt: float
    code_columns: int
    inline_em: float
    display_em: float
    tables: tuple[TableSetting, ...]


@dataclass(frozen=True, slots=True)
class _Value:
    """What a rule declares, as WeasyPrint understands it (a Dimension, a word), and its line."""

    value: Any
    line: int


@dataclass(frozen=True, slots=True)
class _Rule:
    """The selectors of a rule, the tokens between its braces, and its line."""

    selectors: tuple[str, ...]
    content: Sequence[Any]
    line: int

    def declared(self) -> dict[str, _Value]:
        return {name: _Value(value, self.line) for name, value in declarations(self.content)}


@lru_cache(maxsize=8)
def measure_of(css: str) -> Measure:
    """What the style sheet `css` leaves for text, tables, formulas and code.

    Raises PageErrors, all together, for lengths that can't be read or leave no room.
    """
    return _Sheet(css).measure()


class _Sheet:
    """The rules of a style sheet that say how wide things are; a later one wins."""

    def __init__(self, css: str) -> None:
        self.rules = list(_rules(tinycss2.parse_stylesheet(css)))
        self.own = {
            declaration.name: _Value(
                tinycss2.serialize(declaration.value).strip(), declaration.source_line
            )
            for rule in self.rules
            for declaration in tinycss2.parse_blocks_contents(rule.content)
            if declaration.type == "declaration" and declaration.name in _OWN
        }
        self.problems: list[PageError] = []

    def measure(self) -> Measure:
        body_pt = self.length(self.declared("html"), "font_size", 10.1, 12.0)
        upright = self.text_pt("--text-width", "")
        sideways = self.text_pt("--sideways-width", "sideways")
        tables = tuple(self.table(name, body_pt) for name in ("", "dense", "denser"))
        columns = self.columns(upright, body_pt)
        raise_all(self.problems, "style sheet")
        line_em = upright / (body_pt * _FORMULA_EM)
        return Measure(upright, sideways, columns, line_em * _INLINE, line_em, tables)

    def text_pt(self, own: str, page: str) -> float:
        """The width of the text on every page (""), or on those named `page`."""
        said = self.own.get(own)
        if said is not None:
            tokens = tinycss2.parse_component_value_list(f"width:{said.value}")
            values = {name: _Value(v, said.line) for name, v in declarations(tokens)}
            width, line = self.length(values, "width", 0.0), said.line
            if not values:
                self.unreadable(own, said.line, "write a length: 120mm")
        else:
            width, line = min(self.page_widths(page))
        if width < _LEAST_MM * _PT["mm"] and not self.problems:
            self.problem(
                f"leaves {width / _PT['mm']:.0f} mm for the text, {_LEAST_MM} are the least",
                line,
                "give @page a larger size or smaller margins",
            )
        return width

    def page_widths(self, page: str) -> Iterator[tuple[float, int]]:
        """The width of the text, and a line that says so: of any page, the first, left ones."""
        base: dict[str, _Value] = {}
        special: dict[str, dict[str, _Value]] = {}
        for name in dict.fromkeys(("", page)):  # what has a name wins
            for rule in self.rules:
                for found in filter(None, map(_PAGE.fullmatch, rule.selectors)):
                    if found[1] == name:
                        into = special.setdefault(found[2], {}) if found[2] else base
                        into |= rule.declared()
        for over in ({}, *special.values()):
            declared = base | over
            line = max((declared[n].line for n in ("size", *_SIDES) if n in declared), default=1)
            size = declared.get("size")
            width = {"size": _Value(size.value[0], size.line)} if size else {}
            room = self.length(width, "size", 210 * _PT["mm"])
            for side in _SIDES:
                # 75 px are WeasyPrint's own margin.
                room -= self.length(declared, side, 56.25 if "margin" in side else 0.0)
            yield room - sum(self.length(declared, edge, 0.0) for edge in _EDGES), line

    def table(self, name: str, body_pt: float) -> TableSetting:
        """How a table of the class `name` is set ("": any table)."""
        base = self.declared("table")
        cells = self.declared("td")
        if name:
            base |= self.declared(f"table.{name}") | self.declared(f".{name}")
            cells |= self.declared(f"table.{name} td") | self.declared(f".{name} td")
        size = self.length(base, "font_size", body_pt, body_pt)
        sides = (self.length(cells, f"padding_{side}", 0.75, size) for side in ("left", "right"))
        return TableSetting(name, size, sum(sides))

    def columns(self, upright: float, body_pt: float) -> int:
        """How many letters a line of code has room for."""
        said = self.own.get("--code-columns")
        if said is not None:
            if re.fullmatch(r"\d{1,4}", said.value) and int(said.value) >= _LEAST_COLUMNS:
                return int(said.value)
            hint = f"write a whole number, {_LEAST_COLUMNS} or more"
            self.unreadable("--code-columns", said.line, hint)
            return _LEAST_COLUMNS
        declared = self.declared("pre")
        size = self.length(declared, "font_size", body_pt, body_pt, "pre { --code-columns: 70 }")
        for name in (*_SIDES, *_EDGES):
            upright -= self.length(declared, name, 0.0, size, "pre { --code-columns: 70 }")
        # A hair, because sums of millimetres are not exact.
        return max(_LEAST_COLUMNS, int(upright / (_LETTER_EM * size) + 1e-6)) if size else 80

    def declared(self, selector: str) -> dict[str, _Value]:
        """All that the rules for `selector` declare."""
        found: dict[str, _Value] = {}
        for rule in self.rules:
            if selector in rule.selectors:
                found |= rule.declared()
        return found

    def length(
        self,
        declared: Mapping[str, _Value],
        name: str,
        default: float,
        em_pt: float | None = None,
        instead: str = "html { --text-width: 120mm }",
    ) -> float:
        """The length `name` in points. em_pt: an em's, where one may be used.

        instead: the custom property that says what is asked for where this can't be read.
        """
        if name not in declared:
            return default
        value, line = declared[name].value, declared[name].line
        unit: Any = getattr(value, "unit", "")
        number: Any = getattr(value, "value", None)
        if isinstance(value, int | float):
            return value * _PT["px"]  # the width of a border
        if number == 0:
            return 0.0
        if unit in _PT:
            return float(number * _PT[unit])
        if em_pt is not None and unit in ("em", "rem", "%"):
            return float(number * em_pt / (100 if unit == "%" else 1))
        mend = "in mm, cm, in, pt or px"
        if em_pt is None:
            mend += f", or say what is left: {instead}"
        self.unreadable(name.replace("_", "-"), line, f"write it {mend}")
        return default

    def unreadable(self, what: str, line: int, hint: str) -> None:
        self.problem(f"{what}: this length can't be worked out", line, hint)

    def problem(self, message: str, line: int, hint: str) -> None:
        where = Where(_SHEET, line)
        if all((known.message, known.where) != (message, where) for known in self.problems):
            self.problems.append(PageError(message, where, hint))


def _rules(nodes: Iterable[Any]) -> Iterator[_Rule]:
    """The rules among the parsed `nodes`, also those for print alone."""
    for node in nodes:
        if node.type == "qualified-rule":
            yield _Rule(_selectors("", node), node.content, node.source_line)
        elif node.type == "at-rule" and node.content is not None:
            if node.lower_at_keyword == "page":
                yield _Rule(_selectors("@page", node), node.content, node.source_line)
            elif node.lower_at_keyword == "media":
                media = tinycss2.serialize(node.prelude)
                if "print" in media or "all" in media:
                    yield from _rules(tinycss2.parse_rule_list(node.content))


def _selectors(keyword: str, rule: Any) -> tuple[str, ...]:
    """What stands before a rule's braces, comma by comma, each part behind `keyword`."""
    prelude = tinycss2.serialize([token for token in rule.prelude if token.type != "comment"])
    parts = (" ".join(part.split()) for part in prelude.split(","))
    if not keyword:
        return tuple(parts)
    return tuple(f"{keyword} {re.sub(r' :', ':', part)}" for part in parts)
