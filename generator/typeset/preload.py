"""What can be done for a page before there is a text: while scripts compute, and once for many.

A process that is to be forked calls it too; nothing here starts a thread.
"""

from contextlib import suppress
from pathlib import Path

from generator.errors import StudyError
from generator.machine.shipped import template_text
from generator.store.cache import Cache, for_packages
from generator.typeset.page import imported_quietly


def prepare(root: Path, languages: tuple[str, ...], store: Cache) -> None:
    """Import what sets pages, and read fonts, style sheet and hyphenation of the study at `root`.

    What is wrong with any of it is left to the first page, which says it with its place.
    """
    with imported_quietly(store):
        import jinja2  # noqa: F401

        from generator.maths import formulas
        from generator.weasy import engine, images  # noqa: F401
        from generator.weasy.hyphens import read_patterns

    kept = for_packages(store)
    with suppress(StudyError):
        css = template_text(root, "report.css")
        engine.style_sheet(css, engine.fonts(kept.folder / "fonts"), root)
        formulas.start_engine(store)
    read_patterns(languages, kept)
