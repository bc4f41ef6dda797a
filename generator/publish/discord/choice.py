"""Which weeks a message is about: those that are named, else those whose turn it is."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.errors import StudyError, Where
from generator.model import Study, Week
from generator.plan.staleness import chosen
from generator.publish.discord.announcement import message_key
from generator.publish.discord.state import State
from generator.publish.discord.template import Kind
from generator.publish.meeting_time import meeting_instants
from generator.study.settings import week_key


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is: the day where the group meets, and the instant where the clock was asked."""

    day: dt.date
    instant: dt.datetime | None = None

    def has_begun(self, study: Study, week: Week) -> bool:
        """Whether the meeting of `week` has begun."""
        return self._is_past(study, week, 0)

    def has_ended(self, study: Study, week: Week) -> bool:
        """Whether the meeting of `week` is over."""
        return self._is_past(study, week, 1)

    def _is_past(self, study: Study, week: Week, end: int) -> bool:
        if week.date is None:
            return False
        if self.instant is None or study.meeting is None:
            return week.date < self.day
        return meeting_instants(study.meeting, week.date)[end] <= self.instant


def named_weeks(study: Study, wanted: Iterable[str]) -> list[Week]:
    """The weeks that `wanted` names by number, key or report, in its order. Raises StudyError."""
    found: list[Week] = []
    for name in wanted:
        whole = [week for week in study.weeks if name in _own_names(study, week)]
        weeks = whole or [week for week, _ in chosen(study, [name])]
        found += [week for week in weeks if week not in found]
    return found


def _own_names(study: Study, week: Week) -> set[str]:
    """What a week without a report is called, too."""
    names = {week_key(study, week)}
    if not week.reports and week.number is not None:
        names |= {str(week.number)}
    return names


def weeks_of_kind(
    study: Study, kind: Kind, wanted: Sequence[str], moment: Moment, state: State
) -> list[Week]:
    """The weeks that messages of `kind` are about now. state: of discord.json.

    Beside those whose turn it is, those whose message is in the channel already and may have to
    be edited: before their meeting, or after it for a summary. Raises StudyError.
    """
    if wanted:
        return named_weeks(study, wanted)
    due = {"week": _announced, "reminder": _reminded, "summary": _summed_up}[kind](
        study, moment, state
    )
    known = [
        week
        for week in study.weeks
        if state.get(message_key(study, week, kind))
        and (kind == "summary" or (week.date is not None and not moment.has_begun(study, week)))
    ]
    return [week for week in study.weeks if week in due or week in known]


def _coming(study: Study, moment: Moment) -> list[Week]:
    """The dated weeks that have not begun, soonest first."""
    weeks = [w for w in study.weeks if w.date and not moment.has_begun(study, w)]
    return sorted(weeks, key=lambda week: week.date or moment.day)


def _announced(study: Study, moment: Moment, state: State) -> list[Week]:
    """The next meeting's weeks; where the study gives no dates, the newest that is done.

    One that is cancelled counts only if it was announced: then its message is to say so.
    """
    dated = [week for week in study.weeks if week.date]
    if dated:
        # A week's PDFs are of use during its meeting, too.
        coming = sorted(
            (
                week
                for week in dated
                if not moment.has_ended(study, week)
                and (not week.session.cancelled or state.get(message_key(study, week, "week")))
            ),
            key=lambda week: week.date or moment.day,
        )
        if not coming:
            raise StudyError(
                f"no meeting on or after {moment.day}",
                Where("study.toml"),
                "name the week to post",
            )
        return [week for week in dated if week.date == coming[0].date]
    done = [
        week
        for week in study.weeks
        if week.status == "done" and any(report.texts for report in week.reports)
    ]
    if not done:
        raise StudyError(
            'no week has status = "done" and a report', Where("study.toml"), "name the week to post"
        )
    return done[-1:]


def _reminded(study: Study, moment: Moment, state: State) -> list[Week]:
    """The meetings of the next days, as many as study.toml says; cancelled ones, too."""
    if not any(week.date for week in study.weeks):
        raise StudyError(
            "the study gives no dates, so no meeting is near",
            Where("study.toml"),
            "name the week: study post --reminder 7",
        )
    last = moment.day + dt.timedelta(days=study.publishing.reminder_days)
    return [week for week in _coming(study, moment) if week.date and week.date <= last]


def _summed_up(study: Study, moment: Moment, state: State) -> list[Week]:
    """The newest week that is over and leaves something, and what came after the first summary.

    A group that begins with summaries in the middle of a term is not told of all weeks before.
    """
    over = [
        week
        for week in study.weeks
        if leaves_something(week)
        and (moment.has_ended(study, week) if week.date else week.status == "done")
    ]
    begun = [i for i, week in enumerate(over) if state.get(message_key(study, week, "summary"))]
    return over[begun[0] :] if begun else over[-1:]


def leaves_something(week: Week) -> bool:
    """Whether there is something to tell after the meeting of `week`."""
    session = week.session
    return not session.cancelled and bool(session.recording or session.notes)
