"""The [meeting] table of study.toml, and the dates that follow from it."""

import datetime as dt
import re
from dataclasses import replace

from generator.model import Meeting, Week
from generator.study.fields import Fields, did_you_mean, shown

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def read_meeting(
    fields: Fields | None, weeks: tuple[Week, ...]
) -> tuple[Meeting | None, tuple[Week, ...]]:
    """The meeting, and the weeks with their dates; both without dates where none are given."""
    if fields is None:
        return None, weeks
    weekday_name = fields.text("weekday")
    weekday = next(
        (day for day, name in enumerate(WEEKDAYS) if name.casefold() == weekday_name.casefold()),
        None,
    )
    if weekday is None:
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
    first, skip = fields.date("first"), fields.dates("skip")
    interval = fields.whole("interval_days", at_least=1)
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
    if first:
        weeks = _dated(weeks, first, interval or 7, frozenset(skip))
    if weekday is None or start is None or end is None:
        return None, weeks
    dates = tuple(sorted({week.date for week in weeks if week.date}))
    return Meeting(weekday, start, end, timezone, place, dates), weeks


def _dated(
    weeks: tuple[Week, ...], first: dt.date, interval: int, skip: frozenset[dt.date]
) -> tuple[Week, ...]:
    """`weeks` with a date for each that has a number: every `interval` days but those in `skip`.

    A week's own date stays, and takes the place of the date in order.
    """
    day = first
    dated = []
    for week in weeks:
        if week.number is not None:
            while day in skip:
                day += dt.timedelta(days=interval)
            week = replace(week, date=week.date or day)
            day += dt.timedelta(days=interval)
        dated.append(week)
    return tuple(dated)


def _check_timezone(fields: Fields, timezone: str) -> None:
    # The shape only: whether the zone exists is asked where a time is converted, because
    # loading the database costs more than reading the rest of the study.
    if not fields.has("timezone"):
        fields.wrong(None, "timezone is missing", 'write timezone = "Asia/Seoul", an IANA name')
    elif not re.fullmatch(r"UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+", timezone):
        fields.wrong(
            "timezone",
            f"found {shown(timezone)}, expected the IANA name of a time zone",
            'such as "Asia/Seoul" or "UTC"',
        )
