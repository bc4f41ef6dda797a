"""The rows of a schedule table as weeks, and its columns as ours or as the study's own."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from generator.errors import Where
from generator.importing.blocks import Block, Inline, Link
from generator.importing.dates import Day
from generator.importing.draft import Draft, Part, Unit, phrase, without_pictographs
from generator.importing.forms.items import only_a_form
from generator.importing.forms.tables import Schedule, Taken
from generator.importing.phrases import UnitName, kind_of
from generator.model import ReadingItem
from generator.study.readme import COLUMNS

_NONE = re.compile(r"^(?:no\b.*|none|n/?a|-+|–|—|x|없음|.*\s없음)$", re.IGNORECASE)
_PLANNED = re.compile(r"^(?:planned|tba|tbd|to be .*|coming soon|예정|준비 ?중)\.?$", re.IGNORECASE)
# What a column is called that says more than ours of its kind can.
_OWN = {
    "week": "unit", "date": "when", "content": "topic", "objective": "aim", "resource": "material",
    "presenter": "people", "author": "writer", "slides": "deck", "recording": "video",
    "notes": "remarks", "homework": "tasks", "discussion": "questions", "place": "room",
    "status": "state", "code": "source",
}  # fmt: skip
_PEOPLE = ("presenter", "author", "place", "status")
_OF_A_REPORT = {"week", "content", "objective", "resource", "author"}


def read_schedule(table: Schedule, draft: Draft, path: str) -> list[Taken]:
    """Take the rows of a schedule into `draft`, its columns with them."""
    _with_spare(table, draft, path)
    _without_empty(table, draft, path)
    week = table.place("week")
    usual = "{n}회차" if draft.language == "ko" else "Meeting"
    if week is not None:
        usual = "{n}주차" if draft.language == "ko" else "Week"
    numbers = [name.number for name in table.names if name and name.number is not None]
    several = {number for number in numbers if numbers.count(number) > 1}
    # Rows of one week are its reports only where no column is about the meeting itself.
    parts: set[int] = several if set(table.roles) <= _OF_A_REPORT else set()
    table.merged = bool(several - parts)
    columns = [_column(table, place, parts, draft) for place in range(len(table.roles))]
    previous: Unit | None = None
    for index, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        name, where = table.names[index], Where(path, line)
        key = row[week].text if week is not None and week < len(row) else ""
        if name is None and week is not None and not key and previous is not None:
            _continue(previous, row, columns, draft)
            continue
        day = table.days[index]
        if name is not None:
            unit = draft.unit_for(name.word or draft.unit or usual, name.number, where)
        else:
            timed = week is None and day is not None
            unit = Unit(usual if timed else key or "–", None, where=where, no_report=not timed)
            unit.day = day if timed else None
            draft.units.append(unit)
        if name and name.to and not _parts_of(name, table.names):
            said = f"'{key}' means several; study.toml has the first of them"
            draft.remark("to do", said, where)
            name = replace(name, part=None)
        _read_row(unit, name, row, columns, day, draft, merged=table.merged)
        previous = unit
        if len(set(table.over)) > 1:
            _say(unit, "part", table.over[index])
    if len(set(table.over)) > 1:
        # Rows of several tables: which of them each was in is said beside it.
        draft.own["part"] = "구분" if draft.language == "ko" else "Part"
        columns.append(Column("part", "", draft.own["part"]))
    draft.columns = tuple(column.id for column in columns)
    return [Taken("schedule", block.line, block.end) for block in table.blocks]


def _with_spare(table: Schedule, draft: Draft, path: str) -> None:
    """Put the cells beyond the head into the last cell, which a page shows."""
    for line, beyond in table.spare:
        index = table.lines.index(line)
        *before, last = table.rows[index]
        source = f"{last.source} {beyond}".strip()
        joined = Inline(f"{last.text} {beyond}".strip(), last.links, source=source)
        table.rows[index] = (*before, joined)
        said = f"the cell beyond the head, '{beyond}', which no page shows, is in the last one now"
        draft.remark("mended", said, Where(path, line))


def _without_empty(table: Schedule, draft: Draft, path: str) -> None:
    """Leave out the columns that say nothing in any row; the README shows them once one does."""
    empty = [
        place for place, role in enumerate(table.roles)
        if role not in ("week", "date", "content", "objective", "resource")
        and not any(cell.source.strip() or cell.text for cell in table.column(place))
    ]  # fmt: skip
    for place in reversed(empty):
        head = table.head[place].text
        if head:
            draft.own.setdefault(_id_of(head, table.roles[place], place), head)
        said = f"the column '{head}' is empty: it is there again once a week says something in it"
        draft.remark("mended", said, Where(path, table.blocks[0].line))
        del table.roles[place]
        table.rows = [(*row[:place], *row[place + 1 :]) for row in table.rows]
        table.blocks = [
            replace(block, rows=tuple((*row[:place], *row[place + 1 :]) for row in block.rows))
            for block in table.blocks
        ]


def number_by_days(draft: Draft) -> None:
    """Give the meetings that only their days name a number: their place in time."""
    dated = [(unit, unit.day) for unit in draft.units if unit.day]
    order = [(day.year or 0, day.month, day.day) for _, day in dated]
    falling = order[:1] > order[-1:]
    units = [unit for unit, _ in (reversed(dated) if falling else dated)]
    if all(day.date() for _, day in dated):
        units = [unit for unit, day in sorted(dated, key=lambda pair: str(pair[1].date()))]
    for number, unit in enumerate(units, 1):
        unit.number = number


def _parts_of(name: UnitName, names: Sequence[UnitName | None]) -> bool:
    """Whether there is a part 1 of the unit, so that 1-2 is its part 2, not two weeks."""
    return any(other and other.number == name.number and other.part == 1 for other in names)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the README's block: its id there, what it holds, its heading."""

    id: str
    role: str
    heading: str


