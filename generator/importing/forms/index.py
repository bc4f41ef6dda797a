"""A guide's own index: the units that it names, with their sections and subsections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from generator.importing.blocks import Block, Entry, Inline
from generator.importing.phrases import squeezed, unit_of


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
