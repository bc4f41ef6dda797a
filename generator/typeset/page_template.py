"""Templates of pages, filled: strict, in a sandbox, every failure at the template's own line."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.errors import StudyError, Where
from generator.shipped import template_text


def filled(root: Path, name: str, values: Mapping[str, Any]) -> str:
    """The template `name`, the study's own or ours, filled with `values`.

    Raises StudyError with the template's line: not UTF-8, no template, an unknown name, a step
    out of the sandbox.
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
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise StudyError(
            f"the template fails: {error}",
            Where(path, _failing_line(error, path)),
            f"it is given: {', '.join(sorted(values))}",
        ) from error
    return text


@lru_cache(maxsize=8)
def _parsed(source: str, path: str) -> Any:
    from jinja2 import StrictUndefined, Template
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, cache_size=0
    )
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
