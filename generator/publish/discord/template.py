"""The words of a week's message: the template filled with inert texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from generator.machine.shipped import template_text
from generator.model import Meeting, Phrase, Study, Week
from generator.publish.discord.message import inert, plain
from generator.publish.meeting_time import meeting_instants
from generator.publish.readme.escape import encoded_path, endonym

TEMPLATE = "discord.md.j2"


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


def message_text(root: Path, study: Study, week: Week, links: Sequence[Link]) -> str:
    """What is said of `week`, in the study's main language. Raises StudyError."""
    language = study.languages[0]

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
        "place": said(study.meeting.place) if study.meeting else "",
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
    }
    return _tidy(_filled(root, values))


def _links(study: Study, links: Sequence[Link], *, several: bool) -> list[dict[str, str]]:
    base = quote(plain(study.publishing.base_url), safe="/:?&=%#~+,;@!$'*[]").rstrip("/")
    found = [{"text": inert(study.title.text(study.languages[0])), "url": base}]
    for link in links:
        text = f"PDF, {endonym(link.language)}"
        label = link.label.text(study.languages[0])
        if several and label:
            text = f"{label}: {text}"
        found.append({"text": inert(text), "url": encoded_path(link.path, base)})
    return found


def _filled(root: Path, values: dict[str, Any]) -> str:
    from generator.machine.templates import fill  # Jinja, when a message is written

    source = template_text(root, TEMPLATE)
    return fill(source, f"templates/{TEMPLATE}", values)


def _tidy(text: str) -> str:
    """`text` without trailing spaces and without more than one empty line at a time."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        line = line.rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines)
