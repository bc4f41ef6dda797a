"""The parsed study.toml as values of the model: which keys there are and what each may hold."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from generator.errors import Where
from generator.model import (
    CheckLimits,
    Meeting,
    Phrase,
    Publishing,
    Report,
    Study,
    Week,
)
from generator.study.fields import LANGUAGE, REPORT_ID, Fields, Mistake, did_you_mean, shown, tidy
from generator.study.readme_style import read_readme_style

STUDY = "study.toml"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RESERVED_IDS = ("common",)  # a folder under reports/ that holds shared modules

PlaceReport = Callable[[Report], Report]


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What a report inherits: the slug of its unit's name, and authors."""

    slug: str
    authors: tuple[str, ...]


def read_study(
    data: dict[str, Any],
    week_lines: Sequence[int | None],
    place: PlaceReport,
    mistakes: list[Mistake],
) -> Study:
    """The study that `data` describes; what is wrong with it is appended to `mistakes`.

    week_lines: the line of each [[week]]. place: gives a report its folder, texts and script.
    """
    top = Fields(data, (), mistakes, ())
    top.languages = languages = _languages(top)
    title = top.phrase("title", required=True)
    description = top.phrase("description")
    unit = top.phrase("unit") or Phrase((("*", "Week"),))
    defaults = _Defaults(unit_slug(unit), top.words("authors"))
    tables = top.tables("week")
    weeks = tuple(
        _week(fields, line, defaults, place)
        for fields, line in zip(tables, week_lines, strict=True)
    )
    _find_doubles(weeks, mistakes)
    meeting, weeks = _meeting(top.table("meeting"), weeks)
    seed = top.whole("seed", at_most=2**32 - 1)
    study = Study(
        title=title,
        description=description,
        languages=languages,
        unit=unit,
        weeks=weeks,
        meeting=meeting,
        audience=top.phrases("audience"),
        methodology=top.phrases("methodology"),
        licence=top.text("licence"),
        numbers=cast(
            Literal["strict", "warn", "off"],
            top.choice("numbers", ("strict", "warn", "off"), "strict"),
        ),
        seed=0 if seed is None else seed,
        timeout_s=top.number("timeout_s", 300.0),
        publishing=_publishing(top.table("publishing")),
        readme=read_readme_style(top.table("readme")),
        check=_limits(top.table("check")),
    )
    if not tables and not top.has("week"):
        top.wrong(None, "there is no [[week]]", 'begin one with [[week]] and title = "…"')
    top.finish()
    return study


def unit_slug(unit: Phrase) -> str:
    """What a report's folder begins with: "week" of week-07."""
    for _, text in (("en", unit.text("en")), *unit.texts):
        slug = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
        if slug:
            return slug
    return "unit"


def _languages(top: Fields) -> tuple[str, ...]:
    languages = top.words("languages")
    if not languages:
        if top.has("languages"):
            top.wrong("languages", "found no language", 'write languages = ["en"]')
        return ("en",)
    for language in languages:
        if not LANGUAGE.fullmatch(language):
            top.wrong(
                "languages",
                f"found '{language}', expected a language code",
                'such as "en", "ko" or "pt-BR"',
            )
    if len(set(languages)) < len(languages):
        top.wrong("languages", "names a language twice")
    return languages


# ---------------------------------------------------------------- weeks and reports


def _week(fields: Fields, line: int | None, defaults: _Defaults, place: PlaceReport) -> Week:
    title = fields.phrase("title", required=True)
    unit = fields.phrase("unit")
    number = fields.whole("number")
    week = Week(
        number=number,
        title=title,
        objective=fields.phrase("objective"),
        progress=fields.phrase("progress"),
        topic=fields.phrase("topic"),
        topic_label=fields.phrase("topic_label"),
        status=cast(
            Literal["planned", "done"],
            fields.choice("status", ("planned", "done"), "planned"),
        ),
        unit=unit,
        date=fields.date("date"),
        where=Where(STUDY, line),
    )
    slug = unit_slug(unit) if unit else defaults.slug
    return replace(week, reports=_reports(fields, week, slug, defaults, place))


def _reports(
    fields: Fields, week: Week, slug: str, defaults: _Defaults, place: PlaceReport
) -> tuple[Report, ...]:
    """The week's reports: its [[week.report]] tables, else one that the week itself describes."""
    default_id = f"{slug}-{week.number:02}" if week.number is not None else ""
    if not fields.has("report"):
        report = _report(fields, week, default_id, defaults)
        fields.finish()
        return (place(report),) if report else ()
    for key in ("id", "resource", "authors"):
        if fields.has(key):
            value = fields.text(key) if key == "id" else fields.phrase(key)
            if value:
                fields.wrong(key, "stands beside [[week.report]]", "move it into the report")
    tables = fields.tables("report")
    fields.finish()
    reports = []
    for table in tables:
        report = _report(table, week, default_id if len(tables) == 1 else "", defaults)
        title, objective, label = (
            table.phrase("title"),
            table.phrase("objective"),
            table.phrase("label"),
        )
        table.finish()
        if report:
            reports.append(
                place(
                    replace(
                        report,
                        title=title or week.title,
                        objective=objective or week.objective,
                        label=label,
                    )
                )
            )
    return tuple(reports)


