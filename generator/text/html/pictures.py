"""Figures of the results and pictures of one's own, with caption, number and alternative text."""

import html
import re
from difflib import get_close_matches
from urllib.parse import quote, unquote

from markdown_it.token import Token

from generator.text.html.context import Desk
from generator.text.html.inline import Line
from generator.text.korean.particles import with_particles
from generator.text.markdown.attributes import Attributes
from generator.text.named_files import PICTURES, file_problem, name_on_disk

_ATTRIBUTES = ("fig-alt", "source", "width")
_WIDTH = re.compile(r"(?P<number>\d{1,4}(?:\.\d{1,3})?)(?P<unit>mm|cm|in|pt|%)")


def figure_html(desk: Desk, image: Token, attributes: int | None, row: int) -> str:
    """The figure for `image`, which stands alone in its paragraph in `row` of the text."""
    line = desk.parsed.expanded.source_line(row)
    given = desk.hidden(attributes).attributes if attributes is not None else Attributes()
    picture = picture_html(desk, image, given, line)
    label = desk.outline.labels.get(given.label)
    caption = Line(desk, row, "caption")
    words = caption.html(image.children or []).strip()
    if not words:
        desk.problems.add(line, f"{_name(image)} has no caption", "write ![Caption.](…)")
    number = ""
    if label:
        number = (
            f'<span class="caption-number">{desk.words.kinds["fig"][0]}\u00a0{label.number}.'
            "</span> "
        )
    anchor = f' id="{label.name}"' if label else ""
    return (
        f"<figure{anchor}>{picture}"
        f"<figcaption>{number}{words}{_credit(desk, given, line)}</figcaption></figure>\n"
    )


def picture_html(desk: Desk, image: Token, given: Attributes, line: int) -> str:
    """The picture alone; what is wrong with its attributes, words and source is noted."""
    _check_attributes(desk, given, line)
    alternative = given.values.get("fig-alt", "").strip()
    if desk.korean:
        alternative = with_particles(
            alternative, "", lambda message, hint: desk.problems.add(line, message, hint)
        )
    if not alternative:
        desk.problems.add(
            line,
            f"{_name(image)} has no fig-alt"
            if "fig-alt" not in given.values
            else f"{_name(image)} has an empty fig-alt",
            'say in words what it shows: {#fig-name fig-alt="…"}',
        )
    if image.attrs.get("title"):
        desk.problems.add(line, f"{_name(image)}: a title is not printed", "the caption is in […]")
    source = _source(desk, unquote(str(image.attrs.get("src", ""))), line)
    return (
        f'<img src="{html.escape(source)}" alt="{html.escape(alternative)}"'
        f"{_size(desk, given, source, line)}>"
    )


def _name(image: Token) -> str:
    return f"the figure {str(image.attrs.get('src', '')).removeprefix('figure:')}"


def _check_attributes(desk: Desk, given: Attributes, line: int) -> None:
    for name in (*given.classes, *given.values, *given.doubles):
        if name not in _ATTRIBUTES:
            close = get_close_matches(name, _ATTRIBUTES, 1, 0.6)
            desk.problems.add(
                line,
                f"'{name}' is no attribute of a figure",
                f"did you mean {close[0]}?" if close else "there are fig-alt, source and width",
            )
        elif name in given.doubles:
            desk.problems.add(line, f"{name} is given twice")
    if not given.label:
        desk.problems.add(
            line, "a figure without a label", 'write {#fig-name fig-alt="…"} right behind it'
        )


def _source(desk: Desk, source: str, line: int) -> str:
    """What the page is told to draw; problems with it are noted."""
    if source.startswith("figure:"):
        name = source.removeprefix("figure:")
        figure = desk.results.figures.get(name)
        if figure is None:
            names = desk.results.figures
            close = get_close_matches(name, names, 1, 0.6)
            hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(names)}"
            if not names:
                hint = f"run.figure('{name}', …) in compute.py draws it"
            desk.problems.add(line, f"there is no figure '{name}' in the results", hint)
            return ""
        file = figure.file(desk.language)
        desk.inputs.add(f"results:{file}")
        return f"figure:{file}"
    problem = file_problem(desk.root, desk.report.folder, source)
    if problem is None and not source.lower().endswith(PICTURES):
        problem = f"'{source}' is no picture that can be set", f"use {', '.join(PICTURES)}"
    if problem:
        message, hint = problem
        if message.startswith("there is no file") and "/" not in source:
            hint += '; a drawing of compute.py is run.figure("name", fig) there, figure:name here'
        desk.problems.add(line, message, hint)
        return ""
    source = name_on_disk(desk.root, desk.report.folder, source)
    desk.images[source] = None
    desk.inputs.add(f"{desk.report.folder}/{source}")
    return f"image:{quote(source)}"


def _size(desk: Desk, given: Attributes, source: str, line: int) -> str:
    """The style of a picture whose width is given; higher than a page it gets no broader."""
    width = given.values.get("width")
    if width is None:
        return ""
    if source.startswith("figure:"):
        hint = "run.new_figure(height_mm=60, width_mm=100) draws it so, with letters in their size"
        desk.problems.add(line, "the width of a figure is the script's to say", hint)
        return ""
    found = _WIDTH.fullmatch(width)
    if not found or not float(found["number"]) or (found[2] == "%" and float(found[1]) > 100):
        hint = "width=60mm, also cm, in and pt; or width=50%, of the text's width"
        desk.problems.add(line, f"the width '{width}' is none that a picture can have", hint)
        return ""
    return f' style="width: {width}; object-fit: contain"'


def _credit(desk: Desk, given: Attributes, line: int) -> str:
    """Where a picture comes from, behind its caption."""
    source = given.values.get("source", "")
    if not source:
        return ""
    if re.search(r"\]\(|\*\*|`", source):
        hint = 'plain words, source="drawn by the group", or one address, source="https://…"'
        desk.problems.add(line, "the source of a picture holds marks, which would be printed", hint)
    text = html.escape(source, quote=False)
    if source.startswith(("http://", "https://")):
        text = f'<a href="{html.escape(source)}">{text}</a>'
    return f' <span class="source">{html.escape(desk.words.source)}{text}</span>'
