"""A README in the form of a weekly group: schedule table, resource list, progress list."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from generator.errors import Where
from generator.importing.blocks import Block, Entry, Inline, Link
from generator.importing.draft import Draft, Part, Unit
from generator.importing.phrases import UnitName, box_of, date_of, squeezed, unit_of

# Column of ours → what people head it with, squeezed.
_HEADS = {
    "week": "week weeks day days step session unit module lesson 주차 주 회차 일차 단계",
    "content": "content contents topic topics title subject theme 내용 주제 제목",
    "objective": "objective objectives goal goals aim aims purpose learninggoal 목표 학습목표",
    "resource": "resource resources material materials report reports link links pdf 자료 보고서",
    "date": "date when dates 날짜 일시",
    "status": "status state done 상태",
    "author": "author authors presenter speaker by who 발표자 글쓴이 담당 담당자",
    "code": "code notebook notebooks 코드",
}
_COLUMN = {word: column for column, words in _HEADS.items() for word in words.split()}
# Heads that name units where no other column does.
_WEAK = ("no", "number", "nr", "part", "번호", "순서")
_NONE = re.compile(r"^(?:no\b.*|none|n/?a|-+|–|—|x|없음|.*\s없음)$", re.IGNORECASE)
_PLANNED = re.compile(r"^(?:planned|tba|tbd|to be .*|coming soon|예정|준비 ?중)\.?$", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of lines that became the block `name` of the README."""

    name: str
    line: int
    end: int
    unit: Unit | None = None


def is_schedule(block: Block) -> bool:
    """Whether a table is a schedule: its head names a unit, its rows name units in that column."""
    if block.kind != "table" or len(block.rows) < 2:
        return False
    columns = columns_of(block.rows[0])
    if "week" not in columns or len(columns) < 2:
        return False
    place = columns.index("week")
    firsts = [row[place].text for row in block.rows[1:] if len(row) > place]
    named = [text for text in firsts if unit_of(text) or re.match(r"^\d+(-\d+)?$", text)]
    if not named or len(named) * 2 <= len(firsts):
        return False
    known = {"content", "resource", "objective"} & set(columns)
    # Any table whose rows are headed "Week 1", "Week 2" says something about weeks.
    return bool(known) or len([text for text in firsts if unit_of(text)]) > 1


def columns_of(head: Sequence[Inline]) -> list[str]:
    """Our name of each column; "" where we have none."""
    found: list[str] = []
    for cell in head:
        column = _COLUMN.get(squeezed(cell.text), "")
        if not column:
            words = re.findall(r"\w+", cell.text.casefold())
            column = next((_COLUMN[word] for word in words if word in _COLUMN), "")
        found.append("" if column in found else column)
    if "week" not in found:
        weak = [n for n, c in enumerate(head) if squeezed(c.text) in _WEAK or c.text.strip() == "#"]
        if weak and not found[weak[0]]:
            found[weak[0]] = "week"
    return found


def read_schedule(block: Block, draft: Draft, path: str) -> Taken | None:
    """Take the rows of a schedule into `draft`; where it stood, or None if it must stay by hand."""
    columns = columns_of(block.rows[0])
    whole = all(columns)
    place = columns.index("week")

    def by_hand(said: str, line: int) -> None:
        draft.remark("by hand", f"{said}; the table stays as it is", Where(path, line))

    for head, column in zip(block.rows[0], columns, strict=True):
        if not column:
            by_hand(f"the column '{head.text}' is none of ours", block.line)
        else:
            draft.words.setdefault(column, head.text)
    for line, beyond in block.spare:
        whole = False
        by_hand(f"the row has more cells than the head: '{beyond}'", line)
    names = [unit_of(row[place].text) for row in block.rows[1:]]
    for row, name, line in zip(block.rows[1:], names, block.row_lines[1:], strict=True):
        cells = dict(zip(columns, row, strict=False))
        if not any(cell.text for cell in row):
            continue
        if name and name.to and not _has_first_part(name, names):
            whole = False
            by_hand(f"'{row[place].text}' means several; study.toml has the first of them", line)
            word = name.word if "{n}" in name.word else f"{name.word} {{n}}"
            cells["week"] = Inline(f"{word.replace('{n}', str(name.number))} {name.rest}".strip())
        if not _read_row(cells, draft, Where(path, line)):
            whole = False
            by_hand(f"the row '{row[place].text}' names no unit", line)
    draft.columns = tuple(columns) if all(columns) else ()
    return Taken("schedule", block.line, block.end) if whole else None


def _has_first_part(name: UnitName, names: Sequence[UnitName | None]) -> bool:
    """Whether there is a part 1 of the unit, so that 1-2 is its part 2, not two weeks."""
    return any(other and other.number == name.number and other.part == 1 for other in names)


def address_of(link: Link) -> str:
    """Where a link leads as study.toml says it: a file of the study by its plain name."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//|#", link.url, re.IGNORECASE):
        return link.url
    return unicodedata.normalize("NFC", unquote(link.url))


def units_of(block: Block) -> list[tuple[str, int | None]]:
    """The units that the rows of a schedule name."""
    place = columns_of(block.rows[0]).index("week")
    names = [unit_of(row[place].text) for row in block.rows[1:]]
    return [(name.word, name.number) for name in names if name]


def _read_row(cells: dict[str, Inline], draft: Draft, where: Where) -> bool:
    first = cells.get("week", Inline("")).text
    name = unit_of(first)
    bare = re.fullmatch(r"0*(\d+)(?:\s*[-–.]\s*(\d+))?", first.strip())
    if name:
        word, number, number_of_part, rest = name.word, name.number, name.part, name.rest
    elif bare:
        word = draft.unit or "Week"
        number, number_of_part, rest = int(bare[1]), int(bare[2]) if bare[2] else None, ""
    else:
        return False
    label = rest.strip().strip("()[]").strip()
    content = cells.get("content", Inline("")).text
    if "content" not in cells and label:
        content, label = label, ""
    unit = draft.unit_for(word, number, where)
    part = Part(label=label or (str(number_of_part) if number_of_part else ""), title=content)
    part.number = number_of_part
    part.objective = cells.get("objective", Inline("")).text
    author = cells.get("author", Inline("")).text
    part.authors = tuple(a.strip() for a in re.split(r",|&| and ", author) if a.strip())
    if "date" in cells:
        date, _ = date_of(cells["date"].text)
        unit.date = date.isoformat() if date else ""
    if not unit.title:
        unit.title, unit.objective = content, part.objective
    resource = cells.get("resource", Inline(""))
    if resource.links:
        part.link = address_of(resource.links[0])
        part.name = resource.text
    elif _PLANNED.match(resource.text):
        draft.words["planned"] = resource.text
    elif not resource.text or _NONE.match(resource.text):
        if resource.text:
            draft.words["no_resource"] = resource.text
        if resource.text and not unit.parts:
            unit.no_report = True
    else:
        part.name = resource.text
    if unit.no_report and (unit.parts or part.link or part.name):
        unit.no_report = False
    unit.parts.append(part)
    return True


# ---------------------------------------------------------------- the two lists


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
