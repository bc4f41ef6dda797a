"""Jinja for every template that a study may bring: strict, in a sandbox, failures at their line."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError

from generator.addresses import RULE, refused_in
from generator.errors import StudyError, Where
from generator.machine.budget import Spending
from generator.machine.limits import limited

# What an expression of a template can raise by itself.
FAILURES = (
    jinja2.TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
)


_MOST = 10**6  # the largest number in arithmetic, the longest text of a multiplication
_ROUNDS = 100_000  # of all loops of a template together
_SIZE = 50_000_000  # letters and items of all steps: a page of 1 MB may be looked at fifty times
_SECONDS = 8.0  # of computing; a page takes 0.02


class _Environment(Spending):
    """The sandbox of templates: no text that fills the memory, no loop over range(…)."""

    intercepted_binops = frozenset(["*", "**", "+", "%"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic is for small numbers: "x" * 10**9 would fill the memory."""
        if operator in ("+", "%"):
            if isinstance(left, str) and operator == "%":
                self.budget.check("%", [left])
            return self.charged(super().call_binop(context, operator, left, right))
        # A row of a table may be "---|" * columns.
        size = len(left) if operator == "*" and isinstance(left, str) else left
        if not all(isinstance(side, int | float) and side < _MOST for side in (size, right)):
            raise SecurityError(f"{operator} is for small numbers")
        if isinstance(left, str) and size * right > _MOST:
            raise SecurityError(f"{operator} is for short texts")
        return self.charged(super().call_binop(context, operator, left, right))

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Charge methods of texts as filters are: 'x'.center(10**12) would fill the memory."""
        method = getattr(__obj, "__wrapped__", __obj)  # Jinja wraps str.format
        owner = getattr(method, "__self__", None)
        if isinstance(owner, str | list | tuple | Mapping):
            __self.budget.check(method.__name__, [owner, *args, *kwargs.values()])
            return __self.charged(super().call(__context, __obj, *args, **kwargs))
        return super().call(__context, __obj, *args, **kwargs)


def fill(source: str, path: str, values: Mapping[str, Any], *, html: bool = False) -> str:
    """The template `source` filled with `values`.

    path: its name in messages. html: values are escaped, as in a page; else they are Markdown,
    escaped where they were made, and a statement's line leaves no blanks.
    Raises StudyError with the template's line: no template, an unknown name, a step out of the
    sandbox.
    """
    try:
        with limited(Where(path), _SECONDS):
            environment, template = _parsed(source, path, html)
            environment.begin(_ROUNDS, _SIZE)
            text = "".join(map(environment.charged, template.generate(values)))
    except jinja2.TemplateSyntaxError as error:
        raise StudyError(
            f"is not a template: {error.message}",
            Where(path, error.lineno),
            "see jinja's manual; delete the file to go back to the one that comes with study",
        ) from error
    except FAILURES as error:
        message = str(error)
        if isinstance(error, RecursionError):
            message = "it calls itself without end, or its brackets are nested too deeply"
        elif isinstance(error, MemoryError):
            message = "it fills the memory"
        raise StudyError(
            f"the template fails: {message}",
            Where(path, _failing_line(error, path)),
            f"it is given: {', '.join(sorted(values))}",
        ) from error
    if not html and (refused := refused_in(text)):
        raise StudyError(
            f"links to '{refused[1][:60]}', line {refused[0]} of what it writes", Where(path), RULE
        )
    return text


@lru_cache(maxsize=16)
def _parsed(source: str, path: str, html: bool) -> tuple[_Environment, jinja2.Template]:
    environment = _Environment(
        autoescape=html,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=not html,
        cache_size=0,
    )
    environment.globals.clear()
    environment.charge_filters()
    # Under its own name, so that a failure's traceback has the template's lines.
    code = environment.compiled(source, path)
    return environment, jinja2.Template.from_code(environment, code, {})


def _failing_line(error: BaseException, path: str) -> int | None:
    """The last line of the template in the traceback, which Jinja writes in its terms."""
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
