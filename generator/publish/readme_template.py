"""Jinja for the README's blocks: strict, and every failure at the template's own line."""

from typing import Any

import jinja2
import jinja2.sandbox

from generator.errors import StudyError, Where

# Not autoescaped: the strings are Markdown, escaped where they were made.
_ENVIRONMENT = jinja2.sandbox.SandboxedEnvironment(
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)


def rendered(source: str, path: str, data: dict[str, Any]) -> str:
    """The template filled with `data`. path: its name in messages. Raises StudyError."""
    try:
        code = _ENVIRONMENT.compile(source, path, path)
        template = jinja2.Template.from_code(_ENVIRONMENT, code, {})
        return template.render(data).strip("\n") + "\n"
    except jinja2.TemplateSyntaxError as error:
        raise StudyError(
            f"is not a template: {error.message}", Where(path, error.lineno), "see jinja's manual"
        ) from error
    # What an expression of a template can raise by itself.
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        known = ", ".join(sorted(data))
        raise StudyError(
            f"the template fails: {error}",
            Where(path, _failing_line(error, path)),
            f"it is given: {known}",
        ) from error


def _failing_line(error: BaseException, path: str) -> int | None:
    """The template's line in the traceback, which Jinja writes in terms of the template."""
    line = None
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
