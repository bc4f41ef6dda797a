"""Frames of pandas, polars and their like as the columns and rows of a table."""

from collections.abc import Iterable
from typing import Any

from generator.compute.arguments import Arguments

Rows = tuple[tuple[Any, ...], list[tuple[Any, ...]]]


def is_frame(thing: object) -> bool:
    """Whether `thing` has columns with names and rows of cells."""
    return hasattr(thing, "columns") and (hasattr(thing, "itertuples") or hasattr(thing, "rows"))


def columns_and_rows(name: str, frame: Any, check: Arguments) -> Rows | None:
    """Names of the columns, and the rows, of a frame; None, and problems, if it has what no table
    can say: an index with names, headings of several levels, a cell without a value."""
    what = f"table {name}"
    heads = list(frame.columns)
    if any(isinstance(head, tuple) for head in heads):
        check.problem(
            f"{what}: its columns have headings of several levels, expected one text each",
            'join them: df.columns = [" ".join(names) for names in df.columns]',
        )
        return None
    if not _is_plain(getattr(frame, "index", None)):
        check.problem(
            f"{what}: its index holds names, which no column of the table would show",
            "make it a column with df.reset_index(), or leave it out with "
            "df.reset_index(drop=True)",
        )
        return None
    if hasattr(frame, "itertuples"):
        rows = [tuple(row) for row in frame.itertuples(index=False, name=None)]
    else:
        rows = [tuple(row) for row in frame.rows()]
    wrong = False
    for place, head in enumerate(heads):
        cells = ((number, row[place]) for number, row in enumerate(rows, 1))
        for number, cell in cells:
            message, hint = _problem(head, cell)
            if message:  # of a column that is wrong throughout, the first cell is enough
                check.problem(f"row {number}, column {head!r} of {what} {message}", hint)
                wrong = True
                break
    if wrong:
        return None
    return tuple(str(head) for head in heads), rows


def _is_plain(index: Any) -> bool:
    """Whether an index only counts the rows, as one does that nobody asked for."""
    if index is None:
        return True
    if getattr(index, "name", None) is not None or getattr(index, "nlevels", 1) > 1:
        return False
    return all(hasattr(label, "__index__") for label in index)


def _problem(head: object, cell: Any) -> tuple[str, str]:
    """What keeps `cell` in the column `head` from being a table's, and a hint; "" if nothing."""
    kind = type(cell).__name__
    if cell is None or kind in ("NaTType", "NAType") or (isinstance(cell, float) and cell != cell):
        return (
            f"is {'None' if cell is None else cell}: it has no value",
            'say what stands there, or leave the row out: df.fillna("–"), df.dropna(); '
            'in polars .fill_null("–"), .drop_nulls()',
        )
    due = f"is a {kind}, expected a text or a number"
    if hasattr(cell, "isoformat"):
        return due, (
            f'write it as a text: df["{head}"].dt.strftime("%Y-%m-%d"), in polars .dt.to_string()'
        )
    if isinstance(cell, bool) or kind in ("bool_", "bool"):
        return due, f'write it as a text: df["{head}"].map({{True: "yes", False: "no"}})'
    if isinstance(cell, Iterable) and not isinstance(cell, str):
        return due, "one value stands in a cell"
    return "", ""
