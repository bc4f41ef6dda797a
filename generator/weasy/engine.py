"""WeasyPrint behind one function: a tree of HTML in, the bytes of a PDF out.

To be imported inside `private_fontconfig` only. What WeasyPrint merely logs is an error here; what
can be kept between the reports of one process (fonts, parsed style sheets) is kept.
"""

import atexit
import gc
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import cssselect2  # type: ignore[import-untyped]
from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle

from generator.errors import PageError, StudyError, Where, raise_all
from generator.machine.shipped import shipped_folder, template_file
from generator.model import Attachment
from generator.weasy import patches

# Before anything below looks for what another release of WeasyPrint has not.
patches.apply()

from weasyprint.text.ffi import ffi  # noqa: E402

from generator.weasy import conservation, writing  # noqa: E402
from generator.weasy.declarations import DECLARATIONS  # noqa: E402
from generator.weasy.fetcher import StudyFetcher  # noqa: E402
from generator.weasy.fonts import StudyFonts  # noqa: E402
from generator.weasy.layouts import Layouts  # noqa: E402
from generator.weasy.sheets import parsed_sheet  # noqa: E402
from generator.weasy.tags import mark_artifacts  # noqa: E402

ffi.cdef(DECLARATIONS)
# When the process ends, nobody need look through trees of boxes for cycles: 0.1 s.
atexit.register(gc.freeze)

_LOSS = "the layout's fault: move or shorten it; a longer note is better in the text"


@cache
def fonts(folder: Path) -> StudyFonts:
    """The fonts of every page, with static faces in `folder`."""
    return StudyFonts(folder)


def pdf_bytes(
    root: Element,
    css: str,
    page_fonts: StudyFonts,
    fetcher: StudyFetcher,
    images: Mapping[str, Any],
    where: Where,
    identity: bytes,
    layouts: Layouts | None,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF of the document `root`, PDF/UA-1 and PDF/A-3a; the same bytes for the same input.

    images: drawings by URL, which WeasyPrint places without fetching anything. identity: 16 bytes
    for the file identifier. layouts: those of earlier calls, where there are any.
    attachments: files that the PDF carries.
    Raises PageErrors, all together: one for each refusal of `fetcher`, one for each warning.
    """
    losses: list[str] = []
    with _warnings() as warnings, _no_collection(), _possible_sizes(fetcher.root):
        kept = layouts.again(where.path, identity, images) if layouts is not None else None
        document = kept
        if document is None:
            sheet, counters, wrong = style_sheet(css, page_fonts, fetcher.root)
            page_fonts.lines.begin(css)
            raise_all([_style_error(text) for text in wrong], "style sheet")
            html = _Tree(root, fetcher)
            document = html.render(
                page_fonts,
                counters.copy(),
                stylesheets=[sheet],
                pdf_variant="pdf/ua-1",
                cache=dict(images),
            )
            mark_artifacts(document)
            losses = conservation.lost(
                html.going_in, [page._page_box for page in document.pages], root
            )
        content: bytes = document.write_pdf(
            pdf_variant="pdf/ua-1",
            pdf_identifier=identity,
            finisher=partial(writing.finish, attachments=attachments),
        )
    problems = list(fetcher.problems)
    for text in dict.fromkeys(warnings):
        # The fetcher knows better why a picture could not be loaded.
        if not (problems and text.startswith("Failed to load")):
            problems.append(_page_error(text, where))
    problems += [PageError(loss, where, _LOSS) for loss in losses]
    raise_all(problems, "page")
    if layouts is not None and kept is None:
        pictures = {image.get("src", "") for image in root.iter("img")}
        if "url(" not in css and pictures <= images.keys():
            layouts.keep(where.path, identity, document, images)
    return content


def _style_error(warning: str) -> PageError:
    """What WeasyPrint says of the style sheet, with the line out of its "at LINE:COLUMN"."""
    found = re.search(r"\bat (\d+):\d+\b", warning)
    line = int(found[1]) if found else None
    return PageError(warning, Where("templates/report.css", line), "report.css is the study's own")


def _page_error(warning: str, where: Where) -> PageError:
    """What WeasyPrint says while it sets the report at `where`; a bad picture by its own path."""
    found = re.match(
        r"Failed to (?:load image at '|render SVG image )image:([^']+?)(?:'|$)", warning
    )
    if not found:
        return PageError(warning, where)
    picture = Where(f"{where.path.rpartition('/')[0]}/{unquote(found[1])}")
    if "SVG" in warning:
        return PageError("the drawing has a part that can't be drawn", picture, "save it as PNG")
    return PageError("is no picture that can be read", picture, "save it again, as PNG or JPEG")


class _Tree(HTML):  # type: ignore[misc]
    """WeasyPrint's HTML over a tree that is parsed already."""

    def __init__(self, root: Element, fetcher: StudyFetcher) -> None:
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = root
        self.going_in: conservation.Content = {}  # filled by notes.make_all_pages


@lru_cache(maxsize=8)
def style_sheet(
    css: str, page_fonts: StudyFonts, root: Path
) -> tuple[CSS, CounterStyle, tuple[str, ...]]:
    """The parsed style sheet, its counter styles, and what is wrong with it.

    root: of the study, whose templates/ may bring fonts; they stay with `page_fonts`.
    """
    counters = CounterStyle()
    fetcher = StudyFetcher(root, None, Where("templates/report.css"))
    with _warnings() as warnings:
        sheet = parsed_sheet(CSS, css, counters, font_config=page_fonts, url_fetcher=fetcher)
    warnings += [problem.message for problem in fetcher.problems]
    return sheet, counters, tuple(dict.fromkeys(warnings))


class _Collected(logging.Handler):
    """Keeps the messages of what goes wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """The warnings and errors that WeasyPrint logs meanwhile; nothing reaches the terminal."""
    logger = logging.getLogger("weasyprint")
    collected = _Collected()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(collected)
    try:
        yield collected.messages
    finally:
        logger.removeHandler(collected)
        logger.propagate = propagate


@contextmanager
def _possible_sizes(root: Path) -> Iterator[None]:
    """Meanwhile a size that no number can hold is the fault of the study's own look, if it has one.

    calc(1e5pt * 1e5) is no length that fits into the whole numbers of a layout.
    """
    try:
        yield
    except (OverflowError, ZeroDivisionError) as error:
        for name in ("report.css", "report.html.j2"):
            if template_file(root, name).parent != shipped_folder():
                raise StudyError(
                    "asks for a size that no page has",
                    Where(f"templates/{name}"),
                    "take back what was changed last; a calc(…) may give far too much",
                ) from error
        raise


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: trees of boxes are large and live to the end (10–20 %)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
