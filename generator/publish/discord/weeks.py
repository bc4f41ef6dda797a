"""`study post`: from the schedule and the built PDFs to messages in the channel, once."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from generator import __version__
from generator.errors import StudyError, Where
from generator.model import Study, Week
from generator.plan.staleness import chosen
from generator.publish.discord.announcement import week_key, week_messages
from generator.publish.discord.client import Pace
from generator.publish.discord.git import GitRemote, Overtaken
from generator.publish.discord.message import Message, plain
from generator.publish.discord.post import (
    Channel,
    Destination,
    Journal,
    post_week,
    refuse_uncertain,
    steps,
)
from generator.publish.discord.state import (
    FILE,
    post_lock,
    settle,
    settled_message,
    state_from,
    unsettled_weeks,
)
from generator.publish.discord.template import full_title
from generator.publish.discord.webhook import Webhook

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages reach the channel. webhook None is enough as long as nothing is to be sent."""

    webhook: Webhook | None
    remote: GitRemote | None = None
    pace: Pace = field(default_factory=Pace)


def post(
    root: Path,
    study: Study,
    wanted: Sequence[str],
    today: dt.date,
    delivery: Delivery,
    notice: Notice,
) -> list[str]:
    """Bring the weeks that `wanted` names into the channel; the number of each message touched.

    wanted empty: the next meeting's week as of `today`, or the newest done one.
    Raises UncertainPost where a message may be there already, StudyError for all else.
    """
    touched: list[str] = []
    with post_lock(root):
        journal = Journal.load(root, delivery.remote)
        _mention_others(journal, notice)
        plans = [_checked(root, study, week, journal) for week in _weeks(study, wanted, today)]
        for key, wanted_messages, destination in plans:
            entries = journal.state.get(key, ())
            if all(step.action == "keep" for step in steps(entries, wanted_messages, destination)):
                notice(f"{key}: nothing changed since it was posted; nothing was sent")
                continue
            if delivery.webhook is None:
                raise StudyError(
                    "no webhook to post with",
                    None,
                    "put its address into DISCORD_WEBHOOK_URL, or into a file for --webhook-file",
                )
            channel = Channel(delivery.webhook, destination, _agent(study), delivery.pace, notice)
            try:
                done = post_week(journal, key, wanted_messages, channel)
            except Overtaken:
                if not _posted_elsewhere(delivery.remote, journal, key):
                    raise
                notice(f"{key}: somebody else's intent was pushed first; nothing was sent")
                continue
            for action, number in done:
                notice(f"{key}: {action} message {number}")
                touched.append(number)
            if done and delivery.remote is None:
                notice(f"commit {FILE}, so that nobody posts {key} again")
    return touched


def would_send(root: Path, study: Study, wanted: Sequence[str], today: dt.date) -> Iterator[str]:
    """The lines that tell exactly what `post` would send, without the webhook's address."""
    journal = Journal.load(root)
    for week in _weeks(study, wanted, today):
        key, wanted_messages, destination = _checked(root, study, week, journal)
        for step in steps(journal.state.get(key, ()), wanted_messages, destination):
            if step.request is None:
                yield f"{key}, message {step.index + 1}: nothing changed, nothing to send"
            else:
                yield f"{key}, message {step.index + 1}: {step.action}"
                yield from step.request.lines()


def settle_week(
    root: Path, study: Study, wanted: Sequence[str], verdict: str, remote: GitRemote | None
) -> str:
    """Settle the one uncertain week, or the one that `wanted` names; a sentence about it.

    Raises StudyError if it is not clear which week is meant.
    """
    settled_message(verdict)  # a verdict that is none is told first, whatever else is wrong
    with post_lock(root):
        journal = Journal.load(root, remote)
        keys = sorted({week_key(study, week) for week in _named(study, wanted)})
        keys = keys or unsettled_weeks(journal.state)
        if not keys:
            raise StudyError("nothing is uncertain: every message is known", Where(FILE))
        if len(keys) > 1:
            raise StudyError(
                f"--settle settles one week at a time; there are: {', '.join(keys)}",
                None,
                f"study post --settle {verdict} {keys[0]}",
            )
        state, sentence = settle(journal.state, keys[0], verdict)
        journal.record(keys[0], state.get(keys[0], ()), f"{keys[0]} settled")
        return sentence


# ---------------------------------------------------------------- which weeks


def _named(study: Study, wanted: Iterable[str]) -> list[Week]:
    """The weeks of the reports that `wanted` names, in its order. Raises StudyError."""
    found: list[Week] = []
    for name in wanted:
        whole = [week for week in study.weeks if week_key(study, week) == name and week.reports]
        weeks = whole or [week for week, _ in chosen(study, [name])]
        found += [week for week in weeks if week not in found]
    return found


def _weeks(study: Study, wanted: Sequence[str], today: dt.date) -> list[Week]:
    if wanted:
        return _named(study, wanted)
    days = [week.date for week in study.weeks if week.date]
    if days:
        coming = [day for day in days if day >= today]
        if not coming:
            raise StudyError(
                f"no meeting on or after {today}", Where("study.toml"), "name the week to post"
            )
        return [week for week in study.weeks if week.date == min(coming)]
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


# ---------------------------------------------------------------- what is said


def _checked(
    root: Path, study: Study, week: Week, journal: Journal
) -> tuple[str, tuple[Message, ...], Destination]:
    """The week's name in discord.json, its messages and where they go.

    Raises UncertainPost first of all, then everything that speaks against posting.
    """
    key = week_key(study, week)
    refuse_uncertain(key, journal.state.get(key, ()))
    destination = _destination(study, week)
    destination.check()
    return key, week_messages(root, study, week), destination


def _destination(study: Study, week: Week) -> Destination:
    publishing = study.publishing
    for name in re.findall(r"\{(\w*)\}", publishing.thread_name):
        if name != "title":
            raise StudyError(
                f"publishing.thread_name: found {{{name}}}, expected {{title}}",
                Where("study.toml"),
                'such as thread_name = "{title}"',
            )
    title = full_title(study, week, week.title, study.languages[0])
    return Destination(
        publishing.thread_id, plain(publishing.thread_name.replace("{title}", title))
    )


# ---------------------------------------------------------------- odds and ends


def _agent(study: Study) -> str:
    """The User-Agent in the form that Discord asks for."""
    address = study.publishing.base_url or "https://discord.com/developers/docs/reference"
    return f"DiscordBot ({quote(address, safe=':/?&=%#~')}, {__version__})"


def _mention_others(journal: Journal, notice: Notice) -> None:
    for key in unsettled_weeks(journal.state):
        notice(f"{key}: still uncertain; settle it with --settle")


def _posted_elsewhere(remote: GitRemote | None, journal: Journal, key: str) -> bool:
    """Whether the remote's discord.json says more about the week `key` than ours does."""
    if remote is None:
        return False
    theirs = state_from(remote.theirs(FILE))
    return theirs.get(key, ()) != journal.state.get(key, ())
