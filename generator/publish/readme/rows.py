"""What the README's blocks say, as plain data for their templates: strings are Markdown already."""

import posixpath
import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from generator.errors import StudyError, Where
from generator.model import Report, Study, Week
from generator.plan.staleness import pdf_path
from generator.publish.meeting_time import meeting_times
from generator.publish.readme.cells import links_cell, markdown_cell, names_cell
from generator.publish.readme.escape import (
    encoded_address,
    encoded_path,
    endonym,
    fragment,
    markdown_text,
    sentence,
)
from generator.publish.readme.reading_list import reading_data, updates_data
from generator.publish.standing import Standing, next_by_status, standings
from generator.publish.words import words_of
from generator.study.readme import OF_A_MEETING, USUAL

Data = dict[str, Any]


def readme_language(study: Study) -> str:
    """The language of the README's blocks."""
    return study.readme.language or study.languages[0]


def block_data(study: Study, block: str) -> Data:
    """What the template of `block` is given. Nothing in it depends on the clock or on files'
    contents: only on study.toml and on which reports are written.
    """
    maker = {
        "schedule": _schedule,
        "resources": _resources,
        "progress": _progress,
        "meeting": _meeting,
        "reading": _reading,
        "updates": _updates,
    }[block]
    return {
        "words": {
            name: markdown_text(word)
            for name, word in words_of(study, readme_language(study)).items()
        }
    } | maker(study)


def resource_name(study: Study, week: Week, report: Report, words: dict[str, str]) -> str:
    """How a report is called in links: its own name, "Report 7", "Report 9-1", "Report project"."""
    word = words["report"]
    if report.name:
        return report.name
    if week.number is None:
        unit = study.unit_label(week, readme_language(study))
        named = words["report_of"].replace("{report}", word).replace("{id}", report.id)
        return named.replace("{unit}", unit or report.id)
    if len(week.reports) == 1:
        return f"{word} {week.number}"
    return f"{word} {week.number}-{week.reports.index(report) + 1}"


def _target(study: Study, path: str) -> str:
    """The address of a file of the study as the README must write it."""
    base = study.publishing.base_url
    if base:
        return encoded_path(path, base)
    folder = posixpath.dirname(study.readme.file)
    return encoded_path(posixpath.relpath(path, folder) if folder else path)


def _pdf_links(study: Study, week: Week, report: Report, words: dict[str, str]) -> str:
    """Links to the report's PDFs: the first named after the report, others after their language.

    One link where study.toml says where it leads, only the name where it has no link at all.
    """
    name = resource_name(study, week, report, words)
    if report.link:
        return f"[{markdown_text(name)}]({_address(study, report.link)})"
    if report.name and not report.texts:
        return markdown_text(name)
    links: list[str] = []
    own = readme_language(study)
    for language in sorted(report.languages(), key=lambda language: language != own):
        text = name if not links else endonym(language)
        path = pdf_path(study, week, report, language)
        links.append(f"[{markdown_text(text)}]({_target(study, path)})")
    return ", ".join(links)


def _address(study: Study, link: str) -> str:
    """A link that study.toml gives: an address as it is, a path of the study as its file's."""
    if re.match(r"[a-z][a-z0-9+.-]*:", link, re.IGNORECASE):
        return encoded_address(link)
    # A page or a query behind a file's ending is no part of its name.
    end = re.search(r"(?<=\w\.)\w{1,5}(?=[?#])", link)
    path, inside = (link[: end.end()], link[end.end() :]) if end else (link, "")
    return _target(study, path) + encoded_address(inside)


def _code_link(study: Study, report: Report, text: str) -> str:
    """A link to the report's code; only the text where study.toml says no more than that it is."""
    if report.code == "available":
        return markdown_text(text)
    target = _address(study, report.code) if report.code else ""
    if not target and report.script and report.texts:
        target = _target(study, report.script)
    return f"[{markdown_text(text)}]({target})" if target else ""


def _schedule(study: Study) -> Data:
    words = words_of(study, readme_language(study))
    language = readme_language(study)
    own = {column.id: column.title.text(language) for column in study.columns}
    rows = []
    for week, standing in zip(study.weeks, standings(study), strict=True):
        for report in week.reports or (None,):
            rows.append(_row(study, week, report, words, standing))
    wanted = dict(study.readme.columns).get("schedule")
    columns = [
        column
        for column in wanted or (*USUAL["schedule"], *own)
        if any(row[column] for row in rows) or column not in _only_filled(own, wanted)
    ]
    return {
        "columns": columns,
        "headings": [markdown_text({**words, **own}[column]) for column in columns],
        "rows": [{"cells": [row[column] for column in columns], **row} for row in rows],
    }


def _only_filled(own: Iterable[str], wanted: Sequence[str] | None) -> set[str]:
    """The columns that wait until a week has something for them; dates unless they are wanted."""
    return {*OF_A_MEETING, *own, *(() if wanted else ("date",))}


