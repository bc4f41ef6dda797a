"""The schedule as rows for a person: what is done, what is next, what is late."""

import datetime as dt
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generator.errors import StudyError
from generator.model import Report, Study, Week
from generator.plan.editions import behind, named
from generator.plan.staleness import pdf_path

State = Literal["planned", "written", "built", "no report"]
Mark = Literal["", "next", "late", "cancelled"]


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One row: a report, or a week without one. state: of the report; mark: as seen on a day."""

    week: Week
    report: Report | None
    label: str
    title: str
    state: State
    mark: Mark = ""


def day_of(today: str | None) -> dt.date:
    """The day that --today names; the clock's where it names none. Raises StudyError."""
    if today is None:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(today)
    except ValueError as error:
        raise StudyError(
            f"--today: found '{today}', expected a day such as 2026-03-04", None
        ) from error


def schedule_rows(root: Path, study: Study, today: dt.date) -> list[ScheduleRow]:
    """A row for each report and for each week without one, in the order of the schedule.

    next: the first meeting on or after `today`, else (no dates) the first week not done.
    late: its meeting is over, and its report is not built. What is cancelled is neither. Without
    a date nothing is late: a week that is done may never have had a report, and `study check`
    tells of the done ones.
    """
    language = study.languages[0]
    coming = next_week(study, today)
    rows = []
    for week in study.weeks:
        for report in week.reports or (None,):
            state = _state(root, study, week, report)
            over = week.date is not None and week.date < today
            mark: Mark = ""
            if week.session.cancelled:
                mark = "cancelled"
            elif week is coming:
                mark = "next"
            elif over and state in ("planned", "written"):
                mark = "late"
            label = study.unit_label(week, language)
            if report and report.label:
                label += f" ({report.label.text(language)})"
            title = (report or week).title.text(language)
            if week.session.presenters:
                title += f" ({', '.join(week.session.presenters)})"
            rows.append(ScheduleRow(week, report, label, title, state, mark))
    return rows


def next_week(study: Study, today: dt.date) -> Week | None:
    """The week whose meeting comes next as seen on `today`; None if all is over.

    Without dates: the first planned week after the newest that is done.
    """
    held = [week for week in study.weeks if not week.session.cancelled]
    dated = [week for week in held if week.date]
    if dated:
        coming = [week for week in dated if week.date and week.date >= today]
        return min(coming, key=lambda week: week.date or today, default=None)
    coming_week: Week | None = None
    for week in reversed(held):
        if week.status == "done":
            break
        if week.number is not None or coming_week is None:
            coming_week = week
    return coming_week


def schedule_lines(root: Path, study: Study, *, today: str | None = None) -> Iterator[str]:
    """The rows as aligned lines: id, date if any has one, week, state, mark, title, presenters."""
    rows = schedule_rows(root, study, day_of(today))
    dated = any(row.week.date for row in rows)
    table = [
        [
            row.report.id if row.report else "-",
            *([row.week.date.isoformat() if row.week.date else ""] if dated else []),
            row.label,
            row.state,
            row.mark,
            row.title,
        ]
        for row in rows
    ]
    widths = [max(map(_columns, column)) for column in zip(*table, strict=True)]
    for row, cells in zip(rows, table, strict=True):
        padded = [
            cell + " " * (width - _columns(cell)) for cell, width in zip(cells, widths, strict=True)
        ]
        yield "  ".join(cell for cell in padded if cell).rstrip()
        if row.report:
            yield from (f"{' ' * widths[0]}  {line}" for line in _behind(root, row.report))


def _behind(root: Path, report: Report) -> Iterator[str]:
    """For each language of `report` that is behind, the sections that are."""
    late = behind(root, report)
    for language in report.languages():
        names = [named(section) for section in late if section.language == language]
        if names:
            yield f"{language} is behind in {', '.join(names)}"


def _state(root: Path, study: Study, week: Week, report: Report | None) -> State:
    if report is None:
        return "no report"
    if not report.texts:
        return "planned"
    paths = [pdf_path(study, week, report, language) for language in report.languages()]
    return "built" if all((root / path).is_file() for path in paths) else "written"


def _columns(text: str) -> int:
    """How many columns of a terminal `text` takes: Hangul and Han take two each."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
