"""The body of a Document as browsers show it: notes beside their paragraph, drawings inside.

Its tree is changed where paper and screen differ; what it says stays as it is, in its order.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from generator.maths.formulas import DrawnFormula
from generator.model import Document
from generator.typeset.parse import parse
from generator.typeset.tree import tick_boxes
from generator.typeset.words import words
from generator.web.formulas import Formulas
from generator.web.words import WebWords, web_words

# What follows a formula without a space: "(x)," or a Korean particle; of longer words a mark alone.
_KEPT = re.compile(r"[^\s\u200b]{1,8}(?=[\s\u200b]|$)|[)\]}.,;:!?%’”…]+")
_OPENING = re.compile(r"[(\[{“‘«]+$")
_NARROW = frozenset(("th", "td", "figcaption", "dt", "h2", "h3", "h4", "h5"))
LISTS = ("references", "terms")


@dataclass(frozen=True, slots=True)
class Section:
    """The plain words below one heading, for whoever searches. anchor: "" above the first."""

    anchor: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class WebBody:
    """A text for a page: its HTML, what can be searched, and its lists of works and terms.

    lists: class of a section at the end ("references", "terms") → anchor → HTML of the entry.
    letters: id → path, of those that formulas use; they must stand on the page (`letters_html`).
    """

    html: str
    sections: tuple[Section, ...]
    lists: Mapping[str, Mapping[str, str]]
    letters: Mapping[str, str]


def web_body(
    document: Document,
    drawn: Mapping[str, DrawnFormula],
    picture: Callable[[str, str, str], str],
    address: Callable[[str], str],
) -> WebBody:
    """The body of `document` for a page.

    drawn: its formulas by key. picture(source, words, style): the HTML of a picture. address: a
    report's id → where its page is, "" if it has none.
    """
    language = document.language
    tree = parse(f"<!doctype html><html><body>{document.body}</body></html>")
    body = next(tree.iter("body"))
    said = web_words(language)
    tick_boxes(body, words(language))
    for rule in [rule for rule in body if rule.get("class") == "page-break"]:
        body.remove(rule)
    _lead_elsewhere(body, address)
    sections = _sections(body)
    _link_headings(body, said)
    _place_notes(body, said)
    _let_scroll(body, said)
    formulas = Formulas(drawn)
    drawings: list[str] = []
    _hold_places(body, formulas, picture, drawings)
    text = _filled(_inner(body), drawings)
    lists = {
        name: {
            str(entry.get("id")): _filled(_inner(entry), drawings)
            for section in body.iter("section")
            if section.get("class") == name
            for entry in section.iter("p")
        }
        for name in LISTS
    }
    return WebBody(text, sections, lists, formulas.letters)


def _lead_elsewhere(body: Element, address: Callable[[str], str]) -> None:
    """References to other reports lead to their pages."""
    for element in body.iter():
        target = element.attrib.pop("data-target", "")
        if target:
            report, _, anchor = target.partition("--")
            place = address(report)
            if place:
                element.tag = "a"
                element.set("href", f"{place}#{anchor}")


def _link_headings(body: Element, said: WebWords) -> None:
    """Every heading leads to itself, so that its address can be copied."""
    for element in body.iter():
        if element.tag in ("h2", "h3", "h4", "h5") and element.get("id"):
            title = " ".join("".join(element.itertext()).split())
            link = SubElement(element, "a")
            link.set("class", "anchor")
            link.set("href", f"#{element.get('id')}")
            link.set("aria-label", said.section.format(title))
            link.text = "#"


def _place_notes(body: Element, said: WebWords) -> None:
    """Put notes behind the block that calls them; a sheet of rules may move them to its side."""
    count = 0
    for place, block in enumerate(list(body)):
        notes: list[Element] = []
        for parent in list(block.iter()):
            for at, child in enumerate(list(parent)):
                if child.tag == "span" and child.get("class") == "footnote":
                    count += 1
                    notes.append(_note(child, count, said))
                    parent[at] = _call(child, count, said)
        if notes:
            wrapper = Element("div", {"class": "noted"})
            wrapper.append(block)
            aside = SubElement(wrapper, "div", {"class": "notes"})
            aside.extend(notes)
            body[place] = wrapper


def _call(note: Element, count: int, said: WebWords) -> Element:
    name = str(note.get("id"))
    mark = Element("sup", {"class": "call"})
    link = SubElement(mark, "a", {"href": f"#{name}", "id": f"call-{name}", "role": "doc-noteref"})
    link.set("aria-label", said.note.format(count))
    link.text = str(count)
    mark.tail = note.tail
    return mark


def _note(note: Element, count: int, said: WebWords) -> Element:
    name = str(note.get("id"))
    made = Element("p", {"class": "note", "id": name, "role": "note"})
    number = SubElement(made, "a", {"class": "number", "href": f"#call-{name}"})
    number.set("aria-label", f"{said.note.format(count)}: {said.back}")
    number.text = str(count)
    number.tail = f" {note.text or ''}"
    made.extend(list(note))
    return made


def _let_scroll(body: Element, said: WebWords) -> None:
    """What may be wider than a phone scrolls by itself, by keys as well."""
    for figure in body.iter("figure"):
        for at, child in enumerate(list(figure)):
            if child.tag == "img" and child.get("src", "").startswith("figure:"):
                box = Element("div", _scroller(said.figure))
                box.append(child)
                figure[at] = box
    for parent in list(body.iter()):
        for at, child in enumerate(list(parent)):
            if child.tag == "table":
                box = Element("div", _scroller(said.table))
                box.tail, child.tail = child.tail, None
                box.append(child)
                parent[at] = box
            elif child.tag == "pre":
                child.attrib |= _scroller(said.code)
            elif child.tag == "div" and child.get("class") == "equation":
                child.attrib |= _scroller(said.equation)
                child.set("class", "equation scroll")


def _scroller(label: str) -> dict[str, str]:
    return {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": label}


def _hold_places(
    body: Element,
    formulas: Formulas,
    picture: Callable[[str, str, str], str],
    drawings: list[str],
) -> None:
    """Put an empty element where each drawing goes: they are no business of the tree's."""

    def walk(element: Element, *, whole: bool) -> None:
        for place, child in enumerate(element):
            if child.tag != "img":
                walk(child, whole=whole or child.tag in _NARROW)
                continue
            scheme, _, name = child.get("src", "").partition(":")
            if scheme == "formula":
                display = "display" in child.get("class", "").split()
                around = ("", "") if display else _taken(element, place)
                made = formulas.html(name, display=display, whole=whole, around=around)
                drawings.append(made)
            else:
                drawings.append(
                    picture(child.get("src", ""), child.get("alt", ""), child.get("style", ""))
                )
            child.tag = "x-drawing"
            child.attrib.clear()
            child.set("at", str(len(drawings) - 1))

    walk(body, whole=False)


