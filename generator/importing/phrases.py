"""What words of a README say: units, spans of time, dates, kinds and marks of what to read."""

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from generator.model import ReadingKind
from generator.study.readme import WORDS

# A word for a unit as people write it → as the model says it.
_UNITS = "week|day|step|module|session|part|lesson|chapter|lecture|unit|stage|meeting|class"
# What may stand behind a number that ends a range: nothing, or a sign before a title.
_STOP = r"(?=\s*(?:$|[:.,)\]|–—-]|\())"
_NUMERALS = (
    "one I", "two II", "three III", "four IV", "five V", "six VI", "seven VII", "eight VIII",
    "nine IX", "ten X", "eleven XI", "twelve XII",
)  # fmt: skip
SPELT = {pair.split()[0]: number for number, pair in enumerate(_NUMERALS, 1)}
_ROMAN = {pair.split()[1]: number for number, pair in enumerate(_NUMERALS, 1)}
_UNIT = re.compile(
    rf"^[\W_]*(?P<word>{_UNITS})s?\s*[-–—_#.:]*\s*0*(?P<number>\d{{1,3}})"
    rf"(?:\s*(?:~|〜|&|to\b|and\b)\s*(?:(?:{_UNITS})\s*)?0*(?P<to>\d{{1,3}})(?!\d){_STOP}"
    r"|\s*[-–_.]\s*(?P<part>\d{1,2})(?!\d))?(?!\s*[-~–]\s*day\b)\b",
    re.IGNORECASE,
)
_UNIT_SPELT = re.compile(
    rf"^[\W_]*(?P<word>(?i:{_UNITS}))\s+(?P<number>(?i:{'|'.join(SPELT)})|{'|'.join(_ROMAN)})"
    rf"{_STOP}"
)
_ORDINAL = re.compile(
    rf"^[\W_]*0*(?P<number>\d{{1,3}})(?:st|nd|rd|th)\s+(?P<word>{_UNITS})\b", re.IGNORECASE
)
_SHORT = re.compile(rf"^[\W_]*(?P<word>W)0*(?P<number>\d{{1,2}}){_STOP}")
_KOREAN = re.compile(
    r"^[\W_]*(?:제\s*)?0*(?P<number>\d{1,3})"
    r"(?:\s*[~∼〜]\s*0*(?P<to>\d{1,3})|\s*[-–.]\s*(?P<part>\d{1,2}))?"
    r"\s*(?P<word>주차|주(?=\s*[:：)\]])|일차|단계|회차|차시|강|장(?=[\s.:)_]|$))(?:\s*[-–]\s*(?P<late>\d{1,2}))?"
)
_UNNUMBERED = re.compile(
    r"^[\W_]*(?P<word>(?:appendix|project|bonus|prologue|epilogue|부록|프로젝트)"
    rf"(?:\s+(?-i:[A-Z]){_STOP})?)\b",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"^\s*[:.\-–—|,)\]·]+\s*|^\s+")


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit as it is named: "Week" 9 part 2; rest is what follows.

    to: the last number where the name may mean several units, as "Weeks 2–3" does.
    """

    word: str
    number: int | None
    part: int | None
    rest: str
    to: int | None = None


def unit_of(text: str) -> UnitName | None:
    """The unit that `text` begins with; None if it begins with none."""
    forms = (_UNIT, _UNIT_SPELT, _ORDINAL, _SHORT, _KOREAN, _UNNUMBERED)
    found = next((match for form in forms if (match := form.match(text))), None)
    if not found:
        return None
    groups = found.groupdict()
    number = _number(groups.get("number"))
    part = _number(groups.get("part") or groups.get("late"))
    word = groups["word"]
    if found.re is _SHORT:
        word = "W{n}"
    elif not re.match(r"[A-Za-z]", word):
        word = "{n}" + word if number is not None else word
    else:
        word = word[:1].upper() + (word[1:] if number is None else word[1:].lower())
    rest = _SEPARATOR.sub("", text[found.end() :], count=1).strip()
    to = _number(groups.get("to"))
    if to is None and part is not None and number is not None and part > number:
        to = part if "." not in found.group() else None
    return UnitName(word, number, part, rest, to)


# Words for one kind of unit, so that 3주차 and week 3 are the same.
_FAMILIES = (
    ("week", "주차", "주", "w", "wk"), ("day", "일차"), ("session", "회차", "차시", "meeting"),
    ("chapter", "장", "ch", "chap", "챕터"), ("step", "단계"), ("lecture", "강", "lec"),
)  # fmt: skip


def family(word: str) -> str:
    """The kind of unit that a word is of: "week" for "Week" and "{n}주차"."""
    plain = word.replace("{n}", "").strip().casefold()
    return next((words[0] for words in _FAMILIES if plain in words), plain)


def _number(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() else _ROMAN.get(text) or SPELT.get(text.lower())


_NUMBER = (
    r"(?P<{name}>(?:\d+|an?|one|two) and a half|\d+(?:[.,]\d+)?|½|\d+\s*½|\d+\s*1/2|an?|half an"
    r"|one|two|three)"
)
_HOURS = _NUMBER.format(name="hours") + (
    r"\s*[-–]?\s*(?:hours?|hrs?\.?|h|시간)(?![A-Za-z])(?P<half>\s+and\s+a\s+half)?"
)
_MINUTES = _NUMBER.format(name="minutes") + r"\s*[-–]?\s*(?:minutes?|mins?|min|m|분)(?![A-Za-z])\.?"
_ABOUT = r"(?:~|about |approx\.? |ca\.? )?"
_SPAN = re.compile(
    rf"{_ABOUT}(?:{_HOURS}(?:\s*(?:and|,|&)?\s*{_MINUTES}|\s?(?P<bare>[0-5]\d)(?![\w:.,]))?)",
    re.IGNORECASE,
)
_SPAN_MINUTES = re.compile(rf"{_ABOUT}{_MINUTES}", re.IGNORECASE)
_WORDS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "half an": 0.5, "½": 0.5}
# A number behind one of these is the end of a range, a share, or a product: no span of time.
_NOT_ALONE = re.compile(r"(?:[\w.]|\d\s*[-–~]\s*|[x×*/]\s*|\bto\s+|\bor\s+)$", re.IGNORECASE)
# What may stand beside a span in its brackets without saying anything else.
_FILLER = re.compile(
    r"(?:[\s,;:.~]|\b(?:total|in total|overall|read|reading|watch|video|long|총)\b)*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time in a text: whole minutes, and where it stands."""

    minutes: int
    start: int
    end: int


