"""Links to elsewhere: do they still answer? Asked politely, and remembered for a week."""

import ipaddress
import json
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from generator import __version__
from generator.check.finding import Finding, Severity
from generator.digest import read_json
from generator.errors import Where
from generator.store.cache import write_whole

REMEMBERED_S = 7 * 24 * 3600.0
PAUSE_S = 0.5  # between two questions to one host
TIMEOUT_S = 15.0
HOSTS_AT_ONCE = 8
_GONE = (404, 410)
# Hosts that refuse HEAD, or answer it wrongly, are asked again with GET.
_ASK_AGAIN = (400, 403, 404, 405, 406, 410, 429, 500, 501, 503)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said. status: 0 where there was no answer; moved: where a page went for good."""

    status: int
    moved: str = ""
    error: str = ""
    asked: float = 0.0


def network_findings(
    links: Mapping[str, list[Where]],
    store: Path,
    *,
    pause_s: float = PAUSE_S,
    private: bool = False,
) -> list[Finding]:
    """Links that are gone (errors), that moved or did not answer (warnings).

    links: address → where it stands. store: a JSON file that remembers good answers for a week.
    One question at a time for each host, pause_s seconds after the last.
    private: whether hosts of this machine and of its own network are asked, too; a stranger's
    study could reach a printer or a router by its links.
    """
    now = time.time()
    known = _remembered(store, now)
    todo = sorted({_page(address) for address in links} - set(known))
    answers = known | dict(_asked(todo, now, pause_s, private=private))
    _remember(store, answers)
    findings = []
    for address, places in links.items():
        told = _told(address, answers[_page(address)])
        if told:
            message, hint, severity = told
            findings += [Finding("network", message, where, hint, severity) for where in places]
    return findings


def _page(address: str) -> str:
    return address.partition("#")[0]


def _told(address: str, answer: Answer) -> tuple[str, str, Severity] | None:
    if answer.status in _GONE:
        return f"{address} is gone ({answer.status})", "find where it went, or take it out", "error"
    if answer.moved:
        return f"{address} has moved for good", f"write {answer.moved}", "warning"
    if not answer.status:
        return f"{address} does not answer: {answer.error}", "look yourself", "warning"
    if answer.status >= 400:
        return (
            f"{address} answers {answer.status}",
            "look yourself: it may refuse robots",
            "warning",
        )
    return None


# ---------------------------------------------------------------- asking


def _asked(
    addresses: Iterable[str], now: float, pause_s: float, *, private: bool
) -> Iterator[tuple[str, Answer]]:
    hosts: dict[str, list[str]] = {}
    for address in addresses:
        hosts.setdefault(urlsplit(address).netloc, []).append(address)
    if not hosts:
        return
    agent = f"study-check/{__version__} (looks once a week whether links still answer)"

    def only_public(request: httpx.Request) -> None:
        if not private and not _is_public(request.url.host):
            raise httpx.UnsupportedProtocol(f"{request.url.host} is no public host, and not asked")

    with (
        httpx.Client(
            timeout=TIMEOUT_S,
            headers={"User-Agent": agent},
            event_hooks={"request": [only_public]},
        ) as client,
        ThreadPoolExecutor(min(HOSTS_AT_ONCE, len(hosts))) as pool,
    ):
        for answers in pool.map(lambda host: _ask_host(client, hosts[host], now, pause_s), hosts):
            yield from answers


def _is_public(host: str) -> bool:
    """Whether every address of `host` is one of the public network; unknown hosts are."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True  # the question itself will fail, and say why
    return all(ipaddress.ip_address(str(a[4][0]).partition("%")[0]).is_global for a in found)


def _ask_host(
    client: httpx.Client, addresses: Iterable[str], now: float, pause_s: float
) -> list[tuple[str, Answer]]:
    answers: list[tuple[str, Answer]] = []
    for address in addresses:
        if answers:
            time.sleep(pause_s)
        answers.append((address, _ask(client, address, now, pause_s)))
    return answers


def _ask(client: httpx.Client, address: str, now: float, pause_s: float) -> Answer:
    try:
        answer = _followed(client, "HEAD", address, now)
        if answer.status in _ASK_AGAIN and answer.status != 429:
            time.sleep(pause_s)
            answer = _followed(client, "GET", address, now)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Answer(0, error=str(error) or type(error).__name__, asked=now)
    return answer


def _followed(client: httpx.Client, method: str, address: str, now: float) -> Answer:
    """The answer at the end of at most five redirections; only permanent ones count as moved."""
    target = address
    moved = ""
    permanent = True
    for _ in range(6):
        # The body is never read: a link to a film costs no more than one to a page.
        with client.stream(method, target) as response:
            if response.next_request is None:
                return Answer(response.status_code, moved, asked=now)
            permanent = permanent and response.status_code in (301, 308)
            target = str(response.next_request.url)
            if permanent:
                moved = target
    return Answer(0, error="redirected in a circle", asked=now)


# ---------------------------------------------------------------- remembering


def _remembered(store: Path, now: float) -> dict[str, Answer]:
    """Good answers that are younger than a week."""
    try:
        stored = read_json(store.read_bytes())
        answers = {address: Answer(**answer) for address, answer in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {
        address: answer
        for address, answer in answers.items()
        if 0 <= now - answer.asked < REMEMBERED_S
    }


def _remember(store: Path, answers: Mapping[str, Answer]) -> None:
    good = {page: asdict(answer) for page, answer in answers.items() if 0 < answer.status < 400}
    with suppress(OSError):  # a folder that cannot be written to only costs a second question
        store.parent.mkdir(parents=True, exist_ok=True)
        write_whole(store, json.dumps(good, indent=1, sort_keys=True).encode(), durable=False)
