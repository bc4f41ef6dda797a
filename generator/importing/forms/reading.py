"""A guide or a path: units with their sections, blocks of items, tables and the log of changes."""

import re
from collections.abc import Sequence
from dataclasses import replace

from generator.errors import Where
from generator.importing.blocks import Block, Entry
from generator.importing.dates import date_of
from generator.importing.draft import Draft, Unit, phrase
from generator.importing.forms.index import Indexed, alike, index_of, is_index
from generator.importing.forms.items import Setting, item_of
from generator.importing.forms.lines import (
    any_link,
    flat,
    heads,
    label_and_items,
    labelled_lines,
    linked,
    meant_list,
    summed,
)
from generator.importing.forms.tables import Taken
from generator.importing.phrases import Label, UnitName, label_of, unit_of
from generator.model import LinkTable, ReadingBlock, ReadingItem, Update

_UPDATES = re.compile(
    r"\b(?:updates?|change ?log|changes|news|history|what'?s new)\b|변경|업데이트", re.I
)
_DONE = re.compile(r"^\W*(?:done|finished|completed?|완료)\W*$", re.IGNORECASE)


class ReadingReader:
    """Walks the blocks of a document and takes what belongs to units into a draft.

    taken: the stretches of lines that became data. meant: lists that Markdown takes for words. A
    unit's prose becomes its introduction, as the Markdown it was.
    """

    def __init__(
        self,
        draft: Draft,
        path: str,
        lines: Sequence[str],
        default: Unit | None,
        *,
        in_readme: bool = False,
    ) -> None:
        self.draft = draft
        self.path = path
        self.lines = lines
        self.unit = default
        self.level = 0
        self.label: Label | None = None
        self.labelled: set[int] = set()
        self.seen_watch: set[int] = set()
        self.index: tuple[Indexed, ...] = ()
        self.section = ""
        self.section_level = 0
        self.in_updates = False
        self.taken: list[Taken] = []
        self.loose = False
        self.in_readme = in_readme
        self.pending: Block | None = None
        self.folded = False
        self.meant: list[Block] = []

    def read(self, blocks: Sequence[Block]) -> None:
        """Take all of `blocks`."""
        self.index = index_of(blocks)
        self.loose = not any(any_link(block) for block in blocks)
        self.labelled = labelled_lines(blocks, one_unit=self.unit is not None)
        at = 0
        while at < len(blocks):
            at += self._block(blocks, at)
        self._flush_label()

    def _block(self, blocks: Sequence[Block], at: int) -> int:
        """Take the block at `at`, and those that belong to it; how many they are."""
        block = blocks[at]
        if block.kind == "comment":
            if self.folded and block.inline.text == "</details>":
                self.folded = False
                self._take("reading", block)
            return 1
        if block.kind == "heading":
            self._heading(block)
        elif self.in_updates:
            self._updates(block)
        elif is_index(block):
            return 1
        elif block.kind == "paragraph":
            return self._paragraph(block, blocks[at + 1 :])
        elif block.kind == "list":
            self._list(block)
        elif block.kind == "table" and self.unit is not None:
            self._table(block)
        elif self.unit is not None:
            self._prose(block)
        return 1

    def _take(self, name: str, block: Block) -> None:
        self.taken.append(Taken(name, block.line, block.end, self.unit))

    # ------------------------------------------------------------ headings

    def _heading(self, block: Block) -> None:
        text = block.inline.text
        self.in_updates = False
        self._flush_label()
        label = label_of(text, alone=True)
        name = unit_of(text)
        if name and not (name.number is None and self.index) and self._may_begin(name):
            self._begin_named(name, block)
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

    def _may_begin(self, name: UnitName) -> bool:
        """Whether a unit may begin: beside a schedule, only one that is in it."""
        return not self.draft.columns or self.draft.find(name.word, name.number) is not None

    def _begin_named(self, name: UnitName, block: Block) -> None:
        """Begin a unit by its name; a heading that says more than that stays in its words."""
        known = self.draft.find(name.word, name.number)
        others = known.title if known and known.number is not None else ""
        again = bool(others and name.rest) and others != name.rest
        self._begin(name.word, name.number, name.rest, block)
        if name.to or again:
            said = "means several; they are the first" if name.to else "heads a unit again"
            self._add_prose(f"**{block.inline.text}**", block.line, f"{said}; kept as words")

    def _begin(self, word: str, number: int | None, title: str, block: Block) -> None:
        self._flush_label()
        known = self.draft.find(word, number)
        if known is not None and number is None and known.title not in ("", title):
            known = Unit(word, None, where=Where(self.path, block.line))  # a second appendix
            self.draft.units.append(known)
        self.unit = known or self.draft.unit_for(word, number, Where(self.path, block.line))
        self.unit.title = self.unit.title or title
        self.unit.section = self.unit.section or self.section
        self.level = block.level
        self.label = None
        self._take("reading", block)
        if self.lines[block.line - 1].lstrip().startswith("<details"):
            self.folded = True
            said = "the unit is not folded away any more"
            self.draft.remark("mended", said, Where(self.path, block.line))

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

    def _paragraph(self, block: Block, following: Sequence[Block]) -> int:
        """Take a paragraph; how many blocks were taken with it."""
        text = block.inline.text
        name = unit_of(text)
        label = label_of(text, alone=block.inline.bold)
        inside = label_and_items(block.inline) if self.unit is not None else None
        if inside:
            self._labelled(inside[0], block)
            entries = tuple(Entry(part, block.line, block.end) for part in inside[1])
            self._list(Block("list", block.line, block.end, entries=entries))
        elif label and self.unit is not None:
            self._labelled(label, block)
        elif name and self._headed(block, name, following):
            self._begin_named(name, block)
        elif self.unit is not None and _DONE.match(text):
            self._done(block)
        elif (
            self.unit is not None
            and self.label is not None
            and (listed := meant_list(block, following, self.lines))
        ):
            self.meant.append(listed)
            self._list(listed)
            covered = [other for other in following if other.line < listed.end]
            for other in covered:
                self._take("reading", other)
            return 1 + len(covered)
        elif self.unit is not None:
            self._prose(block)
        return 1

    def _headed(self, block: Block, name: UnitName, following: Sequence[Block]) -> bool:
        """Whether a paragraph is the heading of a unit."""
        if not self._may_begin(name) or len(block.inline.text) >= 100:
            return False
        return block.inline.bold or heads(block, following)

    def _labelled(self, label: Label, block: Block) -> None:
        assert self.unit is not None
        self._flush_label()
        if label.watch and id(self.unit) in self.seen_watch and self._gap():
            self._missing_unit(block)
        if label.watch:
            self.seen_watch.add(id(self.unit))
        self.label = label
        self.pending = block
        self._take("reading", block)

    def _flush_label(self) -> None:
        """Keep the words of a label below which nothing to watch or read came."""
        pending, self.pending, self.label = self.pending, None, None
        if pending is not None and self.unit is not None:
            words = "\n".join(self.lines[pending.line - 1 : pending.end - 1]).strip()
            words = re.sub(r"^#+\s*(.*?)[\s#]*$", r"**\1**", words)
            self._add_prose(words, pending.line, "has nothing below it to watch or read")

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
            Where(self.path, block.line),
        )
        self.unit = self.draft.unit_for(self.unit.word, number, Where(self.path, block.line))

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
        if not items or (label is None and block.line in self.labelled and not self.index):
            self._prose(block)
            return
        self.unit.blocks.append(self._summed(tuple(items), label, block))
        for entry in left:
            text = "\n".join(self.lines[entry.line - 1 : entry.end - 1]).strip()
            self._add_prose(text, entry.line, "is nothing to watch or read; kept as words")
        self.label = self.pending = None
        self._take("reading", block)

    def _summed(
        self, items: tuple[ReadingItem, ...], label: Label | None, block: Block
    ) -> ReadingBlock:
        """A block of items; its time stays a word where the times of its items say otherwise."""
        made, said = summed(items, label)
        if said:
            line = self.pending.line if self.pending else block.line
            self.draft.remark("to do", said, Where(self.path, line))
        return made

    def _labels_inside(self, block: Block) -> bool:
        """Blocks written as a list of their labels: "- Watch (1 hour)" over or before its items."""
        found: list[tuple[Label, tuple[Entry, ...]]] = []
        for entry in block.entries:
            inside = None if entry.other else label_and_items(entry.inline)
            if inside:
                parts = tuple(Entry(part, entry.line, entry.end) for part in inside[1])
                parts = (*parts[:-1], replace(parts[-1], entries=entry.entries))
                found.append((inside[0], parts))
                continue
            head = entry.entries and not entry.inline.links
            label = label_of(entry.inline.text, alone=True) if head else None
            if not label:
                return False
            found.append((label, entry.entries))
        self._flush_label()
        self._take("reading", block)
        for (label, entries), entry in zip(found, block.entries, strict=True):
            self.label = label
            self._list(Block("list", entry.line, entry.end, entries=entries))
        return bool(found)

    def _table(self, block: Block) -> None:
        assert self.unit is not None
        self._flush_label()
        rows = []
        for line, beyond in block.spare:
            said = f"the row has more cells than the head: '{beyond}'"
            self.draft.remark("by hand", said, Where(self.path, line))
        for row, line in zip(block.rows[1:], block.row_lines[1:], strict=True):
            cells = []
            for cell in row:
                url = cell.links[0].url if cell.links else ""
                if len(cell.links) > 1 or (url and cell.links[0].text != cell.text):
                    self.draft.remark(
                        "by hand", f"a cell holds more than one link: '{cell.text}'",
                        Where(self.path, line),
                    )  # fmt: skip
                    self._prose(block)
                    return
                cells.append((phrase(cell.text), url))
            rows.append(tuple(cells))
        columns = tuple(phrase(cell.text or " ") for cell in block.rows[0])
        if not rows or not all(columns) or block.spare:
            self._prose(block)
            return
        self.unit.tables.append(LinkTable(columns, tuple(rows)))
        self._take("reading", block)

    # ------------------------------------------------------------ words

    def _prose(self, block: Block) -> None:
        """Keep a block of the unit as the Markdown that it is."""
        text = "\n".join(self.lines[block.line - 1 : block.end - 1]).strip("\n")
        if block.kind == "heading":
            text = self._below_unit(text, block)
        elif block.kind != "paragraph" or block.inline.links:
            shown = " ".join(text.split())
            shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
            self.draft.remark("words", f"'{shown}'", Where(self.path, block.line))
        self._add_prose(text, block.line, "")
        self._take("reading", block)

    def _below_unit(self, text: str, block: Block) -> str:
        """A heading of a unit at the level that puts it below the unit's in the README's block."""
        assert self.unit is not None
        if not self.in_readme or not self.level:
            return text
        own = 4 if self.unit.section and self.unit.section != self.unit.title else 3
        level = min(6, max(own + 1, own + block.level - self.level))
        words = re.sub(r"^\s*#+\s*|[\s#]*$", "", text.split("\n")[0])
        if level != block.level:
            said = f"the heading '{block.inline.text}' is of level {level} now, below its unit's"
            self.draft.remark("mended", said, Where(self.path, block.line))
        return f"{'#' * level} {words}"

    def _add_prose(self, text: str, line: int, why: str) -> None:
        assert self.unit is not None
        if text.strip():
            self.unit.intro.append(text)
        if why:
            self.draft.remark("by hand", f"{why}: '{text.strip()[:60]}'", Where(self.path, line))

    def _updates(self, block: Block) -> None:
        if block.kind != "list" or any(linked(entry) for entry in block.entries):
            self.draft.remark(
                "by hand",
                "is no list of plain lines; it stays as it is",
                Where(self.path, block.line),
            )
            return
        for entry in block.entries:
            if not entry.inline.text:
                continue  # an empty bullet
            date, text = date_of(entry.inline.text)
            below = [inner.inline.text for inner in flat(entry.entries)]
            plans = tuple(phrase(said) for said in below if said)
            self.draft.updates.append(Update(phrase(text or entry.inline.text), date, plans))
        self._take("updates", block)
