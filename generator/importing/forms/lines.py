"""Paragraphs and lines that mean a label, a list or an item, whatever Markdown takes them for."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from generator.importing.blocks import Block, Entry, Inline, inline_blocks
from generator.importing.draft import phrase
from generator.importing.forms.index import index_of
from generator.importing.forms.items import Setting, item_of
from generator.importing.phrases import Label, asks, label_of, unit_of
from generator.model import ReadingBlock, ReadingItem

# Signs that people set before the lines of a list and that Markdown reads as words.
_SIGN = re.compile(r"^\s*(?:[–—•·‣◦▪●○]|\(\d{1,2}\)|\d{1,2}[.)])\s*(?=\S)")


def _signed(block: Block, lines: Sequence[str]) -> Block | None:
    """A paragraph of lines that begin with signs of their own, as the list that it means."""
    own = lines[block.line - 1 : block.end - 1]
    if not own or not all(_SIGN.match(line) for line in own):
        return None
    entries = tuple(
        Entry(inline_blocks(_SIGN.sub("", line)), number, number + 1)
        for number, line in enumerate(own, block.line)
    )
    return Block("list", block.line, block.end, entries=entries)


def label_and_items(inline: Inline) -> tuple[Label, list[Inline]] | None:
    """A label with its items on one line, "Read (1 hour): [A](…), [B](…)"; None if it is none."""
    links = [link for link in inline.links if not link.image]
    if not links or len(links) != len(inline.links):
        return None
    before = inline.text[: links[0].start]
    if not before.rstrip().endswith((":", "：")):
        return None
    label = label_of(before)
    if label is None or not asks(label):
        return None
    return label, items_in_line(inline, len(before))


def heads(block: Block, following: Sequence[Block]) -> bool:
    """Whether a plain line is a unit's heading: alone on its line, over a label or a list."""
    if block.end - block.line > 1 or block.inline.links or len(block.inline.text) > 60:
        return False
    after = next(iter(following), None)
    return after is not None and (
        after.kind == "list" or bool(label_of(after.inline.text, alone=after.inline.bold))
    )


def _only_an_item(block: Block) -> bool:
    """Whether a paragraph is nothing but one thing to watch or read."""
    if block.kind != "paragraph" or not block.inline.links:
        return False
    words = len(block.inline.text.split()) - sum(len(x.text.split()) for x in block.inline.links)
    if words > 12 or label_of(block.inline.text) or unit_of(block.inline.text):
        return False
    return item_of(Entry(block.inline, block.line, block.end), Setting()) is not None


def items_in_line(inline: Inline, start: int) -> list[Inline]:
    """The part of a line from `start`, one piece for each link where only signs part them."""
    links = [link for link in inline.links if link.start >= start]
    gaps = [inline.text[a.end : b.start] for a, b in itertools.pairwise(links)]
    parted = bool(gaps) and all(re.fullmatch(r"\s*(?:[,;|&·+]|and)\s*", gap) for gap in gaps)
    cuts = [start, *(link.start for link in links[1:])] if parted else [start]
    pieces = []
    for begin, end in zip(cuts, [*cuts[1:], len(inline.text)], strict=True):
        raw = inline.text[begin:end]
        shift = begin + len(raw) - len(raw.lstrip())
        text = raw.strip().rstrip(",;|&·+ ") if end < len(inline.text) else raw.strip()
        text = re.sub(r"\s+and$", "", text) if end < len(inline.text) else text
        inside = [link for link in links if begin <= link.start < end]
        moved = [replace(x, start=x.start - shift, end=x.end - shift) for x in inside]
        pieces.append(Inline(text, tuple(moved)))
    return pieces


