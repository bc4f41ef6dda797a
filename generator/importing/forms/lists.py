"""The two lists of a weekly group: its resources and its progress."""

import re
from collections.abc import Sequence

from generator.errors import Where
from generator.importing.blocks import Block, Entry, Inline, Link
from generator.importing.draft import Draft, Part, Unit
from generator.importing.forms.rows import address_of
from generator.importing.forms.tables import Taken
from generator.importing.phrases import box_of, unit_of

_RESOURCES = re.compile(r"resource|material|자료|links?$|reports$", re.IGNORECASE)
_PROGRESS = re.compile(r"progress|진행|진도|log of the study|status report", re.IGNORECASE)
_FLAG = re.compile(r"^\(\s*((?:code|코드)[^()]*)\)\s*", re.IGNORECASE)
_TOPIC = re.compile(
    r"\s*[(\[]\s*(?P<label>[^():\[\]]{0,30}?(?:topic|주제)[^():\[\]]{0,15}?)\s*[:：]\s*(?P<topic>.+?)\s*[)\]]\s*\.?$",
    re.IGNORECASE,
)

_BARE_TOPIC = re.compile(
    r"(?:^|[.;,–—-])\s*(?P<label>(?:[^\W\d_]+ )?(?:topic|주제))\s*[:：]\s*(?P<topic>[^:]+?)\.?$",
    re.IGNORECASE,
)


def list_kind(heading: str, block: Block) -> str:
    """ "resources" or "progress" for a list (or a paragraph of lines) under `heading`; else ""."""
    if _PROGRESS.search(heading):
        return "progress"
    if _RESOURCES.search(heading) and _about_reports(block.entries):
        return "resources"
    return ""


def _about_reports(entries: Sequence[Entry]) -> bool:
    """Whether most entries name a unit or a numbered report."""
    named = [entry for entry in entries if _number_in(entry.inline.text)]
    return bool(named) and 2 * len(named) > len(entries)


def _number_in(text: str) -> tuple[int, int | None, str] | None:
    """The unit's number and the part's that a resource line begins with, and the rest."""
    found = re.match(
        r"^[\W_]*(?:[^\W\d_]+\s*){0,2}#?\s*0*(\d{1,3})(?:\s*[-–.]\s*(\d{1,2}))?"
        r"(?:주차|일차)?[\])]*\s*(.*)$",
        text,
    )
    return (int(found[1]), int(found[2]) if found[2] else None, found[3]) if found else None


def read_resources(block: Block, draft: Draft, path: str) -> Taken | None:
    """Take a list of resources into `draft`; None if some line of it must stay by hand."""
    whole = True
    for entry in block.entries:
        where = Where(path, entry.line)
        part = _part_for(entry, draft)
        if part is None:
            whole = False
            what = entry.inline.text[:60]
            draft.remark("by hand", f"belongs to no row of the schedule: '{what}'", where)
            continue
        text = entry.inline.text
        link = entry.inline.links[0] if entry.inline.links else None
        if link:
            text = text[link.end :]
            part.link = part.link or address_of(link)
            part.name = part.name or link.text
        else:
            cut = re.split(r"\s*(?::|\s[-–—]\s)\s*", text, maxsplit=1)
            part.name = part.name or cut[0]
            text = cut[1] if len(cut) > 1 else ""
        code = _code_link(entry.inline)
        if code and link is not code:
            part.code = address_of(code)
            text = re.sub(
                r"\s*\(\s*\)\s*$", "", text.removesuffix(")").removesuffix(code.text) + ")"
            )
        part.resource = re.sub(r"^\s*[:\-–—|,)\]]+\s*", "", text).strip()
        if entry.entries:
            whole = False
            draft.remark("by hand", "has lines of its own below; the list stays as it is", where)
    return Taken("resources", block.line, block.end) if whole else None


def _code_link(inline: Inline) -> Link | None:
    """The link that only says where the code is, if the line's other link is its resource."""
    codes = [link for link in inline.links if re.match(r"code|notebook|코드", link.text, re.I)]
    return codes[0] if len(codes) == 1 and len(inline.links) <= 2 else None


def _part_for(entry: Entry, draft: Draft) -> Part | None:
    """The part that a resource line is about: by its address, else by its number."""
    parts = [(unit, part) for unit in draft.units for part in unit.parts]
    for link in entry.inline.links:
        for _, part in parts:
            if part.link and part.link == address_of(link):
                return part
    name = _number_in(entry.inline.text)
    if name is None:
        return None
    number, number_of_part, _ = name
    unit = draft.find("", number)
    if unit is None:
        # An early README may list a report before it has a schedule.
        if any(other.number is not None for other in draft.units):
            return None
        usual = "{n}주차" if draft.language == "ko" else "Week"
        unit = draft.unit_for(draft.unit or usual, number)
    if not unit.parts:
        unit.parts.append(Part())
    if len(unit.parts) == 1:
        return unit.parts[0]
    if number_of_part and number_of_part <= len(unit.parts):
        return unit.parts[number_of_part - 1]
    return None


def read_progress(block: Block, draft: Draft, path: str) -> Taken | None:
    """Take a list of progress lines into `draft`; None if some line of it must stay by hand."""
    whole = True
    seen: set[int] = set()
    for entry in block.entries:
        where = Where(path, entry.line)
        text = entry.inline.text
        ticked, text = box_of(text)
        name = unit_of(text)
        unit = draft.find(name.word, name.number) if name else None
        problem = ""
        if name is None:
            problem = "begins with no unit"
        elif unit is None and any(u.parts for u in draft.units):
            problem = "is about a unit that the schedule does not have"
        elif (entry.inline.links and not _code_link(entry.inline)) or entry.entries:
            problem = "holds links or lines below it that a progress line has no place for"
        elif unit is not None and id(unit) in seen:
            problem = "is the second line about its unit"
        if problem or name is None:
            whole = False
            draft.remark("by hand", f"{problem}: '{text[:60]}'", where)
            continue
        unit = unit or draft.unit_for(name.word, name.number, where)
        seen.add(id(unit))
        _read_progress_line(unit, name.rest, _code_link(entry.inline), draft)
        unit.done = ticked is not False
        if not unit.done:
            whole = False
            draft.remark("by hand", "is not done yet; the list stays as it is", where)
    return Taken("progress", block.line, block.end) if whole and block.entries else None


def _read_progress_line(unit: Unit, rest: str, code: Link | None, draft: Draft) -> None:
    flag = _FLAG.match(rest)
    if flag:
        rest = re.sub(r"^\s*[:\-–—|,]+\s*", "", rest[flag.end() :])
        draft.words.setdefault("code_available", flag.group(1).strip())
        if not unit.parts:
            unit.parts.append(Part())
        unit.parts[0].code = address_of(code) if code else "available"
    topic = _TOPIC.search(rest) or _BARE_TOPIC.search(rest)
    if topic:
        unit.topic = topic.group("topic")
        label = topic.group("label").strip()
        if label.casefold() not in ("topic", "주제"):
            unit.topic_label = label
        rest = rest[: topic.start()]
    unit.progress = rest.strip()
