"""What a group says about itself outside of its tables: title, audience, method, meeting."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from generator.errors import Where
from generator.importing.blocks import Block
from generator.importing.draft import Draft, phrase
from generator.importing.phrases import label_of
from generator.model import Meeting, Phrase
from generator.study.readme import WORDS

_AUDIENCE = re.compile(r"audience|for whom|who (?:is|should|can)|prerequisite|대상", re.IGNORECASE)
_METHOD = re.compile(r"method|how we|way of|방법|방식|진행 방식", re.IGNORECASE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KOREAN_DAYS = "월화수목금토일"
_DAY = re.compile(
    r"\b(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:\.|s|day|sday|nesday|rsday|urday)?s?\b|(?P<hangul>[월화수목금토일])요일",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?P<start>\d{1,2}:\d\d)\s*(?P<am>[ap]\.?m\.?)?\s*(?:~|-|–|—|to|until)\s*(?P<end>\d{1,2}:\d\d)\s*(?P<pm>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?:UTC|GMT)\s*(?P<sign>[+\-−])\s*0?(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?"
)
_ZONE = re.compile(r"\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+\b")
_KNOWN_ZONES = {"KST": "Asia/Seoul", "JST": "Asia/Tokyo", "UTC": "UTC", "GMT": "UTC"}


def read_words(blocks: Sequence[Block], lines: Sequence[str], draft: Draft, path: str) -> None:
    """Take title, description, audience, methodology and meeting; the README keeps its words."""
    heading = ""
    for block in blocks:
        if block.kind == "heading":
            heading = block.inline.text
            if not draft.title:
                draft.title = heading
        elif block.kind == "paragraph" and not draft.description and draft.title:
            words = block.inline
            if (
                heading == draft.title
                and len(words.text) < 400
                and not (words.links or label_of(words.text))
            ):
                draft.description = block.inline.text
        elif block.kind == "list" and _AUDIENCE.search(heading) and not draft.audience:
            draft.audience = [entry.inline.text for entry in block.entries if entry.inline.text]
        elif block.kind == "list" and _METHOD.search(heading) and not draft.methodology:
            draft.methodology = [entry.inline.text for entry in block.entries if entry.inline.text]
    for number, line in enumerate(lines, 1):
        if draft.meeting is None:
            draft.meeting = _meeting(line, draft, Where(path, number))


def _meeting(line: str, draft: Draft, where: Where) -> Meeting | None:
    """The meeting that a line of prose describes. A zone that it does not name is not guessed."""
    day, times = _DAY.search(line), _TIMES.search(line)
    if not day or not times or not re.search(r"every|each|weekly|매주|meet|모임", line, re.I):
        return None
    zone = _zone(line)
    if not zone:
        draft.remark(
            "to do", "gives a meeting without a time zone: describe it as [meeting]", where
        )
        return None
    name = day.group("day")
    weekday = _DAYS.index(name.lower()) if name else _KOREAN_DAYS.index(day.group("hangul"))
    end_half = times.group("pm")
    start = _time(times.group("start"), times.group("am") or end_half)
    end = _time(times.group("end"), end_half)
    if start is None or end is None:
        return None
    place = re.search(r"\b(?:on|via|in|at)\s+(Discord|Zoom|Google Meet|Slack|Teams)\b", line, re.I)
    return Meeting(weekday, start, end, zone, phrase(place.group(1)) if place else Phrase())


def _zone(line: str) -> str:
    named = _ZONE.search(line)
    if named:
        return named.group()
    offset = _OFFSET.search(line)
    if offset:
        if int(offset.group("minutes") or 0):
            return ""  # tz has no name for a fixed offset with minutes
        hours = int(offset.group("hours"))
        if hours > 14:
            return ""
        # tz's own names count westwards: nine hours east of Greenwich is Etc/GMT-9.
        sign = "-" if offset.group("sign") == "+" else "+"
        return f"Etc/GMT{sign}{hours}" if hours else "UTC"
    known = re.search(rf"\b({'|'.join(_KNOWN_ZONES)})\b", line)
    return _KNOWN_ZONES[known.group(1)] if known else ""


def _time(text: str, half: str | None) -> dt.time | None:
    hours, minutes = map(int, text.split(":"))
    if half and half[0].lower() == "p" and hours < 12:
        hours += 12
    try:
        return dt.time(hours, minutes)
    except ValueError:
        return None


def settle_names(draft: Draft) -> None:
    """Leave out names and words that the blocks say by themselves; find the word for a report."""
    usual = {word: texts.get(draft.language, texts["en"]) for word, texts in WORDS.items()}
    word = draft.unit or next((u.word for u in draft.units if u.number is not None), "")
    usual["week"] = word.replace("{n}", "").strip() or usual["week"]
    named = [part.name for unit in draft.units for part in unit.parts if part.link and part.name]
    stems = [found.group(1) for name in named if (found := re.fullmatch(r"(.+?) \d+(-\d+)?", name))]
    if stems:
        draft.words["report"] = max(set(stems), key=stems.count)
    word = draft.words.get("report", usual["report"])
    for unit in draft.units:
        for index, part in enumerate(unit.parts, 1):
            number = f"{unit.number}-{index}" if len(unit.parts) > 1 else f"{unit.number}"
            if part.link and part.name == f"{word} {number}":
                part.name = ""
            if len(unit.parts) == 1 and part.label and not part.title:
                part.title = part.label
    draft.words = {key: text for key, text in draft.words.items() if text != _usual(usual, key)}


def _usual(usual: Mapping[str, str], key: str) -> str:
    return usual.get(key, "")