def summed(items: tuple[ReadingItem, ...], label: Label | None) -> tuple[ReadingBlock, str]:
    """The items as a block, and what is odd about its time, "" if nothing is.

    A time that could not be read, or that is not what the items take, stays in the title.
    """
    if label is None:
        return ReadingBlock(items), ""
    required = [item for item in items if not item.optional]
    given = [item.minutes for item in required if item.minutes is not None]
    total = sum(given)
    if label.minutes is None:
        if re.search(r"\d\D{0,3}(?:h|m|시간|분)|['’:]\d\d|\d['’]", label.title):
            said = f"the time in '{label.said}' was not read; it stays in the title"
            return ReadingBlock(items, phrase(label.title)), said
        return ReadingBlock(items, phrase(label.title)), ""
    all_given = bool(required) and len(given) == len(required)
    if (all_given and total != label.minutes) or total > label.minutes:
        said = f"'{label.said}' is not what its items take, {total} minutes; it stays a title"
        return ReadingBlock(items, phrase(label.said)), said
    return ReadingBlock(items, phrase(label.title), label.minutes), ""


def flat(entries: Sequence[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        found += [entry, *flat(entry.entries)]
    return found


def linked(entry: Entry) -> bool:
    return entry.other or bool(entry.inline.links) or any(map(linked, entry.entries))


def any_link(block: Block) -> bool:
    return (
        bool(block.inline.links)
        or any(linked(entry) for entry in block.entries)
        or any(cell.links for row in block.rows for cell in row)
    )


def meant_list(block: Block, following: Sequence[Block], lines: Sequence[str]) -> Block | None:
    """The list that paragraphs below a label mean: lines with signs, or an item in each."""
    listed = _signed(block, lines)
    if listed or not _only_an_item(block):
        return listed
    items = [block, *itertools.takewhile(_only_an_item, following)]
    entries = tuple(Entry(item.inline, item.line, item.end) for item in items)
    return Block("list", block.line, items[-1].end, entries=entries)


def as_meant(blocks: Sequence[Block], meant: Sequence[Block]) -> list[Block]:
    """`blocks` with the lists that were meant in place of the paragraphs that they are."""
    covered = {n for block in meant for n in range(block.line, block.end)}
    left = [block for block in blocks if block.line not in covered]
    return sorted([*left, *meant], key=lambda block: block.line)


def labelled_lines(blocks: Sequence[Block], *, one_unit: bool) -> set[int]:
    """The lines of the units in which blocks are headed "Watch …" and "Read …".

    There any other list is somebody's notes. one_unit: all blocks are of one unit.
    """
    found: set[int] = set()
    unit: list[int] = []
    labelled = False
    for block in [*blocks, Block("heading", 0, 0, Inline("Week 1"))]:
        text = block.inline.text
        if block.kind in ("heading", "paragraph"):
            begins = unit_of(text) and (block.kind == "heading" or block.inline.bold)
            if begins and (not one_unit or not block.line):
                found |= set(unit) if labelled else set()
                unit, labelled = [], False
            label = label_of(text, alone=block.inline.bold or block.kind == "heading")
            labelled = labelled or bool(label and asks(label))
        elif block.kind == "list":
            labels = [label_of(e.inline.text, alone=True) for e in block.entries if e.entries]
            labelled = labelled or any(label and asks(label) for label in labels)
        unit.append(block.line)
    return found


_TELLS = re.compile(
    r"^\W*(?:watch|read|view|listen)\b[^\n]{0,60}:\W*$|시청|읽을 ?거리", re.I | re.M
)


def says_what_to_read(source: str) -> bool:
    """Whether a page may head blocks "Watch …" and "Read …"; a quick look without parsing."""
    return bool(_TELLS.search(source))


def is_guide(blocks: Sequence[Block]) -> bool:
    """Whether a text is a guide or a path: an index of units, blocks to watch and read, or units
    of which nothing is said but lists of what to read.
    """
    if index_of(blocks) or labelled_lines(blocks, one_unit=False):
        return True
    units = [b for b in blocks if b.kind == "heading" and unit_of(b.inline.text)]
    paths = [b for b in units if re.match(r"\W*(?:day|step|appendix)\b", b.inline.text, re.I)]
    return bool(paths) and len(paths) == len(units)
