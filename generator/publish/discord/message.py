"""What is said in the channel: inert texts, and messages within Discord's limits."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.digest import canonical_json, digest_bytes
from generator.errors import StudyError, Where

CONTENT_CHARACTERS = 2000  # code points
ATTACHMENTS = 10
REQUEST_BYTES = 25 * 1024 * 1024
TITLE_CHARACTERS = 1024  # of an attachment's title and of its description
THREAD_NAME_CHARACTERS = 100
# What the request's own words may take beside the files: payload_json and part headers.
_OVERHEAD_BYTES = 64 * 1024
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it is sent. name: ASCII, for the way; title: what it is really called.

    path: where it lies in the study, for messages. description: its alternative text.
    """

    path: str
    name: str
    title: str
    description: str
    content: bytes = field(repr=False)

    def fingerprint(self) -> str:
        """SHA-256 of all that shows of the file: one that has it already need not be sent again."""
        told = {"name": self.name, "title": self.title, "description": self.description}
        return digest_bytes(canonical_json({"told": told, "file": digest_bytes(self.content)}))


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the channel."""

    content: str
    uploads: tuple[Upload, ...] = ()

    def new_uploads(self, kept: Mapping[str, str]) -> tuple[Upload, ...]:
        """The files that the message does not have yet. kept: as for `payload`."""
        return tuple(upload for upload in self.uploads if upload.fingerprint() not in kept)

    def payload(self, kept: Mapping[str, str] | None = None, **more: Any) -> Mapping[str, Any]:
        """The JSON half of the request; nobody is ever pinged.

        kept: fingerprint → number of each attachment that stays as it is. more: fields of a first
        post.
        """
        kept = kept or {}
        attachments = []
        new = 0
        for upload in self.uploads:
            number = kept.get(upload.fingerprint()) if kept else None
            if number is not None:
                attachments.append({"id": number})
                continue
            attachments.append(
                {
                    "id": str(new),
                    "filename": upload.name,
                    "title": upload.title,
                    "description": upload.description,
                }
            )
            new += 1
        return {
            "content": self.content,
            "allowed_mentions": {"parse": []},
            "attachments": attachments,
            **more,
        }

    def digest(self) -> str:
        """SHA-256 of all that the reader will see: two equal messages need no second request."""
        files = [digest_bytes(upload.content) for upload in self.uploads]
        return digest_bytes(canonical_json({"payload": self.payload(), "files": files}))


def payload_text(payload: Mapping[str, Any]) -> str:
    """The JSON exactly as it is sent, legible because --dry-run shows it."""
    return json.dumps(payload, ensure_ascii=False, indent=2)


# ---------------------------------------------------------------- inert texts


def plain(text: str) -> str:
    """`text` on one line, without control characters or invisible marks that turn its direction."""
    kept = "".join(
        " " if c.isspace() or unicodedata.category(c) == "Cc" else c
        for c in unicodedata.normalize("NFC", text)
        if unicodedata.category(c) not in ("Cs", "Co") and c not in _DIRECTION
    )
    return re.sub(r" +", " ", kept).strip()


_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKUP = re.compile(r"([\\`*_~|<>\[\]#])")
# These mean something at the start of a line only: a list, a numbered list.
_LINE_START = re.compile(r"^(?:([-+])|(\d+)([.)]))")


def inert(text: str) -> str:
    """`text` so that Discord shows it letter by letter: no Markdown, no mention, no link.

    allowed_mentions already keeps every mention from pinging; the zero-width space keeps it
    from looking like one.
    """
    text = literal(plain(text))
    return _LINE_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", text)


def literal(text: str) -> str:
    """A piece of a line so that Discord shows it letter by letter, its spaces kept."""
    text = _MARKUP.sub(r"\\\1", text)
    return text.replace("@", "@\u200b").replace("://", ":\\//")


def shortened(text: str, limit: int) -> str:
    """`text` within `limit` code points, cut with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def upload_names(names: Sequence[tuple[str, str]]) -> list[str]:
    """The ASCII name of each file. names: pairs of (its name, a plain one to use instead).

    Discord drops spaces and letters beyond ASCII from names on the way, so a name that holds
    any, or stands twice, is replaced whole.
    """
    own = [name for name, _ in names]
    return [
        name if re.fullmatch(r"[A-Za-z0-9._-]+", name) and own.count(name) == 1 else instead
        for name, instead in names
    ]


# ---------------------------------------------------------------- limits


def messages(text: str, uploads: Sequence[Upload], file_limit: int) -> tuple[Message, ...]:
    """`text` and `uploads` in as few messages as Discord's limits allow, in order.

    file_limit: bytes that the server takes in one file. The first files go with the last piece
    of the text. Raises StudyError for each file that is too large, with what would help.
    """
    for upload in uploads:
        _check_size(upload, file_limit)
    texts = split_text(text)
    groups = split_uploads(uploads)
    whole = [Message(piece) for piece in texts[:-1]]
    whole.append(Message(texts[-1], groups[0]))
    whole += [Message("", group) for group in groups[1:]]
    return tuple(whole)


def _check_size(upload: Upload, file_limit: int) -> None:
    size = len(upload.content)
    limit = min(file_limit, REQUEST_BYTES - _OVERHEAD_BYTES)
    if size <= limit:
        return
    hint = "draw dense figures as pixels, or make large pictures smaller"
    if size <= REQUEST_BYTES - _OVERHEAD_BYTES:
        hint += "; if the server is boosted, raise publishing.channel_limit_mib in study.toml"
    raise StudyError(
        f"is {size / _MIB:.1f} MiB, the channel takes {limit / _MIB:.1f} MiB a file",
        Where(upload.path),
        hint,
    )


def split_text(text: str) -> list[str]:
    """`text` in pieces within the limit, cut at the best place: paragraph, line, word."""
    pieces = []
    text = text.strip()
    while len(text) > CONTENT_CHARACTERS:
        head = text[:CONTENT_CHARACTERS]
        for mark in ("\n\n", "\n", " "):
            cut = text.rfind(mark, 1, CONTENT_CHARACTERS + 1)
            # A cut in the first half would leave a message nearly empty.
            if cut >= CONTENT_CHARACTERS // 2:
                break
        else:
            # No word ends here. A backslash stays with what it makes inert.
            cut = CONTENT_CHARACTERS - (len(head) - len(head.rstrip("\\"))) % 2
        pieces.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*pieces, text]


def split_uploads(uploads: Sequence[Upload]) -> list[tuple[Upload, ...]]:
    """`uploads` in groups that one request takes, in order; one empty group if there are none."""
    groups: list[list[Upload]] = [[]]
    room = REQUEST_BYTES - _OVERHEAD_BYTES
    for upload in uploads:
        size = len(upload.content)
        if groups[-1] and (len(groups[-1]) == ATTACHMENTS or size > room):
            groups.append([])
            room = REQUEST_BYTES - _OVERHEAD_BYTES
        groups[-1].append(upload)
        room -= size
    return [tuple(group) for group in groups]
