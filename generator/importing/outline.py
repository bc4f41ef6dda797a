"""A schedule that is no table: headings, bold lines or items of a list that name weeks or days."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.errors import Where
from generator.importing.blocks import Block, Entry, Inline, Link
from generator.importing.dates import Day, day_of, year_in
from generator.importing.draft import Draft, Part, Unit
from generator.importing.forms.rows import links_as_items, number_by_days, people
from generator.importing.forms.tables import heads_of
from generator.importing.phrases import box_of, family, unit_of

_HOST = re.compile(
    r"(?:^|[,;(–—-])\s*(?:host(?:ed by)?|presenters?|presented by|led by|speakers?|발표자?|발제자?)"
    r"\s*[:：]?\s+(?P<who>[^,;()\n]{1,60}?)\)?\s*$",
    re.IGNORECASE,
)
_SAID = re.compile(r"^\W*(?P<head>[^:：]{1,30}?)\W*[:：]\s*(?P<value>.+)$")
_PAPERS = re.compile(r"paper|schedule|session|talk|논문|일정|목록", re.IGNORECASE)
_DECIMAL = re.compile(r"^\W*\d{1,2}\.\s?\d{1,2}\b(?!\.)")


@dataclass(slots=True)
class Section:
    """What is said of one week or day: its key, its own words, the blocks below it."""

    key: str
    number: int | None
    word: str
    day: Day | None
    head: Inline
    rest: str
    line: int
    level: int
    done: bool | None = None
    below: list[Block] = field(default_factory=list)


def read_outline(blocks: Sequence[Block], draft: Draft, path: str, lines: Sequence[str]) -> bool:
    """Take the weeks that headings, bold lines or a list name into `draft`; whether there are any.

    The words stay where they are: only what can be told for sure becomes data.
    """
    groups = [_headed(blocks), *_listed(blocks, lines)]
    best = max(groups, key=lambda group: len({section.key for section in group}), default=[])
    if len({section.key for section in best}) < 2 and not (best and best[0].number is not None):
        return False
    title = next((block.inline.text for block in blocks if block.kind == "heading"), "")
    known: dict[str, Section] = {}
    for section in best:
        first = known.setdefault(section.key, section)
        if first is not section and section.day != first.day:
            said = f"'{section.head.text}' has the number of line {first.line}; they are one week"
            draft.remark("to do", said, Where(path, section.line))
        _take(section, draft, Where(path, section.line), year_in(title))
    number_by_days(draft)
    return bool(best)


def _key(inline: Inline, line: int, level: int) -> Section | None:
    """The week or day that a heading or an item begins with."""
    done, text = box_of(inline.text)
    name = unit_of(text)
    if name and name.number is not None and not name.to:
        rest = re.sub(r"^[^\w(\[]+", "", name.rest)
        day = day_of(re.sub(r"^\W+", "", rest)) if re.match(r"\W*[\dA-Za-z]", rest) else None
        inside = re.search(r"\(([^()]*)\)", rest)
        if day is None and inside:
            day = day_of(inside.group(1))
        if day and (day.rest == "" or inside):
            cut = re.sub(r"\([^()]*\)", "", rest, count=1) if inside else ""
            rest = re.sub(r"^[\W_]+|[\s:–—-]+$", "", cut)
        else:
            day = None
        key = f"{family(name.word)} {name.number}.{name.part or 0}"
        return Section(key, name.number, name.word, day, inline, rest, line, level, done)
    dated = None if _DECIMAL.match(text) or len(text) > 120 else day_of(text)
    if dated is None:
        return None
    rest = re.sub(r"^[\s:.,)\]|–—-]+", "", dated.rest)
    key = f"day {dated.year}-{dated.month}-{dated.day}"
    return Section(key, None, "", dated, inline, rest, line, level, done)


def _kind(section: Section) -> str:
    return section.key.partition(" ")[0]


def _headed(blocks: Sequence[Block]) -> list[Section]:
    """The sections under headings or bold lines of one kind and level, most of them first."""
    found: list[tuple[int, Section]] = []
    for place, block in enumerate(blocks):
        bold = block.kind == "paragraph" and block.inline.bold and len(block.inline.text) < 100
        if block.kind == "heading" or bold:
            section = _key(block.inline, block.line, 9 if bold else block.level)
            if section:
                found.append((place, section))
    counts = Counter((_kind(section), section.level) for _, section in found)
    if not counts:
        return []
    (kind, level), _ = max(counts.items(), key=lambda pair: (pair[1], -pair[0][1]))
    main = {section.key for _, section in found if section.level == level}
    chosen = []
    for place, section in found:
        if _kind(section) != kind or (section.level != level and section.key in main):
            continue
        for block in blocks[place + 1 :]:
            ends = block.kind == "heading" and block.level <= section.level
            if ends or any(block.line == other.line for _, other in found):
                break
            section.below.append(block)
        chosen.append(section)
    return chosen


def _listed(blocks: Sequence[Block], lines: Sequence[str]) -> Iterator[list[Section]]:
    """The items of each list, or lines of each paragraph, most of which name weeks or days."""
    heading = ""
    for block in blocks:
        if block.kind == "heading":
            heading = block.inline.text
        entries = block.entries if block.kind == "list" else _lines(block, lines)
        keyed = [_key(entry.inline, entry.line, 0) for entry in entries]
        found = [section for section in keyed if section]
        kinds = Counter(map(_kind, found)).most_common(1)
        if kinds and kinds[0][1] * 2 > len(entries):
            for section, entry in zip(keyed, entries, strict=True):
                if section:
                    section.below = [Block("list", entry.line, entry.end, entries=entry.entries)]
            yield [section for section in found if _kind(section) == kinds[0][0]]
        elif _PAPERS.search(heading) and _numbered(block, lines):
            word = "{n}번째 논문" if re.search("[가-힣]", heading) else "Paper"
            yield [_paper(n, word, entry) for n, entry in enumerate(entries, 1)]


def _paper(number: int, word: str, entry: Entry) -> Section:
    """An item of a numbered list of papers."""
    below = [Block("list", entry.line, entry.end, entries=entry.entries)]
    key, rest = f"paper {number}", _title(entry.inline)
    return Section(key, number, word, None, entry.inline, rest, entry.line, 0, None, below)


def _numbered(block: Block, lines: Sequence[str]) -> bool:
    """Whether a list is numbered and of linked things."""
    linked = sum(bool(entry.inline.links) for entry in block.entries)
    ordered = bool(re.match(r"\s*\d+[.)]\s", lines[block.line - 1]))
    return (
        block.kind == "list"
        and ordered
        and len(block.entries) > 2
        and linked * 2 > len(block.entries)
    )


def _lines(block: Block, lines: Sequence[str]) -> list[Entry]:
    """The lines of a paragraph, each as an item."""
    from generator.importing.blocks import inline_blocks

    if block.kind != "paragraph" or block.end - block.line < 2:
        return []
    numbers = range(block.line, block.end)
    return [Entry(inline_blocks(lines[n - 1]), n, n + 1) for n in numbers if lines[n - 1].strip()]


# ---------------------------------------------------------------- what becomes of it


def _take(section: Section, draft: Draft, where: Where, year: int | None) -> None:
    if section.number is not None:
        unit = draft.unit_for(section.word, section.number, where)
    else:
        usual = "{n}회차" if draft.language == "ko" else "Meeting"
        unit = Unit(usual, None, where=where, day=section.day)
        draft.units.append(unit)
    date = section.day.date(year) if section.day and not section.day.either else None
    unit.date = unit.date or (date.isoformat() if date else "")
    unit.done = unit.done or bool(section.done)
    inlines = [section.head, *_inlines(section.below)]
    for inline in inlines:
        _said(inline, unit)
    titled = [section.rest, *(_title(inline) for inline in inlines[1:3])]
    unit.title = unit.title or next((text for text in titled if 0 < len(text) <= 150), "")
    unit.items += tuple(
        item for inline in inlines for item in links_as_items(inline, "")
        if item not in unit.items
    )  # fmt: skip
    unit.paths += tuple(link.url for inline in inlines for link in inline.links)
    if not unit.parts:
        unit.parts.append(Part(title=unit.title))


def _said(inline: Inline, unit: Unit) -> None:
    """What a line says in the form "Presenter: Kim", or at its end as "host Kim"."""
    said = _SAID.match(inline.text)
    role = heads_of([said["head"]])[0] if said else ""
    host = _HOST.search(inline.text)
    if said and role == "presenter" and len(said["value"]) < 80:
        unit.presenters += tuple(who for who in people(said["value"]) if who not in unit.presenters)
    elif said and role == "date" and not unit.date:
        day = day_of(said["value"])
        date = day.date() if day and not day.either else None
        unit.date = date.isoformat() if date else ""
    elif host and not unit.presenters:
        unit.presenters = people(host["who"])


def _title(inline: Inline) -> str:
    """What a line is about: its first link's words, else its own."""
    named: list[Link] = [link for link in inline.links if link.text and not link.bare]
    before = inline.text[: named[0].start].strip(" -–—:|[(") if named else ""
    if named and len(before) < 3:
        return named[0].text
    return before or re.sub(r"\s*[:：]?\s*https?://\S+", "", inline.text).strip()


def _inlines(blocks: Sequence[Block]) -> Iterator[Inline]:
    for block in blocks:
        if block.kind != "comment" and block.inline.text:
            yield block.inline
        yield from _of_entries(block.entries)
        for row in block.rows:
            yield from row


def _of_entries(entries: Sequence[Entry]) -> Iterator[Inline]:
    for entry in entries:
        yield entry.inline
        yield from _of_entries(entry.entries)