def _row(
    study: Study, week: Week, report: Report | None, words: dict[str, str], standing: Standing
) -> dict[str, str]:
    language = readme_language(study)
    title = report.title if report else week.title
    objective = report.objective if report else week.objective
    label = report.label.text(language) if report else ""
    if report is None:
        resource = markdown_text(words["no_resource"])
    else:
        resource = _pdf_links(study, week, report, words) or markdown_text(words["planned"])
    return {
        "week": markdown_text(study.unit_label(week, language) + (f" ({label})" if label else "")),
        "content": markdown_text(title.text(language)),
        "objective": markdown_text(fragment(objective.text(language))),
        "resource": resource,
        "date": markdown_text(_day(week, words)),
        "status": markdown_text(words[standing]),
        "author": markdown_text(", ".join(report.authors)) if report else "",
        "code": _code_link(study, report, words["code"]) if report else "",
        **_meeting_cells(study, week, words),
    }


def _day(week: Week, words: dict[str, str]) -> str:
    """The week's day, with the one it was moved from, and whether it is cancelled."""
    day = week.date.isoformat() if week.date else ""
    if week.session.cancelled:
        return f"{day} ({words['cancelled']})" if day else words["cancelled"]
    if day and week.session.moved_from:
        moved = words["moved"].replace("{day}", week.session.moved_from.isoformat())
        return moved.replace("{date}", day)
    return day


def _meeting_cells(study: Study, week: Week, words: dict[str, str]) -> dict[str, str]:
    """The cells of who, where, and what there is before and after the meeting."""
    language = readme_language(study)
    session = week.session
    links = {"slides": session.slides, "recording": session.recording}
    texts = {
        "notes": session.notes,
        "discussion": session.discussion,
        "homework": session.homework,
        **{column.id: () for column in study.columns},
        **dict(session.columns),
    }
    return {
        "presenter": names_cell(session.presenters),
        "place": markdown_text(session.place.text(language)),
        **{
            name: links_cell(several, words[name], language, partial(_address, study))
            for name, several in links.items()
        },
        **{name: markdown_cell(pieces, language) for name, pieces in texts.items()},
    }


def _resources(study: Study) -> Data:
    language = readme_language(study)
    words = words_of(study, readme_language(study))
    lines = []
    for week, report in study.reports():
        if report.texts or report.link or (report.name and report.resource):
            described = report.resource or report.title
            lines.append(
                {
                    "links": _pdf_links(study, week, report, words),
                    "description": markdown_text(fragment(described.text(language))),
                    "code": ""
                    if report.code == "available"
                    else _code_link(study, report, words["code"]),
                }
            )
    return {"resources": lines}


def _progress(study: Study) -> Data:
    language = readme_language(study)
    words = words_of(study, readme_language(study))
    lines = []
    for week in study.weeks:
        if week.status != "done" or not week.progress:
            continue
        coded = [report for report in week.reports if _code_link(study, report, "code")]
        if len(week.reports) == 1:
            code = "".join(_code_link(study, report, words["code_available"]) for report in coded)
        else:
            names = [
                _code_link(study, report, resource_name(study, week, report, words))
                for report in coded
            ]
            code = f"{markdown_text(words['code_available'])}: {', '.join(names)}" if names else ""
        topic_label = week.topic_label.text(language) or words["topic"]
        lines.append(
            {
                "week": markdown_text(study.unit_label(week, language)),
                "sentence": markdown_text(sentence(week.progress.text(language))),
                "topic": markdown_text(fragment(week.topic.text(language))),
                "topic_label": markdown_text(topic_label),
                "code": code,
            }
        )
    return {"progress": lines}


def _reading(study: Study) -> Data:
    return reading_data(study, readme_language(study), words_of(study, readme_language(study)))


def _updates(study: Study) -> Data:
    return updates_data(study, readme_language(study))


# ---------------------------------------------------------------- the meeting


def _meeting(study: Study) -> Data:
    meeting = study.meeting
    if meeting is None:
        raise StudyError(
            "has a meeting block, but study.toml has no [meeting]",
            Where(study.readme.file),
            "describe the meeting in study.toml, or take the block out",
        )
    language = readme_language(study)
    words = words_of(study, readme_language(study))
    weekdays = [name.strip() for name in words["weekdays"].split(",")]
    weekday = weekdays[meeting.weekday]
    return {
        "place": markdown_text(meeting.place.text(language)),
        "every": markdown_text(words["every"].replace("{weekday}", weekday)),
        "times": [markdown_text(time) for time in meeting_times(meeting, weekdays)],
        "dates": [day.isoformat() for day in meeting.dates],
        "skipped": [
            markdown_text(day.isoformat() + (f" ({why.text(language)})" if why else ""))
            for day, why in meeting.skipped
        ],
        "next": _next_meeting(study, words),
    }


def _next_meeting(study: Study, words: dict[str, str]) -> str:
    """The meeting that is next by the schedule's own words, where they give it a day; else ""."""
    week = next_by_status(study)
    if week is None or week.date is None:
        return ""
    language = readme_language(study)
    label, title = study.unit_label(week, language), week.title.text(language)
    said = label if title == label else f"{label}: {title}"
    if week.session.presenters:
        said += f" ({', '.join(week.session.presenters)})"
    return markdown_text(f"{_day(week, words)}, {said}")
