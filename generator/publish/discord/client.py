"""One request to Discord: bounded attempts, one deadline, and no doubt hidden."""

import asyncio
import logging
import random
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from generator.errors import StudyError, UncertainPost
from generator.publish.discord.answers import Answer, refusal, shown
from generator.publish.discord.message import Upload, payload_text
from generator.publish.discord.webhook import NUMBER, Webhook

if TYPE_CHECKING:
    import httpx

_ANSWER_BYTES = 1024 * 1024
_TROUBLE = "nothing was posted by this; run `study post` again later"


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently one request is delivered; all in seconds but `attempts`.

    deadline_s bounds everything together; answer_s, the time from the request's last byte to
    the answer's; wait_s is the first pause between attempts, doubled each time.
    """

    deadline_s: float = 90.0
    answer_s: float = 30.0
    connect_s: float = 10.0
    wait_s: float = 1.0
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of Discord. path: after the webhook's token. payload None: no body."""

    method: Literal["POST", "PATCH", "DELETE"]
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    payload: Mapping[str, Any] | None = None
    uploads: tuple[Upload, ...] = ()

    def lines(self) -> Iterator[str]:
        """The request for a person: everything that is sent, without the address."""
        query = "&".join(f"{key}={value}" for key, value in self.query)
        yield f"{self.method} /webhooks/…/…{self.path}" + (f"?{query}" if query else "")
        if self.payload is not None:
            yield payload_text(self.payload)
        for index, upload in enumerate(self.uploads):
            size = len(upload.content)
            yield f"files[{index}]: {upload.path} as {upload.name}, {size:,} bytes, application/pdf"


@dataclass(frozen=True, slots=True)
class Broken:
    """No answer came. sent: whether Discord may have received the request all the same."""

    why: str
    sent: bool
    hopeless: bool = False


def deliver(
    webhook: Webhook, request: Request, pace: Pace, agent: str, notice: Callable[[str], None]
) -> dict[str, Any]:
    """Send `request`; return the JSON of Discord's answer. notice: told before each pause.

    A POST is repeated only when it surely came to nothing: after 429, 502, or no connection.
    PATCH and DELETE may be repeated freely.
    Raises UncertainPost when a POST may have been carried out, DiscordRefusal when Discord
    said no, any other StudyError when nothing could be done within `pace`.
    """
    with _silent_http_logs():
        return asyncio.run(_deliver(webhook, request, pace, agent, notice))


async def _deliver(
    webhook: Webhook, request: Request, pace: Pace, agent: str, notice: Callable[[str], None]
) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + pace.deadline_s
    async with _client(webhook, pace, agent) as client:
        why = "there was no time left"
        for attempt in range(1, pace.attempts + 1):
            result = await _attempt(client, webhook, request, pace, deadline)
            if isinstance(result, Answer) and 200 <= result.status < 300:
                return _accepted(result, request)
            why, asked = _reason_to_repeat(result, request, webhook)
            wait = _pause(asked, pace, attempt)
            if attempt == pace.attempts:
                break
            if loop.time() + wait > deadline:
                why += ", longer than --deadline allows"
                break
            notice(f"{why}; trying again in {wait:.1f} s")
            await asyncio.sleep(wait)
    times = "once" if attempt == 1 else f"{attempt} times"
    raise StudyError(f"{why}; tried {times}", None, _TROUBLE)


def _client(webhook: Webhook, pace: Pace, agent: str) -> "httpx.AsyncClient":
    import httpx

    try:
        return httpx.AsyncClient(
            verify=_certificates(webhook),
            # A proxy from the environment must not see what is meant for this machine alone.
            trust_env=not webhook.loopback,
            timeout=httpx.Timeout(None, connect=pace.connect_s),
            # A connection kept from the last attempt may be closed by the time it is used
            # again, and a POST on it would look as if it had been sent.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        raise StudyError(
            "the proxy that the environment names cannot be used",
            None,
            "look at HTTPS_PROXY and ALL_PROXY; http:// and https:// proxies work",
        ) from None


def _accepted(answer: Answer, request: Request) -> dict[str, Any]:
    data = answer.data()
    if request.method == "POST" and not NUMBER.fullmatch(str(data.get("id"))):
        raise UncertainPost(
            f"Discord took it ({answer.status}), but its answer holds no number for it"
        )
    return data


