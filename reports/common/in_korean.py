"""The Korean twin of a table: its heads and words in Korean, its numbers the same."""

import re
from collections.abc import Iterable, Mapping, Sequence

from generator.compute.script import Run

_RANGE = re.compile(r"(?<=\d) to (?=[−\d])")


def korean_table(
    run: Run,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | float]],
    words: Mapping[str, str] | None = None,
    digits: int | Sequence[int | None] | None = None,
    runs: int | None = None,
) -> None:
    """Keep the table `name` once more, for the Korean text.

    columns: the heads in Korean. words: what a cell of words becomes; other cells stay as they
    are, but that "2 to 5" becomes "2 ~ 5", as Korean writes a range.
    """
    known = words or {}
    translated = [
        tuple(
            known.get(cell, _RANGE.sub(" ~ ", cell)) if isinstance(cell, str) else cell
            for cell in row
        )
        for row in rows
    ]
    run.table(name, columns, translated, digits, "ko", runs)
