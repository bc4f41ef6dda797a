"""Parameters: named settings of study.toml that scripts read and texts quote."""

import math
import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from generator.errors import StudyError, Where, raise_all
from generator.model import Parameter, Study
from generator.study.fields import Fields
from generator.study.mistakes import did_you_mean, listed, shown

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STUDY = "study.toml"


def read_parameters(
    table: Fields | None, names: Iterable[str]
) -> tuple[tuple[str, Parameter], ...]:
    """The table `parameters` of the study or of a report as pairs of name and value."""
    if table is None:
        return ()
    found: list[tuple[str, Parameter]] = []
    for name in names:
        if not _NAME.fullmatch(name):
            table.wrong(
                name,
                f"found the name '{name}', expected small letters, digits and underscores",
                "the script reads it by this name: run.parameter(name)",
            )
            continue
        value = _plain(table.given(name))
        if value is None:
            table.wrong(
                name,
                f"found {shown(table.given(name))}, expected a number, a text, true or false, "
                "or a list of numbers and texts",
                f"write {name} = 0.5",
            )
            continue
        found.append((name, value))
    return tuple(found)


def _plain(value: Any) -> Parameter | None:
    """`value` as a parameter; None if it cannot be one."""
    if isinstance(value, list):
        parts = [_plain(part) for part in value]
        plain = [p for p in parts if isinstance(p, int | float | str) and not isinstance(p, bool)]
        return tuple(plain) if plain and len(plain) == len(parts) else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str) else None


def with_parameters(study: Study, given: Iterable[str]) -> tuple[Study, dict[str, Parameter]]:
    """The study with `given` ("temperature=0.5") in place of what study.toml says; these values.

    Raises StudyError, or several in a group, for a name that no one declared and for a value of
    another kind than the declared one.
    """
    declared: dict[str, Parameter] = {}
    for _, report in study.reports():
        declared |= dict(report.parameters)
    declared |= dict(study.parameters)
    values: dict[str, Parameter] = {}
    problems: list[StudyError] = []
    for setting in given:
        name, _, text = setting.partition("=")
        name = name.strip()
        if name not in declared:
            message = f"-P {setting}: there is no parameter '{name}'"
            hint = did_you_mean(name, declared) or (
                f"there are: {listed(sorted(declared))}"
                if declared
                else f"declare it first: [parameters] and {name or 'name'} = 0.5 in {_STUDY}"
            )
            problems.append(StudyError(message, Where(_STUDY), hint))
            continue
        value = _read(text, declared[name])
        if value is None:
            wanted = _kind(declared[name])
            problems.append(
                StudyError(
                    f"-P {setting}: found {shown(text)}, expected {wanted}",
                    Where(_STUDY),
                    f"the study says {name} = {toml(declared[name])}",
                )
            )
            continue
        values[name] = value
    raise_all(problems, "parameters")

    def replaced(pairs: tuple[tuple[str, Parameter], ...]) -> tuple[tuple[str, Parameter], ...]:
        return tuple((name, values.get(name, value)) for name, value in pairs)

    weeks = tuple(
        replace(
            week,
            reports=tuple(
                replace(report, parameters=replaced(report.parameters)) for report in week.reports
            ),
        )
        for week in study.weeks
    )
    return replace(study, weeks=weeks, parameters=replaced(study.parameters)), values


def _read(text: str, like: Parameter) -> Parameter | None:
    """The value that `text` writes, of the kind of `like`; None if it is of another."""
    if isinstance(like, str):
        return text
    try:
        value = _plain(tomllib.loads(f"value = {text}")["value"])
    except (tomllib.TOMLDecodeError, ValueError, KeyError):
        return None
    if isinstance(like, bool) or isinstance(value, bool):
        return value if isinstance(like, bool) and isinstance(value, bool) else None
    if isinstance(like, float):
        return float(value) if isinstance(value, int | float) else None
    return value if isinstance(value, type(like)) else None


def _kind(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, tuple):
        return "a list, such as [1, 2]"
    return "a whole number" if isinstance(value, int) else "a number"


def toml(value: Parameter) -> str:
    """`value` as study.toml writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(toml(part) for part in value)}]"
    return str(value)
