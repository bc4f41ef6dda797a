"""The table of errors: chapter → message → how it is mended."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from docs.make_reference.commands import escaped

TABLE = Path(__file__).with_name("errors.toml")
GAP = "…"  # what varies in a message


@cache
def errors() -> Mapping[str, Mapping[str, str]]:
    """Chapter → message → mend, as errors.toml has them."""
    table: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text("utf-8"))
    return table


def errors_text() -> Iterator[str]:
    """The chapter on errors."""
    for title, rows in errors().items():
        yield f"### {title}\n"
        yield "\n".join(entry(*row) for row in sorted(rows.items()))
        yield ""


def entry(message: str, mend: str) -> str:
    """One error: its message as code, what to do as words."""
    words, kind = parted(message)
    marks = "``" if "`" in words else "`"
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    rule = f" ({kind})" if kind else ""
    return f"- {marks}{pad}{words}{pad}{marks}{rule}: {escaped(mend)}"


def parted(message: str) -> tuple[str, str]:
    """A message of the table, and the rule of `study check` that says it, or ""."""
    found = re.fullmatch(r"(.*) \(([a-z]+)\)", message)
    return (found[1], found[2]) if found else (message, "")


def pieces(message: str) -> list[str]:
    """What is fixed in a message, longest first."""
    return sorted((p.strip() for p in parted(message)[0].split(GAP)), key=len, reverse=True)


@cache
def pattern(message: str) -> re.Pattern[str]:
    """Fits a line that ends with `message`; before it stand a path, a line, a key."""
    fixed = (re.escape(part) for part in parted(message)[0].split(GAP))
    return re.compile(r"(^|: )" + ".*".join(fixed) + "$")


def row_of(said: str) -> str | None:
    """The message of the table that `said` is, the one with most words of its own; or None."""
    fitting = [m for rows in errors().values() for m in rows if pattern(m).search(said)]
    best = max(fitting, key=lambda message: sum(map(len, pieces(message))), default=None)
    return best if best and len(pieces(best)[0]) > 3 else None
