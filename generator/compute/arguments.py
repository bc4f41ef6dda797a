"""What a script hands over, checked: every mistake is noted with the script's line."""

import math
import re
import sys
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from generator.errors import StudyError, Where
from generator.model import Cell, Quantity

if TYPE_CHECKING:
    from generator.compute.child.trace import Trace

NAME = re.compile(r"[a-z][a-z0-9_]*")
FIGURE_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MOST_DIGITS = 15  # a double has no more decimals to show


class Arguments:
    """Checks the arguments of `Run`'s methods. A check that fails notes a problem.

    problems: what was wrong so far, in the order of the calls.
    """

    def __init__(self, trace: "Trace") -> None:
        self._trace = trace
        self.problems: list[StudyError] = []

    def named(self, kind: str, name: str, form: re.Pattern[str]) -> bool:
        if isinstance(name, str) and form.fullmatch(name):
            return True
        others = "digits and underscores" if form is NAME else "digits, underscores and hyphens"
        self.problem(f"{kind} {name!r}: a name has small letters, {others}, a letter first")
        return False

    def is_language(self, kind: str, name: str, language: object) -> bool:
        if language is None or _LANGUAGE.fullmatch(str(language)):
            return True
        self.problem(f"{kind} {name}: {language!r} is not a language, 'ko' would be one")
        return False

    def number(self, what: str, number: object) -> float | int | None:
        """`number` as an int or a float; None, and a problem, if it is neither or not finite."""
        if isinstance(number, bool) or not isinstance(number, Real):
            hint = ""
            if getattr(number, "shape", None):
                hint = "store one number of it, or all of them with run.table"
            elif hasattr(number, "item"):
                hint = "write .item() behind a tensor with one number"
            self.problem(f"{what} is {what_is(number)}, expected an int or a float", hint)
            return None
        if isinstance(number, Integral):
            return int(number)
        if not math.isfinite(number):
            self.problem(
                f"{what} is {float(number)}, expected a finite number",
                "look for a division by zero, a logarithm of 0 or a mean of nothing before it",
            )
            return None
        return float(number)

    def listed(self, what: str, things: object) -> tuple[Any, ...] | None:
        """`things` as a tuple; None, and a problem, if they are no list of anything."""
        if isinstance(things, Iterable) and not isinstance(things, str | bytes | Mapping | Set):
            return tuple(things)
        hint = "write a list: [ … ]"
        self.problem(f"{what}: {what_is(things)}, expected a list", hint)
        return None

    def digits(self, what: str, digits: object) -> bool:
        if digits is None or (type(digits) is int and 0 <= digits <= _MOST_DIGITS):
            return True
        more = ", or a list with one for each column" * what.startswith("table")
        self.problem(
            f"the digits of {what} are {digits!r}, "
            f"expected a whole number from 0 to {_MOST_DIGITS}{more}"
        )
        return False

    def runs(self, what: str, runs: object) -> int | None:
        """`runs` as an int; None if it is not said, or, with a problem, if it is no count."""
        if runs is None:
            return None
        if isinstance(runs, Integral) and not isinstance(runs, bool) and int(runs) >= 1:
            return int(runs)
        self.problem(
            f"the runs of {what} are {runs!r}, expected a whole number from 1 up",
            "runs=5 for the mean of five trainings",
        )
        return None

    def text(self, what: str, text: object) -> bool:
        if not isinstance(text, str):
            self.problem(f"{what} is {what_is(text)}, expected a str")
            return False
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.problem(f"{what} holds half a character (a lone surrogate), expected whole text")
            return False
        return True

    def cell(self, place: str, cell: object, digits: int | None) -> Cell | None:
        if isinstance(cell, str):
            return cell if self.text(f"a cell in {place}", cell) else None
        number = self.number(f"a cell in {place}", cell)
        if number is None:
            return None
        return Quantity(number, digits if isinstance(number, float) else None)

    def problem(self, message: str, hint: str = "") -> None:
        self.problems.append(StudyError(message, self.line(), hint))

    def line(self) -> Where | None:
        """The line of the study's code that is calling now."""
        frame = sys._getframe(1)
        while frame.f_back is not None:
            frame = frame.f_back
            where = self._trace.place(frame.f_code.co_filename, frame.f_lineno)
            if where is not None:
                return where
        return None


def what_is(thing: object) -> str:
    """What `thing` is, for a message: its type, and its shape if it has one."""
    if thing is None:
        return "None"
    kind = type(thing)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__.split('.')[0]}."
    shape = getattr(thing, "shape", None)
    name = f"{module}{kind.__qualname__}"
    article = "an" if name[0] in "aeiouAEIOU" else "a"
    return f"{article} {name}" + (f" of shape {tuple(shape)}" if shape else "")


def no_parameter(name: str, known: Iterable[str]) -> StudyError:
    """What to say of run.parameter(name) where there are only those in `known`."""
    names = ", ".join(sorted(known))
    return StudyError(
        f"run.parameter({name!r}): study.toml declares no such parameter",
        None,
        f"there are: {names}" if names else f"write [parameters] and {name} = 0.5 there",
    )
