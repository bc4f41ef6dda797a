"""Messages of any kind, posted once: intent, request, record; edited when anything changed.

Everything that reaches a channel goes through `bring`, and through nothing else.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.errors import StudyError, UncertainPost, Where
from generator.publish.discord.answers import (
    INVALID_FORM,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    DiscordRefusal,
)
from generator.publish.discord.client import Pace, Request, deliver
from generator.publish.discord.journal import Journal
from generator.publish.discord.message import Message
from generator.publish.discord.state import (
    FILE,
    NEW_THREAD,
    Entry,
    Posted,
    Unsettled,
    uncertain,
)
from generator.publish.discord.steps import (
    Destination,
    Step,
    edit_request,
    first_request,
    steps,
    thread_of,
)
from generator.publish.discord.webhook import NUMBER, Webhook

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Channel:
    """What every request needs. agent: the User-Agent that Discord asks for."""

    webhook: Webhook
    destination: Destination
    agent: str
    pace: Pace
    notice: Notice


def refuse_uncertain(key: str, entries: Sequence[Entry]) -> None:
    """Raise UncertainPost if a message of the week `key` may already be in the channel."""
    for index, entry in enumerate(entries):
        if isinstance(entry, Unsettled):
            raise uncertain(key, index, entry.why)


def bring(
    journal: Journal, key: str, messages: Sequence[Message], channel: Channel
) -> list[tuple[str, str]]:
    """Bring the messages that are `key` into the channel; (what was done, message) for each.

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
        answer = _send_edit(channel, entry, step.request, message)
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
        if refused.code == UNKNOWN_CHANNEL:  # with the thread, in which the others were, too
            channel = replace(channel, destination=replace(channel.destination, beside=""))
        return _carry_out_post(journal, key, step.index, message, channel)
    entries[step.index] = Posted(
        entry.message,
        message.digest(),
        entry.webhook,
        entry.thread,
        entry.by_hand,
        _files_in(answer, message),
    )
    journal.record(key, entries, f"{key} edited")
    return "edited", entry.message


def _carry_out_post(
    journal: Journal, key: str, index: int, message: Message, channel: Channel
) -> tuple[str, str]:
    """Post one message. Whatever happens, discord.json never says less than what may be true."""
    before = list(journal.state.get(key, ()))
    request = first_request(before, index, message, channel.destination)
    thread = thread_of(before, index, channel.destination)
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
    files = _files_in(answer, message)
    entries[index] = Posted(number, intent.content, intent.webhook, thread, files=files)
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


def _send_edit(
    channel: Channel, entry: Posted, request: Request, message: Message
) -> Mapping[str, object]:
    """Discord's answer to the edit; files that it no longer has are sent again."""
    if len(request.uploads) == len(message.uploads):
        return _send(channel, request)
    whole = edit_request(entry, message, anew=True)
    try:
        answer = _send(channel, request)
    except DiscordRefusal as refused:
        # An attachment that somebody took out can't be kept; anything else is refused again.
        if refused.code != INVALID_FORM:
            raise
        return _send(channel, whole)
    return (
        answer if len(_files_in(answer, message)) == len(message.uploads) else _send(channel, whole)
    )


def _files_in(answer: Mapping[str, object], message: Message) -> tuple[tuple[str, str], ...]:
    """Fingerprint and number of each of the message's files that the answer tells of."""
    told = answer.get("attachments")
    if not isinstance(told, list):
        return ()
    numbers = {
        (item.get("filename"), item.get("size")): str(item.get("id"))
        for item in told
        if isinstance(item, dict) and NUMBER.fullmatch(str(item.get("id")))
    }
    return tuple(
        (upload.fingerprint(), numbers[upload.name, len(upload.content)])
        for upload in message.uploads
        if (upload.name, len(upload.content)) in numbers
    )


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
