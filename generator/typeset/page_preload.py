"""What can be done for a page before there is a text: while scripts compute, and once for many.

A process that is to be forked calls it too; nothing here starts a thread.
"""

from contextlib import suppress
from pathlib import Path

from generator.cache import Cache, for_packages
from generator.errors import StudyError
from generator.shipped import template_text
from generator.typeset.page import imported_quietly


def prepare(root: Path, languages: tuple[str, ...], store: Cache) -> None:
    """Import what sets pages, and read fonts, style sheet and hyphenation of the study at `root`.

    What is wrong with any of it is left to the first page, which says it with its place.
    """
    with imported_quietly(store):
        import jinja2  # noqa: F401

        from generator.typeset import drawings, maths, page_engine  # noqa: F401
        from generator.typeset.page_hyphens import read_patterns

    kept = for_packages(store)
    with suppress(StudyError):
        css = template_text(root, "report.css")
        page_engine.style_sheet(css, page_engine.fonts(kept.folder / "fonts"), root)
        maths.start_engine(store)
    read_patterns(languages, kept)
