"""What words of a README say: units, spans of time, dates, kinds and marks of what to read."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from generator.model import ReadingKind

# A word for a unit as people write it → as the model says it.
_UNITS = "week|day|step|module|session|part|lesson|chapter|lecture|unit|stage|meeting|class"
_UNIT = re.compile(
    rf"^[\W_]*(?P<word>{_UNITS})s?\s*[-–—_#.:]*\s*0*(?P<number>\d{{1,3}})"
    r"(?:\s*[-–_.]\s*(?P<part>\d{1,2})(?!\d))?(?!\s*[-~–]\s*day\b)\b",
    re.IGNORECASE,
)
_KOREAN = re.compile(
    r"^[\W_]*(?:제\s*)?0*(?P<number>\d{1,3})\s*(?P<word>주차|일차|단계|회차)"
    r"(?:\s*[-–]\s*(?P<part>\d{1,2}))?"
)
_UNNUMBERED = re.compile(
    r"^[\W_]*(?P<word>appendix|project|bonus|prologue|epilogue|부록|프로젝트)\b", re.IGNORECASE
)
_SEPARATOR = re.compile(r"^\s*[:.\-–—|,)\]·]+\s*|^\s+")


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit as it is named: "Week" 9 part 2; rest is what follows, `end` where that begins."""

    word: str
    number: int | None
    part: int | None
    rest: str


def unit_of(text: str) -> UnitName | None:
    """The unit that `text` begins with; None if it begins with none."""
    found = _UNIT.match(text) or _KOREAN.match(text) or _UNNUMBERED.match(text)
    if not found:
        return None
    groups = found.groupdict()
    number, part = groups.get("number"), groups.get("part")
    word = groups["word"]
    if not re.match(r"[A-Za-z]", word):
        word = "{n}" + word if number else word
    else:
        word = word.capitalize()
    rest = _SEPARATOR.sub("", text[found.end() :], count=1).strip()
    return UnitName(word, int(number) if number else None, int(part) if part else None, rest)


_NUMBER = r"(?P<{name}>\d+(?:[.,]\d+)?|½|\d+\s*½|\d+\s*1/2|an?|half an|one|two|three)"
_HOURS = _NUMBER.format(name="hours") + r"\s*[-–]?\s*(?:hours?|hrs?|h|시간)(?![A-Za-z])"
_MINUTES = _NUMBER.format(name="minutes") + r"\s*[-–]?\s*(?:minutes?|mins?|min|m|분)(?![A-Za-z])\.?"
_SPAN = re.compile(rf"(?:~|about |approx\.? |ca\.? )?(?:{_HOURS}(?:\s*(?:and|,|&)?\s*{_MINUTES})?)",
                   re.IGNORECASE)  # fmt: skip
