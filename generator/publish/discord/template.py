"""The words of a message about a week: its kind's template filled with inert texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from generator.addresses import scheme
from generator.machine.shipped import template_text
from generator.model import Link as WeekLink
from generator.model import Meeting, Phrase, Study, Week
from generator.publish.discord.message import inert, literal, plain
from generator.publish.markup import Dialect, in_dialect
from generator.publish.meeting_time import meeting_instants
from generator.publish.readme.escape import encoded_address, encoded_path, endonym
from generator.publish.words import words_of

Kind = Literal["week", "reminder", "summary"]
TEMPLATES: dict[Kind, str] = {
    "week": "discord.md.j2",
    "reminder": "discord/reminder.md.j2",
    "summary": "discord/summary.md.j2",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A PDF that the message links to. path: relative to the root; label: of its report."""

    path: str
    language: str
    label: Phrase


def full_title(study: Study, week: Week, title: Phrase, language: str) -> str:
    """ "Week 7: Scaled dot-product attention"."""
    start = study.unit_label(week, language)
    return f"{start}: {title.text(language)}" if start else title.text(language)


def meeting_time(week: Week, meeting: Meeting | None) -> int | None:
    """The start of the week's meeting in Unix seconds; None where the study gives no date.

    Raises StudyError if this machine does not know the study's time zone.
    """
    if meeting is None or week.date is None:
        return None
    start, _ = meeting_instants(meeting, week.date)
    return int(start.timestamp())


def message_text(
    root: Path, study: Study, week: Week, links: Sequence[Link], kind: Kind = "week"
) -> str:
    """What a message of `kind` says of `week`, in the study's main language. Raises StudyError."""
    language = study.spoken

    def said(phrase: Phrase) -> str:
        return inert(phrase.text(language))

    time = meeting_time(week, study.meeting)
    several = len(week.reports) > 1
    values: dict[str, Any] = {
        "language": language,
        "study": said(study.title),
        "heading": inert(study.unit_label(week, language)),
        "title": said(week.title),
        "objective": said(week.objective),
        "progress": said(week.progress),
        "time": "" if time is None else f"<t:{time}:F>",
        "ago": "" if time is None else f"<t:{time}:R>",
        "place": said(week.session.place or (study.meeting.place if study.meeting else Phrase())),
        "reports": [
            {
                "label": said(report.label),
                "title": said(report.title),
                "objective": said(report.objective),
            }
            for report in week.reports
            if report.texts
        ],
        "links": _links(study, links, several=several) if study.publishing.base_url else [],
        "words": {name: inert(word) for name, word in words_of(study, language).items()},
        **_of_the_meeting(study, week),
    }
    return _tidy(_filled(root, TEMPLATES[kind], values))


def _of_the_meeting(study: Study, week: Week) -> dict[str, Any]:
    """Who, what there is before and after, what became of the day."""
    language = study.spoken
    session = week.session
    words = words_of(study, language)
    dialect = Dialect(literal, _code, partial(_shown_link, study), strong="**", emphasis="*")

    def pieces(phrases: Sequence[Phrase]) -> list[str]:
        return [in_dialect(phrase.text(language), dialect) for phrase in phrases]

    def named(links: Sequence[WeekLink], word: str) -> list[str]:
        names = [link.name.text(language) or word for link in links]
        return [
            _shown_link(study, literal(plain(name)), link.url)
            for name, link in zip(names, links, strict=True)
        ]

    return {
        "presenters": [inert(name) for name in session.presenters],
        "cancelled": session.cancelled,
        "moved_from": session.moved_from.isoformat() if session.moved_from else "",
        "slides": named(session.slides, words["slides"]),
        "recording": named(session.recording, words["recording"]),
        "notes": pieces(session.notes),
        "discussion": pieces(session.discussion),
        "homework": pieces(session.homework),
    }


def _code(text: str) -> str:
    return literal(text) if "`" in text or not text.strip() else f"`{text}`"


def _shown_link(study: Study, shown: str, url: str) -> str:
    """`shown` leading to an address, or to a path of the study where that can be read."""
    base = study.publishing.base_url
    if scheme(url) in ("http", "https"):
        target = encoded_address(url)
    elif base and not scheme(url) and not url.startswith("#"):
        target = encoded_path(unquote(url), base)
    else:
        return shown
    return f"[{shown}](<{target}>)"


def _links(study: Study, links: Sequence[Link], *, several: bool) -> list[dict[str, str]]:
    base = quote(plain(study.publishing.base_url), safe="/:?&=%#~+,;@!$'*[]").rstrip("/")
    found = [{"text": inert(study.title.text(study.spoken)), "url": base}]
    for link in links:
        text = f"PDF, {endonym(link.language)}"
        label = link.label.text(study.spoken)
        if several and label:
            text = f"{label}: {text}"
        found.append({"text": inert(text), "url": encoded_path(link.path, base)})
    return found


def _filled(root: Path, name: str, values: dict[str, Any]) -> str:
    from generator.machine.templates import fill  # Jinja, when a message is written

    return fill(template_text(root, name), f"templates/{name}", values)


def _tidy(text: str) -> str:
    """`text` without trailing spaces and without more than one empty line at a time."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        line = line.rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines)
