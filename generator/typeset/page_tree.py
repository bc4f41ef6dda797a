"""What is done to a report's tree before it is set: formulas, pictures, tables, code, boxes.

Nothing here knows the layout engine; every problem found is returned, not raised.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from generator.errors import PageError, Where
from generator.model import Formula
from generator.typeset.maths import DrawnFormula
from generator.typeset.page_measure import Measure
from generator.typeset.page_words import Words

_SPACES = re.compile("[ \t\r\n]+")
_SHORT_LISTING = 10  # lines that stay on one page
_LONG_TABLE = 24  # rows that may be spread over pages

# Never drawn, so they need no glyph: controls of joining, direction and breaking, and selectors.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f]")


def place_formulas(
    root: Element,
    formulas: Iterable[Formula],
    drawn: Mapping[str, DrawnFormula],
    measure: Measure,
) -> list[PageError]:
    """Give every `<img src="formula:KEY">` its baseline and alternative text."""
    sources = {formula.key: formula for formula in formulas}
    problems = []
    for image in root.iter("img"):
        scheme, _, key = image.get("src", "").partition(":")
        if scheme != "formula":
            continue
        drawing, formula = drawn[key], sources[key]
        image.set("alt", drawing.alt)
        image.set("style", drawing.css)
        image.set("data-em", f"{drawing.width_em:.2f}")
        limit = measure.display_em if formula.display else measure.inline_em
        if drawing.width_em > limit:
            advice = "break it with aligned" if formula.display else "set it on its own, in $$"
            problems.append(
                PageError(
                    f"a formula is {drawing.width_em:.0f} em wide; there is room for {limit:.0f}",
                    formula.where,
                    advice,
                )
            )
    return problems


def mark_numbered(root: Element) -> None:
    """Say of every numbered equation that it is, so that its formula leaves room for the number."""
    for equation in root.iter("div"):
        if equation.get("class") == "equation" and equation.find("span") is not None:
            equation.set("class", "equation numbered")


def check_pictures(root: Element, where: Where) -> list[PageError]:
    """A problem for every picture without words for those who can't see it."""
    return [
        PageError(f"the picture {image.get('src', '')} has no alternative text", where)
        for image in root.iter("img")
        if not image.get("alt", "").strip()
    ]


def check_characters(
    root: Element, missing: Callable[[Iterable[str]], list[str]], study: Path, where: Where
) -> list[PageError]:
    """A problem for every character that no font of the page has, with the words around it.

    study: the root of the study. where: the report's text; its first line with the character is
    named, or that of study.toml.
    """
    body = root.find("body")
    text = "".join((root if body is None else body).itertext())
    problems = []
    for character in missing(set(_INVISIBLE.sub("", text)) - set("\t\n\r")):
        at = text.index(character)
        around = " ".join(text[max(0, at - 25) : at + 25].split())
        name = unicodedata.name(character, "no name")
        problems.append(
            PageError(
                f"no font has the character U+{ord(character):04X} ({name}), in “{around}”",
                _first_line(character, study, where),
                "write it in another way, or bring a font that has it (docs/how-to.md)",
            )
        )
    return problems


def _first_line(character: str, study: Path, where: Where) -> Where:
    """The first line that holds `character`; `where` if it came from a script or a source."""
    for path in (where.path, "study.toml"):
        try:
            text = unicodedata.normalize("NFC", (study / path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            continue  # a text of its own, in a test or a book
        if character in text:
            return Where(path, text.count("\n", 0, text.index(character)) + 1)
    return where


def tick_boxes(root: Element, words: Words) -> None:
    """Turn the checkboxes of task lists into characters that are read out as words."""
    for box in root.iter("input"):
        done = box.get("checked") is not None
        box.tag = "span"
        box.attrib.clear()
        box.attrib.update(
            {
                "class": "box done" if done else "box",
                "aria-label": words.done if done else words.to_do,
            }
        )
        box.text = "☑" if done else "☐"


def flatten_footnotes(root: Element) -> None:
    """Collapse white space in footnotes: WeasyPrint 70 forgets to, and breaks lines there."""
    for note in root.iter("span"):
        if "footnote" in note.get("class", "").split():
            for element in note.iter():
                if element.text:
                    element.text = _SPACES.sub(" ", element.text)
                if element.tail and element is not note:
                    element.tail = _SPACES.sub(" ", element.tail)
            note.text = (note.text or "").lstrip()


def allow_long_blocks_to_break(root: Element) -> None:
    """Keep short listings on one page, and let long tables go over several."""
    for element in root.iter():
        classes = element.get("class", "").split()
        if element.tag == "div" and "highlight" in classes:
            lines = "".join(element.itertext()).strip("\n").count("\n") + 1
            if lines <= _SHORT_LISTING:
                element.set("class", " ".join([*classes, "short"]))
        elif element.tag == "figure" and "table" in classes and _rows(element) > _LONG_TABLE:
            element.set("class", " ".join([*classes, "breakable"]))


def _rows(table: Element) -> int:
    return sum(1 for _ in table.iter("tr"))
