"""What can be done for a page before there is a text: while scripts compute, and once for many.

A process that is to be forked calls it too; nothing here starts a thread.
"""

from contextlib import suppress
from pathlib import Path

from generator.cache import Cache
from generator.errors import StudyError
from generator.shipped import template_text
from generator.typeset.page_cffi import kept_declarations
from generator.typeset.page_environment import needless_imports_later, private_fontconfig


def prepare(root: Path, languages: tuple[str, ...], store: Cache) -> None:
    """Import what sets pages, and read fonts, style sheet and hyphenation of the study at `root`.

    What is wrong with any of it is left to the first page, which says it with its place.
    """
    with private_fontconfig(), needless_imports_later(), kept_declarations(store):
        import jinja2  # noqa: F401
        import pyphen  # type: ignore[import-untyped]

        from generator.typeset import drawings, page, page_engine  # noqa: F401
    from generator.typeset import maths

    with suppress(StudyError):
        css = template_text(root, "report.css")
        page_engine.style_sheet(css, page_engine.fonts(store.folder / "fonts"), root)
        maths.start_engine(store)
    for language in languages:
        if known := pyphen.language_fallback(language):
            pyphen.Pyphen(lang=known)  # it keeps what it has read: 50 ms for English
