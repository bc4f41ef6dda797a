"""A report's text, drawings and data of the study → the bytes of its PDF.

The forms of HTML that a Document may use are listed in templates/README.md. The way of a page:
the template gives a whole HTML document; its tree gets formulas, alternative texts, wrapped code
and fitted tables (`page_tree`, `page_code`, `page_tables`); WeasyPrint sets it in our fonts, with
our rules for the ends of lines and pages (`page_engine`, `page_fonts`, `page_breaks`,
`page_floats`); text, subsets of fonts and tags are written by us (`page_text`, `page_subset`,
`tags`).
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from generator.addresses import RULE, is_allowed
from generator.digest import canonical_json, digest_bytes
from generator.errors import StudyError, Where, problems_in, raise_all
from generator.machine.shipped import template_text
from generator.model import Attachment, Document, Formula, Heading, Report, Study, Week
from generator.store.cache import Cache, for_packages
from generator.store.files import read_study_file
from generator.typeset.aims import aims
from generator.typeset.formulas import place_formulas
from generator.typeset.long_lines import wrap_code
from generator.typeset.measure import measure_of
from generator.typeset.missing_glyphs import check_characters, check_words
from generator.typeset.parse import parse
from generator.typeset.reading_list import reading_list
from generator.typeset.template import filled
from generator.typeset.title_block import title_block
from generator.typeset.tree import (
    allow_long_blocks_to_break,
    check_pictures,
    flatten_footnotes,
    mark_numbered,
    start_lists,
    tick_boxes,
)
from generator.typeset.wide_tables import fit_tables
from generator.typeset.words import words
from generator.weasy.declarations import kept_declarations
from generator.weasy.environment import needless_imports_later, private_fontconfig
from generator.weasy.sheets import kept_sheets

if TYPE_CHECKING:
    from generator.maths.formulas import DrawnFormula
    from generator.weasy.fetcher import StudyFetcher
    from generator.weasy.images import FigureImage
    from generator.weasy.layouts import Layouts

_LONG_TEXT = 11_000  # characters of a text that gets a table of contents: about five pages
_LONG_CONTENTS = 34  # lines: the rest of a first page
_GENERATOR = "studypress"
DRAWINGS = "drawings.json"


def typeset_report(
    root: Path,
    study: Study,
    week: Week,
    report: Report,
    document: Document,
    *,
    colophon: Mapping[str, str],
    store: Cache | None,
    layouts: "Layouts | None" = None,
    drawn: "Mapping[str, FigureImage] | None" = None,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF of `document`: A4, PDF/UA-1 and PDF/A-3a, the same bytes for the same input.

    colophon: labels and texts of the small print at the end. store: where drawings and static
    fonts are kept; without one they are made again and again. layouts: those of earlier calls
    in this process, where new figures alone need no new layout. drawn: figures that are drawn
    already, by URL; they need no file. attachments: files that the PDF carries; with them goes
    what the drawings of its figures are.
    Raises StudyErrors, all together: what the page can't show, each formula that can't be drawn,
    every warning of the layout engine.
    """
    with imported_quietly(store):
        from generator.weasy.fetcher import StudyFetcher
    language = document.language
    where = Where(dict(report.texts).get(language, report.id))
    html = _html(root, study, week, report, document, colophon)
    css = template_text(root, "report.css")
    fetcher = StudyFetcher(root, report, where, css)
    labels = {said.what: said.where for said in document.mentions if said.kind == "label"}
    return set_html(
        html,
        css,
        document.formulas,
        language,
        fetcher,
        where,
        store,
        layouts,
        labels,
        drawn or {},
        attachments,
        study.own_words(language),
    )


@contextmanager
def imported_quietly(store: Cache | None) -> Iterator[None]:
    """Inside, WeasyPrint is imported without the machine's fonts, and faster."""
    kept = None if store is None else for_packages(store)
    with private_fontconfig(), needless_imports_later(), kept_declarations(kept), kept_sheets():
        yield


