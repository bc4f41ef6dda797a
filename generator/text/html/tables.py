"""Tables: those of the results as HTML, captions, and rows that would lose cells."""

import re

from markdown_it.token import Token

from generator.model import Cell, Quantity, Table
from generator.text.html.context import Desk
from generator.text.html.decimals import aligned_numbers
from generator.text.html.formulas import words_html
from generator.text.html.inline import Line
from generator.text.markdown.outline import last_attributes, without_attributes
from generator.text.values.quantities import Number, write_number

_NUMBER = r"[-+−]?\d+(?:[,\u202f\u00a0]\d{3})*(?:\.\d+)?(?:×10[⁻⁰¹²³⁴-⁹]+)?"
_BOUNDS = rf"[\[(]{_NUMBER}, {_NUMBER}[\])]"
_RANGE = re.compile(
    rf"{_BOUNDS}|{_NUMBER}(?: ?(?:±|–|~|to|에서) ?{_NUMBER})?(?: {_BOUNDS})?(?:[ \u00a0\u202f]?%)?"
)
_MARKS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")


def result_table_html(desk: Desk, table: Table, line: int) -> str:
    """The table that is quoted at `line`."""
    numeric = [
        bool(table.rows) and all(_is_number(row[column], column) for row in table.rows)
        for column in range(len(table.columns))
    ]
    # A first column of words beside numbers names its rows.
    names_rows = bool(numeric) and not numeric[0] and any(numeric[1:])
    head = "".join(
        f'<th scope="col"{_aligned(number)}>{_cell(desk, name, line)}</th>'
        for name, number in zip(table.columns, numeric, strict=True)
    )
    rows = []
    for row in table.rows:
        cells = []
        for column, cell in enumerate(row):
            tag = "th" if names_rows and column == 0 else "td"
            scope = ' scope="row"' if tag == "th" else ""
            aligned = _aligned(numeric[column] or isinstance(cell, Quantity))
            cells.append(f"<{tag}{scope}{aligned}>{_cell(desk, cell, line)}</{tag}>")
        last = ' class="total"' if table.total and row is table.rows[-1] else ""
        rows.append(f"<tr{last}>{''.join(cells)}</tr>\n")
    return aligned_numbers(
        f"<table>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


def _is_number(cell: Cell, column: int) -> bool:
    """Whether it is set as a number: a quantity, or behind column 0 a range or an interval."""
    return isinstance(cell, Quantity) or (column > 0 and _RANGE.fullmatch(cell) is not None)


def _aligned(number: bool) -> str:
    return ' class="number"' if number else ""


def _cell(desk: Desk, cell: Cell, line: int) -> str:
    if isinstance(cell, Quantity):
        return write_number(Number(cell)).html
    return "<br>".join(words_html(desk, part, line) for part in cell.split("\n"))


def caption_html(desk: Desk, inline: Token) -> str:
    """The opening of a table's figure with its caption."""
    row = (inline.map or [0])[0]
    line = desk.parsed.expanded.source_line(row)
    number = last_attributes(inline)
    children = list(inline.children or [])
    label = None
    if number is None:
        desk.problems.add(
            line,
            "a table's caption without a label",
            "end it with {#tbl-name}, and leave a blank line behind it",
        )
    else:
        children = without_attributes(children)
        attributes = desk.hidden(number).attributes
        label = desk.outline.labels.get(attributes.label)
        unknown = [*attributes.classes, *attributes.values]
        if unknown:
            desk.problems.add(line, f"'{unknown[0]}' is no attribute of a table", "only #tbl-name")
    words = Line(desk, row, "caption").html(children).strip()
    if not words:
        desk.problems.add(line, "a table's caption without words", ": Caption. {#tbl-name}")
    if label is None:
        return f'<figure class="table"><figcaption>{words}</figcaption>'
    number_html = f"{desk.words.kinds['tbl'][0]}\u00a0{label.number}."
    return (
        f'<figure class="table" id="{label.name}"><figcaption>'
        f'<span class="caption-number">{number_html}</span> {words}</figcaption>'
    )


def check_rows(desk: Desk, opening: Token) -> None:
    """A row with more cells than the head loses them, and one with fewer is a slip."""
    first, last = opening.map or [0, 0]
    lines = desk.parsed.expanded.text.split("\n")[first:last]
    # A table may begin behind the mark of a list.
    columns = _cells(_MARKS.sub("", lines[0]))
    if len(lines) < 3:
        desk.problems.add(
            desk.parsed.expanded.source_line(first), "a table without rows", "write | a | b | below"
        )
    for row, line in enumerate(lines[2:], first + 2):
        if _cells(line) != columns:
            desk.problems.add(
                desk.parsed.expanded.source_line(row),
                f"a row of {_cells(line)} cells in a table of {columns} columns",
                "a bar inside a cell is \\|, in a formula \\vert or \\mid",
            )


def _cells(line: str) -> int:
    line = line.strip().lstrip("> ").strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return len(re.findall(r"(?<!\\)\|", line)) + 1
