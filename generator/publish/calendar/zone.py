"""The time zone of a calendar: a VTIMEZONE with each change of its offset (RFC 5545)."""

import datetime as dt
from collections.abc import Iterator, Sequence

from generator.model import Meeting
from generator.publish.meeting_time import zone_of


def timezone_lines(meeting: Meeting, years: Sequence[int]) -> Iterator[str]:
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
