"""The parsed study.toml as values of the model: which keys there are and what each may hold."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from generator.errors import Where
from generator.model import Column, Phrase, Report, Study, Week
from generator.study.fields import LANGUAGE, REPORT_ID, Fields
from generator.study.meeting import read_meeting
from generator.study.mistakes import Mistake, shown
from generator.study.parameters import read_parameters
from generator.study.publishing import read_limits, read_publishing
from generator.study.reading_list import read_items, read_reading, read_tables, read_updates
from generator.study.readme import read_readme_style
from generator.study.rota import read_rota
from generator.study.session import read_columns, read_session
from generator.study.words import read_words

STUDY = "study.toml"
RESERVED_IDS = ("common",)  # a folder under reports/ that holds shared modules

PlaceReport = Callable[[Report], Report]


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What a report inherits: the slug of its unit's name, authors, the week's aims."""

    slug: str
    authors: tuple[str, ...]
    prerequisites: tuple[Phrase, ...] = ()
    outcomes: tuple[Phrase, ...] = ()


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
    unit = top.phrase("unit") or Phrase((("*", "Week"), ("ko", "{n}주차")))
    _check_unit(top, unit)
    defaults = _Defaults(unit_slug(unit), top.words("authors"))
    tables = top.tables("week")
    # A `week` of the wrong kind has been noted, and has no tables whatever its length.
    lines = week_lines if len(week_lines) == len(tables) else [None] * len(tables)
    columns = read_columns(top)
    weeks = tuple(
        _week(fields, line, defaults, columns, place)
        for fields, line in zip(tables, lines, strict=True)
    )
    _find_doubles(weeks, mistakes)
    meeting, weeks = read_meeting(top.table("meeting"), weeks)
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
        publishing=read_publishing(top.table("publishing")),
        readme=read_readme_style(top.table("readme"), columns),
        check=read_limits(top.table("check")),
        sources=read_items(top, "source"),
        updates=read_updates(top),
        columns=columns,
        rota=read_rota(top.table("rota")),
        words=read_words(top.table("words")),
        parameters=read_parameters(top.table("parameters"), top.entries("parameters")),
    )
    if not tables and not top.has("week"):
        top.wrong(None, "there is no [[week]]", 'begin one with [[week]] and title = "…"')
    top.finish()
    return study


# Folders are called in letters that every system has.
_SLUGS = {
    "주차": "week", "주": "week", "일차": "day", "회차": "session", "차시": "session",
    "단계": "step", "강": "lecture", "장": "chapter",
}  # fmt: skip


def unit_slug(unit: Phrase) -> str:
    """What a report's folder begins with: "week" of week-07, also where the study is Korean."""
    for _, text in (("en", unit.text("en")), *unit.texts):
        plain = text.replace("{n}", "").strip()
        slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-") or _SLUGS.get(plain, "")
        if slug:
            return slug
    return "unit"


def week_key(study: Study, week: Week) -> str:
    """What `week` is known by outside: "week-07". It stays when reports come or are renamed."""
    if week.number is not None:
        return f"{unit_slug(week.unit or study.unit)}-{week.number:02}"
    return week.reports[0].id if week.reports else unit_slug(week.title)


def _check_unit(fields: Fields, unit: Phrase) -> None:
    """Note braces in what a unit is called, other than {n} for its number."""
    for _, text in unit.texts:
        rest = text.replace("{n}", "")
        if "{" in rest or "}" in rest:
            fields.wrong(
                "unit",
                f"found {shown(text)}, expected {{n}} where the number stands",
                'such as "Week" or "{n}주차"',
            )


def _languages(top: Fields) -> tuple[str, ...]:
    languages = top.words("languages")
    if not languages:
        if top.given("languages") == []:
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
        top.wrong("languages", "names a language twice", "take one out")
    return tuple(language for language in languages if LANGUAGE.fullmatch(language)) or ("en",)


# ---------------------------------------------------------------- weeks and reports


def _week(
    fields: Fields,
    line: int | None,
    defaults: _Defaults,
    columns: Sequence[Column],
    place: PlaceReport,
) -> Week:
    title = fields.phrase("title", required=True)
    unit = fields.phrase("unit")
    _check_unit(fields, unit)
    number = fields.whole("number", at_most=99_999)
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
        section=fields.phrase("section"),
        intro=fields.paragraphs("intro"),
        reading=read_reading(fields),
        tables=read_tables(fields),
        session=read_session(fields, columns),
    )
    slug = unit_slug(unit) if unit else defaults.slug
    return replace(week, reports=_reports(fields, week, slug, defaults, place))


