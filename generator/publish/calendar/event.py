"""One event of a calendar as its lines, and what an earlier file says of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from generator.publish.calendar.lines import unfolded

HOST = "study.invalid"  # behind each UID: no such host can be anybody's
# RFC 5545 wants a stamp in every event; a fixed one keeps the file the same until its words change.
_STAMP = "20000101T000000Z"


@dataclass(frozen=True, slots=True)
class Event:
    """An event. uid: without the host. body: its lines but UID, stamp, sequence and status.

    sequence: how often it was changed since it was first written.
    """

    uid: str
    body: tuple[str, ...]
    cancelled: bool = False
    sequence: int = 0

    def lines(self) -> list[str]:
        """The event as lines yet to be folded."""
        return [
            "BEGIN:VEVENT",
            f"UID:{self.uid}@{HOST}",
            f"DTSTAMP:{_STAMP}",
            *([f"SEQUENCE:{self.sequence}"] if self.sequence else []),
            *(["STATUS:CANCELLED"] if self.cancelled else []),
            *self.body,
            "END:VEVENT",
        ]


def revised(events: Iterable[Event], before: Mapping[str, Event], gone: str) -> list[Event]:
    """`events` with the sequence that follows from those `before`, by UID.

    One that says something else counts on; calendars take no other for news. One that is not
    there any more is cancelled, its summary behind the word `gone`.
    """
    found = []
    for event in events:
        old = before.get(event.uid)
        if old is not None:
            same = replace(event, sequence=old.sequence) == old
            event = replace(event, sequence=old.sequence + (not same))
        found.append(event)
    kept = {event.uid for event in found}
    for old in before.values():
        if old.uid in kept:
            continue
        if not old.cancelled:
            body = tuple(re.sub(r"^SUMMARY:", f"SUMMARY:{gone}: ", line) for line in old.body)
            old = replace(old, body=body, cancelled=True, sequence=old.sequence + 1)
        found.append(old)
    return found


def events_in(content: bytes) -> dict[str, Event]:
    """The events of ours in an earlier file, by UID; none where it is another's or no calendar."""
    found: dict[str, Event] = {}
    body: list[str] | None = None
    uid, sequence, cancelled = "", 0, False
    for line in unfolded(content):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            body, uid, sequence, cancelled = [], "", 0, False
        elif line == "END:VEVENT" and body is not None:
            if uid.endswith(f"@{HOST}"):
                uid = uid.removesuffix(f"@{HOST}")
                found[uid] = Event(uid, tuple(body), cancelled, sequence)
            body = None
        elif body is None or name == "DTSTAMP":
            continue
        elif name == "UID":
            uid = value
        elif name == "SEQUENCE":
            sequence = int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0
        elif name == "STATUS":
            cancelled = value == "CANCELLED"
        else:
            body.append(line)
    return found