def _report(fields: Fields, week: Week, default_id: str, defaults: _Defaults) -> Report | None:
    """The report that `fields` describe, not yet looked for; None if it has no usable id."""
    id_ = fields.text("id", default_id)
    resource = fields.phrase("resource")
    authors = fields.words("authors") or defaults.authors
    if not id_:
        fields.wrong(None, "id is missing", 'write id = "…", the name of its folder under reports/')
        return None
    if not REPORT_ID.fullmatch(id_):
        fields.wrong(
            "id",
            f"found {shown(id_)}, expected a folder's name",
            "lower-case letters, digits, '-' and '_', beginning with a letter or digit",
        )
        return None
    if id_ in RESERVED_IDS:
        fields.wrong(
            "id", f"found '{id_}', which is the folder of shared modules", "choose another"
        )
        return None
    return Report(
        id=id_,
        title=week.title,
        objective=week.objective,
        resource=resource,
        authors=authors,
        where=week.where,
    )


def _find_doubles(weeks: Sequence[Week], mistakes: list[Mistake]) -> None:
    numbers: dict[tuple[str, int], Week] = {}
    ids: dict[str, Week] = {}
    for index, week in enumerate(weeks):
        if week.number is not None:
            key = (str(week.unit.texts), week.number)
            if key in numbers:
                mistakes.append(
                    Mistake(
                        ("week", index, "number"),
                        f"found {week.number} again, already at {numbers[key].where}",
                        "two reports of one week are two [[week.report]] under one [[week]]",
                    )
                )
            numbers.setdefault(key, week)
        for report in week.reports:
            if report.id in ids:
                mistakes.append(
                    Mistake(
                        ("week", index),
                        f"the report id '{report.id}' is already used at {ids[report.id].where}",
                        'give it its own id = "…"',
                    )
                )
            ids.setdefault(report.id, week)


# ---------------------------------------------------------------- the meeting and its dates


def _meeting(
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
            did_you_mean(weekday_name, [name.casefold() for name in WEEKDAYS])
            or 'write weekday = "Wednesday"',
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


# ---------------------------------------------------------------- publishing and limits


def _publishing(fields: Fields | None) -> Publishing:
    if fields is None:
        return Publishing()
    base_url = fields.text("base_url")
    if base_url and not re.match(r"https?://[^/\s]+", base_url):
        fields.wrong(
            "base_url", f"found {shown(base_url)}, expected an address", 'such as "https://…/"'
        )
    pdf_name = fields.text("pdf_name", "{id}.pdf")
    _check_pdf_name(fields, pdf_name)
    limit_mib = fields.number("channel_limit_mib", 10.0)
    publishing = Publishing(
        base_url=base_url,
        pdf_name=pdf_name,
        channel_limit_bytes=int(limit_mib * 1024 * 1024),
        thread_id=fields.text("thread_id"),
        thread_name=fields.text("thread_name"),
    )
    fields.finish()
    return publishing


def _check_pdf_name(fields: Fields, pattern: str) -> None:
    known = ("id", "week", "title", "label", "language")
    fields_used = re.findall(r"\{([^{}]*)\}", pattern)
    rest = re.sub(r"\{[^{}]*\}", "", pattern)
    for name in fields_used:
        if name not in known:
            fields.wrong(
                "pdf_name",
                f"found {{{name}}}, expected one of {', '.join('{%s}' % k for k in known)}",
                did_you_mean(name, known),
            )
    if "{" in rest or "}" in rest:
        fields.wrong("pdf_name", "found a brace without its partner", 'such as "{id}.pdf"')
    elif "/" in rest or "\\" in rest:
        fields.wrong("pdf_name", "found a slash, expected a file's name", 'such as "{id}.pdf"')
    elif not pattern.endswith(".pdf"):
        fields.wrong("pdf_name", f"found {shown(pattern)}, expected a name that ends in .pdf")
    elif not fields_used:
        fields.wrong("pdf_name", "gives every report the same name", 'such as "{id}.pdf"')


def _limits(fields: Fields | None) -> CheckLimits:
    if fields is None:
        return CheckLimits()
    default = CheckLimits()
    wording = fields.table("wording")
    pairs: list[tuple[str, str]] = []
    if wording is not None:
        for wrong in fields.entries("wording"):
            pairs.append((tidy(wrong), wording.text(wrong)))
    limits = CheckLimits(
        figure_bytes=int(fields.number("figure_kb", default.figure_bytes / 1024) * 1024),
        report_bytes=int(fields.number("report_kb", default.report_bytes / 1024) * 1024),
        wording=tuple(pairs),
    )
    fields.finish()
    return limits
