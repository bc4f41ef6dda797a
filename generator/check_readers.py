"""Whether two Markdown readers see the same README: GitHub's CommonMark and Python-Markdown."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.check_finding import Finding
from generator.check_kept import Kept
from generator.errors import Where

_HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_LINK = re.compile(r'<a href="([^"]*)"')
_ROW = re.compile(r"<tr>")


def reader_findings(root: Path, readme: str, kept: Kept) -> list[Finding]:
    """What Python-Markdown reads otherwise than GitHub: headings, links, rows of tables.

    A group's own site is often made by Python-Markdown (MkDocs); it swallows a heading that
    follows a table without a blank line, and then the README has lost a part without a sign.
    """
    path = root / readme
    if not path.is_file():
        return []
    text = path.read_text("utf-8-sig", errors="replace")
    return [
        Finding("readers", message, Where(readme, line), hint)
        for message, line, hint in kept.of("readers", text, lambda: list(_differences(text)))
    ]


def _differences(text: str) -> Iterator[tuple[str, int | None, str]]:
    """Message, line and hint of each difference."""
    from markdown import Markdown
    from markdown_it import MarkdownIt

    github = str(MarkdownIt("commonmark").enable("table").render(text))
    other = str(Markdown(extensions=["tables", "fenced_code", "sane_lists"]).convert(text))
    hint = "put a blank line before and after it"
    for words in _lost(_headings(github), _headings(other)):
        yield f"Python-Markdown loses the heading '{words}'", _line(text, words), hint
    for target in _lost(_LINK.findall(github), _LINK.findall(other)):
        yield f"Python-Markdown loses the link {target}", _line(text, target), hint
    rows = len(_ROW.findall(github)), len(_ROW.findall(other))
    if rows[0] != rows[1]:
        message = f"GitHub reads {rows[0]} rows of tables, Python-Markdown {rows[1]}"
        yield message, None, "put blank lines around each table"


def _headings(page: str) -> list[str]:
    return [_TAG.sub("", words).strip() for _, words in _HEADING.findall(page)]


def _lost(seen: Iterable[str], other: Iterable[str]) -> Iterator[str]:
    """What the first reader sees more often than the second."""
    left = list(other)
    for item in seen:
        if item in left:
            left.remove(item)
        else:
            yield item


def _line(text: str, part: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        if part in line:
            return number
    return None
