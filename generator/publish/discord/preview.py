"""A message as it will look, for --dry-run: Discord's Markdown as words, times as the group's."""

import datetime as dt
import re
from collections.abc import Iterator

from generator.model import Meeting
from generator.publish.discord.message import Message
from generator.publish.discord.steps import Destination, Step
from generator.publish.meeting_time import zone_of

_TIME = re.compile(r"<t:(\d+):([FR])>")
_LINK = re.compile(r"\[((?:[^\]\\]|\\.)*)\]\(<([^>]*)>\)")
_MARK = re.compile(r"(?<!\\)(\*\*|~~|\*(?=\S))")
_ESCAPED = re.compile(r"\\(.)")


def preview(
    step: Step, message: Message, to: Destination, meeting: Meeting | None
) -> Iterator[str]:
    """The lines of `message` as a reader sees them, then its files and where it goes."""
    for line in message.content.split("\n"):
        yield f"  | {_seen(line, meeting)}".rstrip()
    sent = {upload.name for upload in step.request.uploads} if step.request else set()
    for upload in message.uploads:
        size = f"{len(upload.content):,} bytes"
        kept = "" if upload.name in sent else ", kept as it is"
        yield f"  + {upload.title} ({upload.name}, {size}{kept})"
    if step.action == "post":
        place = to.beside or to.thread_id
        where = f"into thread {place}" if place else ""
        if not place and to.thread_name:
            where = f"a new post in the forum: {to.thread_name}"
            where += f", tags {', '.join(to.tags)}" if to.tags else ""
        told = [where] if where else []
        told += ["without a notification"] if to.silent else []
        if told:
            yield f"  ({'; '.join(told)})"


def _seen(line: str, meeting: Meeting | None) -> str:
    line = re.sub(r"^#+ ", "", line)
    line = _TIME.sub(lambda found: _time(int(found[1]), found[2], meeting), line)
    line = _LINK.sub(r"\1 <\2>", line)
    pieces = re.split(r"((?<!\\)`[^`]+`)", line)
    pieces[::2] = [_ESCAPED.sub(r"\1", _MARK.sub("", piece)) for piece in pieces[::2]]
    return "".join(pieces).replace("\u200b", "")


def _time(seconds: int, form: str, meeting: Meeting | None) -> str:
    if form == "R":
        return "in … hours"
    zone = zone_of(meeting) if meeting else dt.UTC
    moment = dt.datetime.fromtimestamp(seconds, zone)
    return f"{moment:%Y-%m-%d %H:%M} in {meeting.timezone if meeting else 'UTC'}"
