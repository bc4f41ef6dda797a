"""Whatever goes into the layout comes out of it: counted for every report that is set.

Notes, figures, items of lists, rows of tables, headings, and every letter of the text: once in the
boxes before they are laid out, once in the pages. What is missing on the pages, or stands off the
paper, is an error that names it. A page that lost something looks like any other.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.formatting_structure import boxes

# Spaces go at the ends of lines, and hyphens come.
_NOT_COUNTED = dict.fromkeys(map(ord, " \t\r\n\u00a0\u00ad\u200b\u2010-"))
_KINDS = {
    "figure": "figure",
    "li": "list item",
    "tr": "table row",
    "img": "picture",
    "h1": "heading",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "h5": "heading",
    "h6": "heading",
}
_FUDGE = 2.0  # CSS pixels
_LONGEST = 60  # characters of a lost text that are shown

Content = dict[Element, int]


def content_of(trees: Iterable[Any]) -> Content:
    """Element → how many letters of its own are in the boxes of `trees`; what CSS adds is not."""
    found: Content = {}
    for tree in trees:
        for box in _boxes(tree):
            element = box.element
            if element is not None:
                letters = 0
                if isinstance(box, boxes.TextBox):
                    letters = len(box.text.translate(_NOT_COUNTED))
                found[element] = found.get(element, 0) + letters
    return found


def lost(going_in: Content, pages: Iterable[Any], root: Element) -> list[str]:
    """What of `going_in` is not on the laid out `pages`, or not on the paper, in words.

    root: the document's. Each thing is named once: a row that is missing, not its cells.
    """
    pages = list(pages)
    coming_out = content_of(pages)
    missing = {
        element
        for element, letters in going_in.items()
        if element not in coming_out or coming_out[element] < letters
    }
    said = _named(root, missing, "is not on any page") if missing else []
    return said + _off_the_paper(pages)


def _named(root: Element, missing: set[Element], what: str) -> list[str]:
    """Each outermost part of `missing` that has a name, else the innermost text."""
    said: dict[str, None] = {}

    def look(element: Element, name: str, thing: Element) -> None:
        classes = element.get("class", "").split()
        kind = "footnote" if "footnote" in classes else _KINDS.get(element.tag, "")
        if kind:
            name, thing = kind, element
        if element in missing and (kind or (element.text or "").strip() or not len(element)):
            said[f"the {name} “{_start(thing)}” {what}"] = None
            if element is thing:
                return
        for child in element:
            look(child, name, thing if name != "text" else child)

    look(root, "text", root)
    return list(said) or [f"a part of the text {what}"]


def _start(element: Element) -> str:
    text = " ".join("".join(element.itertext()).split()) or element.get("alt", element.tag)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _off_the_paper(pages: Iterable[Any]) -> list[str]:
    """The lines that stand above or below the paper, or where the notes stand."""
    said: dict[str, None] = {}
    for page in pages:
        paper = page.margin_height()
        notes = [child for child in page.children if isinstance(child, boxes.FootnoteAreaBox)]
        top = min((note.position_y for note in notes), default=paper)
        for child in page.children:
            if isinstance(child, boxes.MarginBox):
                continue
            bottom = paper if child in notes else top
            for line in _lines(child):
                above = line.position_y < -_FUDGE
                if above or line.position_y + line.height > bottom + _FUDGE:
                    place = "off the paper" if above or bottom == paper else "over the notes"
                    text = "".join(
                        b.text for b in line.descendants() if isinstance(b, boxes.TextBox)
                    )
                    said[f"the line “{text[:_LONGEST].strip()}” stands {place}"] = None
    return list(said)


def _lines(box: Any) -> Iterator[Any]:
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.LineBox):
            yield child
        else:
            yield from _lines(child)


def _boxes(box: Any) -> Iterator[Any]:
    """`box` and all in it, without what CSS adds and what goes to a page's margin."""
    if isinstance(box, boxes.MarginBox):
        return
    if box.element_tag is not None and "::" in box.element_tag:
        return
    if getattr(box, "is_running", bool)():
        return
    yield box
    for child in getattr(box, "children", ()):
        yield from _boxes(child)
