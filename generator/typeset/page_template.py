"""Templates of pages, filled: strict, in a sandbox, every failure at the template's own line."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.errors import StudyError, Where, raise_all
from generator.shipped import template_text


def filled(root: Path, name: str, values: Mapping[str, Any], texts: Iterable[str]) -> str:
    """The template `name`, the study's own or ours, filled with `values`.

    texts: the HTML that it must print. Raises StudyError with the template's line: not UTF-8, no
    template, an unknown name, a step out of the sandbox, something left out.
    """
    import jinja2

    source = template_text(root, name)
    path = f"templates/{name}"
    try:
        text: str = _parsed(source, path).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise StudyError(
            f"is not a template: {error.message}",
            Where(path, error.lineno),
            "see jinja's manual; delete the file to go back to the one that comes with study",
        ) from error
    # What an expression of a template can raise by itself.
    except (
        jinja2.TemplateError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        endless = isinstance(error, RecursionError)
        raise StudyError(
            f"the template fails: {'it calls itself without end' if endless else error}",
            Where(path, _failing_line(error, path)),
            f"it is given: {', '.join(sorted(values))}",
        ) from error
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


@lru_cache(maxsize=8)
def _parsed(source: str, path: str) -> Any:
    from jinja2 import StrictUndefined, Template
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import SandboxedEnvironment

    class Environment(SandboxedEnvironment):
        """The sandbox of pages: no text multiplied by a number, no loop over range(…)."""

        intercepted_binops = frozenset(["*", "**"])

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            """Arithmetic is for small numbers: "x" * 10**9 would fill the memory."""
            if not all(isinstance(side, int | float) and side < 10**6 for side in (left, right)):
                raise SecurityError(f"{operator} is for small numbers")
            return super().call_binop(context, operator, left, right)

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, cache_size=0
    )
    environment.globals.clear()
    # Under its own name, so that a failure's traceback has the template's lines.
    return Template.from_code(environment, environment.compile(source, path, path), {})


def _failing_line(error: BaseException, path: str) -> int | None:
    """The last line of the template in the traceback, which Jinja writes in its terms."""
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
