"""All that a report's compute.py may use: `def compute(run: Run) -> None`."""

import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from generator.compute.translated_tables import Tables
from generator.errors import StudyError, Where, raise_all
from generator.model import Cell, Figure, Quantity, Results, Table

if TYPE_CHECKING:
    import matplotlib.figure

    from generator.compute.child.seeds import Seeds
    from generator.compute.child.trace import Trace
    from generator.compute.memo.step import Memo

P = ParamSpec("P")
T = TypeVar("T")

TEXT_WIDTH_MM = 150.0
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FIGURE_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MOST_MM = 1000  # a page has 297
_MOST_DIGITS = 15  # a double has no more decimals to show


class Run:
    """One run of a script: takes what the report may quote, gives what the script may read.

    A mistake in a call (a NaN, a name used twice) is noted with the script's line and the run
    goes on, so that all of them are reported at once.
    """

    def __init__(self, trace: "Trace", folder: Path, seeds: "Seeds", memo: "Memo") -> None:
        self._trace = trace
        self._folder = folder
        self._seeds = seeds
        self._memo = memo
        self._values: dict[str, Quantity] = {}
        self._strings: dict[str, str] = {}
        self._tables = Tables()
        self._figures: dict[str, Figure] = {}
        self._files: dict[str, bytes] = {}
        self._drawn: list[tuple[matplotlib.figure.Figure, Where | None]] = []
        self._stored: set[int] = set()
        self._problems: list[StudyError] = []
        self._in_memo = False

    # ------------------------------------------------------------ what the report may quote

    def value(
        self,
        name: str,
        number: float,
        digits: int | None = None,
        unit: str = "",
        error: float | None = None,
    ) -> None:
        """Keep `number` ± `error` (one sigma), both in `unit`, as `{{ value.NAME }}`.

        number: a finite int or float, kept in full precision. digits: decimals to show when
        the text does not say.
        """
        if not self._may_keep("value", name, self._values, _NAME):
            return
        found = self._number(f"value {name}", number)
        sigma = None if error is None else self._number(f"the error of value {name}", error)
        if sigma is not None and sigma < 0:
            self._problem(f"the error of value {name} is {sigma}, a number from 0 up is due")
        if not isinstance(unit, str):
            self._problem(f"the unit of value {name} is {_what(unit)}, a str is due")
        if found is not None and self._digits(f"value {name}", digits):
            self._values[name] = Quantity(found, digits, unit, sigma)

    def string(self, name: str, text: str) -> None:
        """Keep a text that the script computed, as `{{ string.NAME }}`."""
        if self._may_keep("string", name, self._strings, _NAME) and self._text(
            f"string {name}", text
        ):
            self._strings[name] = text

    def table(
        self,
        name: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[str | float]],
        digits: int | Sequence[int | None] | None = None,
        language: str | None = None,
    ) -> None:
        """Keep a table as `{{ table.NAME }}`; every row is as long as `columns`.

        digits: decimals of the float cells, one number for all or one for each column.
        language: of its words; another language gets them by a call with the same numbers.
        """
        if not self._is_language("table", name, language):
            return
        if not self._may_keep("table", name, self._tables.of(language), _NAME):
            return
        heads = self._listed(f"the columns of table {name}", columns)
        if heads == ():
            self._problem(f"table {name} has no columns")
        lined = self._listed(f"the rows of table {name}", rows)
        if heads is None or lined is None:
            return
        for head in heads:
            self._text(f"a column of table {name}", head)
        what = f"table {name}"
        if isinstance(digits, Sequence) and not isinstance(digits, str):
            each = [shown if self._digits(what, shown) else None for shown in digits]
        else:
            each = [digits if self._digits(what, digits) else None] * len(heads)
        if len(each) != len(heads):
            self._problem(f"{what}: digits are given for {len(each)} columns, it has {len(heads)}")
            each = [None] * len(heads)
        lines: list[tuple[Cell, ...]] = []
        for number, row in enumerate(lined, 1):
            cells = self._listed(f"row {number} of table {name}", row)
            if cells is None:
                continue
            if len(cells) != len(heads):
                self._problem(
                    f"row {number} of table {name} has {len(cells)} cells, "
                    f"{len(heads)} are due, one for each column"
                )
                continue
            place = f"row {number} of table {name}"
            found = [self._cell(place, *pair) for pair in zip(cells, each, strict=True)]
            lines.append(tuple(cell for cell in found if cell is not None))
        if not lined:
            self._problem(f"table {name} has no rows")
        unlike = self._tables.keep(name, language, Table(heads, tuple(lines)))
        if unlike:
            self._problem(f"table {name} {unlike}", "only words differ by language")

    def new_figure(
        self, height_mm: float, width_mm: float = TEXT_WIDTH_MM
    ) -> "matplotlib.figure.Figure":
        """An empty figure in the house style; `figure` stores it when it is drawn."""
        from generator.compute.figures import style

        for side, length in (("height", height_mm), ("width", width_mm)):
            found = self._number(f"the {side} of a figure", length)
            if found is None or not 0 < found <= _MOST_MM:
                raise StudyError(
                    f"the {side} of a figure is {length!r} mm, a number up to {_MOST_MM} is due",
                    None,
                    f"the text is {TEXT_WIDTH_MM:g} mm wide: run.new_figure(70)",
                )
        style.load()
        self._seeds()
        figure = style.new_figure(width_mm, height_mm)
        self._trace.drawing()
        self._drawn.append((figure, self._line()))
        return figure

    def figure(
        self, name: str, fig: "matplotlib.figure.Figure", language: str | None = None
    ) -> None:
        """Store `fig` as figures/ID/NAME.svg, or as NAME.LANG.svg for one language."""
        from generator.compute.figures import style

        self._stored.add(id(fig))
        if not self._named("figure", name, _FIGURE_NAME) or not self._outside_memo("figure", name):
            return
        if not self._is_language("figure", name, language):
            return
        file = f"{name}.svg" if language is None else f"{name}.{language}.svg"
        if file in self._files:
            self._problem(
                f"figure {name} is stored twice" + (f" in {language}" * bool(language)),
                "give each a name of its own",
            )
            return
        if not style.is_figure(fig):
            self._problem(
                f"figure {name} is {_what(fig)}, a matplotlib Figure is due",
                "draw on what run.new_figure(height_mm) gives",
            )
            return
        if style.is_empty(fig):
            self._problem(
                f"figure {name} is empty: nothing is drawn on it",
                "axes = figure.subplots(), then draw on axes before run.figure",
            )
            return
        drawing, remarks = style.svg_bytes(fig)
        self._trace.drawing()
        for remark in remarks:
            self._problem(f"figure {name}: {remark}")
        if len(drawing) > style.LARGE_BYTES:
            sys.stderr.write(
                f"figure {name} has {len(drawing) // 1000} KB, {style.LARGE_BYTES // 1000} are "
                "plenty: rasterized=True makes a dense part a picture\n"
            )
        self._files[file] = drawing
        width_mm, height_mm = style.size_mm(fig)
        known = self._figures.get(name)
        files = (*(known.files if known else ()), (language or "*", file))
        self._figures[name] = Figure(tuple(sorted(files)), width_mm, height_mm)

    # ------------------------------------------------------------ what the script may read

    @property
    def seed(self) -> int:
        """The study's seed, for a generator of your own."""
        return self._seeds.seed

    def file(self, path: str) -> Path:
        """A file of the study that native code will open, counted as read by this run.

        path: relative to the report's folder, or to the study's root if it begins with
        `reports/`. Raises StudyError if it is not there or lies outside the study.
        """
        inside = str(path).startswith("reports/")
        full = Path(os.path.normpath((self._trace.root if inside else self._folder) / path))
        label = self._trace.label_of(full)
        if label is None or not full.resolve().is_relative_to(self._trace.root.resolve()):
            raise StudyError(
                f"run.file({str(path)!r}) leads out of the study",
                None,
                "copy the file into the report's folder",
            )
        if not full.is_file():
            raise StudyError(
                f"run.file({str(path)!r}): there is no file {label}",
                None,
                "paths begin at the report's folder, or with reports/",
            )
        self._trace.read(full)
        return full

    def model(self, name: str) -> Path:
        """The pinned file `name` of models.toml, its SHA-256 verified; counted by its pin."""
        from generator.machine.models import model_file

        path, sha256 = model_file(self._trace.root, name)
        self._trace.note(f"model:{name}", sha256)
        self._trace.models[str(path)] = name
        return path

    def memo(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function(*args)`, kept by content: runs again only if something it depends on changed.

        Its key is the function's source, every repository module that it reaches, the
        arguments' contents, the seed and the locked versions; what it reads is verified.
        It starts from the run's seed and leaves the caller's random numbers as they were.
        """
        before, self._in_memo = self._in_memo, True
        try:
            return self._memo.call(function, args, kwargs)
        finally:
            self._in_memo = before

    # ------------------------------------------------------------ what the harness takes

    def finish(self, *, failed: bool = False) -> tuple[Results, dict[str, bytes]]:
        """The results and the drawings. Raises every problem that was noted.

        failed: compute() did not return, so what it has not stored is no problem of its own.
        """
        tables = self._tables.all()
        for figure, where in [] if failed else self._drawn:
            if id(figure) not in self._stored:
                self._problems.append(
                    StudyError(
                        "the figure made here was never stored",
                        where,
                        "store it: run.figure(name, figure)",
                    )
                )
        if not (self._values or self._strings or tables or self._files or self._problems or failed):
            self._problems.append(
                StudyError(
                    "compute() stored nothing that a report could quote",
                    Where(self._folder.relative_to(self._trace.root).as_posix() + "/compute.py"),
                    "store something: run.value(name, number)",
                )
            )
        raise_all(self._problems, "script")
        results = Results(self._values, self._strings, tables, self._figures)
        return results, dict(self._files)

    # ------------------------------------------------------------ checks

    def _may_keep(self, kind: str, name: str, kept: dict[str, Any], form: re.Pattern[str]) -> bool:
        if not self._named(kind, name, form) or not self._outside_memo(kind, name):
            return False
        if name in kept:
            self._problem(f"{kind} {name} is stored twice", "give each a name of its own")
            return False
        return True

    def _named(self, kind: str, name: str, form: re.Pattern[str]) -> bool:
        if isinstance(name, str) and form.fullmatch(name):
            return True
        others = "digits and underscores" if form is _NAME else "digits, underscores and hyphens"
        self._problem(f"{kind} {name!r}: a name has small letters, {others}, a letter first")
        return False

    def _is_language(self, kind: str, name: str, language: object) -> bool:
        if language is None or _LANGUAGE.fullmatch(str(language)):
            return True
        self._problem(f"{kind} {name}: {language!r} is not a language, 'ko' would be one")
        return False

    def _outside_memo(self, kind: str, name: str) -> bool:
        if self._in_memo:
            self._problem(
                f"{kind} {name} is stored inside a memo, and would be missing the next time",
                "return it from the function and store it in compute()",
            )
        return not self._in_memo

    def _number(self, what: str, number: object) -> float | int | None:
        """`number` as an int or a float; None, and a problem, if it is neither or not finite."""
        if isinstance(number, bool) or not isinstance(number, Real):
            hint = ""
            if getattr(number, "shape", None):
                hint = "store one number of it, or all of them with run.table"
            elif hasattr(number, "item"):
                hint = "write .item() behind a tensor with one number"
            self._problem(f"{what} is {_what(number)}, an int or a float is due", hint)
            return None
        if isinstance(number, Integral):
            return int(number)
        if not math.isfinite(number):
            self._problem(
                f"{what} is {float(number)}, a finite number is due",
                "look for a division by zero, a logarithm of 0 or a mean of nothing before it",
            )
            return None
        return float(number)

    def _listed(self, what: str, things: object) -> tuple[Any, ...] | None:
        """`things` as a tuple; None, and a problem, if they are no list of anything."""
        if isinstance(things, Iterable) and not isinstance(things, str | bytes | Mapping | Set):
            return tuple(things)
        hint = "write a list: [ … ]"
        self._problem(f"{what}: {_what(things)}, a list is due", hint)
        return None

    def _digits(self, what: str, digits: object) -> bool:
        if digits is None or (type(digits) is int and 0 <= digits <= _MOST_DIGITS):
            return True
        more = ", or a list with one for each column," * what.startswith("table")
        self._problem(
            f"the digits of {what} are {digits!r}, "
            f"a whole number from 0 to {_MOST_DIGITS}{more} is due"
        )
        return False

    def _text(self, what: str, text: object) -> bool:
        if not isinstance(text, str):
            self._problem(f"{what} is {_what(text)}, a str is due")
            return False
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self._problem(f"{what} holds half a character (a lone surrogate), whole text is due")
            return False
        return True

    def _cell(self, place: str, cell: object, digits: int | None) -> Cell | None:
        if isinstance(cell, str):
            return cell if self._text(f"a cell in {place}", cell) else None
        number = self._number(f"a cell in {place}", cell)
        if number is None:
            return None
        return Quantity(number, digits if isinstance(number, float) else None)

    def _problem(self, message: str, hint: str = "") -> None:
        self._problems.append(StudyError(message, self._line(), hint))

    def _line(self) -> Where | None:
        """The line of the study's code that is calling now."""
        frame = sys._getframe(1)
        while frame.f_back is not None:
            frame = frame.f_back
            where = self._trace.place(frame.f_code.co_filename, frame.f_lineno)
            if where is not None:
                return where
        return None


def _what(thing: object) -> str:
    """What `thing` is, for a message: its type, and its shape if it has one."""
    if thing is None:
        return "None"
    kind = type(thing)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__.split('.')[0]}."
    shape = getattr(thing, "shape", None)
    name = f"{module}{kind.__qualname__}"
    article = "an" if name[0] in "aeiouAEIOU" else "a"
    return f"{article} {name}" + (f" of shape {tuple(shape)}" if shape else "")
