"""A guide or a path: units with their sections, blocks of items, tables and the log of changes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from generator.errors import Where
from generator.importing.draft import Draft, Unit, phrase
from generator.importing.items_form import Setting, item_of
from generator.importing.outline import Block, Entry, Inline
from generator.importing.schedule_form import Taken
from generator.importing.wording import Label, date_of, label_of, squeezed, unit_of
from generator.model import LinkTable, ReadingBlock, Update

_UPDATES = re.compile(
    r"\b(?:updates?|change ?log|changes|news|history|what'?s new)\b|변경|업데이트", re.I
)
_DONE = re.compile(r"^\W*(?:done|finished|completed?|완료)\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A line of a guide's index: which unit, its section and subsection as written there."""

    word: str
    number: int | None
    section: str
    subsection: str


def index_of(blocks: Sequence[Block]) -> tuple[Indexed, ...]:
    """The units that a guide's own index names; none if it has no such index."""
    for block in blocks:
        if block.kind == "table" and len(block.rows) > 1:
            found = _index_table(block)
        elif block.kind == "list":
            found = tuple(_index_list(block.entries, ""))
        else:
            continue
        if found and any(line.number is not None for line in found):
            return found
    return ()


def is_index(block: Block) -> bool:
    """Whether a table or list is a guide's index."""
    return bool(block.kind in ("table", "list") and index_of([block]))


def _index_table(block: Block) -> tuple[Indexed, ...]:
    heads = [squeezed(cell.text) for cell in block.rows[0]]
    if not any(
        re.match(r"(?:sub)?(?:section|part|chapter|topic)s?$|단원|절", head) for head in heads
    ):
        return ()
    lines = []
    for row in block.rows[1:]:
        first = row[0].text
        name = unit_of(first)
        bare = re.fullmatch(r"\d+", first.strip())
        inner = [_anchored(cell) for cell in row[1:]]
        if not any(link.url.startswith("#") for cell in row for link in cell.links):
            return ()
        word = name.word if name else block.rows[0][0].text.strip().capitalize() or "Step"
        number = name.number if name else int(first) if bare else None
        if not (name or bare):
            return ()
        section, subsection = [*inner, "", ""][:2]
        lines.append(Indexed(word, number, section, subsection))
    return tuple(lines)


def _anchored(cell: Inline) -> str:
    return cell.links[0].text if cell.links else cell.text


def _index_list(entries: Sequence[Entry], section: str) -> list[Indexed]:
    lines: list[Indexed] = []
    for entry in entries:
        name = unit_of(entry.inline.text)
        anchors = [link.text for link in entry.inline.links if link.url.startswith("#")]
        if name and anchors:
            texts = [unit_of(text).rest if unit_of(text) else text for text in anchors]  # type: ignore[union-attr]
            first = texts[0]
            rest = texts[1] if len(texts) > 1 else ""
            lines.append(
                Indexed(
                    name.word, name.number, section or first, rest or (first if section else "")
                )
            )
        inner = _index_list(entry.entries, anchors[0] if anchors and not name else section)
        lines += inner
    return lines


def alike(heading: str, wanted: str) -> bool:
    """Whether a heading is the one an index means, a slip of the pen aside."""
    a, b = squeezed(heading), squeezed(wanted)
    return bool(a and b) and (a == b or SequenceMatcher(None, a, b).ratio() > 0.85)


