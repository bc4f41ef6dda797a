"""The meetings as an iCalendar file (RFC 5545), with the reports' links. Nothing asks the clock."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial

from generator import __version__
from generator.digest import digest_bytes
from generator.errors import StudyError, Where
from generator.model import Link, Meeting, Phrase, Study, Week
from generator.plan.staleness import pdf_path
from generator.publish.calendar.event import Event, events_in, revised
from generator.publish.calendar.lines import escaped, folded
from generator.publish.calendar.zone import timezone_lines
from generator.publish.markup import Dialect, in_dialect
from generator.publish.readme.escape import encoded_address, encoded_path
from generator.publish.words import words_of
from generator.study.settings import week_key

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def calendar(study: Study, *, first: dt.date | None = None, before: bytes = b"") -> bytes:
    """The .ics file of the study's meetings.

    Each week with a date is an event, with who presents, the objective and the links; weeks with
    a number and no date meet by a weekly rule, from `first` on, else from the earliest date of
    the study, which leaves out the calendar weeks of those that have one. before: an earlier file,
    whose events keep their numbers and count up where they changed.
    Raises StudyError where the study has no meeting, or neither dates nor `first`.
    """
    meeting = study.meeting
    if meeting is None:
        raise StudyError(
            "there is no [meeting] to write a calendar of",
            Where("study.toml"),
            "describe it: weekday, start, end, timezone",
        )
    years = _years(study, meeting, first)
    language = study.spoken
    words = words_of(study, language)
    events = revised(_events(study, meeting, first), events_in(before), escaped(words["cancelled"]))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//study//{__version__}//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(study.title.text(language))}",
        *timezone_lines(meeting, years),
        *(line for event in events for line in event.lines()),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def meets_by_rule(study: Study) -> bool:
    """Whether some weeks have a number and no date, so that they meet by the weekly rule."""
    return study.meeting is not None and (
        any(week.number is not None and week.date is None for week in study.weeks)
        or not any(week.date for week in study.weeks)
    )


def _years(study: Study, meeting: Meeting, first: dt.date | None) -> range:
    days = sorted({week.date for week in study.weeks if week.date} | ({first} if first else set()))
    if not days:
        raise StudyError(
            "the study gives no dates, and a calendar must begin somewhere",
            Where("study.toml"),
            "write first = the first meeting's date under [meeting], or use --first DATE",
        )
    if meets_by_rule(study) and first and first.weekday() != meeting.weekday:
        raise StudyError(
            f"--first: {first} is not the meeting's day of the week",
            None,
            "name the date of a meeting",
        )
    return range(days[0].year, days[-1].year + 2)


def _events(study: Study, meeting: Meeting, first: dt.date | None) -> Iterator[Event]:
    if meets_by_rule(study):
        yield _by_rule(study, meeting, first)
    for week in study.weeks:
        if week.date:
            yield _dated(study, meeting, week, week.date)


def _identity(study: Study) -> str:
    return study.publishing.calendar_id or f"{study.title.texts}"


def _by_rule(study: Study, meeting: Meeting, first: dt.date | None) -> Event:
    """The weekly event of the weeks without a date."""
    language = study.spoken
    days = [week.date for week in study.weeks if week.date]
    start = first or min(days)
    start += dt.timedelta(days=(meeting.weekday - start.weekday()) % 7)
    taken = {_slot(meeting, week) for week in study.weeks if week.date}
    while start in taken:
        start += dt.timedelta(days=7)
    left_out = sorted(day for day in taken if day > start)
    body = [
        *_times(meeting, start),
        f"RRULE:FREQ=WEEKLY;BYDAY={_DAYS[meeting.weekday]}",
        *(f"EXDATE{_at(meeting, day)}" for day in left_out),
        f"SUMMARY:{escaped(study.title.text(language))}",
        *_text_line("LOCATION", meeting.place.text(language)),
        *_text_line("DESCRIPTION", _overview(study)),
    ]
    return Event(digest_bytes(_identity(study).encode())[:32], tuple(body))


def _slot(meeting: Meeting, week: Week) -> dt.date:
    """The day of the weekly rule that a week with a date takes the place of.

    The day it was moved from where the study says so, else that of its own calendar week.
    """
    assert week.date is not None
    day = week.session.moved_from or week.date
    return day + dt.timedelta(days=meeting.weekday - day.weekday())


def _dated(study: Study, meeting: Meeting, week: Week, day: dt.date) -> Event:
    language = study.spoken
    words = words_of(study, language)
    session = week.session
    summary = f"{study.unit_label(week, language)}: {week.title.text(language)}"
    if session.presenters:
        summary += f" ({', '.join(session.presenters)})"
    if session.cancelled:
        summary = f"{words['cancelled']}: {summary}"
    url = next(iter(_links(study, week)), "")
    body = [
        *_times(meeting, day),
        f"SUMMARY:{escaped(summary)}",
        *_text_line("LOCATION", (session.place or meeting.place).text(language)),
        *_text_line("DESCRIPTION", _description(study, week)),
        *([f"URL:{url}"] if url.startswith(("http://", "https://")) else []),
    ]
    uid = digest_bytes(f"{_identity(study)}\n{week_key(study, week)}".encode())[:32]
    return Event(uid, tuple(body), session.cancelled)


def _times(meeting: Meeting, day: dt.date) -> list[str]:
    last = day if meeting.end > meeting.start else day + dt.timedelta(days=1)
    return [
        f"DTSTART{_at(meeting, day)}",
        f"DTEND;TZID={meeting.timezone}:{last:%Y%m%d}T{meeting.end:%H%M%S}",
    ]


def _at(meeting: Meeting, day: dt.date) -> str:
    return f";TZID={meeting.timezone}:{day:%Y%m%d}T{meeting.start:%H%M%S}"


def _text_line(name: str, text: str) -> list[str]:
    return [f"{name}:{escaped(text)}"] if text else []


def _links(study: Study, week: Week) -> list[str]:
    """The addresses of the week's PDFs; paths in the study where it has no address."""
    return [
        encoded_path(pdf_path(study, week, report, language), study.publishing.base_url)
        for report in week.reports
        for language in sorted(report.languages(), key=lambda code: code != study.spoken)
    ]


