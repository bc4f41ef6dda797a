"""The reading list at the end of a report, as plain data for its template."""

from dataclasses import dataclass

from generator.model import ReadingItem, Week
from generator.study.totals import VIDEO, spelt_minutes


@dataclass(frozen=True, slots=True)
class ReadingWords:
    """What the list itself says."""

    heading: str
    must_watch: str
    must: str
    further: str
    optional: str
    by: str


_WORDS = {
    "en": ReadingWords(
        "To watch and read", "must watch", "must read", "further", "optional", ", {name}"
    ),
    "ko": ReadingWords("볼거리와 읽을거리", "꼭 볼 것", "필독", "더 읽을거리", "선택", ", {name}"),
}
_KINDS = {
    "ko": {
        "video": "영상",
        "article": "글",
        "paper": "논문",
        "course": "강의",
        "documentation": "문서",
        "library": "라이브러리",
        "notebook": "노트북",
    }
}


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One item: its name, where it is, who made it, and remarks after it."""

    title: str
    url: str
    by: str
    remarks: str


@dataclass(frozen=True, slots=True)
class ReadingPart:
    """A block of the list. time: "" where nobody said."""

    title: str
    time: str
    lines: tuple[ReadingLine, ...]


@dataclass(frozen=True, slots=True)
class ReadingList:
    """A week's reading; no parts where it has none."""

    heading: str
    parts: tuple[ReadingPart, ...]


def reading_list(week: Week, language: str) -> ReadingList:
    """What there is to watch and read in `week`, in `language`."""
    words = _WORDS.get(language.split("-")[0], _WORDS["en"])
    parts = tuple(
        ReadingPart(
            block.title.text(language),
            _time(block.budget, language) if block.budget else "",
            tuple(line for item in block.items for line in _lines(item, language, words)),
        )
        for block in week.reading
    )
    return ReadingList(words.heading, tuple(part for part in parts if part.lines))


def _lines(item: ReadingItem, language: str, words: ReadingWords) -> list[ReadingLine]:
    """The item and its children, one line each."""
    kinds = _KINDS.get(language.split("-")[0], {})
    remarks = [kinds.get(item.kind, item.kind)]
    if item.level == "must":
        remarks.append(words.must_watch if item.kind == VIDEO else words.must)
    elif item.level and not item.optional:
        remarks.append(words.further)
    if item.optional:
        remarks.append(words.optional)
    if item.minutes:
        remarks.append(_time(item.minutes, language))
    title = item.title.text(language)
    line = ReadingLine(
        f"{item.short}: {title}" if item.short else title,
        item.url,
        words.by.replace("{name}", item.by) if item.by else "",
        ", ".join(remarks),
    )
    return [line, *(inner for child in item.children for inner in _lines(child, language, words))]


def _time(minutes: int, language: str) -> str:
    """Minutes in words that stay in one line."""
    return spelt_minutes(minutes, language).replace(" ", "\u00a0")