def set_html(
    html: str,
    css: str,
    formulas: Iterable[Formula],
    language: str,
    fetcher: "StudyFetcher",
    where: Where,
    store: Cache | None,
    layouts: "Layouts | None" = None,
    labels: Mapping[str, Where] | None = None,
    ready: "Mapping[str, FigureImage]" = MappingProxyType({}),
    attachments: Sequence[Attachment] = (),
    own: Mapping[str, str] | None = None,
) -> bytes:
    """The PDF of a whole HTML document with `formulas`; see `typeset_report`.

    labels: label → its line in the text, as far as they are known.
    """
    from generator.maths.formulas import draw_formulas
    from generator.weasy.images import FormulaImage, parts

    with imported_quietly(store):
        from generator.weasy import engine as page_engine

    formulas = tuple(formulas)
    problems: list[StudyError] = []
    drawn: Mapping[str, DrawnFormula] = {}
    try:
        drawn = draw_formulas(formulas, store, language)
    except (StudyError, ExceptionGroup) as error:
        problems += problems_in(error)
    with _font_folder(store) as folder:
        fonts = page_engine.fonts(folder)
        tree = parse(html)
        measure = measure_of(css)
        tick_boxes(tree, words(language, own))
        flatten_footnotes(tree)
        start_lists(tree)
        mark_numbered(tree)
        wrap_code(tree, measure.code_columns)
        allow_long_blocks_to_break(tree)
        if not problems:
            problems += place_formulas(tree, formulas, drawn, measure)
            problems += check_pictures(tree, where)
        problems += [
            StudyError(f"links to '{address[:60]}'", where, RULE)
            for address in {link.get("href", "") for link in tree.iter("a")}
            if not is_allowed(address)
        ]
        problems += fit_tables(tree, measure, where, labels or {})
        problems += check_characters(tree, fonts.missing, fetcher.root, where)
        drawings = {u: file for u, file in _drawings(fetcher, tree).items() if u not in ready}
        problems += _drawing_problems(fetcher.root, drawings, fonts.missing)
        problems += _picture_problems(fetcher, tree)
        raise_all(problems, "page")
        images: dict[str, Any] = {
            f"formula:{key}{part}": FormulaImage(formula)
            for key, whole in drawn.items()
            for part, formula in (("", whole), *parts(whole))
        }
        figures = {**_figures(fetcher.root, drawings, store), **ready}
        images |= figures
        if attachments:
            attachments = (*attachments, *_about(fetcher.root, figures, drawings))
        identity = digest_bytes((html + css).encode())
        return page_engine.pdf_bytes(
            tree,
            css,
            fonts,
            fetcher,
            images,
            where,
            bytes.fromhex(identity)[:16],
            layouts,
            attachments,
        )


def _drawings(fetcher: "StudyFetcher", tree: Element) -> dict[str, Path]:
    """URL → file of every SVG on the page that may be shown."""
    return {url: path for url, path in _pictures(fetcher, tree) if url.lower().endswith(".svg")}


def _pictures(fetcher: "StudyFetcher", tree: Element) -> Iterator[tuple[str, Path]]:
    """URL and file of every picture that may be shown; WeasyPrint complains of the others."""
    for url in dict.fromkeys(image.get("src", "") for image in tree.iter("img")):
        if not url.startswith("formula:"):
            with suppress(ValueError, OSError):
                yield url, fetcher.find(url)


def _drawing_problems(
    root: Path, drawings: Mapping[str, Path], missing: Callable[[Iterable[str]], list[str]]
) -> list[StudyError]:
    """What SVG files that authors brought along may not hold."""
    from generator.drawing.safety import drawn_words, svg_problems

    problems: list[StudyError] = []
    for url, path in drawings.items():
        if url.startswith("image:"):
            shown = path.relative_to(root).as_posix()
            content, where = read_study_file(root, shown), Where(shown)
            found = svg_problems(content, where)
            problems += found or check_words(drawn_words(content), missing, where)
    return problems


