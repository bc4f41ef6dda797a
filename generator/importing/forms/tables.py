"""Any table that is a schedule: rows keyed by week, number or date; columns by what they hold."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generator.importing.blocks import Block, Inline
from generator.importing.dates import Day, day_of, days_of
from generator.importing.draft import Unit
from generator.importing.phrases import UnitName, squeezed, unit_of

# What a column holds → what people head it with, squeezed.
_HEADS = {
    "week": "week weeks day days step session unit module lesson chapter lecture meeting"
    " 주차 주 회차 일차 단계 차시 챕터 장",
    "date": "date dates when datetime 날짜 일시 일정 일자 날자 완료일",
    "content": "content contents topic topics title subject theme 내용 주제 제목",
    "objective": "objective objectives goal goals aim aims purpose learninggoal 목표 학습목표",
    "presenter": "presenter presenters speaker speakers host lead leader discussant who"
    " 발표자 발표 발제자 발제 담당 담당자",
    "author": "author authors by writer 글쓴이 작성자",
    "slides": "slide slides deck 슬라이드 발표자료",
    "recording": "recording recordings video videos 녹화 영상 동영상",
    "notes": "note notes summary minutes 비고 정리 노트",
    "homework": "homework assignment assignments 과제 숙제",
    "discussion": "discussion questions 토론",
    "place": "place location room venue where 장소",
    "resource": "resource resources material materials report reports link links pdf 자료 보고서",
    "paper": "paper papers reading readings article book 논문 책",
    "code": "code notebook notebooks implementation 코드",
    "status": "status state done 상태",
}
_ROLE = {word: role for role, words in _HEADS.items() for word in words.split()}
_WEAK = ("", "no", "number", "nr", "part", "idx", "index", "번호", "순서", "순번")
_LOG = re.compile(
    r"\b(?:updates?|change ?log|changes|history|releases?|versions?)\b|변경|업데이트", re.I
)
_NUMBER = re.compile(r"0*(\d{1,3})(?:\s*[-–.]\s*(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of lines that became the block `name` of the README."""

    name: str
    line: int
    end: int
    unit: Unit | None = None


@dataclass(slots=True)
class Schedule:
    """A schedule table as read: what each column holds, the key and the day of each row.

    merged: whether several rows are of one week, and become one. over: the heading over each row.
    """

    blocks: list[Block]
    roles: list[str]
    rows: list[tuple[Inline, ...]]
    lines: list[int]
    names: list[UnitName | None] = field(default_factory=list)
    days: list[Day | None] = field(default_factory=list)
    merged: bool = False
    over: list[str] = field(default_factory=list)

    def column(self, place: int) -> list[Inline]:
        """The cells of a column, an empty one where a row is short."""
        return [row[place] if place < len(row) else Inline("") for row in self.rows]

    @property
    def head(self) -> tuple[Inline, ...]:
        """The cells of the head."""
        return self.blocks[0].rows[0]

    @property
    def spare(self) -> list[tuple[int, str]]:
        """The lines of rows with cells beyond the head, and what is in those."""
        return [pair for block in self.blocks for pair in block.spare]

    def goes_on(self, other: "Schedule") -> bool:
        """Whether another table has the same columns, and rows of its own."""
        mine = [name and (name.word, name.number) for name in self.names]
        pairs = zip(self.head, other.head, strict=False)
        said = all(set(b.text.split()) <= set(a.text.split()) for a, b in pairs)
        same = said and self.roles == other.roles
        again = any(name and (name.word, name.number) in mine for name in other.names)
        return same and not (again and "week" in self.roles)

    def extend(self, other: "Schedule") -> None:
        """Take the rows of a table that goes on with this one."""
        self.blocks += other.blocks
        self.rows += other.rows
        self.lines += other.lines
        more = [name and replace(name, number=len(self.rows) - len(other.rows) + place)
                for place, name in enumerate(other.names, 1)]  # fmt: skip
        self.names += other.names if {"week", "date"} & set(self.roles) else more
        self.days += other.days
        self.over += other.over

    def place(self, role: str) -> int | None:
        """Where the column of a role is."""
        return self.roles.index(role) if role in self.roles else None


