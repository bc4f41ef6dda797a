"""The reading of study.toml: what to watch and read, tables of links, the log of changes."""

import re
from typing import Any, Literal, cast, get_args

from generator.model import (
    LinkTable,
    Note,
    Phrase,
    ReadingBlock,
    ReadingItem,
    ReadingKind,
    Update,
)
from generator.study.fields import Fields
from generator.study.mistakes import shown

KINDS: tuple[str, ...] = get_args(ReadingKind)
LEVELS = ("must", "further")
_ADDRESS = re.compile(r"(https?|ftp)://\S+|mailto:\S+|[^\s:]+", re.IGNORECASE)


def read_reading(fields: Fields) -> tuple[ReadingBlock, ...]:
    """The [[week.reading]] blocks. Items' minutes, where all are given, add up to the block's."""
    return tuple(_block(table) for table in fields.tables("reading"))


def _block(fields: Fields) -> ReadingBlock:
    block = ReadingBlock(
        title=fields.phrase("title"),
        minutes=fields.whole("minutes"),
        items=read_items(fields, "items"),
    )
    required = [item for item in block.items if not item.optional]
    given = [item.minutes for item in required if item.minutes is not None]
    total = sum(given)
    if block.minutes is not None and required and len(given) == len(required):
        if total != block.minutes:
            fields.wrong(
                "minutes",
                f"found {block.minutes}, but the items that are not optional add up to {total}",
                "mend one of them, or leave the block's minutes out",
            )
    elif block.minutes is not None and total > block.minutes:
        fields.wrong(
            "minutes",
            f"found {block.minutes}, but some of its items take {total}",
            "mend one of them, or leave the block's minutes out",
        )
    if not block.items and not fields.has("items"):
        fields.wrong(None, "items is missing", 'write items = [{ title = "…", url = "…" }]')
    fields.finish()
    return block


def read_items(fields: Fields, key: str) -> tuple[ReadingItem, ...]:
    """The reading items listed at `key`."""
    return tuple(_item(table) for table in fields.tables(key))


def _item(fields: Fields) -> ReadingItem:
    title = fields.phrase("title")
    name = title.texts[0][1] if title else ""
    if not title and not fields.has("title"):
        fields.wrong(None, "title is missing", 'write title = "…"')
    url = fields.text("url")
    if url and not _ADDRESS.fullmatch(url):
        fields.wrong(
            "url",
            f"found {shown(url)} for '{name}', expected an address or a path",
            "an address begins with https:// and has no spaces; a path is relative to the study",
        )
    item = ReadingItem(
        title=title,
        kind=cast(ReadingKind, fields.choice("kind", KINDS, "article")),
        url=url,
        by=fields.text("by"),
        by_url=fields.address("by_url"),
        short=fields.text("short"),
        minutes=fields.whole("minutes"),
        optional=fields.flag("optional"),
        level=cast(
            Literal["", "must", "further"],
            fields.choice("level", LEVELS, "") if fields.has("level") else "",
        ),
        notes=_notes(fields, "notes"),
        more=fields.phrase("more"),
        children=read_items(fields, "children"),
    )
    if item.optional and item.level == "must":
        fields.wrong("optional", f"found true for '{name}', which is a must", "take one of them")
    fields.finish()
    return item


def _notes(fields: Fields, key: str) -> tuple[Note, ...]:
    notes = []
    for value in fields.listing(key):
        if isinstance(value, dict) and "text" in value:
            inner = Fields(value, (*fields.path, key), fields.mistakes, fields.languages)
            notes.append(Note(inner.phrase("text"), _notes(inner, "notes")))
            inner.finish()
        else:
            notes.append(Note(fields.one_phrase(key, value)))
    return tuple(notes)


def read_tables(fields: Fields) -> tuple[LinkTable, ...]:
    """The [[week.table]] tables: columns, and rows of texts or { text, url }."""
    return tuple(_table(table) for table in fields.tables("table"))


def _table(fields: Fields) -> LinkTable:
    title = fields.phrase("title")
    columns = fields.phrases("columns")
    if not columns:
        fields.wrong(None, "columns is missing", 'write columns = ["…", "…"]')
    rows = []
    for number, row in enumerate(fields.listing("rows"), 1):
        if not isinstance(row, list):
            fields.wrong(
                "rows",
                f"row {number} is {shown(row)}, expected a list of cells",
                'write ["…", "…"]',
            )
        elif len(row) != len(columns):
            fields.wrong(
                "rows",
                f"row {number} has {len(row)} cells, there are {len(columns)} columns",
                'add the missing cells (an empty one is ""), or take columns out',
            )
        else:
            rows.append(tuple(_cell(fields, cell) for cell in row))
    fields.finish()
    return LinkTable(columns, tuple(rows), title)


def _cell(fields: Fields, cell: Any) -> tuple[Phrase, str]:
    if isinstance(cell, dict) and "text" in cell:
        inner = Fields(cell, (*fields.path, "rows"), fields.mistakes, fields.languages)
        found = inner.phrase("text"), inner.text("url")
        inner.finish()
        return found
    return (Phrase() if cell == "" else fields.one_phrase("rows", cell)), ""


def read_updates(fields: Fields) -> tuple[Update, ...]:
    """The [[update]] entries: text, date, plans."""
    updates = []
    for table in fields.tables("update"):
        updates.append(
            Update(table.phrase("text", required=True), table.date("date"), table.phrases("plans"))
        )
        table.finish()
    return tuple(updates)
