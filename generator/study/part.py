"""The part of a study that one report's page shows, as JSON that reads back as the same study.

It travels inside of the PDF: whoever rebuilds a page needs what study.toml says of it, and no more,
so that another week's title makes no PDF stale.
"""

import datetime as dt
import json
import types
from collections.abc import Collection, Iterable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from generator.digest import canonical_json
from generator.errors import StudyError, Where
from generator.model import Phrase, Publishing, Report, Study, Week

PART = "study.json"


def part_of(
    study: Study,
    week: Week,
    report: Report,
    language: str,
    others: Iterable[str] = (),
    parameters: Collection[str] = (),
) -> Study:
    """`study` with `report` alone and its text in `language`, and what the page says of both.

    others: ids of reports that its text refers to. parameters: those that its text or its script
    uses.
    """
    mentioned = set(others) - {report.id}
    values = study.parameters_of(report)
    used = tuple((name, values[name]) for name in sorted(values) if name in parameters)
    weeks = []
    for each in study.weeks:
        kept = [
            replace(
                _shown(other),
                texts=_texts(other, language),
                script=None,
                parameters=tuple(sorted(study.parameters_of(other).items())),
            )
            for other in each.reports
            if other.id in mentioned
        ]
        if each == week:
            kept.append(replace(_shown(report), texts=_texts(report, language), parameters=used))
        if kept:
            weeks.append(_week(each, tuple(kept)))
    address = study.publishing.base_url
    pattern = Publishing(base_url=address, pdf_name=study.publishing.pdf_name)
    return Study(
        title=study.title,
        description=Phrase(),
        languages=study.languages,
        unit=study.unit,
        weeks=tuple(weeks),
        audience=study.audience,
        numbers=study.numbers,
        seed=study.seed,
        publishing=pattern if address else Publishing(),
    )


def _shown(report: Report) -> Report:
    """`report` without what only a README says of it."""
    return replace(report, where=None, resource=Phrase(), name="", link="", code="")


def _texts(report: Report, language: str) -> tuple[tuple[str, str], ...]:
    """The text in `language`; of a report that has none, its main one."""
    return tuple(text for text in report.texts if text[0] == language) or report.texts[:1]


def _week(week: Week, reports: tuple[Report, ...]) -> Week:
    return Week(
        number=week.number,
        title=week.title,
        objective=week.objective,
        unit=week.unit,
        date=week.date,
        reports=reports,
        reading=week.reading,
    )


def part_json(part: Study) -> bytes:
    """`part` as JSON; what stands at its default is left out."""
    return canonical_json(_bare(part))


def _bare(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _bare(said)
            for field in fields(value)
            if (said := getattr(value, field.name)) != field.default
        }
    if isinstance(value, tuple):
        return [_bare(item) for item in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value


def part_from_json(content: bytes) -> Study:
    """The study that `part_json` wrote. Raises StudyError for anything else."""
    try:
        return _made(Study, json.loads(content))  # type: ignore[no-any-return]
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        StopIteration,
    ) as error:
        raise StudyError("is not what a build wrote there", Where(PART)) from error


def _fitting(kinds: list[Any], value: Any) -> Any:
    """The one of `kinds` that a value of JSON is meant for."""
    if len(kinds) == 1:
        return kinds[0]
    wanted = tuple if isinstance(value, list) else type(value)
    return next(kind for kind in kinds if (get_origin(kind) or kind) is wanted)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _made(kind: Any, value: Any) -> Any:
    """`value` of JSON as the type `kind`. Raises TypeError where it is no such thing."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _made(hints[name], item) for name, item in value.items()})
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(value)
        if inner[-1] is ...:
            return tuple(_made(inner[0], item) for item in value)
        return tuple(_made(each, item) for each, item in zip(inner, value, strict=True))
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _made(_fitting([each for each in inner if each is not type(None)], value), value)
    if origin is Literal:
        if value not in inner:
            raise ValueError(value)
        return value
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is float and isinstance(value, int):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(value)
    return value
