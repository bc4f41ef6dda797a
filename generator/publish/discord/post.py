"""One week's messages, posted once: intent, request, record; edited when anything changed."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from generator.errors import StudyError, UncertainPost, Where
from generator.publish.discord.answers import UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, DiscordRefusal
from generator.publish.discord.client import Pace, Request, deliver
from generator.publish.discord.git import GitRemote
from generator.publish.discord.message import THREAD_NAME_CHARACTERS, Message
from generator.publish.discord.state import (
    FILE,
    NEW_THREAD,
    Entry,
    Posted,
    State,
    Unsettled,
    read_bytes,
    state_bytes,
    state_from,
    uncertain,
    with_entries,
    write_state,
)
from generator.publish.discord.webhook import NUMBER, Webhook

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where in the channel: an existing thread, a new post in a forum, or neither."""

    thread_id: str = ""
    thread_name: str = ""

    def check(self) -> None:
        """Raise StudyError for what Discord would refuse."""
        where = Where("study.toml")
        if self.thread_id and self.thread_name:
            raise StudyError(
                "publishing.thread_id and publishing.thread_name are both set, expected one",
                where,
                "thread_id is an existing thread, thread_name a new post in a forum channel",
            )
        if self.thread_id and not NUMBER.fullmatch(self.thread_id):
            raise StudyError(
                f"publishing.thread_id: found '{self.thread_id}', expected a number",
                where,
                "in Discord: right-click the thread, Copy Link; the number is at its end",
            )
        if len(self.thread_name) > THREAD_NAME_CHARACTERS:
            raise StudyError(
                f"publishing.thread_name has {len(self.thread_name)} characters for this week, "
                f"Discord takes {THREAD_NAME_CHARACTERS}",
                where,
            )


@dataclass(frozen=True, slots=True)
class Channel:
    """What every request needs. agent: the User-Agent that Discord asks for."""

    webhook: Webhook
    destination: Destination
    agent: str
    pace: Pace
    notice: Notice


@dataclass(slots=True)
class Journal:
    """discord.json, and with a remote also its pushed copy: `claim` before, `record` after.

    state: as the file has it. Only one process writes it at a time (`post_lock`).
    """

    root: Path
    remote: GitRemote | None = None
    state: State = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path, remote: GitRemote | None = None) -> "Journal":
        """The journal of the study at `root`. Raises StudyError where its file is damaged."""
        return cls(root, remote, state_from(read_bytes(root)))

    def claim(self, key: str, entries: Sequence[Entry]) -> None:
        """Make the intent to send known, on this disk and at the remote, before anything is sent.

        Raises StudyError with nothing claimed, of the class Overtaken if somebody else has.
        """
        before = read_bytes(self.root)
        state = with_entries(self.state, key, entries)
        write_state(self.root, state_bytes(state))
        if self.remote is not None:
            try:
                self.remote.claim(FILE, state_bytes(state), f"discord: about to post {key}")
            except StudyError:
                write_state(self.root, before)
                raise
        self.state = state

    def record(self, key: str, entries: Sequence[Entry], what: str) -> None:
        """Write down what came of it, on this disk first. what: the commit's subject."""
        self.state = with_entries(self.state, key, entries)
        write_state(self.root, state_bytes(self.state))
        if self.remote is not None:

            def merged(theirs: bytes | None) -> bytes:
                return state_bytes(with_entries(state_from(theirs), key, entries))

            self.remote.record(FILE, merged, f"discord: {what}")


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about one message. request None: nothing, it is as it should be."""

    action: Literal["keep", "edit", "post", "remove"]
    index: int
    request: Request | None = None


def steps(
    entries: Sequence[Entry], messages: Sequence[Message], destination: Destination
) -> list[Step]:
    """What turns what is posted into `messages`, in order, messages that are too many last."""
    found = []
    for index, message in enumerate(messages):
        entry = entries[index] if index < len(entries) else None
        if isinstance(entry, Posted):
            if entry.content == message.digest():
                found.append(Step("keep", index))
            else:
                found.append(Step("edit", index, _edit(entry, message)))
        else:
            found.append(Step("post", index, _post(entries, index, message, destination)))
    for index in range(len(entries) - 1, len(messages) - 1, -1):
        entry = entries[index]
        if isinstance(entry, Posted):
            found.append(Step("remove", index, _removal(entry)))
    return found


def refuse_uncertain(key: str, entries: Sequence[Entry]) -> None:
    """Raise UncertainPost if a message of the week `key` may already be in the channel."""
    for index, entry in enumerate(entries):
        if isinstance(entry, Unsettled):
            raise uncertain(key, index, entry.why)


def post_week(
    journal: Journal, key: str, messages: Sequence[Message], channel: Channel
) -> list[tuple[str, str]]:
    """Bring `messages` of the week `key` into the channel; (what was done, message) for each.

    Raises UncertainPost, DiscordRefusal or StudyError; what was done until then is recorded.
    """
    entries = list(journal.state.get(key, ()))
    refuse_uncertain(key, entries)
    todo = steps(entries, messages, channel.destination)
    _refuse_foreign(key, entries, todo, channel.webhook)
    done = []
    for step in todo:
        if step.action == "edit":
            outcome = _carry_out_edit(journal, key, step, messages[step.index], channel)
        elif step.action == "post":
            outcome = _carry_out_post(journal, key, step.index, messages[step.index], channel)
        elif step.action == "remove":
            outcome = _carry_out_removal(journal, key, step, channel)
        else:
            continue
        done.append(outcome)
    return done


# ---------------------------------------------------------------- requests


def _thread_of(entries: Sequence[Entry], index: int, destination: Destination) -> str:
    """Where a message goes: beside the week's first, which goes where study.toml says."""
    first = entries[0] if entries and index else None
    if isinstance(first, Posted) and first.thread:
        return first.thread
    return destination.thread_id


