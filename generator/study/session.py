"""What study.toml says of a week's meeting, and the columns that a study makes up itself."""

import re
from collections.abc import Sequence

from generator.addresses import RULE, is_allowed, scheme
from generator.model import Column, Link, Phrase, Session
from generator.study.fields import Fields
from generator.study.mistakes import did_you_mean, listed, shown, tidy
from generator.study.readme import COLUMNS

COLUMN_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def read_columns(top: Fields) -> tuple[Column, ...]:
    """The [[column]] tables: the columns that the study adds to the schedule."""
    found: list[Column] = []
    for table in top.tables("column"):
        id_ = table.text("id")
        title = table.phrase("title", required=True)
        table.finish()
        if not table.has("id"):
            table.wrong(None, "id is missing", 'write id = "…": weeks name their cell by it')
        elif not COLUMN_ID.fullmatch(id_):
            if isinstance(table.given("id"), str):  # another kind of value has been said
                table.wrong(
                    "id",
                    f"found {shown(id_)}, expected a short name",
                    "a lower-case letter, then letters, digits, '-' and '_'",
                )
        elif id_ in COLUMNS["schedule"]:
            table.wrong("id", f"found '{id_}', a column that is there already", "choose another")
        elif id_ in [column.id for column in found]:
            table.wrong("id", f"found '{id_}' again", "take one of them out")
        else:
            found.append(Column(id_, title))
    return tuple(found)


def read_session(fields: Fields, columns: Sequence[Column]) -> Session:
    """What the table of a week says of its meeting. columns: those of the study."""
    date, moved_from = fields.given("date"), fields.date("moved_from")
    if moved_from is not None and moved_from == date:
        fields.wrong(
            "moved_from", f"found {moved_from}, the day that it is on", "write the day it was on"
        )
    return Session(
        presenters=_names(fields, "presenter"),
        place=fields.phrase("place"),
        cancelled=fields.flag("cancelled"),
        moved_from=moved_from,
        slides=_links(fields, "slides"),
        recording=_links(fields, "recording"),
        notes=fields.markdown("notes"),
        discussion=fields.markdown("discussion"),
        homework=fields.markdown("homework"),
        columns=_cells(fields, columns),
    )


def _names(fields: Fields, key: str) -> tuple[str, ...]:
    """A name, or a list of different names."""
    if isinstance(fields.given(key), str):
        names: tuple[str, ...] = (tidy(fields.text(key)),)
    else:
        names = fields.words(key)
    if "" in names:
        fields.wrong(key, "found an empty name", "leave the key out while nobody is named")
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            fields.wrong(key, f"names '{name}' twice", "take one out")
    return tuple(name for name in dict.fromkeys(names) if name)


def _links(fields: Fields, key: str) -> tuple[Link, ...]:
    """An address, { title = "…", url = "…" }, or a list of these."""
    found = []
    for item in fields.values(key):
        if isinstance(item, dict):
            inner = Fields(item, (*fields.path, key), fields.mistakes, fields.languages)
            url, name = inner.text("url"), inner.phrase("title")
            if not inner.has("url"):
                inner.wrong(None, "url is missing", 'write { title = "…", url = "https://…" }')
            inner.finish()
        elif isinstance(item, str):
            url, name = fields.cleaned(key, item), Phrase()
        else:
            fields.wrong(
                key,
                f"found {shown(item)}, expected an address or a path",
                f'write {key} = "https://…"',
            )
            continue
        if url and is_allowed(url) and not (scheme(url) and re.search(r"\s", url)):
            found.append(Link(url, name))
        elif scheme(url) and is_allowed(url):
            fields.wrong(key, f"found {shown(url)}, expected an address", "it has no spaces")
        elif url or isinstance(item, str):
            fields.wrong(key, f"found {shown(url)}, expected an address or a path", RULE)
    return tuple(found)


def _cells(fields: Fields, columns: Sequence[Column]) -> tuple[tuple[str, tuple[Phrase, ...]], ...]:
    """The week's cells of the study's own columns."""
    table = fields.table("columns")
    if table is None:
        return ()
    known = [column.id for column in columns]
    cells: list[tuple[str, tuple[Phrase, ...]]] = []
    for name in fields.entries("columns"):
        cell = table.markdown(name)
        if name in known:
            cells.append((name, cell))
        else:
            table.wrong(name, *_unknown(name, known))
    return tuple(cells)


def _unknown(name: str, known: Sequence[str]) -> tuple[str, str]:
    if not known:
        return "there is no [[column]] of that name", f'[[column]] with id = "{name}" and a title'
    return (
        f"found the column '{name}', expected one of {listed(known)}",
        did_you_mean(name, known) or f'add a [[column]] with id = "{name}"',
    )
