"""Whose turn it is to present, and what speaks against the names that a schedule has."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from generator.errors import StudyError
from generator.model import Absence, Study, Week
from generator.study.settings import week_key


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is to present in `week`: each name with how often and where it did so before."""

    week: Week
    names: tuple[str, ...]
    before: tuple[tuple[int, Week | None], ...]


def members(study: Study) -> tuple[str, ...]:
    """Who takes turns: the rota's members, else everybody who has presented, in that order."""
    if study.rota.members:
        return study.rota.members
    return tuple(dict.fromkeys(n for week in study.weeks for n in week.session.presenters))


def proposals(study: Study, weeks: Collection[Week]) -> list[Turn]:
    """Who presents in each of `weeks` that nobody has, in the order of the meetings.

    Those who presented least in the whole schedule come first, then those whose last time is
    longest ago, then the order of the members. Nobody is taken who is away or presents in the
    meeting just before or after. Raises StudyErrors, one for each week without enough people.
    """
    known = members(study)
    if not known:
        raise StudyError(
            "nobody takes turns: no member is named",
            None,
            'write members = ["…"] under [rota] in study.toml',
        )
    meetings = held(study)
    names: dict[int, tuple[str, ...]] = {
        place: week.session.presenters for place, week in enumerate(meetings)
    }
    turns: list[Turn] = []
    problems: list[StudyError] = []
    for place, week in enumerate(meetings):
        if names[place] or week not in weeks:
            continue
        beside = {*names.get(place - 1, ()), *names.get(place + 1, ())}
        free = [n for n in known if n not in beside and not is_away(study, n, week)]
        free.sort(key=lambda name: (_times(name, names), _last(name, names, place)))
        chosen = tuple(free[: study.rota.each])
        if len(chosen) < study.rota.each:
            problems.append(_too_few(study, week, len(chosen), beside & set(known)))
            continue
        before = []
        for name in chosen:
            last = _last(name, names, place)
            before.append((_times(name, names), meetings[last] if last >= 0 else None))
        names[place] = chosen
        turns.append(Turn(week, chosen, tuple(before)))
    if problems:
        raise ExceptionGroup("rota", problems)
    return turns


def weeks_named(study: Study, names: Sequence[str]) -> list[Week]:
    """The weeks with the numbers, ids of reports or names (week-07) `names`. Raises StudyErrors."""
    found: list[Week] = []
    problems: list[StudyError] = []
    for name in names:
        weeks = [
            week
            for week in study.weeks
            if name in (str(week.number), week_key(study, week), *(r.id for r in week.reports))
        ]
        if not weeks:
            problems.append(StudyError(f"the schedule has no week '{name}'", None, "study list"))
        found += [week for week in weeks if week not in found]
    if problems:
        raise ExceptionGroup("rota", problems)
    return found


def held(study: Study) -> list[Week]:
    """The weeks with a meeting, in time: those with a number or a date that are not cancelled."""
    weeks = [w for w in study.weeks if (w.number is not None or w.date) and not w.session.cancelled]
    days = iter(sorted((week for week in weeks if week.date), key=_day))
    return [next(days) if week.date else week for week in weeks]


def _day(week: Week) -> dt.date:
    return week.date or dt.date.max


def _times(name: str, names: dict[int, tuple[str, ...]]) -> int:
    return sum(name in several for several in names.values())


def _last(name: str, names: dict[int, tuple[str, ...]], place: int) -> int:
    """The place of the last meeting before `place` that `name` presented in; -1 if none."""
    return max((p for p, several in names.items() if p < place and name in several), default=-1)


def is_away(study: Study, name: str, week: Week) -> bool:
    """Whether the rota says that `name` cannot present in `week`."""
    return any(absence.name == name and _covers(absence, week) for absence in study.rota.away)


def _covers(absence: Absence, week: Week) -> bool:
    if week.number is not None and week.number in absence.weeks:
        return True
    if week.date is None or not (absence.first or absence.last):
        return False
    return (absence.first or week.date) <= week.date <= (absence.last or week.date)


def _too_few(study: Study, week: Week, found: int, beside: Collection[str]) -> StudyError:
    language = study.languages[0]
    away = [name for name in members(study) if is_away(study, name, week)]
    why = [f"{', '.join(sorted(beside))} present beside it"] if beside else []
    why += [f"{', '.join(away)} away"] if away else []
    return StudyError(
        f"{study.unit_label(week, language)} needs {study.rota.each} to present, {found} can"
        + (f": {'; '.join(why)}" if why else ""),
        week.where,
        'add members, or name somebody there by hand: presenter = "…"',
    )


def objections(study: Study) -> list[StudyError]:
    """What speaks against the presenters that the schedule names, each at its week."""
    found = []
    meetings = held(study)
    for week, following in zip(meetings, [*meetings[1:], None], strict=True):
        for name in week.session.presenters:
            if following and name in following.session.presenters:
                found.append(_objection(study, following, f"{name} presents twice in a row"))
            if study.rota.members and name not in study.rota.members:
                found.append(_objection(study, week, f"{name} is no member of the rota"))
            if is_away(study, name, week):
                found.append(_objection(study, week, f"{name} presents, but is away"))
    return found


def _objection(study: Study, week: Week, what: str) -> StudyError:
    label = study.unit_label(week, study.languages[0])
    return StudyError(f"{label}: {what}", week.where, "study rota says whose turn it is")


def turn_lines(study: Study, turns: Sequence[Turn]) -> list[str]:
    """The turns for a person: "Week 7 (2025-03-05): Kim (once before, last in Week 3)"."""
    language = study.languages[0]
    lines = []
    for turn in turns:
        told = []
        for name, (times, last) in zip(turn.names, turn.before, strict=True):
            often = {0: "first time", 1: "once"}.get(times, f"{times} times")
            where = f", last in {study.unit_label(last, language)}" if last else ""
            told.append(f"{name} ({often}{where})")
        day = f" ({turn.week.date})" if turn.week.date else ""
        lines.append(f"{study.unit_label(turn.week, language)}{day}: {', '.join(told)}")
    return lines