def _column(table: Schedule, place: int, parts: set[int], draft: Draft) -> Column:
    """What a column of the table becomes: one of ours where that says all of it, else its own."""
    role, head = table.roles[place], table.head[place].text
    cells = table.column(place)
    if role in COLUMNS["schedule"] and role != "status" and _exact(table, role, cells, parts):
        if head:
            draft.words.setdefault(role, head)
        return Column(role, role, head)
    stem = _id_of(head, role, place)
    same = [id_ for id_, said in draft.own.items() if said == head and id_.startswith(stem)]
    id_ = same[0] if same else stem
    while id_ in draft.own and not same:
        id_ += "-2"
    draft.own[id_] = head or " "
    return Column(id_, role, head)


def _id_of(head: str, role: str, place: int) -> str:
    """The id of a column of the study's own, by its head."""
    ascii_head = unicodedata.normalize("NFKD", head).encode("ascii", "ignore").decode().lower()
    stem = _OWN.get(role) or role or re.sub(r"[^a-z0-9]+", "-", ascii_head).strip("-")[:30]
    stem = stem if re.match(r"[a-z]", stem) else f"column-{place + 1}"
    return f"{stem}-text" if stem in COLUMNS["schedule"] else stem


def _exact(table: Schedule, role: str, cells: Sequence[Inline], parts: set[int]) -> bool:
    """Whether our column of that role says everything that the cells of this one say."""
    filled = [cell for cell in cells if cell.text or cell.links or cell.source.strip()]
    plain = all(_plain(cell) for cell in filled)
    if table.merged and role in ("content", "objective", "resource", "author"):
        return False
    if role == "week":
        keyed = [name for name in table.names if name]
        if any(name.to and not _parts_of(name, keyed) for name in keyed):
            return False
        return plain and all(not n.rest or n.number in parts or n.part for n in keyed)
    if role == "date":
        days = [day for cell, day in zip(cells, table.days, strict=True) if cell.text]
        return all(day and not day.rest and not day.either and day.date() for day in days)
    if role in ("content", "objective"):
        return plain and (role != "content" or len(filled) == len(cells))
    if role in ("slides", "recording"):
        return all(_only_links(cell) for cell in filled)
    if role == "resource":
        return all(_one_link(cell) or (_plain(cell) and len(cell.text) < 60) for cell in filled)
    if role == "code":
        return False
    return plain or role in ("notes", "homework", "discussion")


def _plain(cell: Inline) -> bool:
    if without_pictographs(cell.text) != cell.text:
        return False
    return not cell.links and not re.search(r"<|!\[|`|\*\*", cell.source)


def _one_link(cell: Inline) -> bool:
    """Whether a cell is one link and no more."""
    return (
        len(cell.links) == 1 and cell.links[0].text == cell.text and bool(address_of(cell.links[0]))
    )


def _only_links(cell: Inline) -> bool:
    """Whether a cell is links with commas between."""
    rest = cell.text
    for link in reversed(cell.links):
        rest = rest[: link.start] + rest[link.end :]
        if link.image or not link.url or link.bare or not link.text:
            return False
    return bool(cell.links) and not re.search(r"[^\s,]", rest) and "<" not in cell.source


