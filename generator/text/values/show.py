"""What an expression gave, as it goes into the text: escaped for prose, maths or an attribute."""

import html
from dataclasses import dataclass
from typing import Any, Literal

from generator.text.markdown.marks import Expanded, Hidden
from generator.text.problems import Problems
from generator.text.values.exposed import Code, Names, Quoted, TableView
from generator.text.values.numbers import holds_typed_number
from generator.text.values.numerals import numeral, written
from generator.text.values.quantities import Number, write_number

Place = Literal["prose", "alone", "maths", "attribute"]
_TYPED = "a number typed into an expression is still typed"
_QUOTE_HINT = "quote it from the results: {{ value.name }}"


@dataclass(frozen=True, slots=True)
class Shower:
    """Writes what expressions gave; `strict`: numbers that no script computed are refused."""

    problems: Problems
    expanded: Expanded
    strict: bool = True

    def show(self, line: int, place: Place, result: Any) -> str:
        """The text for `result`, which stands at `line` in `place`."""
        if isinstance(result, TableView):
            return self._table(line, place, result)
        if isinstance(result, bool) or not isinstance(result, Number | Code | str | int | float):
            self.problems.add(line, f"{_named(result)} can't be shown", "name one value of it")
            return self.nothing(line, place)
        if self.strict and _is_typed(result):
            self.problems.add(line, _TYPED, _QUOTE_HINT)
            return self.nothing(line, place)
        if place == "maths":
            return self._maths(line, result)
        in_html, plain = _forms(result)
        if place == "attribute":
            return plain.replace("\\", "\\\\").replace('"', '\\"')
        return self.expanded.mark(Hidden("value", line, line, html=in_html, plain=plain))

    def nothing(self, line: int, place: Place) -> str:
        """What stands for an expression that failed: its place in a sentence is kept."""
        return self.expanded.mark(Hidden("value", line, line)) if place == "prose" else ""

    def _table(self, line: int, place: Place, view: TableView) -> str:
        if place != "alone":
            self.problems.add(
                line, "a table stands alone on its line", "leave a blank line before and after it"
            )
            return ""
        return self.expanded.mark(Hidden("table", line, line, table=view.table))

    def _maths(self, line: int, result: Number | Code | str | int | float) -> str:
        if isinstance(result, Number):
            # In braces: x^{{ value.n }} raises to the whole number, not to its first digit.
            return f"{{{write_number(result).tex}}}"
        self.problems.add(line, "only numbers can be quoted in a formula", _QUOTE_HINT)
        return ""


def _is_typed(result: Number | Code | str | int | float) -> bool:
    """Whether no script computed what reads as a measured number."""
    if isinstance(result, str) and not isinstance(result, Quoted):
        return holds_typed_number(result)
    return isinstance(result, float)


def _forms(result: Number | Code | str | int | float) -> tuple[str, str]:
    """`result` in HTML and in plain text."""
    if isinstance(result, Number):
        number = write_number(result)
        return number.html, number.plain
    if isinstance(result, Code):
        return f"<code>{html.escape(result.text, quote=False)}</code>", result.text
    if isinstance(result, str):
        return html.escape(result, quote=False), str(result)
    number = written(numeral(result, "default"))
    return number.html, number.plain


def _named(result: Any) -> str:
    if isinstance(result, Names):
        return f"'{result.kind}' alone"
    if isinstance(result, list | tuple):
        return "a list"
    if type(result).__name__ == "TemplateReference":
        return "'self'"
    return "a yes or no" if isinstance(result, bool) else f"a {type(result).__name__}"
