"""What is asked of Discord to turn the messages that are there into those that should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from generator.errors import StudyError, Where
from generator.publish.discord.client import Request
from generator.publish.discord.message import THREAD_NAME_CHARACTERS, Message
from generator.publish.discord.state import Entry, Posted
from generator.publish.discord.webhook import NUMBER

SUPPRESS_NOTIFICATIONS = 1 << 12  # a message's flag, as Discord's documentation counts them


@dataclass(frozen=True, slots=True)
class Destination:
    """Where in the channel: an existing thread, a new post in a forum, or neither; and how.

    beside: the thread where the week's other messages lie, which comes before both. tags: numbers
    of the forum's tags, for a new post. silent: without a notification.
    """

    thread_id: str = ""
    thread_name: str = ""
    beside: str = ""
    tags: tuple[str, ...] = ()
    silent: bool = False

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
                found.append(Step("edit", index, edit_request(entry, message)))
        else:
            found.append(Step("post", index, first_request(entries, index, message, destination)))
    for index in range(len(entries) - 1, len(messages) - 1, -1):
        entry = entries[index]
        if isinstance(entry, Posted):
            found.append(Step("remove", index, removal_request(entry)))
    return found


def thread_of(entries: Sequence[Entry], index: int, destination: Destination) -> str:
    """Where a message goes: beside the week's first, which goes where study.toml says."""
    first = entries[0] if entries and index else None
    if isinstance(first, Posted) and first.thread:
        return first.thread
    return destination.beside or destination.thread_id


def first_request(
    entries: Sequence[Entry], index: int, message: Message, destination: Destination
) -> Request:
    """The request that posts the message number `index`."""
    thread = thread_of(entries, index, destination)
    query = [("wait", "true")]
    more: dict[str, Any] = {}
    if thread:
        query.append(("thread_id", thread))
    elif destination.thread_name and index == 0:
        more["thread_name"] = destination.thread_name
        if destination.tags:
            more["applied_tags"] = list(destination.tags)
    if destination.silent:
        more["flags"] = SUPPRESS_NOTIFICATIONS
    return Request("POST", "", tuple(query), message.payload(**more), message.uploads)


def edit_request(entry: Posted, message: Message, *, anew: bool = False) -> Request:
    """The request that makes `entry` say `message`. anew: send even files that it has."""
    # "attachments" lists what stays and what is new; whatever is not in it goes.
    kept = {} if anew else dict(entry.files)
    return Request(
        "PATCH",
        f"/messages/{entry.message}",
        _within(entry),
        message.payload(kept),
        message.new_uploads(kept),
    )


def removal_request(entry: Posted) -> Request:
    """The request that deletes what `entry` is."""
    return Request("DELETE", f"/messages/{entry.message}", _within(entry))


def _within(entry: Posted) -> tuple[tuple[str, str], ...]:
    return (("thread_id", entry.thread),) if entry.thread else ()