def _description(study: Study, week: Week) -> str:
    """What is said of the week, part by part: objective, who, links, what there is to do."""
    language = study.spoken
    words = words_of(study, language)
    session = week.session
    target = partial(_target, study)
    dialect = Dialect(_same, _same, lambda shown, url: f"{shown} ({target(url)})")

    def pieces(name: str, phrases: Sequence[Phrase]) -> list[str]:
        texts = [in_dialect(phrase.text(language), dialect) for phrase in phrases]
        if len(texts) > 1:
            texts = [f"- {text}" for text in texts]
        return [f"{words[name]}:", *texts] if texts else []

    def links(name: str, several: Sequence[Link]) -> list[str]:
        return [
            f"{link.name.text(language) or words[name]}: {target(link.url)}" for link in several
        ]

    parts = [
        week.objective.text(language),
        f"{words['presenter']}: {', '.join(session.presenters)}" if session.presenters else "",
        *_links(study, week),
        *links("slides", session.slides),
        *links("recording", session.recording),
        *pieces("homework", session.homework),
        *pieces("discussion", session.discussion),
        *pieces("notes", session.notes),
    ]
    return "\n".join(filter(None, parts))


def _same(text: str) -> str:
    return text


def _target(study: Study, url: str) -> str:
    """An address as it is; a path of the study at its address, where it has one."""
    if ":" in url.partition("/")[0]:
        return encoded_address(url)
    return encoded_path(url, study.publishing.base_url)


def _overview(study: Study) -> str:
    """The weeks without a date, each with its links."""
    language = study.spoken
    lines = []
    for week in study.weeks:
        if week.date is None:
            links = " ".join(_links(study, week))
            title = f"{study.unit_label(week, language)}: {week.title.text(language)}"
            lines.append(f"{title} {links}".rstrip())
    return "\n".join(lines)