_SPAN_MINUTES = re.compile(rf"(?:~|about |approx\.? |ca\.? )?{_MINUTES}", re.IGNORECASE)
_WORDS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "half an": 0.5, "½": 0.5}


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time in a text: whole minutes, and where it stands."""

    minutes: int
    start: int
    end: int


def span_of(text: str) -> Span | None:
    """The first span of time that `text` gives: "1.5 hours", "30 mins", "1h 30m", "1시간 30분"."""
    found = _SPAN.search(text) or _SPAN_MINUTES.search(text)
    if not found or (found.start() and text[found.start() - 1].isalnum()):
        return None
    groups = found.groupdict()
    minutes = 60 * _amount(groups.get("hours")) + _amount(groups.get("minutes"))
    return Span(round(minutes), found.start(), found.end()) if minutes else None


def _amount(text: str | None) -> float:
    if not text:
        return 0.0
    text = text.lower().strip()
    if text in _WORDS:
        return _WORDS[text]
    halved = re.sub(r"\s*(?:½|1/2)$", "", text)
    return float(halved.replace(",", ".")) + (0.5 if halved != text else 0.0)


def bracketed_span(text: str) -> tuple[str, int | None]:
    """`text` without the time budget that stands in brackets or at its end, and its minutes."""
    for found in re.finditer(r"[(\[]([^()\[\]]*)[)\]]", text):
        span = span_of(found.group(1))
        if span is None:
            continue
        around = found.group(1)[: span.start] + found.group(1)[span.end :]
        if not re.search(r"[^\W\d_]", around):
            return (text[: found.start()].rstrip() + text[found.end() :]).strip(), span.minutes
    tail = re.search(r"\s+[-–—:|,·]\s*([^-–—:|,()]+?):?\s*$", text)
    if tail:
        span = span_of(tail.group(1))
        if span and span.start == 0 and span.end == len(tail.group(1)):
            return text[: tail.start()].strip(), span.minutes
    return text, None


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATE_FORMS = (
    re.compile(r"^\W*(?P<y>20\d\d)\s*[-./년]\s*(?P<m>\d{1,2})\s*[-./월]\s*(?P<d>\d{1,2})일?(?!\d)"),
    # Two digits for the year, year first: how a log in Korea is dated.
    re.compile(r"^\W*(?P<y>\d\d)[.](?P<m>\d{1,2})[.](?P<d>\d{1,2})(?!\d)\.?"),
    re.compile(r"^\W*(?P<m>[A-Za-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>20\d\d)"),
    re.compile(r"^\W*(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?P<m>[A-Za-z]{3,9})\.?,?\s+(?P<y>20\d\d)"),
)


def date_of(text: str) -> tuple[dt.date | None, str]:
    """The date that `text` begins with, and what follows; None and `text` if it has none."""
    for form in _DATE_FORMS:
        found = form.match(text)
        if not found:
            continue
        month = found.group("m")
        if not month.isdecimal():
            if month[:3].lower() not in _MONTHS:
                continue
            month = str(_MONTHS.index(month[:3].lower()) + 1)
        year = int(found.group("y"))
        try:
            date = dt.date(year if year > 99 else 2000 + year, int(month), int(found.group("d")))
        except ValueError:
            continue
        rest = re.sub(r"^[\s`*_\])]*[:\-–—.|]*\s*", "", text[found.end() :])
        return date, rest
    return None, text


# ---------------------------------------------------------------- what to watch and read

_LABEL = re.compile(
    r"^[\W_]*(?P<verb>watch|view|videos?|lectures?|listen|read|readings?|resources?|papers?"
    r"|articles?|courses?|study|materials?|required|must|optional|further|additional|extra|recommended"
    r"|시청|영상|읽기|읽을|자료|논문|볼)",
    re.IGNORECASE,
)
_WATCHING = re.compile(
    r"^[\W_]*(?:watch|view|videos?|lectures?|listen|시청|영상|볼)", re.IGNORECASE
)
_OPTIONAL = re.compile(
    r"[\[(*_]*\b(?:optional|선택)\b[*_]*[\])]?[*_]*\s*:?\s*|\(선택\)", re.IGNORECASE
)
_MUST_WORDS = re.compile(
    r"\s*[\[(]\s*(?:must|must[- ]read|must[- ]watch|필독)\s*[\])]", re.IGNORECASE
)
_MUST_MARKS = "📚⭐🌟"
_KIND_MARKS: dict[str, ReadingKind] = {
    "📃": "article", "📄": "article", "📰": "article", "📝": "article", "✍": "article",
    "📼": "video", "🎥": "video", "📺": "video", "🎬": "video", "▶": "video", "📹": "video",
    "🎓": "course", "💻": "notebook", "📓": "notebook", "📔": "notebook",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """The head of a block of items. watch: whether they are to be watched."""

    title: str
    minutes: int | None
    watch: bool
    optional: bool


def label_of(text: str, *, alone: bool = False) -> Label | None:
    """`text` as the head of a block: "Watch these videos (1 hour):"; None if it is none.

    alone: it is bold or a heading, so that it needs neither a colon nor a time to be one.
    """
    plain = text.strip().strip("*_").strip()
    if not _LABEL.match(plain) or len(plain) > 80:
        return None
    title, minutes = bracketed_span(plain.rstrip(":：").strip())
    if minutes is None:
        title, minutes = bracketed_span(plain)
    title = title.strip().rstrip(":：").strip().strip("*_").strip()
    if not (alone or minutes is not None or plain.rstrip("*_ ").endswith((":", "："))):
        return None
    watch = bool(_WATCHING.match(title))
    return Label(title, minutes, watch, bool(re.match(r"^\W*(?:optional|선택)", title, re.I)))


@dataclass(frozen=True, slots=True)
class Marks:
    """What the marks of an item say, and its words without them."""

    text: str
    optional: bool
    level: Literal["", "must", "further"]
    kind: ReadingKind | None


def marks_of(text: str) -> Marks:
    """The words of an item without "(Optional)" and the signs that mark kind and level."""
    own = _own_remarks(text)
    if own:
        return own
    optional = False
    found = _OPTIONAL.search(text)
    if found and (found.start() <= 2 or found.group()[0] in "([*_"):
        optional = True
        text = f"{text[: found.start()]} {text[found.end() :]}"
    level: Literal["", "must", "further"] = ""
    if _MUST_WORDS.search(text):
        level, text = "must", _MUST_WORDS.sub("", text)
    kind: ReadingKind | None = None
    kept = []
    for letter in text:
        if letter in _MUST_MARKS:
            level = "must"
        elif letter in _KIND_MARKS:
            kind = kind or _KIND_MARKS[letter]
        elif letter != "\ufe0f":
            kept.append(letter)
    return Marks(" ".join("".join(kept).split()), optional, level, kind)


def _own_remarks(text: str) -> Marks | None:
    """The marks of a line that a block of ours says, "… (paper, must read, 1 hour)"; else None."""
    found = re.search(r"\s*\(([^()]+)\)$", text)
    said = found.group(1).split(", ") if found else []
    kinds = [word for word in said if word in get_args(ReadingKind)]
    levels = [word for word in said if word in ("must read", "must watch", "further")]
    times = [word for word in said if (span := span_of(word)) and span.end == len(word)]
    optional = "optional" in said
    if not found or len(said) != len(kinds) + len(levels) + len(times) + optional:
        return None
    if not (kinds or levels or optional):
        return None  # only a time: that is anybody's way to say it
    rest = text[: found.start()] + (f" ({times[0]})" if times else "")
    level: Literal["", "must", "further"] = ""
    if levels:
        level = "further" if levels[0] == "further" else "must"
    return Marks(rest, optional, level, cast(ReadingKind, kinds[0]) if kinds else None)


_BY_ADDRESS: tuple[tuple[str, ReadingKind], ...] = (
    (r"youtu\.?be|vimeo\.com|\.mp4$", "video"),
    (r"\.ipynb|colab\.research|kaggle\.com/code", "notebook"),
    (r"arxiv\.org|doi\.org|openreview|aclanthology|proceedings\.|neurips\.cc|dl\.acm", "paper"),
    (r"\.pdf(?:$|[?#])", "paper"),
    (r"short-courses|free_courses|/courses?/|bootcamp|coursera|udemy|/learn/|//learn\.", "course"),
    (r"huggingface\.co/docs|readthedocs|^https?://docs\.|/documentation|/docs/", "documentation"),
    (r"^https?://github\.com/[^/]+/[^/]+/?$|pypi\.org/project", "library"),
)  # fmt: skip
_BY_WORDS: tuple[tuple[str, ReadingKind], ...] = (
    (r"\blibrary\b|라이브러리", "library"),
    (r"\bpaper\b|논문", "paper"),
    (r"\b(?:article|blog|post)\b", "article"),
    (r"\bvideo\b|영상", "video"),
    (r"\bcourse\b|강의", "course"),
    (r"\bnotebooks?\b", "notebook"),
    (r"\b(?:documentation|docs)\b", "documentation"),
)


def kind_of(words: str, url: str) -> ReadingKind:
    """What an item is, by the words around it and by its address; an article if neither tells."""
    for pattern, kind in _BY_ADDRESS[:4]:
        if re.search(pattern, url, re.IGNORECASE):
            return kind
    for pattern, kind in _BY_WORDS:
        if re.search(pattern, words, re.IGNORECASE):
            return kind
    for pattern, kind in _BY_ADDRESS[4:]:
        if re.search(pattern, url, re.IGNORECASE):
            return kind
    return "article"


def squeezed(text: str) -> str:
    """`text` for comparing headings: letters and digits only, small."""
    return re.sub(r"[\W_]+", "", text.casefold())


def slug_of(heading: str) -> str:
    """The anchor that GitHub gives a heading with these words."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
