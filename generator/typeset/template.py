"""Templates of pages, filled: strict, in a sandbox, every failure at the template's own line."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generator.errors import StudyError, Where, raise_all
from generator.machine.shipped import template_text


def filled(root: Path, name: str, values: Mapping[str, Any], texts: Iterable[str]) -> str:
    """The template `name`, the study's own or ours, filled with `values`.

    texts: the HTML that it must print. Raises StudyError with the template's line: not UTF-8, no
    template, an unknown name, a step out of the sandbox, something left out.
    """
    from generator.machine.templates import fill  # Jinja, when a page is set

    path = f"templates/{name}"
    text = fill(template_text(root, name), path, values, html=True)
    _check_kept(text, texts, path)
    return text


def _check_kept(text: str, texts: Iterable[str], path: str) -> None:
    """Raise StudyError for each part of a page that a template must not leave out."""
    problems = []
    if not all(part in text for part in texts):
        problems.append(
            StudyError("does not print the text", Where(path), "write {{ body | safe }}")
        )
    if not re.search(r"<title>\s*[^\s<]", text):
        problems.append(
            StudyError(
                "gives the PDF no title",
                Where(path),
                "write <title>{{ document_title }}</title> into its head",
            )
        )
    if not re.search(r"<html\b[^>]*\blang=\"?[a-z]", text):
        problems.append(
            StudyError(
                "gives the PDF no language", Where(path), 'write <html lang="{{ language }}">'
            )
        )
    raise_all(problems, path)
