"""What Discord answered, in words for the person who can mend it."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.digest import read_json
from generator.errors import StudyError, Where
from generator.publish.discord.webhook import Webhook

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
INVALID_FORM = 50035

_STUDY = "study.toml"
_NEW_WEBHOOK = (
    "make a new webhook in the channel's settings, Integrations, and put its address "
    "where the old one was"
)
# Code → what to do. Source: Discord's documentation, "JSON error codes".
_HINTS = {
    10003: "the thread was deleted, or publishing.thread_id in study.toml is not one of this "
    "webhook's channel",
    10008: "it was deleted, or posted by another webhook, or lies in another thread",
    10015: _NEW_WEBHOOK,
    30046: "an old message takes few edits an hour: run again later",
    40005: "lower publishing.channel_limit_mib in study.toml: the message is then split or refused",
    50027: _NEW_WEBHOOK,
    50083: "the thread is archived: open it again in Discord",
    160005: "the thread is locked: unlock it in Discord",
    220001: "it is a forum channel: set publishing.thread_name (a new post for each week) "
    "or publishing.thread_id in study.toml",
    220002: "keep one of publishing.thread_id and publishing.thread_name in study.toml",
    220003: "it is no forum channel: take publishing.thread_name out of study.toml",
}
_STATUS_HINTS = {
    401: _NEW_WEBHOOK,
    403: "the webhook may not do that here, or this machine's address is blocked for a while",
    404: "nothing is at that address; check that it is whole",
    413: _HINTS[40005],
}


class DiscordRefusal(StudyError):
    """Discord said no, so nothing came of the request. code: Discord's own, 0 if it gave none."""

    def __init__(
        self, message: str, where: Where | None = None, hint: str = "", code: int = 0
    ) -> None:
        super().__init__(message, where, hint)
        self.args = (message, where, hint, code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, as much of it as came. headers: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def data(self) -> dict[str, Any]:
        """The JSON object in the body; empty if there is none."""
        try:
            value = read_json(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def code(self) -> int:
        """Discord's own error code, 0 if it gave none."""
        code = self.data().get("code")
        return code if isinstance(code, int) else 0

    def pause_s(self) -> float | None:
        """How long Discord asks us to wait, in seconds; None if it did not say.

        The body's figure is the most exact; a refusal by Cloudflare has the header at most.
        """
        candidates = (
            self.data().get("retry_after"),
            self.headers.get("retry-after"),
            self.headers.get("x-ratelimit-reset-after"),
        )
        for candidate in candidates:
            try:
                seconds = float(candidate)  # type: ignore[arg-type]
            except (TypeError, ValueError):
                continue
            if math.isfinite(seconds) and seconds >= 0:
                return seconds
        return None


def refusal(answer: Answer, webhook: Webhook) -> DiscordRefusal:
    """The error that `answer`, a refusal, stands for."""
    code = answer.code()
    data = answer.data()
    if 300 <= answer.status < 400:
        text, hint = "the address leads elsewhere (a redirect)", _NEW_WEBHOOK
    else:
        text = str(data.get("message") or "") or _first_words(answer)
        hint = _HINTS.get(code) or _STATUS_HINTS.get(answer.status, "")
    fields = [f"{path}: {what}" for path, what in form_errors(data.get("errors"))]
    if fields:
        text = f"{text}: {'; '.join(fields[:5])}"
        if len(fields) > 5:
            text += f"; and {len(fields) - 5} more"
    number = f"{answer.status}, code {code}" if code else str(answer.status)
    return DiscordRefusal(f"Discord refused: {shown(text, webhook)} ({number})", None, hint, code)


def form_errors(errors: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each (field, complaint) in Discord's nested form errors: ("attachments.0.title", "…")."""
    if not isinstance(errors, dict):
        return
    own = errors.get("_errors")
    for error in own if isinstance(own, list) else ():
        if isinstance(error, dict):
            yield path or "message", str(error.get("message", error.get("code", "wrong")))
    for key, inner in errors.items():
        if key != "_errors":
            yield from form_errors(inner, f"{path}.{key}" if path else str(key))


def _first_words(answer: Answer) -> str:
    text = answer.body[:2000].decode("utf-8", "replace").strip()
    if not text:
        return "no reason given"
    return "no reason given, only a page" if text.startswith("<") else text


def shown(text: str, webhook: Webhook) -> str:
    """`text` from outside, fit for a terminal: one line, no control characters, no secret."""
    # First the secret: what is cut below must not leave half of it.
    text = webhook.redacted(text)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = re.sub(r" +", " ", text).strip()
    return text if len(text) <= 300 else text[:299] + "…"