_OF_A_REPORT = ("id", "resource", "authors", "name", "link", "code")


def _reports(
    fields: Fields, week: Week, slug: str, defaults: _Defaults, place: PlaceReport
) -> tuple[Report, ...]:
    """The week's reports: its [[week.report]] tables, else one that the week itself describes."""
    default_id = f"{slug}-{week.number:02}" if week.number is not None else ""
    if not fields.has("report"):
        report = _report(fields, week, default_id, defaults)
        fields.finish()
        return (place(report),) if report else ()
    for key in (*_OF_A_REPORT, "abstract", "version", "keywords", "parameters", "accelerator"):
        if fields.unwanted(key):
            fields.wrong(key, "stands beside [[week.report]]", "move it into the report")
    defaults = replace(
        defaults,
        prerequisites=fields.phrases("prerequisites"),
        outcomes=fields.phrases("outcomes"),
    )
    tables = fields.tables("report")
    fields.finish()
    reports = []
    for index, table in enumerate(tables, 1):
        own_id = f"{default_id}-{index}" if default_id and len(tables) > 1 else default_id
        title, objective = table.phrase("title"), table.phrase("objective")
        label = table.phrase("label")
        report = _report(table, week, own_id, defaults)
        day = table.date("date")
        table.finish()
        if report:
            report = replace(
                report,
                title=title or week.title,
                objective=objective or week.objective,
                label=label,
                date=day,
            )
            reports.append(place(report))
    return tuple(reports)


def _report(fields: Fields, week: Week, default_id: str, defaults: _Defaults) -> Report | None:
    """The report that `fields` describe, not yet looked for; None if it has no usable id."""
    given = fields.given("id", default_id)
    id_ = fields.text("id", default_id)
    resource = fields.phrase("resource")
    authors = fields.words("authors") or defaults.authors
    prerequisites = fields.phrases("prerequisites") or defaults.prerequisites
    outcomes = fields.phrases("outcomes") or defaults.outcomes
    if not isinstance(given, str):
        return None  # that has been said
    if not fields.has("id") and not id_:
        if not fields.has("number"):  # else the number is wrong, and that has been said
            fields.wrong(
                None, "id is missing", 'write id = "…", the name of its folder under reports/'
            )
        return None
    if not REPORT_ID.fullmatch(id_):
        fields.wrong(
            "id",
            f"found {shown(id_)}, expected a folder's name",
            "lower-case letters, digits, '-' and '_', beginning with a letter or digit",
        )
        return None
    if id_ in RESERVED_IDS:
        fields.wrong("id", f"found '{id_}', the folder of shared modules", "choose another")
        return None
    return Report(
        id=id_,
        title=week.title,
        objective=week.objective,
        resource=resource,
        authors=authors,
        where=week.where,
        name=fields.text("name"),
        link=fields.address("link"),
        code=fields.address("code"),
        prerequisites=prerequisites,
        outcomes=outcomes,
        version=fields.text("version"),
        abstract=fields.phrase("abstract"),
        keywords=fields.phrases("keywords"),
        parameters=read_parameters(fields.table("parameters"), fields.entries("parameters")),
        accelerator=fields.flag("accelerator"),
    )


def _find_doubles(weeks: Sequence[Week], mistakes: list[Mistake]) -> None:
    numbers: dict[tuple[object, int], Week] = {}
    ids: dict[str, Week] = {}
    doubled: set[tuple[object, int | None]] = set()
    for index, week in enumerate(weeks):
        if week.number is not None:
            first = numbers.setdefault((week.unit.texts, week.number), week)
            if first is not week:
                doubled.add((week.unit.texts, week.number))
                mistakes.append(
                    Mistake(
                        ("week", index, "number"),
                        f"found {week.number} again, already at {first.where}",
                        "two reports of one week are two [[week.report]] under one [[week]]",
                    )
                )
        for place, report in enumerate(week.reports):
            owner = ids.setdefault(report.id, week)
            if owner.number == week.number and (week.unit.texts, week.number) in doubled:
                continue  # the same mistake, seen from its number
            if owner is not week or report.id in [r.id for r in week.reports[:place]]:
                mistakes.append(
                    Mistake(
                        ("week", index, "report", place, "id"),
                        f"found '{report.id}' again, already at {owner.where}",
                        'give it its own id = "…"',
                    )
                )