def span_of(text: str) -> Span | None:
    """The first span of time that `text` gives: "1.5 hours", "30 mins", "1h 30m", "1시간 30분"."""
    found = _SPAN.search(text) or _SPAN_MINUTES.search(text)
    if not found or _NOT_ALONE.search(text[: found.start()]):
        return None
    groups = found.groupdict()
    if groups.get("half") and (groups.get("minutes") or groups.get("bare")):
        return None
    hours = _amount(groups.get("hours")) + (0.5 if groups.get("half") else 0)
    minutes = 60 * hours + _amount(groups.get("minutes") or groups.get("bare"))
    return Span(round(minutes), found.start(), found.end()) if minutes else None


def _amount(text: str | None) -> float:
    if not text:
        return 0.0
    text = text.lower().strip()
    if text in _WORDS:
        return _WORDS[text]
    halved = re.sub(r"\s*(?:½|1/2| and a half)$", "", text)
    whole = _WORDS.get(halved)
    number = float(halved.replace(",", ".")) if whole is None else whole
    return number + (0.5 if halved != text else 0.0)


def bracketed_span(text: str) -> tuple[str, int | None]:
    """`text` without the time budget that stands in brackets or at its end, and its minutes."""
    for found in re.finditer(r"[(\[]([^()\[\]]*)[)\]]", text):
        span = span_of(found.group(1))
        if span is None:
            continue
        around = f"{found.group(1)[: span.start]} {found.group(1)[span.end :]}"
        if _FILLER.fullmatch(around):
            return (text[: found.start()].rstrip() + text[found.end() :]).strip(), span.minutes
    tail = re.search(r"\s+[-–—:|,·]\s*([^-–—:|,()]+?):?\s*$", text)
    if tail:
        span = span_of(tail.group(1))
        if span and span.start == 0 and _FILLER.fullmatch(tail.group(1)[span.end :]):
            return text[: tail.start()].strip(), span.minutes
    return text, None


# ---------------------------------------------------------------- what to watch and read

