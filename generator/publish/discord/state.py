"""discord.json: what is in the channel, what may be, and one `study post` at a time."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.digest import canonical_json, read_json
from generator.errors import StudyError, UncertainPost, Where, unreadable
from generator.publish.discord.webhook import NUMBER
from generator.store.files import read_study_file, write_study_file

FILE = "discord.json"
CONTRACT = 1
NEW_THREAD = "new"


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that is in the channel. content: digest of what it says; webhook: of who posted.

    thread: where it lies, "" for the channel itself. by_hand: its number came from --settle.
    files: pairs of (fingerprint of a file as it was sent, the attachment's number), where Discord
    told them.
    """

    message: str
    content: str
    webhook: str
    thread: str = ""
    by_hand: bool = False
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A message that may be in the channel: the intent to send it, and then what went wrong.

    attempt: a random word, so that no two intents are ever the same commit.
    """

    why: str
    attempt: str
    content: str
    webhook: str
    thread: str = ""


# Of one week and kind ("week-07", "week-07/reminder"), the messages in order; None where one was
# sent and found not to be there.
Entry = Posted | Unsettled | None
State = dict[str, tuple[Entry, ...]]


def state_bytes(state: State) -> bytes:
    """`state` as the bytes of discord.json."""
    weeks = {key: [_entry_data(entry) for entry in entries] for key, entries in state.items()}
    return canonical_json({"contract": CONTRACT, "weeks": weeks})


def state_from(content: bytes | None) -> State:
    """The state in discord.json; empty if there is no file (None).

    Raises StudyError where it is damaged: without it, nothing tells what was posted.
    """
    if content is None:
        return {}
    try:
        data = read_json(content)
        if data["contract"] != CONTRACT:
            raise ValueError
        return {
            str(key): tuple(_entry(item) for item in entries)
            for key, entries in data["weeks"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StudyError(
            "is damaged: cut short, edited by hand, in a merge conflict, or of a newer version",
            Where(FILE),
            f"get it back with git (git log {FILE}); without it a second post can't be ruled out",
        ) from None


def read_bytes(root: Path) -> bytes | None:
    """The bytes of discord.json, None if there is none. Raises StudyError."""
    try:
        return read_study_file(root, FILE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(error, Where(FILE)) from error


def write_state(root: Path, content: bytes | None) -> None:
    """Replace discord.json, or remove it (None), so that not even a power cut undoes it.

    Raises StudyError with the old file in place.
    """
    try:
        if content is None:
            (root / FILE).unlink(missing_ok=True)
        else:
            write_study_file(root, FILE, content)
        # The new name is on the disk only when its folder is.
        folder = os.open(root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StudyError(f"cannot be written: {error.strerror}", Where(FILE)) from error


@contextmanager
def post_lock(root: Path) -> Iterator[None]:
    """Only one `study post` at a time in one folder; the lock goes with the process."""
    import fcntl  # POSIX only, as is everything that computes

    path = root / ".study" / "post.lock"
    try:
        path.parent.mkdir(exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StudyError(f"cannot be written: {error.strerror}", Where(".study")) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StudyError(
                "another `study post` is at work in this folder", None, "wait for it to end"
            ) from None
        yield
    finally:
        os.close(handle)


def settled_message(verdict: str) -> tuple[str, str]:
    """(message, channel) of --settle posted=…; ("", "") of not-posted.

    posted= takes the message's number or its link. Raises StudyError for anything else.
    """
    if verdict == "not-posted":
        return "", ""
    kind, _, given = verdict.partition("=")
    parts = given.strip().rstrip("/").split("/")
    channel = parts[-2] if len(parts) >= 2 and NUMBER.fullmatch(parts[-2]) else ""
    if kind == "posted" and NUMBER.fullmatch(parts[-1]):
        return parts[-1], channel
    raise StudyError(
        "--settle takes posted=NUMBER, posted=LINK or not-posted",
        None,
        "in Discord: right-click the message, Copy Message Link",
    )


def settle(state: State, key: str, verdict: str) -> tuple[State, str]:
    """`state` with the uncertain message of the week `key` settled, and a sentence about it.

    not-posted also forgets messages that are known, where none is uncertain: the way to post
    anew after the webhook was replaced. Raises StudyError.
    """
    message, channel = settled_message(verdict)
    entries = list(state.get(key, ()))
    index = next((i for i, e in enumerate(entries) if isinstance(e, Unsettled)), None)
    if index is None:
        if message or not any(entries):
            raise StudyError(f"nothing is uncertain about {key}")
        return with_entries(state, key, []), (
            f"{key}: forgotten; delete what is still in the channel before posting again"
        )
    unsettled = entries[index]
    assert isinstance(unsettled, Unsettled)
    if not message:
        entries[index] = None
        return with_entries(
            state, key, entries
        ), f"{key}: message {index + 1} settled as not posted"
    for other, known in state.items():
        if any(isinstance(entry, Posted) and entry.message == message for entry in known):
            raise StudyError(f"message {message} is already that of {other}")
    thread = unsettled.thread
    if thread == NEW_THREAD:
        # A forum's post has the number of its first message.
        thread = channel or message
    entries[index] = Posted(message, unsettled.content, unsettled.webhook, thread, by_hand=True)
    return with_entries(state, key, entries), f"{key}: message {index + 1} settled as {message}"


def unsettled_weeks(state: State) -> list[str]:
    """The weeks with an uncertain message."""
    return [
        key
        for key, entries in sorted(state.items())
        if any(isinstance(entry, Unsettled) for entry in entries)
    ]


def doubts(root: Path) -> list[UncertainPost]:
    """What has to be settled by hand, one for each message. Raises StudyError if damaged."""
    return [
        uncertain(key, index, entry.why)
        for key, entries in sorted(state_from(read_bytes(root)).items())
        for index, entry in enumerate(entries)
        if isinstance(entry, Unsettled)
    ]


def uncertain(key: str, index: int, why: str) -> UncertainPost:
    """What to say of the message number `index` of the week `key`, and how it is settled."""
    which = f"message {index + 1}" if index else "the message"
    return UncertainPost(
        f"{key}: {which} may be in the channel, or not: {why}",
        Where(FILE),
        f"look into the channel, then: study post --settle posted=LINK {key}, "
        f"or study post --settle not-posted {key}",
    )


def with_entries(state: State, key: str, entries: Sequence[Entry]) -> State:
    """`state` with `entries` as those of the week `key`; a week without any is left out."""
    kept = list(entries)
    while kept and kept[-1] is None:
        kept.pop()
    others = {other: known for other, known in state.items() if other != key}
    return others | {key: tuple(kept)} if kept else others


def _entry_data(entry: Entry) -> dict[str, Any] | None:
    if entry is None:
        return None
    data: dict[str, Any] = {"content": entry.content, "webhook": entry.webhook}
    if entry.thread:
        data["thread"] = entry.thread
    if isinstance(entry, Unsettled):
        return data | {"unsettled": entry.why, "attempt": entry.attempt}
    if entry.by_hand:
        data["by_hand"] = True
    if entry.files:
        data["files"] = [list(pair) for pair in entry.files]
    return data | {"message": entry.message}


def _entry(data: dict[str, Any] | None) -> Entry:
    if data is None:
        return None
    content, webhook = _text(data["content"]), _text(data["webhook"])
    thread = _text(data.get("thread", ""))
    if "unsettled" in data:
        return Unsettled(_text(data["unsettled"]), _text(data["attempt"]), content, webhook, thread)
    message = _text(data["message"])
    # Both become part of an address.
    if not NUMBER.fullmatch(message) or not (thread == "" or NUMBER.fullmatch(thread)):
        raise ValueError
    files = tuple((_text(print_), _text(number)) for print_, number in data.get("files", ()))
    if not all(NUMBER.fullmatch(number) for _, number in files):
        raise ValueError
    return Posted(message, content, webhook, thread, data.get("by_hand") is True, files)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
