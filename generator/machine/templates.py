"""Jinja for every template that a study may bring: strict, in a sandbox, failures at their line."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from generator.errors import StudyError, Where

# What an expression of a template can raise by itself.
FAILURES = (
    jinja2.TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
)


_MOST = 10**6  # the largest number in arithmetic, the longest text of a multiplication


class _Environment(SandboxedEnvironment):
    """The sandbox of templates: no text that fills the memory, no loop over range(…)."""

    intercepted_binops = frozenset(["*", "**"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic is for small numbers: "x" * 10**9 would fill the memory."""
        # A row of a table may be "---|" * columns.
        size = len(left) if operator == "*" and isinstance(left, str) else left
        if not all(isinstance(side, int | float) and side < _MOST for side in (size, right)):
            raise SecurityError(f"{operator} is for small numbers")
        if isinstance(left, str) and size * right > _MOST:
            raise SecurityError(f"{operator} is for short texts")
        return super().call_binop(context, operator, left, right)


def fill(source: str, path: str, values: Mapping[str, Any], *, html: bool = False) -> str:
    """The template `source` filled with `values`.

    path: its name in messages. html: values are escaped, as in a page; else they are Markdown,
    escaped where they were made, and a statement's line leaves no blanks.
    Raises StudyError with the template's line: no template, an unknown name, a step out of the
    sandbox.
    """
    try:
        text: str = _parsed(source, path, html).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise StudyError(
            f"is not a template: {error.message}",
            Where(path, error.lineno),
            "see jinja's manual; delete the file to go back to the one that comes with study",
        ) from error
    except FAILURES as error:
        endless = isinstance(error, RecursionError)
        raise StudyError(
            f"the template fails: {'it calls itself without end' if endless else error}",
            Where(path, _failing_line(error, path)),
            f"it is given: {', '.join(sorted(values))}",
        ) from error
    return text


@lru_cache(maxsize=16)
def _parsed(source: str, path: str, html: bool) -> jinja2.Template:
    environment = _Environment(
        autoescape=html,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=not html,
        cache_size=0,
    )
    environment.globals.clear()
    # Under its own name, so that a failure's traceback has the template's lines.
    return jinja2.Template.from_code(environment, environment.compile(source, path, path), {})


def _failing_line(error: BaseException, path: str) -> int | None:
    """The last line of the template in the traceback, which Jinja writes in its terms."""
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
