"""The meetings as an iCalendar file (RFC 5545), with the reports' links. Nothing asks the clock."""

import datetime as dt
from collections.abc import Iterator, Sequence

from generator import __version__
from generator.digest import digest_bytes
from generator.errors import StudyError, Where
from generator.model import Meeting, Study, Week
from generator.plan.staleness import pdf_path
from generator.publish.meeting_time import zone_of
from generator.publish.readme.escape import encoded_path

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# RFC 5545 wants a stamp in every event; a fixed one keeps the file the same until its words change.
_STAMP = "20000101T000000Z"


def calendar(study: Study, *, first: dt.date | None = None) -> bytes:
    """The .ics file of the study's meetings.

    With dates: one event a meeting, each with the week's title, objective and links to its PDFs.
    Without: one weekly event by rule, from `first` on, which then has to be given.
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
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//study//{__version__}//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(study.title.text(study.languages[0]))}",
        *_timezone(meeting, years),
        *_events(study, meeting, first),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _years(study: Study, meeting: Meeting, first: dt.date | None) -> range:
    days = meeting.dates or ((first,) if first else ())
    if not days:
        raise StudyError(
            "the study gives no dates, and a calendar must begin somewhere",
            Where("study.toml"),
            "write first = the first meeting's date under [meeting], or use --first DATE",
        )
    if not meeting.dates and first and first.weekday() != meeting.weekday:
        raise StudyError(
            f"--first: {first} is not the meeting's day of the week",
            None,
            "name the date of a meeting",
        )
    return range(days[0].year, days[-1].year + 2)


def _events(study: Study, meeting: Meeting, first: dt.date | None) -> Iterator[str]:
    language = study.languages[0]
    place = meeting.place.text(language)
    if not meeting.dates and first:
        yield from _event(
            meeting,
            first,
            uid=digest_bytes(f"{study.title.texts}".encode())[:32],
            summary=study.title.text(language),
            place=place,
            description=_overview(study),
            rule=f"RRULE:FREQ=WEEKLY;BYDAY={_DAYS[meeting.weekday]}",
        )
        return
    for week in study.weeks:
        if week.date:
            key = f"{study.title.texts}{week.unit.texts}{week.number}{[r.id for r in week.reports]}"
            yield from _event(
                meeting,
                week.date,
                uid=digest_bytes(key.encode())[:32],
                summary=f"{study.unit_label(week, language)}: {week.title.text(language)}",
                place=place,
                description=_description(study, week),
                url=next(iter(_links(study, week)), ""),
            )


def _event(
    meeting: Meeting,
    day: dt.date,
    *,
    uid: str,
    summary: str,
    place: str,
    description: str,
    rule: str = "",
    url: str = "",
) -> Iterator[str]:
    last = day if meeting.end > meeting.start else day + dt.timedelta(days=1)
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}@study.invalid"
    yield f"DTSTAMP:{_STAMP}"
    yield f"DTSTART;TZID={meeting.timezone}:{day:%Y%m%d}T{meeting.start:%H%M%S}"
    yield f"DTEND;TZID={meeting.timezone}:{last:%Y%m%d}T{meeting.end:%H%M%S}"
    if rule:
        yield rule
    yield f"SUMMARY:{_text(summary)}"
    if place:
        yield f"LOCATION:{_text(place)}"
    if description:
        yield f"DESCRIPTION:{_text(description)}"
    if url.startswith(("http://", "https://")):
        yield f"URL:{url}"
    yield "END:VEVENT"


def _links(study: Study, week: Week) -> list[str]:
    """The addresses of the week's PDFs; paths in the study where it has no address."""
    return [
        encoded_path(pdf_path(study, week, report, language), study.publishing.base_url)
        for report in week.reports
        for language in report.languages()
    ]


def _description(study: Study, week: Week) -> str:
    objective = week.objective.text(study.languages[0])
    return "\n".join(part for part in (objective, *_links(study, week)) if part)


def _overview(study: Study) -> str:
    language = study.languages[0]
    lines = []
    for week in study.weeks:
        links = " ".join(_links(study, week))
        title = f"{study.unit_label(week, language)}: {week.title.text(language)}"
        lines.append(f"{title} {links}".rstrip())
    return "\n".join(lines)


# ---------------------------------------------------------------- the time zone


def _timezone(meeting: Meeting, years: Sequence[int]) -> Iterator[str]:
    """A VTIMEZONE that holds in `years`: each change of the zone's offset as an observance."""
    zone = zone_of(meeting)
    changes = _offset_changes(zone, years)
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{meeting.timezone}"
    for moment, before, after in changes:
        local = moment.astimezone(zone)
        kind = "DAYLIGHT" if local.dst() else "STANDARD"
        # The local time is told by the clock as it stood before the change.
        start = (moment + before).replace(tzinfo=None)
        yield f"BEGIN:{kind}"
        yield f"DTSTART:{start:%Y%m%dT%H%M%S}"
        yield f"TZOFFSETFROM:{_offset(before)}"
        yield f"TZOFFSETTO:{_offset(after)}"
        yield f"TZNAME:{local.tzname() or meeting.timezone}"
        yield f"END:{kind}"
    yield "END:VTIMEZONE"


def _offset_changes(
    zone: dt.tzinfo, years: Sequence[int]
) -> list[tuple[dt.datetime, dt.timedelta, dt.timedelta]]:
    """When the zone's offset from UTC changes in `years`, with the offsets before and after.

    The first entry is the start of the first year itself, with its offset twice.
    """
    moment = dt.datetime(years[0], 1, 1, tzinfo=dt.UTC)
    offset = _offset_at(zone, moment)
    changes = [(moment - offset, offset, offset)]
    end = dt.datetime(years[-1] + 1, 1, 1, tzinfo=dt.UTC)
    while moment < end:
        later = moment + dt.timedelta(days=1)
        if _offset_at(zone, later) != offset:
            low, high = moment, later
            while high - low > dt.timedelta(minutes=1):
                middle = low + (high - low) // 2
                middle -= dt.timedelta(seconds=middle.second, microseconds=middle.microsecond)
                if middle <= low:
                    break
                if _offset_at(zone, middle) == offset:
                    low = middle
                else:
                    high = middle
            new = _offset_at(zone, later)
            changes.append((high, offset, new))
            offset = new
        moment = later
    return changes


def _offset_at(zone: dt.tzinfo, moment: dt.datetime) -> dt.timedelta:
    return moment.astimezone(zone).utcoffset() or dt.timedelta()


def _offset(offset: dt.timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


# ---------------------------------------------------------------- the format


def _text(text: str) -> str:
    """`text` as an iCalendar TEXT value."""
    for letter in "\\;,":
        text = text.replace(letter, f"\\{letter}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """`line` in pieces of at most 75 bytes, none of which cuts a character."""
    pieces = [""]
    size = 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 75:
            pieces.append("")
            size = 1  # the space that a continued line begins with
        pieces[-1] += letter
        size += width
    return "\r\n ".join(pieces)
