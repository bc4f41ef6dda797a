"""What a template sees of a report's results: `value.name`, `string.name`, `table.name`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.model import Cell, Parameter, Quantity, Results, Table
from generator.text.values.quantities import Number


class Names:
    """Things of one kind by name: `value.name` or `value["name"]`."""

    __slots__ = ("_items", "kind")

    def __init__(self, kind: str, items: Mapping[str, Any]) -> None:
        self.kind = kind
        self._items = items

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)


class Quoted(str):
    """A text that the script computed."""

    __slots__ = ()


_NONE: Mapping[str, Parameter] = {}


@dataclass(frozen=True, slots=True)
class Code:
    """A string of the results to be set as code."""

    text: str


class TableView:
    """A table of the results: set where it stands alone; `rows` and `columns` serve loops."""

    __slots__ = ("columns", "rows", "table")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns = tuple(Quoted(name) for name in table.columns)
        self.rows = tuple(tuple(_cell(cell) for cell in row) for row in table.rows)


def _cell(cell: Cell) -> Number | Quoted:
    return Number(cell) if isinstance(cell, Quantity) else Quoted(cell)


def _parameter(value: Parameter) -> Any:
    """A parameter as a text sees it: it counts as quoted, since study.toml says it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return [_parameter(part) for part in value]
    return Quoted(value) if isinstance(value, str) else Number(Quantity(value))


def exposed(
    results: Results, language: str = "", parameters: Mapping[str, Parameter] = _NONE
) -> dict[str, Names]:
    """The names that a template knows; tables as they are in `language`."""
    values = {name: Number(value) for name, value in results.values.items()}
    strings = {name: Quoted(text) for name, text in results.strings.items()}
    tables = {
        name: TableView(dict(table.languages).get(language, table))
        for name, table in results.tables.items()
    }
    return {
        "value": Names("value", values),
        "string": Names("string", strings),
        "table": Names("table", tables),
        "parameter": Names(
            "parameter", {name: _parameter(value) for name, value in parameters.items()}
        ),
    }