def _post(
    entries: Sequence[Entry], index: int, message: Message, destination: Destination
) -> Request:
    thread = _thread_of(entries, index, destination)
    query = [("wait", "true")]
    more = {}
    if thread:
        query.append(("thread_id", thread))
    elif destination.thread_name and index == 0:
        more["thread_name"] = destination.thread_name
    return Request("POST", "", tuple(query), message.payload(**more), message.uploads)


def _edit(entry: Posted, message: Message) -> Request:
    # "attachments" lists what stays; the files all come anew, so the old ones go.
    return Request(
        "PATCH", f"/messages/{entry.message}", _within(entry), message.payload(), message.uploads
    )


def _removal(entry: Posted) -> Request:
    return Request("DELETE", f"/messages/{entry.message}", _within(entry))


def _within(entry: Posted) -> tuple[tuple[str, str], ...]:
    return (("thread_id", entry.thread),) if entry.thread else ()


# ---------------------------------------------------------------- doing it


def _carry_out_edit(
    journal: Journal, key: str, step: Step, message: Message, channel: Channel
) -> tuple[str, str]:
    """Edit the message; post it anew if somebody deleted it."""
    entries = list(journal.state[key])
    entry = entries[step.index]
    assert isinstance(entry, Posted)
    assert step.request is not None
    try:
        _send(channel, step.request)
    except DiscordRefusal as refused:
        if not _is_gone(refused, entry):
            raise
        if entry.by_hand:
            raise StudyError(
                f"{key}: the webhook knows no message {entry.message}, the number that "
                "--settle was given",
                Where(FILE),
                f"study post --settle not-posted {key}, then settle or post it again",
            ) from None
        channel.notice(f"{key}: message {entry.message} was deleted in Discord; posting it anew")
        return _carry_out_post(journal, key, step.index, message, channel)
    entries[step.index] = Posted(
        entry.message, message.digest(), entry.webhook, entry.thread, entry.by_hand
    )
    journal.record(key, entries, f"{key} edited")
    return "edited", entry.message


def _carry_out_post(
    journal: Journal, key: str, index: int, message: Message, channel: Channel
) -> tuple[str, str]:
    """Post one message. Whatever happens, discord.json never says less than what may be true."""
    before = list(journal.state.get(key, ()))
    request = _post(before, index, message, channel.destination)
    thread = _thread_of(before, index, channel.destination)
    if not thread and channel.destination.thread_name and index == 0:
        thread = NEW_THREAD
    intent = Unsettled(
        "the program ended before it knew",
        secrets.token_hex(8),
        message.digest(),
        channel.webhook.digest(),
        thread,
    )
    entries: list[Entry] = [*before, *[None] * (index + 1 - len(before))]
    entries[index] = intent
    journal.claim(key, entries)
    try:
        answer = _send(channel, request)
    except (UncertainPost, KeyboardInterrupt) as doubt:
        why = (
            doubt.message
            if isinstance(doubt, UncertainPost)
            else "it was interrupted while sending"
        )
        entries[index] = Unsettled(
            why, intent.attempt, intent.content, intent.webhook, intent.thread
        )
        journal.record(key, entries, f"{key} uncertain")
        raise uncertain(key, index, why) from None
    except StudyError:
        journal.record(key, before, f"{key} not posted")
        raise
    number = str(answer["id"])
    if thread == NEW_THREAD:
        thread = _thread_in(answer) or number
    entries[index] = Posted(number, intent.content, intent.webhook, thread)
    try:
        journal.record(key, entries, f"{key} posted")
    except StudyError as error:
        raise StudyError(
            f"{key} was posted as message {number}, but that could not be kept: {error}",
            error.where,
            f"commit {FILE} by hand; elsewhere: study post --settle posted={number} {key}",
        ) from error
    return "posted", number


def _carry_out_removal(journal: Journal, key: str, step: Step, channel: Channel) -> tuple[str, str]:
    """Delete a message that the week no longer needs."""
    entries = list(journal.state[key])
    entry = entries[step.index]
    assert isinstance(entry, Posted)
    assert step.request is not None
    try:
        _send(channel, step.request)
    except DiscordRefusal as refused:
        if not _is_gone(refused, entry):
            raise
    entries[step.index] = None
    journal.record(key, entries, f"{key}: a message too many removed")
    return "removed", entry.message


def _send(channel: Channel, request: Request) -> Mapping[str, object]:
    return deliver(channel.webhook, request, channel.pace, channel.agent, channel.notice)


def _thread_in(answer: Mapping[str, object]) -> str:
    channel_id = str(answer.get("channel_id", ""))
    return channel_id if NUMBER.fullmatch(channel_id) else ""


def _is_gone(refused: DiscordRefusal, entry: Posted) -> bool:
    """Whether the message is not there any more; a thread that was deleted took it along."""
    return refused.code == UNKNOWN_MESSAGE or (
        refused.code == UNKNOWN_CHANNEL and bool(entry.thread)
    )


def _refuse_foreign(
    key: str, entries: Sequence[Entry], todo: Sequence[Step], webhook: Webhook
) -> None:
    """Refuse to edit what another webhook posted: Discord lets only the author edit."""
    for step in todo:
        entry = entries[step.index] if step.index < len(entries) else None
        if not isinstance(entry, Posted) or entry.webhook == webhook.digest():
            continue
        if step.action != "keep":
            raise StudyError(
                f"{key}: message {entry.message} was posted by another webhook, "
                "and only that one can edit it",
                Where(FILE),
                "delete the message in Discord and run "
                f"study post --settle not-posted {key}; the next run posts it with this webhook",
            )
