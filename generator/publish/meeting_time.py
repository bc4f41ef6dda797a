"""The meeting's hours as instants: its time zone, UTC, and summer time."""

import datetime as dt
from collections.abc import Sequence

from generator.errors import StudyError, Where
from generator.model import Meeting


def meeting_times(meeting: Meeting, weekdays: Sequence[str]) -> list[str]:
    """The hours in the group's time and in UTC; two such texts where summer time moves the latter.

    Asked on the meeting's own dates, else in the middle of the seasons of a fixed year, because
    nothing in the README may depend on the clock. weekdays: their names, Monday first, for a
    meeting that in UTC is on another day.
    """
    days = meeting.dates or tuple(dt.date(2026, month, 15) for month in (1, 4, 7, 10))
    hours = f"{meeting.start:%H:%M}–{meeting.end:%H:%M}"
    texts = []
    for day in days:
        start, end = meeting_instants(meeting, day)
        utc = f"{start:%H:%M}–{end:%H:%M} UTC"
        if start.date() != day:
            utc += f" ({weekdays[(meeting.weekday + (start.date() - day).days) % 7]})"
        local = start.astimezone(zone_of(meeting))
        offset = local.strftime("%z")
        text = f"{hours} ({meeting.timezone}, UTC{offset[:3]}:{offset[3:]}), {utc}"
        if text not in texts:
            texts.append(text)
    return texts


def meeting_instants(meeting: Meeting, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """When the meeting on `day` starts and ends, in UTC; it may end after midnight."""
    zone = zone_of(meeting)
    last = day if meeting.end > meeting.start else day + dt.timedelta(days=1)
    start = dt.datetime.combine(day, meeting.start, zone)
    end = dt.datetime.combine(last, meeting.end, zone)
    return start.astimezone(dt.UTC), end.astimezone(dt.UTC)


def zone_of(meeting: Meeting) -> dt.tzinfo:
    """The meeting's time zone. Raises StudyError if there is none of that name."""
    # Only the meeting block, the calendar and messages need the time zone database.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(meeting.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StudyError(
            f"meeting.timezone: found '{meeting.timezone}', which is no known time zone",
            Where("study.toml"),
            'write an IANA name such as "Asia/Seoul" (or install the package tzdata)',
        ) from error
