"""The webhook's address: which one is accepted, and what may be shown of it."""

import ipaddress
import re
import shlex
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from generator.digest import digest_bytes
from generator.errors import StudyError

DISCORD_HOSTS = frozenset({"discord.com", "canary.discord.com", "ptb.discord.com"})
API = "/api/v10"
# The old name still answers, with a redirect at times: the message goes to the new one.
_RENAMED = {"discordapp.com": "discord.com"}
NUMBER = re.compile(r"[0-9]{1,20}")  # of a webhook, a message, a thread
_PATH = re.compile(r"((?:/[A-Za-z0-9._~-]+)*)/webhooks/([0-9]{1,20})/([A-Za-z0-9._~-]{1,200})/?")
_HOW = (
    "copy it from the channel's settings, Integrations, Webhooks; "
    "it looks like https://discord.com/api/webhooks/NUMBER/LETTERS"
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An incoming webhook. Whoever knows `token` can post: it is shown nowhere.

    origin: scheme, host and port. prefix: what stands before /webhooks/ in the path.
    """

    origin: str
    prefix: str
    id: str
    token: str = field(repr=False)
    loopback: bool = False

    def url(self, rest: str) -> str:
        """The whole address followed by `rest`: secret."""
        return f"{self.origin}{self.prefix}/webhooks/{self.id}/{self.token}{rest}"

    def digest(self) -> str:
        """SHA-256 of the webhook's number: tells two webhooks apart without naming either."""
        return digest_bytes(self.id.encode())

    def redacted(self, text: str) -> str:
        """`text` without the token, however an address may have spelt it."""
        for spelling in {self.token, quote(self.token, safe="")}:
            text = re.sub(re.escape(spelling), "…", text, flags=re.IGNORECASE)
        return text


def webhook_from(text: str, allowed: Collection[str] = ()) -> Webhook:
    """The webhook at the address `text`. allowed: hosts (or host:port) besides Discord's own.

    Raises StudyError, which never shows what was given: a mistyped address is still a secret.
    """
    address = text.strip().removeprefix("\ufeff").strip()
    if not address:
        raise StudyError("the webhook's address is empty", None, _HOW)
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise StudyError("the webhook's address is not an address", None, _HOW) from None
    if re.search(r"[\s\x00-\x1f\x7f\\]", address) or not parts.scheme or not host:
        raise StudyError("the webhook's address is not an address", None, _HOW)
    if parts.username is not None or parts.password is not None:
        raise StudyError("the webhook's address holds a user name, expected none", None, _HOW)
    loopback = _is_loopback(host)
    host = _RENAMED.get(host, host)
    discord = host in DISCORD_HOSTS and port in (None, 443)
    _check_host(host, port, discord, allowed)
    if parts.scheme.lower() != "https" and not (parts.scheme.lower() == "http" and loopback):
        raise StudyError(
            "the webhook's address does not begin with https://",
            None,
            "over anything else the secret could be read on the way",
        )
    match = _PATH.fullmatch(parts.path)
    if not match or parts.query or parts.fragment:
        raise StudyError(
            "the webhook's address holds more or less than /webhooks/NUMBER/LETTERS",
            None,
            _HOW + "; a thread is named in study.toml, not in the address",
        )
    prefix, id_, token = match.groups()
    if discord:
        prefix = API  # without a version, Discord takes the request for an old dialect
    shown_host = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme.lower()}://{shown_host}" + (f":{port}" if port else "")
    return Webhook(origin, prefix, id_, token, loopback)


def _check_host(host: str, port: int | None, discord: bool, allowed: Collection[str]) -> None:
    wanted = {name.strip().lower().strip("[]") for name in allowed}
    if discord or host in wanted or (port and f"{host}:{port}" in wanted):
        return
    if not re.fullmatch(r"[a-z0-9.:_-]{1,100}", host):
        host = "another host"
    raise StudyError(
        f"the webhook's address leads to {host}, expected discord.com",
        None,
        f"give --allow-host {host} if that is meant" if host != "another host" else _HOW,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_address(path: Path) -> str:
    """What the file at `path` holds. Raises StudyError if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise StudyError("the webhook's file is not text", None, _HOW) from None
    except OSError as error:
        raise StudyError(
            f"cannot read the webhook's file: {error.strerror}", None, "--webhook-file PATH"
        ) from None


def permissions_hint(path: Path) -> str:
    """What to do if others on this machine may read the file at `path`; "" if they may not."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) or not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ""
    return f"others on this machine may read {path.name}: chmod 600 {shlex.quote(str(path))}"