class ReadingReader:
    """Walks the blocks of a document and takes what belongs to units into a draft.

    taken: the stretches of lines that became data. A unit's prose becomes its introduction, as
    the Markdown it was.
    """

    def __init__(self, draft: Draft, path: str, lines: Sequence[str], default: Unit | None) -> None:
        self.draft = draft
        self.path = path
        self.lines = lines
        self.unit = default
        self.level = 0
        self.label: Label | None = None
        self.labelled = False
        self.seen_watch: set[int] = set()
        self.index: tuple[Indexed, ...] = ()
        self.section = ""
        self.section_level = 0
        self.in_updates = False
        self.taken: list[Taken] = []
        self.loose = False
        self.pending: list[tuple[Block, str]] = []

    def read(self, blocks: Sequence[Block]) -> None:
        """Take all of `blocks`."""
        self.index = index_of(blocks)
        self.loose = not any(_any_link(block) for block in blocks)
        # Where blocks are headed "Watch …" and "Read …", any other list is somebody's notes.
        self.labelled = any(
            block.kind in ("heading", "paragraph")
            and label_of(block.inline.text, alone=block.inline.bold)
            for block in blocks
        )
        for block in blocks:
            if block.kind == "comment":
                continue
            if block.kind == "heading":
                self._heading(block)
            elif self.in_updates:
                self._updates(block)
            elif is_index(block):
                continue
            elif block.kind == "paragraph":
                self._paragraph(block)
            elif block.kind == "list":
                self._list(block)
            elif block.kind == "table" and self.unit is not None:
                self._table(block)
            elif self.unit is not None:
                self._prose(block)

    def _where(self, line: int) -> Where:
        return Where(self.path, line)

    def _take(self, name: str, block: Block) -> None:
        self.taken.append(Taken(name, block.line, block.end, self.unit))

    # ------------------------------------------------------------ headings

    def _heading(self, block: Block) -> None:
        text = block.inline.text
        self.in_updates = False
        label = label_of(text, alone=True)
        name = unit_of(text)
        if name and not (name.number is None and self.index):
            self._begin(name.word, name.number, name.rest, block)
        elif self.index and self._indexed(block):
            return
        elif _UPDATES.search(text) and (
            self.unit is None or block.level <= self.level or self.index
        ):
            self.in_updates = True
            self.unit = None
        elif self.unit is not None and label and (block.level > self.level):
            self._labelled(label, block)
        elif self.unit is not None and (block.level > self.level or not self.level):
            self._prose(block)
            self.label = None
        else:
            self.unit = None
            self.label = None

    def _begin(self, word: str, number: int | None, title: str, block: Block) -> None:
        known = self.draft.find(word, number)
        if known is not None and number is None and known.title not in ("", title):
            known = Unit(word, None, where=self._where(block.line))  # a second appendix
            self.draft.units.append(known)
        self.unit = known or self.draft.unit_for(word, number, self._where(block.line))
        self.unit.title = self.unit.title or title
        self.unit.section = self.unit.section or self.section
        self.level = block.level
        self.label = None
        self._take("reading", block)

    def _indexed(self, block: Block) -> bool:
        """Begin the section or unit of the index that a heading stands for."""
        text = block.inline.text
        for line in self.index:
            if line.subsection and alike(text, line.subsection):
                self._begin(line.word, line.number, text, block)
                return True
        sections = [line for line in self.index if alike(text, line.section)]
        if not sections:
            return False
        if all(line.subsection for line in sections):
            self.section, self.section_level = text, block.level
            self.unit = None
            self._take("reading", block)
        else:
            line = next(line for line in sections if not line.subsection)
            self.section = ""
            self._begin(line.word, line.number, text, block)
        return True

    # ------------------------------------------------------------ the parts of a unit

    def _paragraph(self, block: Block) -> None:
        text = block.inline.text
        name = unit_of(text)
        label = label_of(text, alone=block.inline.bold)
        if label and self.unit is not None:
            self._labelled(label, block)
        elif name and block.inline.bold and len(text) < 100:
            self._begin(name.word, name.number, name.rest, block)
        elif self.unit is not None and _DONE.match(text):
            self._done(block)
        elif self.unit is not None:
            self._prose(block)

    def _labelled(self, label: Label, block: Block) -> None:
        assert self.unit is not None
        if label.watch and id(self.unit) in self.seen_watch and self._gap():
            self._missing_unit(block)
        if label.watch:
            self.seen_watch.add(id(self.unit))
        self.label = label
        self._take("reading", block)

    def _gap(self) -> bool:
        """Whether the unit at hand has both its blocks already, so that another unit begins."""
        assert self.unit is not None
        return len(self.unit.blocks) >= 2 and self.unit.number is not None

    def _missing_unit(self, block: Block) -> None:
        assert self.unit is not None
        assert self.unit.number is not None
        number = self.unit.number + 1
        self.draft.remark(
            "to do",
            f"{self.unit.word} {number} begins here without a heading; give it a title",
            self._where(block.line),
        )
        self.unit = self.draft.unit_for(self.unit.word, number, self._where(block.line))

    def _done(self, block: Block) -> None:
        assert self.unit is not None
        self.unit.done = True
        self._prose(block)

    def _list(self, block: Block) -> None:
        if self.unit is None:
            return
        if len(block.entries) == 1 and _DONE.match(block.entries[0].inline.text):
            self._done(block)
            return
        if self._labels_inside(block):
            return
        label = self.label
        setting = Setting(
            watch=bool(label and label.watch),
            optional=bool(label and label.optional),
            loose=bool(label) or self.loose,
        )
        items, left = [], []
        for entry in block.entries:
            item = item_of(entry, setting)
            if item is None:
                left.append(entry)
            else:
                items.append(item)
        if not items or (label is None and self.labelled and not self.index):
            self._prose(block)
            return
        self.unit.blocks.append(
            ReadingBlock(
                tuple(items),
                phrase(label.title) if label else phrase(""),
                label.minutes if label else None,
            )
        )
        for entry in left:
            text = "\n".join(self.lines[entry.line - 1 : entry.end - 1]).strip()
            self._add_prose(text, entry.line, "is nothing to watch or read; kept as words")
        self.label = None
        self._take("reading", block)

    def _labels_inside(self, block: Block) -> bool:
        """Blocks written as a list of their labels: "- Watch (1 hour)" over its items."""
        labels = [
            label_of(entry.inline.text, alone=True)
            if entry.entries and not entry.inline.links
            else None
            for entry in block.entries
        ]  # fmt: skip
        if not labels or not all(labels):
            return False
        self._take("reading", block)
        for label, entry in zip(labels, block.entries, strict=True):
            self.label = label
            self._list(Block("list", entry.line, entry.end, entries=entry.entries))
        return True

    def _table(self, block: Block) -> None:
        assert self.unit is not None
        rows = []
        for row, line in zip(block.rows[1:], block.row_lines[1:], strict=True):
            cells = []
            for cell in row:
                url = cell.links[0].url if cell.links else ""
                if len(cell.links) > 1 or (url and cell.links[0].text != cell.text):
                    self.draft.remark(
                        "by hand", f"a cell holds more than one link: '{cell.text}'",
                        self._where(line),
                    )  # fmt: skip
                    self._prose(block)
                    return
                cells.append((phrase(cell.text), url))
            rows.append(tuple(cells))
        columns = tuple(phrase(cell.text or " ") for cell in block.rows[0])
        if not rows or not all(columns):
            self._prose(block)
            return
        self.unit.tables.append(LinkTable(columns, tuple(rows)))
        self._take("reading", block)

    # ------------------------------------------------------------ words

    def _prose(self, block: Block) -> None:
        """Keep a block of the unit as the Markdown that it is."""
        text = "\n".join(self.lines[block.line - 1 : block.end - 1]).strip("\n")
        self._add_prose(text, block.line, "")
        self._take("reading", block)

    def _add_prose(self, text: str, line: int, why: str) -> None:
        assert self.unit is not None
        if text.strip():
            self.unit.intro.append(text)
        if why:
            self.draft.remark("by hand", f"{why}: '{text.strip()[:60]}'", self._where(line))

    def _updates(self, block: Block) -> None:
        if block.kind != "list" or any(_linked(entry) for entry in block.entries):
            self.draft.remark(
                "by hand", "is no list of plain lines; it stays as it is", self._where(block.line)
            )
            return
        for entry in block.entries:
            date, text = date_of(entry.inline.text)
            plans = tuple(phrase(inner.inline.text) for inner in _flat(entry.entries))
            self.draft.updates.append(Update(phrase(text or entry.inline.text), date, plans))
        self._take("updates", block)


def _flat(entries: Sequence[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        found += [entry, *_flat(entry.entries)]
    return found


def _linked(entry: Entry) -> bool:
    return entry.other or bool(entry.inline.links) or any(map(_linked, entry.entries))


def _any_link(block: Block) -> bool:
    return (
        bool(block.inline.links)
        or any(_linked(entry) for entry in block.entries)
        or any(cell.links for row in block.rows for cell in row)
    )