def _picture_problems(fetcher: "StudyFetcher", tree: Element) -> list[StudyError]:
    """What is wrong with the other pictures that authors brought along."""
    from generator.drawing.raster import picture_problems

    shown = [
        path.relative_to(fetcher.root).as_posix()
        for url, path in _pictures(fetcher, tree)
        if url.startswith("image:") and not url.lower().endswith(".svg")
    ]
    return [
        problem
        for path in shown
        for problem in picture_problems(read_study_file(fetcher.root, path), Where(path))
    ]


def _about(
    root: Path, figures: "Mapping[str, FigureImage]", drawings: Mapping[str, Path]
) -> Iterator[Attachment]:
    """What a PDF must carry besides its sources so that its page can be set again from it alone.

    A figure's drawing is in the PDF already; where it is, and that it is this one, is told. What
    the converter could not draw lies inside as it is.
    """
    if figures:
        said = canonical_json({url: image.told() for url, image in figures.items()})
        what = "The drawings on the page"
        yield Attachment(DRAWINGS, said, "application/json", "Supplement", what)
    for url, path in drawings.items():
        if url.startswith("figure:") and url not in figures:
            place = f"figures/{path.parent.name}/{path.name}"
            content = read_study_file(root, place)
            yield Attachment(place, content, "image/svg+xml", "Source", "Shown on the page")


def _figures(root: Path, drawings: Mapping[str, Path], store: Cache | None) -> dict[str, Any]:
    """URL → a drawing that is ready to place, of each figure that the converter can draw.

    Raises PageErrors, all together, for what a drawing may not hold.
    """
    from generator.weasy.images import figure_image

    found: dict[str, Any] = {}
    problems: list[StudyError] = []
    for url, path in drawings.items():
        if url.startswith("figure:"):
            shown = path.relative_to(root).as_posix()
            try:
                image = figure_image(read_study_file(root, shown), store, Where(shown))
            except (StudyError, ExceptionGroup) as error:
                problems += problems_in(error)
                continue
            if image is not None:  # else it is left to WeasyPrint
                found[url] = image
    raise_all(problems, "figures")
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """A line of the contents, with the lines below it."""

    heading: Heading
    parts: tuple[Heading, ...]


def _html(
    root: Path,
    study: Study,
    week: Week,
    report: Report,
    document: Document,
    colophon: Mapping[str, str],
) -> str:
    language = document.language
    block = title_block(study, week, report, language)
    named = words(language, study.own_words(language)).colophon
    if "accelerator" in colophon:
        said = words(language).accelerator.format(colophon["accelerator"])
        colophon = {**colophon, "accelerator": said}
    study_title = study.title.text(language)
    values = {
        "language": language,
        "words": words(language, study.own_words(language)),
        "study": study_title,
        **block,
        "document_title": " – ".join(filter(None, (block["title"], block["unit"], study_title))),
        "aims": aims(
            language,
            study.audience,
            report.prerequisites,
            report.outcomes,
            study.own_words(language),
        ),
        "generator": _GENERATOR,
        "contents": _contents(document),
        "body": document.body,
        "reading": reading_list(week, language),
        "colophon": tuple((named.get(fact, fact), text) for fact, text in colophon.items()),
    }
    return filled(root, "report.html.j2", values, [document.body])


def _contents(document: Document) -> tuple[_Part, ...]:
    """The headings of a long report: two levels of them, one if the first page is too short."""
    if len(document.body) < _LONG_TEXT or len(document.headings) < 4:
        return ()
    parts: list[tuple[Heading, list[Heading]]] = []
    for heading in document.headings:
        if heading.level == 2:
            parts.append((heading, []))
        elif heading.level == 3 and parts:
            parts[-1][1].append(heading)
    deep = sum(1 + len(inner) for _, inner in parts) <= _LONG_CONTENTS
    return tuple(_Part(heading, tuple(inner) if deep else ()) for heading, inner in parts)


@contextmanager
def _font_folder(store: Cache | None) -> Iterator[Path]:
    """Where static fonts are kept; without a store in a folder of the moment."""
    if store is not None:
        yield for_packages(store).folder / "fonts"
        return
    with tempfile.TemporaryDirectory(prefix="study-fonts-") as name:
        yield Path(name)