def _taken(element: Element, place: int) -> tuple[str, str]:
    """What stands right before and behind the formula at `place`, taken out there, as HTML."""
    child = element[place]
    before = element.text if place == 0 else element[place - 1].tail
    opening, kept = _OPENING.search(before or ""), _KEPT.match(child.tail or "")
    if opening:
        rest = (before or "")[: opening.start()]
        if place == 0:
            element.text = rest
        else:
            element[place - 1].tail = rest
    if kept:
        child.tail = (child.tail or "")[kept.end() :]
    found = (match[0] if match else "" for match in (opening, kept))
    first, last = (html.escape(text, quote=False) for text in found)
    return first, last


_DRAWING = re.compile(r'<x-drawing at="(\d+)"></x-drawing>')


def _filled(text: str, drawings: list[str]) -> str:
    return _DRAWING.sub(lambda found: drawings[int(found[1])], text)


def _inner(element: Element) -> str:
    """What stands inside of `element`, as HTML."""
    parts = [html.escape(element.text or "", quote=False)]
    parts += [tostring(child, encoding="unicode", method="html") for child in element]
    return "".join(parts)


def _sections(body: Element) -> tuple[Section, ...]:
    """The plain words of `body` by the headings that they stand below."""
    found: list[tuple[str, str, list[str]]] = [("", "", [])]
    for block in body:
        if block.get("class") in LISTS:
            continue
        words = " ".join("".join(block.itertext()).split())
        if block.tag in ("h2", "h3"):
            found.append((str(block.get("id", "")), words, []))
        elif words:
            found[-1][2].append(words)
    return tuple(Section(anchor, title, " ".join(texts)) for anchor, title, texts in found)
