"""Whether two Markdown readers see the same README: GitHub's CommonMark and Python-Markdown."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.check.finding import Finding
from generator.check.history import Kept
from generator.errors import StudyError, Where
from generator.store.files import read_study_text

_HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_LINK = re.compile(r'<a href="([^"]*)"')
_ROW = re.compile(r"<tr>")


def reader_findings(root: Path, readme: str, kept: Kept) -> list[Finding]:
    """What Python-Markdown reads otherwise than GitHub: headings, links, rows of tables.

    A group's own site is often made by Python-Markdown (MkDocs); it swallows a heading that
    follows a table without a blank line, and then the README has lost a part without a sign.
    """
    try:
        text = read_study_text(root, readme, "replace")
    except (OSError, StudyError):
        return []  # said where the README is checked
    headings, links, rows = kept.of("readers", text, lambda: _differences(text))
    hint = "put a blank line before and after it"
    findings = []
    for words in headings:
        where = Where(readme, _line(text, words))
        message = f"Python-Markdown loses the heading '{words}'"
        findings.append(Finding("readers", message, where, hint))
    for target in links:
        where = Where(readme, _line(text, target))
        findings.append(Finding("readers", f"Python-Markdown loses the link {target}", where, hint))
    if rows[0] != rows[1]:
        message = f"GitHub reads {rows[0]} rows of tables, Python-Markdown {rows[1]}"
        findings.append(
            Finding("readers", message, Where(readme), "put blank lines around each table")
        )
    return findings


def _differences(text: str) -> tuple[list[str], list[str], list[int]]:
    """Headings and links that Python-Markdown loses; how many rows GitHub and it read."""
    from markdown import Markdown
    from markdown_it import MarkdownIt

    github = str(MarkdownIt("commonmark").enable("table").render(text))
    other = str(Markdown(extensions=["tables", "fenced_code", "sane_lists"]).convert(text))
    return (
        list(_lost(_headings(github), _headings(other))),
        list(_lost(_LINK.findall(github), _LINK.findall(other))),
        [len(_ROW.findall(github)), len(_ROW.findall(other))],
    )


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
