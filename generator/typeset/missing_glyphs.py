"""Characters of a page that no font has: each is named, with the words around it and its line."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from generator.errors import PageError, Where
from generator.machine.unwritten import from_right, unwritten
from generator.store.files import study_text

# Never drawn, so they need no glyph: controls of joining, direction and breaking, and selectors.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f]")
_END = "\0"  # of a block; text has none
_BLOCKS = re.compile("p|h[1-5]|li|d[td]|t[dh]|figcaption|pre|div|section")


def check_characters(
    root: Element, missing: Callable[[Iterable[str]], list[str]], study: Path, where: Where
) -> list[PageError]:
    """A problem for every character that no font of the page has.

    missing: those of some characters that no font has. study: the root of the study. where: the
    report's text. The first line with the character is named, there or where it came from.
    """
    body = root.find("body")
    text = "".join(_words(root if body is None else body))
    return check_words(text, missing, where, study)


def check_words(
    text: str,
    missing: Callable[[Iterable[str]], list[str]],
    where: Where,
    study: Path | None = None,
) -> list[PageError]:
    """A problem for every character of `text` that no font has, one for those of a writing system;
    without a study, at `where`."""
    problems = []
    letters = set(_INVISIBLE.sub("", text)) - {*"\t\n\r", _END}
    reversed_ = {c for c in letters if unicodedata.bidirectional(c) in ("R", "AL")}
    found = [
        *unwritten(missing(letters - reversed_)),
        *((min(reversed_, key=text.index), *said) for said in from_right(text) if reversed_),
    ]
    for character, message, hint in found:
        at = text.index(character)
        before = text[max(0, at - 25) : at].rpartition(_END)[2]
        around = " ".join((before + text[at : at + 25].partition(_END)[0]).split())
        place = _first_line(character, study, where) if study else where
        problems.append(PageError(f"{message}, in “{around}”", place, hint))
    return problems


def _words(element: Element) -> Iterator[str]:
    """The text in `element`, with a mark where a block begins and where it ends."""
    if not isinstance(element.tag, str):
        return  # a comment of a study's template
    block = _BLOCKS.fullmatch(element.tag)
    yield (_END if block else "") + (element.text or "")
    for child in element:
        yield from _words(child)
        yield child.tail or ""
    yield _END if block else ""


def _first_line(character: str, study: Path, where: Where) -> Where:
    """The first line that holds `character`; `where` if a script or a source put it together."""
    script = f"{where.path.rpartition('/')[0]}/compute.py"
    template = "templates/report.html.j2"
    for path in (where.path, "study.toml", "reports/references.bib", script, template):
        found = study_text(study, path)
        text = unicodedata.normalize("NFC", found or "")  # none: a text of its own, in a book
        if character in text:
            return Where(path, text.count("\n", 0, text.index(character)) + 1)
    return where
