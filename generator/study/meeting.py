"""The [meeting] table of study.toml, and the dates that follow from it."""

import datetime as dt
import os
import re
from dataclasses import replace

from generator.model import Meeting, Phrase, Week
from generator.study.fields import Fields
from generator.study.mistakes import did_you_mean, shown

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def read_meeting(
    fields: Fields | None, weeks: tuple[Week, ...]
) -> tuple[Meeting | None, tuple[Week, ...]]:
    """The meeting, and the weeks with their dates; both without dates where none are given."""
    if fields is None:
        return None, weeks
    given = fields.given("weekday", "")
    weekday_name = fields.text("weekday")
    weekday = next(
        (day for day, name in enumerate(WEEKDAYS) if name.casefold() == weekday_name.casefold()),
        None,
    )
    if weekday is None and isinstance(given, str):  # another kind of value has been said
        fields.wrong(
            "weekday" if fields.has("weekday") else None,
            f"found {shown(weekday_name)}, expected a day of the week"
            if fields.has("weekday")
            else "weekday is missing",
            did_you_mean(weekday_name.capitalize(), WEEKDAYS) or 'write weekday = "Wednesday"',
        )
    start, end = fields.time("start"), fields.time("end")
    for key, value in (("start", start), ("end", end)):
        if value is None and not fields.has(key):
            fields.wrong(None, f"{key} is missing", f'write {key} = "21:00"')
    timezone = fields.text("timezone")
    _check_timezone(fields, timezone)
    place = fields.phrase("place")
    first, skipped = fields.date("first"), _skipped(fields)
    skip = [day for day, _ in skipped]
    interval = fields.whole("interval_days", at_least=1, at_most=3660)
    if first is None and (skip or interval):
        key = "skip" if skip else "interval_days"
        fields.wrong(key, "stands without first", "write first = the date of the first meeting")
    fields.finish()
    if first and weekday is not None and first.weekday() != weekday:
        fields.wrong(
            "first",
            f"found {first}, a {WEEKDAYS[first.weekday()]}, expected a {WEEKDAYS[weekday]}",
            "mend the date or the weekday",
        )
    if start is not None and start == end:
        fields.wrong(
            "end",
            f"found {end:%H:%M}, when it starts",
            "a meeting ends later; one that ends earlier in the day goes past midnight",
        )
    if first:
        for day in skip:
            if day < first or (day - first).days % (interval or 7):
                fields.wrong(
                    "skip",
                    f"found {day}, which is no day of a meeting",
                    f"they are every {interval or 7} days from {first}",
                )
        try:
            weeks = _dated(weeks, first, interval or 7, frozenset(skip))
        except OverflowError:
            fields.wrong("first", f"found {first}, from which the dates go past the year 9999",
                         "mend the year, or interval_days")  # fmt: skip
    if weekday is None or start is None or end is None:
        return None, weeks
    held = {week.date for week in weeks if week.date and not week.session.cancelled}
    return (
        Meeting(
            weekday,
            start,
            end,
            timezone,
            place,
            dates=tuple(sorted(held)),
            first=first,
            interval_days=interval or 7,
            skipped=tuple(skipped),
        ),
        weeks,
    )


def _skipped(fields: Fields) -> list[tuple[dt.date, Phrase]]:
    """The days without a meeting, each a date or { day = 2025-10-08, why = "…" }."""
    found: list[tuple[dt.date, Phrase]] = []
    for item in fields.listing("skip"):
        if isinstance(item, dict):
            inner = Fields(item, (*fields.path, "skip"), fields.mistakes, fields.languages)
            day, why = inner.date("day"), inner.phrase("why")
            if not inner.has("day"):
                inner.wrong(None, "day is missing", 'write { day = 2025-03-05, why = "…" }')
            inner.finish()
            if day:
                found.append((day, why))
        elif isinstance(item, dt.date) and not isinstance(item, dt.datetime):
            found.append((item, Phrase()))
        else:
            fields.wrong(
                "skip",
                f"found {shown(item)}, expected a date",
                "write 2025-03-05" + ", without quotes" * isinstance(item, str),
            )
    days = [day for day, _ in found]
    for day in dict.fromkeys(days):
        if days.count(day) > 1:
            fields.wrong("skip", f"names {day} twice", "take one out")
    return sorted({day: (day, why) for day, why in found}.values(), key=lambda pair: pair[0])


def _dated(
    weeks: tuple[Week, ...], first: dt.date, interval: int, skip: frozenset[dt.date]
) -> tuple[Week, ...]:
    """`weeks` with a date for each that has a number: every `interval` days but those in `skip`.

    A week's own date stays, and takes the place of the date in order: it was moved from there.
    """
    day = first
    dated = []
    for week in weeks:
        if week.number is not None:
            while day in skip:
                day += dt.timedelta(days=interval)
            if week.date and week.date != day and not week.session.moved_from:
                week = replace(week, session=replace(week.session, moved_from=day))
            week = replace(week, date=week.date or day)
            day += dt.timedelta(days=interval)
        dated.append(week)
    return tuple(dated)


def _check_timezone(fields: Fields, timezone: str) -> None:
    if not fields.has("timezone"):
        fields.wrong(None, "timezone is missing", 'write timezone = "Asia/Seoul", an IANA name')
    elif isinstance(fields.given("timezone"), str) and not _is_zone(timezone):
        fields.wrong(
            "timezone",
            f"found {shown(timezone)}, expected the IANA name of a time zone",
            _zone_like(timezone) or 'such as "Asia/Seoul" or "UTC"',
        )


def _is_zone(name: str) -> bool:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", name):
        return False
    # Loading the database costs more than reading the rest of the study: the usual place of its
    # files answers at once for a name that is right.
    if os.path.isfile(f"/usr/share/zoneinfo/{name}"):
        return True
    zones = _zones()
    return not zones or name in zones


def _zones() -> set[str]:
    """Every name that this machine knows; none if it has no database: then none is wrong."""
    from zoneinfo import available_timezones

    return available_timezones()


def _zone_like(name: str) -> str:
    city = name.rpartition("/")[2].casefold()
    same = [zone for zone in sorted(_zones()) if zone.rpartition("/")[2].casefold() == city]
    return f"did you mean '{same[0]}'?" if city and same else did_you_mean(name, _zones())
