"""What is done to a report's tree before it is set: formulas, pictures, tables, code, boxes.

Nothing here knows the layout engine; every problem found is returned, not raised.
"""

import re
from xml.etree.ElementTree import Element

from generator.errors import PageError, Where
from generator.typeset.words import Words

_SPACES = re.compile("[ \t\r\n]+")
_SHORT_LISTING = 10  # lines that stay on one page
_LONG_TABLE = 24  # rows that may be spread over pages


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


def start_lists(root: Element) -> None:
    """Let a list begin with the number that it says: WeasyPrint 70 knows no `start`."""
    for element in root.iter("ol"):
        start = element.get("start")
        if start is not None:
            element.set("style", f"counter-reset: list-item {int(start) - 1}")


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