def _reason_to_repeat(
    result: Answer | Broken, request: Request, webhook: Webhook
) -> tuple[str, float | None]:
    """Why the request may be sent again, and the pause that Discord asks for, if any.

    Raises what deliver() raises when it may not.
    """
    once = request.method == "POST"
    if isinstance(result, Broken):
        if result.sent and once:
            raise UncertainPost(f"it was sent, but {result.why}")
        if result.hopeless:
            raise StudyError(result.why, None, "nothing was sent")
        return result.why, None
    if result.status == 429:
        asked = result.pause_s()
        length = "" if asked is None else f" of {asked:.1f} s"
        return f"Discord asks for a pause{length} (429)", asked
    if result.status == 502 or (result.status >= 500 and not once):
        return f"Discord is not there just now ({result.status})", result.pause_s()
    if result.status >= 500:
        raise UncertainPost(f"it was sent, but Discord failed ({result.status})")
    raise refusal(result, webhook)


def _pause(asked: float | None, pace: Pace, attempt: int) -> float:
    """Seconds until the next attempt: never less than asked for, never in step with others."""
    backoff = pace.wait_s * 2.0 ** (attempt - 1)
    if asked is None:
        return backoff * (0.5 + random.random() / 2)
    return asked + pace.wait_s * random.random() / 4


async def _attempt(
    client: "httpx.AsyncClient", webhook: Webhook, request: Request, pace: Pace, deadline: float
) -> Answer | Broken:
    """Send once. One limit covers name lookup, connection, upload and a dripping answer."""
    import httpx

    loop = asyncio.get_running_loop()
    sent = False
    status = 0
    headers: dict[str, str] = {}
    body = bytearray()
    try:
        async with asyncio.timeout_at(deadline) as limit:

            async def watch(event: str, info: Mapping[str, Any]) -> None:
                nonlocal sent
                # A proxy's CONNECT carries no message yet.
                if event.endswith("send_request_headers.started"):
                    sent = sent or info["request"].method != b"CONNECT"
                elif event.endswith("send_request_body.complete"):
                    limit.reschedule(min(deadline, loop.time() + pace.answer_s))

            async with client.stream(
                request.method,
                webhook.url(request.path),
                params=list(request.query),
                files=_parts(request),
                extensions={"trace": watch},
            ) as response:
                status = response.status_code
                headers = {key.lower(): value for key, value in response.headers.items()}
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _ANSWER_BYTES:
                        break
    except TimeoutError:
        broken = Broken("no answer came in time" if sent else "the connection took too long", sent)
    # `from None` throughout: httpx's exceptions hold the request, and the request the address.
    except (httpx.RequestError, ssl.SSLError, OSError) as error:
        broken = _broken(error, sent, webhook)
    else:
        return Answer(status, headers, bytes(body))
    # The status line alone decides most; the rest of the answer was only lost on the way.
    return Answer(status, headers, bytes(body)) if status else broken


def _broken(error: Exception, sent: bool, webhook: Webhook) -> Broken:
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, ssl.SSLCertVerificationError):
            why = f"the server's certificate is not valid: {chain.verify_message}"
            return Broken(shown(why, webhook), sent, hopeless=True)
        chain = chain.__cause__ or chain.__context__
    what = shown(str(error) or type(error).__name__, webhook)
    return Broken(f"the connection broke ({what})" if sent else f"no connection ({what})", sent)


def _parts(request: Request) -> list[tuple[str, tuple[str | None, bytes, str]]] | None:
    if request.payload is None:
        return None
    text = payload_text(request.payload).encode()
    parts: list[tuple[str, tuple[str | None, bytes, str]]] = [
        ("payload_json", (None, text, "application/json"))
    ]
    for index, upload in enumerate(request.uploads):
        parts.append((f"files[{index}]", (upload.name, upload.content, "application/pdf")))
    return parts


def _certificates(webhook: Webhook) -> ssl.SSLContext:
    """The system's authorities (a company's own among them) and certifi's."""
    if webhook.origin.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and is not asked

    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@contextmanager
def _silent_http_logs() -> Iterator[None]:
    """Nothing from the HTTP library's loggers: at INFO it writes the whole address, at DEBUG
    the headers, which may quote it."""

    def drop(record: logging.LogRecord) -> bool:
        return False

    names = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "asyncio")
    loggers = [logging.getLogger(name) for name in names]
    for logger in loggers:
        logger.addFilter(drop)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(drop)
