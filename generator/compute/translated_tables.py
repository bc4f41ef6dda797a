"""Tables of a run, by language: the same numbers in the same places, in other words."""

from dataclasses import replace

from generator.model import Quantity, Table

ANY = "for all languages"


class Tables:
    """What was stored until now; without a language, for all that have no table of their own."""

    def __init__(self) -> None:
        self._versions: dict[str, dict[str, Table]] = {}  # by name, then by language

    def of(self, language: str | None) -> dict[str, Table]:
        """The tables of one language by name."""
        key = language or ANY
        return {name: found[key] for name, found in self._versions.items() if key in found}

    def keep(self, name: str, language: str | None, table: Table) -> str:
        """Store `table`; what keeps it from being the one stored in another language, or ""."""
        versions = self._versions.setdefault(name, {})
        problem = ""
        for other, first in list(versions.items())[:1]:
            unlike = _difference(first, table)
            if unlike:
                problem = f"{unlike}, {_in(other)} and {_in(language or ANY)}"
        versions[language or ANY] = table
        return problem

    def all(self) -> dict[str, Table]:
        """Each table, with those for one language in it."""
        found: dict[str, Table] = {}
        for name, versions in self._versions.items():
            whole = versions.get(ANY) or next(iter(versions.values()))
            others = sorted((key, table) for key, table in versions.items() if key != ANY)
            found[name] = replace(whole, languages=tuple(others))
        return found


def _in(language: str) -> str:
    return language if language == ANY else f"in {language}"


def _difference(table: Table, other: Table) -> str:
    if len(table.columns) != len(other.columns):
        return f"has {len(table.columns)} and {len(other.columns)} columns"
    if len(table.rows) != len(other.rows):
        return f"has {len(table.rows)} and {len(other.rows)} rows"
    for number, rows in enumerate(zip(table.rows, other.rows, strict=True), 1):
        for head, cell, same in zip(table.columns, *rows, strict=False):
            if cell != same and (isinstance(cell, Quantity) or isinstance(same, Quantity)):
                said = [c.value if isinstance(c, Quantity) else f"“{c}”" for c in (cell, same)]
                return f"has {said[0]} and {said[1]} in row {number}, column {head}"
    return ""