def schedule_in(block: Block, headings: str = "", year: int | None = None) -> Schedule | None:
    """The schedule that a table is; None if it is none.

    headings: the words over it. year: the one that they name. A table is a schedule if most of its
    rows say in one column which week, chapter or number they are, or in one which day.
    """
    if block.kind != "table" or len(block.rows) < 2 or _LOG.search(headings):
        return None
    pairs = [
        (row, line)
        for row, line in zip(block.rows[1:], block.row_lines[1:], strict=True)
        if any(cell.text or cell.links for cell in row)
    ]
    if not pairs or len(block.rows[0]) < 2:
        return None
    found = Schedule([block], [], [row for row, _ in pairs], [line for _, line in pairs])
    found.roles = _roles(found)
    found.over = [headings] * len(pairs)
    week, date = found.place("week"), found.place("date")
    presented = {"presenter"} < set(found.roles) & {"presenter", "paper", "content"}
    if week is None and date is None and not presented:
        return None
    # A column of mere numbers is of what any of the heads calls: "Chapter", "{n}회차".
    heads = (
        [block.rows[0][week].text, *(cell.text for cell in block.rows[0])]
        if week is not None
        else []
    )
    word = next(filter(None, map(_unit_word, heads)), "")
    if week is not None:
        found.names = [_name(cell.text, word) for cell in found.column(week)]
    else:
        found.names = [None] * len(pairs)
    if week is None and date is None:  # who presents what, in their order
        found.names = [UnitName("", n, None, "") for n in range(1, len(pairs) + 1)]
    if date is not None:
        found.days = days_of([cell.text for cell in found.column(date)], year)
    else:
        found.days = [None] * len(pairs)
    others = [place for place, role in enumerate(found.roles) if role not in ("week", "date")]
    said = any(cell.text for place in others for cell in found.column(place))
    return found if said or (week is not None and date is not None) else None


def _roles(table: Schedule) -> list[str]:
    """What each column holds, by its head and by its cells; "" where nothing tells."""
    head = table.head
    roles: list[str] = []
    for place, cell in enumerate(head):
        exact = _ROLE.get(squeezed(cell.text), "")
        words = [exact, *(_ROLE.get(word, "") for word in re.findall(r"\w+", cell.text.casefold()))]
        fitting = [r for r in words if r and r not in roles and _holds(table.column(place), r)]
        roles.append(fitting[0] if fitting else "")
    if "week" not in roles:
        for place, cell in enumerate(head):
            texts = [c.text for c in table.column(place)]
            named = sum(bool(unit_of(text)) for text in texts) * 2 > len(texts)
            weak = squeezed(cell.text) in _WEAK and _counts(texts)
            if (named or weak) and roles[place] in ("", "content", "date", "status"):
                roles[place] = "week"
                break
    if "date" not in roles:
        for place, role in enumerate(roles):
            if role == "" and _holds(table.column(place), "date", strict=True):
                roles[place] = "date"
                break
    return roles


def heads_of(head: Sequence[str]) -> list[str]:
    """Our name of each column by its head alone; "" where we have none."""
    found: list[str] = []
    for cell in head:
        words = [squeezed(cell), *re.findall(r"\w+", cell.casefold())]
        role = next((_ROLE[word] for word in words if word in _ROLE), "")
        found.append("" if role in found else role)
    return found


def _holds(cells: Sequence[Inline], role: str, *, strict: bool = False) -> bool:
    """Whether most cells of a column can be what its head says. strict: the head says nothing."""
    texts = [cell.text for cell in cells if cell.text]
    if role == "week":
        keyed = [text for text in texts if unit_of(text) or _NUMBER.fullmatch(text.strip())]
        return bool(texts) and len(keyed) * 2 > len(texts)
    if role == "date":
        days = [text for text in texts if day_of(text) and (not strict or len(text) < 40)]
        return bool(texts) and len(days) * 3 >= len(texts) * 2
    if role in ("presenter", "author"):  # marks of who has presented are no names
        names = [text for text in texts if re.search(r"[^\W\d_]{2}", text)]
        return not texts or len(names) * 2 > len(texts)
    return True


def _counts(texts: Sequence[str]) -> bool:
    """Whether the cells of a column count: 1, 2, 3, with few gaps."""
    numbers = [int(text) for text in texts if text.strip().isdecimal()]
    steps = sum(b - a == 1 for a, b in itertools.pairwise(numbers))
    return len(numbers) > 1 and len(numbers) * 2 > len(texts) and steps * 3 >= len(numbers[1:]) * 2


def _unit_word(head: str) -> str:
    """What the units are called where only their head says it: "Chapter", "{n}회차"."""
    for piece in (head, *re.findall(r"\w+", head)):
        name = unit_of(f"{piece} 1") or unit_of(f"1{piece}")
        if name and piece and not name.rest:
            return name.word
    return ""


def _name(text: str, word: str) -> UnitName | None:
    """The unit that a key names; a bare number is of the unit that the head names."""
    name = unit_of(text)
    bare = _NUMBER.fullmatch(text.strip())
    if name is None and bare:
        return UnitName(word, int(bare[1]), int(bare[2]) if bare[2] else None, "")
    return name
