"""One rule for every address that a page, the README or a message links to, whoever wrote it."""

import re

SCHEMES = ("http", "https", "mailto", "ftp")
RULE = "an address begins with https://, http://, ftp:// or mailto:"
# Programs run these, or open files of the reader's.
_ACTING = ("javascript", "vbscript", "data", "file", "blob", "filesystem", "view-source")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# What readers of links take out before they look at the scheme: "java\nscript:" is one.
_IGNORED = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_IN_MARKDOWN = re.compile(
    r"\]\(\s*<?([^\s<>()]*)|^ {0,3}\[[^\]\n]*\]:\s*<?([^\s<>]*)|<([a-z][a-z0-9+.-]+:[^\s<>]*)>"
    r"|\b(?:href|src)\s*=\s*[\"']?([^\s\"'>]*)",
    re.IGNORECASE | re.MULTILINE,
)


def scheme(address: str) -> str:
    """The scheme of `address` in small letters, as a reader of links sees it; "" for a path."""
    found = _SCHEME.match(_IGNORED.sub("", address))
    return found[1].lower() if found else ""


def is_allowed(address: str) -> bool:
    """Whether `address` is a path, or has one of the schemes that open nothing but a document."""
    return scheme(address) in ("", *SCHEMES)


def refused_in(markdown: str) -> tuple[int, str] | None:
    """Line and address of the first link in `markdown` that runs or reads something.

    Whatever else a group's own words lead to, a mistyped scheme for instance, leads nowhere.
    """
    from html import unescape

    for found in _IN_MARKDOWN.finditer(markdown):
        address = next((group for group in found.groups() if group), "")
        if scheme(unescape(address)) in _ACTING:
            return markdown.count("\n", 0, found.start()) + 1, address
    return None