def address_of(link: Link) -> str:
    """Where a link leads as study.toml says it: a file of the study by its plain name."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//|#", link.url, re.IGNORECASE):
        return link.url
    return unicodedata.normalize("NFC", unquote(link.url))


def _read_row(
    unit: Unit,
    name: UnitName | None,
    row: Sequence[Inline],
    columns: Sequence[Column],
    day: Day | None,
    draft: Draft,
    *,
    merged: bool,
) -> None:
    cells = {column.id: cell for column, cell in zip(columns, row, strict=False)}
    label = name.rest.strip("()[] ") if name and "week" in cells else ""
    titled = [
        cell for role in ("content", "paper", "", "objective", "resource")
        for column, cell in zip(columns, row, strict=False)
        if column.role == role and cell.text.strip("-–— ")
    ]  # fmt: skip
    title = titled[0].text if titled else label
    part = Part(label="" if title == label else label, title=title)
    if name and name.part and not part.label:
        part.label = str(name.part)
    if name:
        part.number = name.part
    if "objective" in cells:
        part.objective = cells["objective"].text
    if "author" in cells:
        part.authors = people(cells["author"].text)
    date = day.date() if day and not day.either else None
    if date and not unit.date:
        unit.date = date.isoformat()
        if "date" in cells and cells["date"].text != unit.date:
            draft.same[cells["date"].text] = unit.date
    unit.presenters += people(cells["presenter"].text) if "presenter" in cells else ()
    for column, cell in zip(columns, row, strict=False):
        if column.id in ("slides", "recording"):
            found = tuple((address_of(link), link.text) for link in cell.links)
            unit.links[column.id] = (*unit.links.get(column.id, ()), *found)
        elif column.id in draft.own or column.id in ("notes", "homework", "discussion", "place"):
            _say(unit, column.id, cell.source)
            unit.items += links_as_items(cell, title) if column.role not in _PEOPLE else ()
        if column.role == "status" and re.match(r"(?:done|완료|✅|☑|✔|\[x\])", cell.text, re.I):
            unit.done = True
    if not unit.title:
        unit.title, unit.objective = title, part.objective
    unit.paths += tuple(link.url for cell in row for link in cell.links)
    _resource(unit, part, cells.get("resource"), draft)
    if (unit.number is not None or unit.day) and not (merged and unit.parts):
        unit.parts.append(part)


def _say(unit: Unit, column: str, source: str) -> None:
    """Add Markdown to what a unit says in a column; what is there already is not said again."""
    known, new = unit.cells.get(column, ""), " ".join(source.split())
    if new and new != known:
        unit.cells[column] = f"{known} <br> {new}" if known else new


def links_as_items(cell: Inline, title: str) -> tuple[ReadingItem, ...]:
    """The pages that a cell links to, each with its kind told by its address."""
    found = []
    for link in cell.links:
        if not link.image and re.match(r"https?://\S+$", link.url, re.IGNORECASE):
            said = "" if link.bare or only_a_form(link.text) else link.text
            found.append(ReadingItem(phrase(said or title or link.url), kind_of(said, link.url),
                                     link.url))  # fmt: skip
    return tuple(found)


def _continue(unit: Unit, row: Sequence[Inline], columns: Sequence[Column], draft: Draft) -> None:
    """A row without a key goes on with the week of the row before it."""
    cells = [(c, cell) for c, cell in zip(columns, row, strict=False) if cell.source.strip()]
    content = next((cell for column, cell in cells if column.id == "content"), None)
    if content is not None:
        unit.parts.append(Part(title=content.text))
    for column, cell in cells:
        if column.id == "presenter":
            new = [who for who in people(cell.text) if who not in unit.presenters]
            unit.presenters += tuple(new)
        elif column.id in draft.own or column.id in ("notes", "homework", "discussion", "place"):
            _say(unit, column.id, cell.source)


def people(text: str) -> tuple[str, ...]:
    """The names in a cell, as they are parted there."""
    parted = re.split(r"\s*(?:,|;|/|&|·|<br ?/?>|\s+and\s+)\s*", text)
    return tuple(dict.fromkeys(name.strip() for name in parted if name.strip("-–— ")))


def _resource(unit: Unit, part: Part, cell: Inline | None, draft: Draft) -> None:
    """What the column of the report says: where it is, that there is none, or its name."""
    if cell is None:
        return
    if cell.links:
        part.link, part.name = address_of(cell.links[0]), cell.text
    elif _PLANNED.match(cell.text):
        draft.words["planned"] = cell.text
    elif not cell.text or _NONE.match(cell.text):
        if cell.text:
            draft.words["no_resource"] = cell.text
            unit.no_report = not unit.parts
    else:
        part.name = cell.text
    if unit.no_report and (unit.parts or part.link or part.name):
        unit.no_report = False


def units_of(table: Schedule) -> list[tuple[str, int | None]]:
    """The units that the rows of a schedule name."""
    return [(name.word, name.number) for name in table.names if name and name.number is not None]


def whole_table(table: Schedule) -> Block:
    """The rows of all its tables as one, as they were."""
    first, *others = table.blocks
    rows = [row for block in others for row in block.rows[1:]]
    lines = [line for block in others for line in block.row_lines[1:]]
    return replace(first, rows=(*first.rows, *rows), row_lines=(*first.row_lines, *lines))
