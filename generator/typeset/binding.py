"""All reports of a study as one PDF: cover, contents, chapters, one list of references.

Each chapter's names get its report's id in front (week-07--eq-scale), so that links stay right;
references to other reports become links; the chapters' lists of references become one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from generator.errors import Where
from generator.machine.shipped import template_text
from generator.model import Document, Report, Study, Week
from generator.store.cache import Cache
from generator.typeset.aims import aims
from generator.typeset.page import imported_quietly, set_html
from generator.typeset.parse import parse
from generator.typeset.template import filled
from generator.typeset.title_block import title_block
from generator.typeset.words import words

_SHARED = ("#ref-", "#term-")  # what all chapters have together


@dataclass(frozen=True, slots=True)
class Chapter:
    """A report in the book's language."""

    week: Week
    report: Report
    document: Document


def typeset_book(
    root: Path, study: Study, chapters: Sequence[Chapter], language: str, store: Cache | None
) -> bytes:
    """The PDF of the whole study, tagged and linked like a report's; same input, same bytes.

    Raises StudyErrors, all together, as `typeset_report` does.
    """
    with imported_quietly(store):
        from generator.weasy.fetcher import BookFetcher

    where, own = Where("study.toml"), study.own_words(language)
    reports = {chapter.report.id: chapter.report for chapter in chapters}
    entries: dict[str, str] = {}
    terms: dict[str, str] = {}
    lists = {"references": entries, "terms": terms}
    bodies = [_body(chapter, set(reports), lists) for chapter in chapters]
    titles = [
        {
            "id": chapter.report.id,
            **title_block(study, chapter.week, chapter.report, language),
            "aims": aims(language, (), chapter.report.prerequisites, chapter.report.outcomes, own),
            "body": body,
        }
        for chapter, body in zip(chapters, bodies, strict=True)
    ]
    values = {
        "language": language,
        "words": words(language, own),
        "study": study.title.text(language),
        "description": study.description.text(language),
        "aims": aims(language, study.audience, own=own),
        "chapters": titles,
        "references": _list_title(chapters, "sec-references"),
        "terms_title": _list_title(chapters, "sec--terms"),
        "terms": sorted(terms.items(), key=lambda term: _sort_key(term[1])),
        "entries": sorted(entries.items(), key=lambda entry: _sort_key(entry[1])),
    }
    html = filled(root, "book.html.j2", values, bodies)
    formulas = {f.key: f for chapter in chapters for f in chapter.document.formulas}
    css = template_text(root, "report.css") + template_text(root, "book.css")
    fetcher = BookFetcher(root, reports, where)
    return set_html(html, css, formulas.values(), language, fetcher, where, store, own=own)


def _body(chapter: Chapter, known: set[str], lists: Mapping[str, dict[str, str]]) -> str:
    """The chapter's body with its own names, links and pictures.

    lists: class of a section at its end, its references or terms → where its entries go.
    """
    tree = parse(f"<!doctype html><body>{chapter.document.body}</body>")
    body = next(tree.iter("body"))
    prefix = chapter.report.id
    for section in [s for s in body if s.get("class") in lists]:
        for entry in section.iter("p"):
            lists[str(section.get("class"))].setdefault(str(entry.get("id")), _inner(entry))
        body.remove(section)
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.get("id")
        if name:
            element.set("id", f"{prefix}--{name}")
        called = element.get("data-called")
        if called:
            element.set("data-called", f"#{prefix}--{called[1:]}")
        target = element.get("href", "")
        if target.startswith("#") and not target.startswith(_SHARED):
            element.set("href", f"#{prefix}--{target[1:]}")
        for attribute in ("for", "aria-describedby", "aria-labelledby", "headers"):
            if element.get(attribute):
                parts = str(element.get(attribute)).split()
                element.set(attribute, " ".join(f"{prefix}--{part}" for part in parts))
        elsewhere = element.attrib.pop("data-target", "")
        if elsewhere and elsewhere.partition("--")[0] in known:
            element.tag = "a"
            element.set("href", f"#{elsewhere}")
        kind, colon, path = element.get("src", "").partition(":")
        if colon and kind in ("figure", "image"):
            element.set("src", f"{kind}:{prefix}/{path}")
    return _inner(body)


def _inner(element: Element) -> str:
    """What stands inside of `element`, as HTML."""
    from html import escape

    parts = [escape(element.text or "", quote=False)]
    parts += [tostring(child, encoding="unicode", method="html") for child in element]
    return "".join(parts)


def _list_title(chapters: Sequence[Chapter], anchor: str) -> str:
    """The words over a list at the ends of chapters, as the text room wrote them; "" if none."""
    for chapter in chapters:
        for heading in chapter.document.headings:
            if heading.anchor == anchor:
                return heading.text
    return ""


def _sort_key(entry: str) -> tuple[bool, str]:
    """Latin before Hangul, each in its own order."""
    text = entry.lstrip("<em>")
    return (text[:1] > "\u1100", text.casefold())
