"""What a page of the site must not be: links that lead nowhere, pictures without words, skipped
headings. Asked of finished pages, so that a study's own templates are held to it, too."""

import html
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from generator.addresses import RULE, is_allowed, scheme
from generator.errors import PageError, StudyError, Where

_TAG = re.compile(r"<(a|img|svg|h[1-6]|link|script|use|source|iframe|input)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_ID = re.compile(r'<[a-z][^>]*?\sid="([^"]+)"')
_LOADS = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}


def page_problems(
    pages: Mapping[str, str], files: Collection[str], places: Mapping[str, Where]
) -> list[StudyError]:
    """Everything that is wrong with `pages`, file name → HTML.

    files: what else the site holds. places: page → where its text is, for messages.
    """
    facts = {page: _facts(text) for page, text in pages.items()}
    known = {page: fact.names for page, fact in facts.items()}
    problems: list[StudyError] = []
    for page, fact in facts.items():
        where = places.get(page, Where("templates/site"))
        found = list(fact.wrong)
        found += filter(None, (_link_problem(page, at, known, files) for at in fact.links))
        problems += [
            PageError(f"the page {page}: {message}", where, hint) for message, hint in found
        ]
    return problems


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one page says: its ids, what it links to, what is wrong with it by itself."""

    names: frozenset[str]
    links: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...]


@lru_cache(maxsize=256)  # a watch asks of the same pages after every save
def _facts(text: str) -> _Facts:
    names = _ID.findall(text)
    links: dict[str, None] = {}
    wrong = list(_problems(text, links))
    if len(names) != len(set(names)):
        twice = sorted({name for name in names if names.count(name) > 1})
        wrong.append((f"the id {', '.join(twice[:3])} is there twice", "give each its own"))
    return _Facts(frozenset(names), tuple(links), tuple(wrong))


def _problems(text: str, links: dict[str, None]) -> Iterator[tuple[str, str]]:
    """What is wrong with a page by itself; where it links to goes to `links`."""
    level = 0
    for kind, rest in _TAG.findall(text):
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(rest)}
        if kind[0] == "h":
            depth = int(kind[1])
            if depth > level + 1:
                yield (
                    f"a heading of level {depth} follows one of level {level}",
                    "skip no level: ## comes before ###",
                )
            if depth == 1 and level:
                yield "has two headings of level 1", "one names the page"
            level = depth
        elif kind == "img" and not attributes.get("alt", "").strip():
            yield (
                f"the picture {attributes.get('src', '')} has no alternative text",
                'say what it shows: alt="…"',
            )
        elif kind == "svg" and not (
            "aria-hidden" in attributes or attributes.get("aria-label") or _is_inner(attributes)
        ):
            yield "a drawing has no alternative text", 'say what it shows: aria-label="…"'
        for name in {"href", _LOADS.get(kind, "href")}:
            address = attributes.get(name)
            if address is None or address in links:
                continue
            if kind in _LOADS and (scheme(address) or address.startswith("//")):
                carried = address.startswith("data:image/")
                if not carried and attributes.get("rel") not in ("canonical", "alternate"):
                    yield f"loads {address} from elsewhere", "a site asks no other machine"
            else:
                links[address] = None
    if not level:
        yield "has no heading", "write its title as <h1>"


def _is_inner(attributes: Mapping[str, str]) -> bool:
    """Whether an <svg> is a part of a drawing: a window onto a longer piece."""
    return attributes.get("overflow") == "hidden"


def _link_problem(
    page: str, address: str, known: Mapping[str, frozenset[str]], files: Collection[str]
) -> tuple[str, str] | None:
    if address.startswith("data:image/"):
        return None  # a dense part of a plot, which it carries along
    if not is_allowed(address) or address.startswith("//"):
        return f"links to '{address[:60]}'", RULE
    if scheme(address):
        return None
    path, hash_, anchor = address.partition("#")
    path, anchor = unquote(path.partition("?")[0]) or page, unquote(anchor)
    if path not in known and path not in files:
        return f"links to {address}, which is not there", "name a page or a file of the site"
    if hash_ and anchor and anchor not in known.get(path, ()):
        return f"links to {address}, and {path} has no such place", "name an id that is there"
    return None
