"""`study post`: from the schedule and the built PDFs to messages in the channel, once."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args
from urllib.parse import quote

from generator import __version__
from generator.errors import StudyError, Where
from generator.model import Study, Week
from generator.publish.discord.announcement import kind_messages, message_key
from generator.publish.discord.choice import (
    Moment,
    leaves_something,
    named_weeks,
    weeks_of_kind,
)
from generator.publish.discord.client import Pace
from generator.publish.discord.git import GitRemote, Overtaken
from generator.publish.discord.journal import Journal
from generator.publish.discord.message import Message, plain
from generator.publish.discord.post import Channel, bring, refuse_uncertain
from generator.publish.discord.preview import preview
from generator.publish.discord.state import (
    FILE,
    NEW_THREAD,
    Posted,
    State,
    Unsettled,
    post_lock,
    settle,
    settled_message,
    state_from,
    unsettled_weeks,
)
from generator.publish.discord.steps import Destination, Step, steps
from generator.publish.discord.template import Kind, full_title
from generator.publish.discord.webhook import Webhook
from generator.study.mistakes import listed
from generator.study.settings import week_key

Notice = Callable[[str], None]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a kind of message, about the weeks that are named or whose turn it is."""

    weeks: tuple[str, ...]
    moment: Moment
    kind: Kind = "week"
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages reach the channel. webhook None is enough as long as nothing is to be sent."""

    webhook: Webhook | None
    remote: GitRemote | None = None
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be in the channel under `key`, and where and how it goes there."""

    key: str
    messages: tuple[Message, ...]
    destination: Destination

    def steps(self, journal: Journal) -> list[Step]:
        """What is to be done about each message."""
        return steps(journal.state.get(self.key, ()), self.messages, self.destination)


def post(
    root: Path,
    study: Study,
    request: Wanted,
    delivery: Delivery,
    notice: Notice,
) -> list[str]:
    """Bring the messages that `request` asks for into the channel; the number of each touched.

    Raises UncertainPost where a message may be there already, StudyError for all else.
    """
    touched: list[str] = []
    with post_lock(root):
        journal = Journal.load(root, delivery.remote)
        _mention_others(journal, notice)
        plans = _plans(root, study, request, journal)
        if not plans:
            notice(_nothing_due(study, request))
        for plan in plans:
            key = plan.key
            if all(step.action == "keep" for step in plan.steps(journal)):
                notice(f"{key}: nothing changed since it was posted; nothing was sent")
                continue
            if delivery.webhook is None:
                raise StudyError(
                    "no webhook to post with",
                    None,
                    "put its address into DISCORD_WEBHOOK_URL, or into a file for --webhook-file",
                )
            channel = Channel(
                delivery.webhook, plan.destination, _agent(study), delivery.pace, notice
            )
            try:
                done = bring(journal, key, plan.messages, channel)
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


def would_send(root: Path, study: Study, request: Wanted) -> Iterator[str]:
    """What `post` would send: each message as it will look, then the request letter by letter,
    without the webhook's address."""
    journal = Journal.load(root)
    plans = _plans(root, study, request, journal)
    if not plans:
        yield _nothing_due(study, request)
    for plan in plans:
        for step in plan.steps(journal):
            if step.request is None:
                yield f"{plan.key}, message {step.index + 1}: nothing changed, nothing to send"
                continue
            yield f"{plan.key}, message {step.index + 1}: {step.action}"
            if step.action != "remove":
                message = plan.messages[step.index]
                yield from preview(step, message, plan.destination, study.meeting)
            yield from step.request.lines()


def settle_week(
    root: Path, study: Study, wanted: Sequence[str], verdict: str, remote: GitRemote | None
) -> str:
    """Settle the one uncertain message, or that of the one that `wanted` names; a sentence on it.

    A name may be a message's own, as discord.json has it: week-07/reminder.
    Raises StudyError if it is not clear which is meant.
    """
    settled_message(verdict)  # a verdict that is none is told first, whatever else is wrong
    with post_lock(root):
        journal = Journal.load(root, remote)
        keys = sorted({key for name in wanted for key in _keys_named(study, name, journal.state)})
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


def _keys_named(study: Study, name: str, state: State) -> list[str]:
    """The messages that `name` means: its own, else those of its week that are uncertain, if any,
    else the week's."""
    whole, slash, kind = name.partition("/")
    weeks = named_weeks(study, [whole])
    if slash:
        known = [message_key(study, week, k) for week in weeks for k in KINDS if k == kind]
        if not known:
            raise StudyError(
                f"found '{name}', expected one of {listed(KINDS[1:], 'or')} behind the slash",
                None,
                f"such as {whole}/{KINDS[1]}",
            )
        return known
    uncertain = set(unsettled_weeks(state))
    found = []
    for week in weeks:
        every = [message_key(study, week, k) for k in KINDS]
        found += [key for key in every if key in uncertain] or every[:1]
    return found


# ---------------------------------------------------------------- what is said


def _plans(root: Path, study: Study, request: Wanted, journal: Journal) -> list[Plan]:
    weeks = weeks_of_kind(study, request.kind, request.weeks, request.moment, journal.state)
    if request.kind == "summary":
        for week in weeks:
            if not leaves_something(week) and not journal.state.get(
                message_key(study, week, "summary")
            ):
                raise StudyError(
                    f"{week_key(study, week)} has nothing to sum up",
                    week.where,
                    "write recording or notes there",
                )
    return [_plan(root, study, week, request, journal.state) for week in weeks]


def _plan(root: Path, study: Study, week: Week, request: Wanted, state: State) -> Plan:
    """The messages of one week, and where they go.

    Raises UncertainPost first of all, then everything that speaks against posting.
    """
    key = message_key(study, week, request.kind)
    refuse_uncertain(key, state.get(key, ()))
    destination = replace(
        _destination(study, week),
        beside=_beside(study, week, request.kind, state),
        silent=request.silent or request.kind in study.publishing.silent,
    )
    destination.check()
    return Plan(key, kind_messages(root, study, week, request.kind), destination)


def _beside(study: Study, week: Week, kind: Kind, state: State) -> str:
    """The thread where the week's messages of other kinds lie; "" if there is none.

    Raises UncertainPost where one of them may have opened a thread that nobody knows.
    """
    thread = ""
    for other in KINDS:
        if other == kind:
            continue
        key = message_key(study, week, other)
        for entry in state.get(key, ())[:1]:
            if isinstance(entry, Unsettled) and entry.thread == NEW_THREAD:
                refuse_uncertain(key, [entry])
            if isinstance(entry, Posted) and not thread:
                thread = entry.thread
    return thread


def _destination(study: Study, week: Week) -> Destination:
    publishing = study.publishing
    for name in re.findall(r"\{(\w*)\}", publishing.thread_name):
        if name != "title":
            raise StudyError(
                f"publishing.thread_name: found {{{name}}}, expected {{title}}",
                Where("study.toml"),
                'such as thread_name = "{title}"',
            )
    title = full_title(study, week, week.title, study.spoken)
    return Destination(
        publishing.thread_id,
        plain(publishing.thread_name.replace("{title}", title)),
        tags=publishing.tags,
    )


def _nothing_due(study: Study, request: Wanted) -> str:
    if request.kind == "summary":
        return "no meeting that is over has a recording or notes; nothing to sum up"
    days = study.publishing.reminder_days
    return f"no meeting within {days} {'day' if days == 1 else 'days'}; nothing to remind of"


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
