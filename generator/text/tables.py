"""Tables of the results as HTML: numbers to the right, formulas in column names."""

import html
import re

from generator.model import Cell, Quantity, Table
from generator.text.page import Desk
from generator.text.quantities import Number, write_number
from generator.text.templating import Hidden


def result_table_html(desk: Desk, table: Table, line: int) -> str:
    """The table that is quoted at `line`."""
    numeric = [
        bool(table.rows) and all(isinstance(row[column], Quantity) for row in table.rows)
        for column in range(len(table.columns))
    ]
    # A first column of words beside numbers names its rows.
    names_rows = bool(numeric) and not numeric[0] and any(numeric[1:])
    head = "".join(
        f'<th scope="col"{_aligned(number)}>{_column_name(desk, name, line)}</th>'
        for name, number in zip(table.columns, numeric, strict=True)
    )
    rows = []
    for row in table.rows:
        cells = []
        for column, cell in enumerate(row):
            tag = "th" if names_rows and column == 0 else "td"
            scope = ' scope="row"' if tag == "th" else ""
            aligned = _aligned(isinstance(cell, Quantity))
            cells.append(f"<{tag}{scope}{aligned}>{_cell(cell)}</{tag}>")
        rows.append(f"<tr>{''.join(cells)}</tr>\n")
    return (
        f"<table>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


def _aligned(number: bool) -> str:
    return ' class="number"' if number else ""


def _cell(cell: Cell) -> str:
    if isinstance(cell, Quantity):
        return write_number(Number(cell)).html
    return html.escape(cell, quote=False)


def _column_name(desk: Desk, name: str, line: int) -> str:
    r"""A column's name, in which $d_k$ is a formula."""
    parts = re.split(r"(?<!\\)\$([^$\s](?:[^$]*[^$\s])?)\$", name)
    done = []
    for number, part in enumerate(parts):
        if number % 2:
            key = desk.formula(Hidden("inline", line, line, part))
            done.append(f'<img class="formula" src="formula:{key}" alt="">')
        else:
            done.append(html.escape(part, quote=False))
    return "".join(done)
