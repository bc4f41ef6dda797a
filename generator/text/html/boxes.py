"""Boxes: remarks, numbered theorems and exercises, proofs, solutions."""

import html
import re

from markdown_it.token import Token

from generator.text.html.context import Desk
from generator.text.html.inline import Line
from generator.text.markdown.attributes import Attributes
from generator.text.markdown.boxes import LABELLED, NAMED, exercise_of

_OPENING = re.compile(r"\s*[^\s\"]+(?:\s+\".*\")?\s*")


def box_html(desk: Desk, token: Token, title: Token | None) -> str:
    """The opening of the box `token`. title: the line in quotes behind its kind."""
    line = desk.parsed.expanded.source_line((token.map or [0])[0])
    kind = token.meta["tag"]
    check_kind(desk, line, kind)
    if token.markup != "!!!":
        desk.problems.add(line, f"{token.markup} opens no box here", "write !!! note")
    if not _OPENING.fullmatch(token.info):
        desk.problems.add(
            line,
            f"the box {' '.join(token.info.split())} has a title without quotes",
            'write !!! note "Title"',
        )
    words = ""
    if title is not None:
        words = Line(desk, (title.map or [0])[0], "heading").html(title.children or [])
    number = token.meta.get("attributes")
    given = Attributes() if number is None else desk.hidden(number).attributes
    _check_attributes(desk, kind, given, line)
    if kind == "solution":
        return _solution(desk, exercise_of(given), words)
    label = desk.outline.labels.get(given.label)
    if label is None:
        return opening(desk, kind, words)
    counted = f"{desk.words.kinds[label.kind][0]}\u00a0{label.number}"
    behind = f" {words}" if words else ""
    if label.name in desk.outline.solutions:
        behind += (
            f' <a class="to-solution" href="#{_place(label.name)}">'
            f"{html.escape(desk.words.admonitions['solution'])}</a>"
        )
    return (
        f'<div class="admonition {kind}" id="{label.name}"><p class="admonition-title">'
        f'<span class="box-number">{counted}.</span>{behind}</p>\n'
    )


def opening(desk: Desk, kind: str, title: str) -> str:
    """The opening of a box without a number; title: HTML, "" for none."""
    name = html.escape(desk.words.admonitions.get(kind, kind.title()), quote=False)
    if title and kind in NAMED and kind != "example":
        title = f'<span class="box-number">{name}.</span> {title}'
    return (
        f'<div class="admonition {html.escape(kind)}"><p class="admonition-title">'
        f"{title or name}</p>\n"
    )


def _solution(desk: Desk, exercise: str, title: str) -> str:
    """A solution names its exercise and leads back to it."""
    label = desk.outline.labels.get(exercise)
    if label is None:  # that has been said
        return opening(desk, "solution", title)
    counted = f"{desk.words.kinds[label.kind][0]}\u00a0{label.number}"
    desk.referred.add(label.name)
    link = f'<a class="ref" href="#{label.name}">{html.escape(counted)}</a>'
    name = desk.words.solution.format(link)
    return (
        f'<div class="admonition solution" id="{_place(label.name)}"><p class="admonition-title">'
        f'<span class="box-number">{name}.</span>{f" {title}" if title else ""}</p>\n'
    )


def _place(exercise: str) -> str:
    # No label can have two dashes there, so this is never an author's.
    return f"solution--{exercise}"


def check_kind(desk: Desk, line: int, kind: str) -> None:
    """Note a kind of box that there is not."""
    known = desk.words.admonitions
    if kind not in known:
        desk.problems.add(line, f"'{kind}' is no kind of box", f"there are: {', '.join(known)}")


def _check_attributes(desk: Desk, kind: str, given: Attributes, line: int) -> None:
    known = ("of",) if kind == "solution" else ()
    unknown = [*given.classes, *(name for name in given.values if name not in known)]
    if unknown:
        there = f"#{LABELLED[kind]}-name" if kind in LABELLED else "of=exr-name"
        desk.problems.add(
            line,
            f"'{unknown[0]}' is no attribute of the box '{kind}'",
            f"only {there} is" if kind in (*LABELLED, "solution") else "it has none",
        )
    for name in given.doubles:
        desk.problems.add(line, f"{name.lstrip('#')} is given twice")