_BEFORE = r"^[\W_]*(?:(?:to|what to|things to|please|also|then)\s+)?"
_WATCH_VERBS = "watch|view|videos?|lectures?|listen|podcasts?|시청|영상|볼"
_LABEL = re.compile(
    rf"{_BEFORE}(?P<verb>{_WATCH_VERBS}|read|readings?|resources?|papers?|articles?|courses?|study"
    r"|materials?|required|must|optional|further|additional|extra|recommended|practi[cs]e"
    r"|exercises?|homework|assignments?|code|notebooks?|try|hands[- ]on|labs?|blogs?|books?"
    r"|references?|읽기|읽을|자료|논문|실습|과제)",
    re.IGNORECASE,
)
_WATCHING = re.compile(rf"{_BEFORE}(?:{_WATCH_VERBS})", re.IGNORECASE)
_ASKING = re.compile(rf"{_BEFORE}(?:(?:watch|view|listen|read)\b|시청|읽|볼)", re.IGNORECASE)
_OPTIONAL = re.compile(
    r"[\[(（][*_]*\s*(?:optional|선택|opt\.?)\s*[*_]*[\])）][*_]*\s*(?:[:–—]|-\s)?\s*"
    r"|(?<=[\[(])\s*optional\s*[,;]\s*|\s*[,;]\s*optional\s*(?=[\])])"
    r"|^[\W_]*(?:(?-i:OPTIONAL\b)|(?:optional|선택)\s*[*_]*\s*(?:[:–—]|-\s))[\s:–—-]*"
    r"|\s*[-–—,;:|]\s*(?:optional|선택)\s*$",
    re.IGNORECASE,
)
_MUST_WORDS = re.compile(
    r"\s*[\[(]\s*(?:must|must[- ]read|must[- ]watch|필독)\s*[\])]"
    r"|\s*[-–—:,]\s*must[- ](?:read|watch)\s*[.!]?$|^must[- ](?:read|watch)\s*[:–—-]\s*",
    re.IGNORECASE,
)
MUST_MARKS = "📚⭐🌟★"
# Two stars and more are a rating, which the model has no place for: they stay words.
_RATING = re.compile(rf"[{MUST_MARKS}](?:\s*\ufe0f?[{MUST_MARKS}])+")
_KIND_MARKS: dict[str, ReadingKind] = {
    "📃": "article", "📄": "article", "📰": "article", "📝": "article", "✍": "article",
    "📼": "video", "🎥": "video", "📺": "video", "🎬": "video", "▶": "video", "📹": "video",
    "🎓": "course", "💻": "notebook", "📓": "notebook", "📔": "notebook",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """The head of a block of items. watch: to be watched. said: its words with its time."""

    title: str
    minutes: int | None
    watch: bool
    optional: bool
    said: str = ""


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
    optional = bool(re.match(r"^\W*(?:optional|선택)", title, re.I))
    return Label(title, minutes, watch, optional, plain.rstrip(":： ").strip("*_"))


def asks(label: Label) -> bool:
    """Whether a label surely heads a block: it has a time, or tells to watch or to read."""
    return label.minutes is not None or bool(_ASKING.match(label.title))


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
    if found:
        optional = True
        text = f"{text[: found.start()]} {text[found.end() :]}"
    level: Literal["", "must", "further"] = ""
    if _MUST_WORDS.search(text):
        level, text = "must", _MUST_WORDS.sub("", text)
    kind: ReadingKind | None = None
    kept = []
    rated = {place for run in _RATING.finditer(text) for place in range(run.start(), run.end())}
    for place, letter in enumerate(text):
        if letter in MUST_MARKS and place not in rated:
            level = "must"
        elif letter in _KIND_MARKS:
            kind = kind or _KIND_MARKS[letter]
        elif letter != "\ufe0f":
            kept.append(letter)
    return Marks(" ".join("".join(kept).split()), optional, level, kind)


# What a block of ours says behind an item → our name for it.
_OUR_WORDS = {
    text: name
    for name in (*get_args(ReadingKind), "must", "must_watch", "further", "optional")
    for text in WORDS[name].values()
}


def _own_remarks(text: str) -> Marks | None:
    """The marks of a line that a block of ours says, "… (paper, must read, 1 hour)"; else None."""
    found = re.search(r"\s*\(([^()]+)\)$", text)
    said = found.group(1).split(", ") if found else []
    kinds = [_OUR_WORDS[word] for word in said if _OUR_WORDS.get(word) in get_args(ReadingKind)]
    levels = [
        _OUR_WORDS[word] for word in said
        if _OUR_WORDS.get(word) in ("must", "must_watch", "further")
    ]  # fmt: skip
    times = [word for word in said if (span := span_of(word)) and span.end == len(word)]
    optional = any(_OUR_WORDS.get(word) == "optional" for word in said)
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


_BOX = re.compile(r"^(?:\[(?P<sign>[^\]\w]?|[xXvV])\]|(?P<mark>[☑☒✅✔✓☐⬜◻□🔲🔳⏳🔄❌])\ufe0f?)\s*")


def box_of(text: str) -> tuple[bool | None, str]:
    """Whether the box that `text` begins with is ticked (None without a box), and the rest."""
    found = _BOX.match(text)
    if not found:
        return None, text
    sign = (found.group("mark") or found.group("sign")).strip()
    return bool(sign) and sign in "xXvV☑☒✅✔✓", text[found.end() :]


def squeezed(text: str) -> str:
    """`text` for comparing headings: letters and digits only, small."""
    return re.sub(r"[\W_]+", "", text.casefold())


def slug_of(heading: str) -> str:
    """The anchor that GitHub gives a heading with these words."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
