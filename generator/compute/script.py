"""All that a report's compute.py may use: `def compute(run: Run) -> None`."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from generator.compute.arguments import FIGURE_NAME, NAME, Arguments, no_parameter, what_is
from generator.compute.frames import columns_and_rows, is_frame
from generator.compute.translated_tables import Tables
from generator.drawing.flaws import flaws
from generator.errors import StudyError, Where, raise_all
from generator.model import Cell, Figure, Parameter, Quantity, Results, Table
from generator.plan.labels import parameter_label

if TYPE_CHECKING:
    import matplotlib.figure

    from generator.compute.child.seeds import Seeds
    from generator.compute.child.trace import Trace


class Frame(Protocol):
    """A frame of pandas or polars: named columns, and rows that `frames` knows how to get."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""


P = ParamSpec("P")
T = TypeVar("T")
# A function, its arguments → what it returns: now, or in an earlier run.
_Memo = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]

TEXT_WIDTH_MM = 150.0
_MOST_MM = 1000  # a page has 297


class Run:
    """One run of a script: takes what the report may quote, gives what the script may read.

    A mistake in a call (a NaN, a name used twice) is noted with the script's line and the run
    goes on, so that all of them are reported at once.
    """

    def __init__(
        self,
        trace: "Trace",
        folder: Path,
        seeds: "Seeds",
        memo: _Memo,
        parameters: Mapping[str, Parameter],
    ) -> None:
        self._trace = trace
        self._parameters = parameters
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
        self._check = Arguments(trace)
        self._in_memo = False
        self.warnings: list[str] = []

    # ------------------------------------------------------------ what the report may quote

    def value(
        self,
        name: str,
        number: float,
        digits: int | None = None,
        unit: str = "",
        error: float | None = None,
        runs: int | None = None,
    ) -> None:
        """Keep `number` ± `error` (one sigma), both in `unit`, as `{{ value.NAME }}`.

        number: a finite int or float, kept in full precision. digits: decimals to show when
        the text does not say. runs: how many runs of an experiment, such as trainings from
        different seeds, stand behind the number; leave it out for what has no chance in it.
        """
        if not self._may_keep("value", name, self._values, NAME):
            return
        found = self._check.number(f"value {name}", number)
        sigma = None if error is None else self._check.number(f"the error of value {name}", error)
        if sigma is not None and sigma < 0:
            self._check.problem(
                f"the error of value {name} is {sigma}, expected a number from 0 up"
            )
        if not isinstance(unit, str):
            self._check.problem(f"the unit of value {name} is {what_is(unit)}, expected a str")
        counted = self._check.runs(f"value {name}", runs)
        if found is not None and self._check.digits(f"value {name}", digits):
            self._values[name] = Quantity(found, digits, unit, sigma, counted)

    def string(self, name: str, text: str) -> None:
        """Keep a text that the script computed, as `{{ string.NAME }}`."""
        if self._may_keep("string", name, self._strings, NAME) and self._check.text(
            f"string {name}", text
        ):
            self._strings[name] = text

    def table(
        self,
        name: str,
        columns: "Sequence[str] | Frame",
        rows: Iterable[Sequence[str | float]] | None = None,
        digits: int | Sequence[int | None] | None = None,
        language: str | None = None,
        runs: int | None = None,
        total: bool = False,
    ) -> None:
        """Keep a table as `{{ table.NAME }}`; every row is as long as `columns`.

        A frame of pandas or polars has both: run.table("scores", df, digits=2).
        digits: decimals of the float cells, one number for all or one for each column.
        language: of its words; another language gets them by a call with the same numbers.
        runs: how many runs of an experiment stand behind each number, as for a value.
        total: the last row sums up the others, and is set apart from them.
        """
        if not self._check.is_language("table", name, language):
            return
        if not self._may_keep("table", name, self._tables.of(language), NAME):
            return
        if rows is None:
            if not is_frame(columns):
                self._check.problem(
                    f"table {name} is {what_is(columns)}, expected columns and rows, or a frame",
                    f'run.table("{name}", ["a", "b"], [[1, 2], [3, 4]])',
                )
                return
            found_rows = columns_and_rows(name, columns, self._check)
            if found_rows is None:
                return
            columns, rows = found_rows
        heads = self._check.listed(f"the columns of table {name}", columns)
        if heads == ():
            self._check.problem(f"table {name} has no columns")
        lined = self._check.listed(f"the rows of table {name}", rows)
        if heads is None or lined is None:
            return
        for head in heads:
            self._check.text(f"a column of table {name}", head)
        what = f"table {name}"
        if isinstance(digits, Sequence) and not isinstance(digits, str):
            each = [shown if self._check.digits(what, shown) else None for shown in digits]
        else:
            each = [digits if self._check.digits(what, digits) else None] * len(heads)
        if len(each) != len(heads):
            self._check.problem(
                f"{what}: digits are given for {len(each)} columns, it has {len(heads)}"
            )
            each = [None] * len(heads)
        lines: list[tuple[Cell, ...]] = []
        for number, row in enumerate(lined, 1):
            cells = self._check.listed(f"row {number} of table {name}", row)
            if cells is None:
                continue
            if len(cells) != len(heads):
                self._check.problem(
                    f"row {number} of table {name} has {len(cells)} cells, "
                    f"expected {len(heads)}, one for each column"
                )
                continue
            place = f"row {number} of table {name}"
            found = [self._check.cell(place, *pair) for pair in zip(cells, each, strict=True)]
            lines.append(tuple(cell for cell in found if cell is not None))
        if not lined:
            self._check.problem(f"table {name} has no rows")
        counted = self._check.runs(f"table {name}", runs)
        unlike = self._tables.keep(
            name, language, Table(heads, tuple(lines), runs=counted, total=bool(total))
        )
        if unlike:
            self._check.problem(f"table {name} {unlike}", "only words differ by language")

    def new_figure(
        self, height_mm: float, width_mm: float = TEXT_WIDTH_MM
    ) -> "matplotlib.figure.Figure":
        """An empty figure in the house style; `figure` stores it when it is drawn."""
        from generator.compute.figures import style

        for side, length in (("height", height_mm), ("width", width_mm)):
            found = self._check.number(f"the {side} of a figure", length)
            if found is None or not 0 < found <= _MOST_MM:
                raise StudyError(
                    f"the {side} of a figure is {length!r} mm, expected a number up to {_MOST_MM}",
                    None,
                    f"the text is {TEXT_WIDTH_MM:g} mm wide: run.new_figure(70)",
                )
        style.load()
        self._seeds()
        figure = style.new_figure(width_mm, height_mm)
        self._trace.drawing()
        self._drawn.append((figure, self._check.line()))
        return figure

    def figure(
        self, name: str, fig: "matplotlib.figure.Figure", language: str | None = None
    ) -> None:
        """Store `fig` as figures/ID/NAME.svg, or as NAME.LANG.svg for one language."""
        from generator.compute.figures import style

        self._stored.add(id(fig))
        if not self._check.named("figure", name, FIGURE_NAME) or not self._outside_memo(
            "figure", name
        ):
            return
        if not self._check.is_language("figure", name, language):
            return
        file = f"{name}.svg" if language is None else f"{name}.{language}.svg"
        if file in self._files:
            self._check.problem(
                f"figure {name} is stored twice" + (f" in {language}" * bool(language)),
                "give each a name of its own",
            )
            return
        if not style.is_figure(fig):
            self._check.problem(
                f"figure {name} is {what_is(fig)}, expected a matplotlib Figure",
                "draw on what run.new_figure(height_mm) gives",
            )
            return
        if style.is_empty(fig):
            self._check.problem(
                f"figure {name} is empty: nothing is drawn on it",
                "axes = figure.subplots(), then draw on axes before run.figure",
            )
            return
        drawing, remarks = style.svg_bytes(fig)
        self._trace.drawing()
        for remark, hint in remarks:
            self._check.problem(f"figure {name}: {remark}", hint)
        if len(drawing) > style.LARGE_BYTES:
            self._warn(
                f"figure {name} has {len(drawing) // 1000} KB, {style.LARGE_BYTES // 1000} are "
                "plenty: rasterized=True makes a dense part a picture"
            )
        cut = style.cut_off(fig)
        if cut:
            self._warn(
                f"figure {name} is cut off: {', '.join(cut)}; shorten the words, or make room with "
                "fig.subplots_adjust"
            )
        # What is only hard to read is told by `study check`.
        for flaw in flaws(drawing):
            if flaw.grave and not (cut and flaw.rule == "cut"):
                self._warn(f"figure {name}: {flaw.message}; {flaw.hint}")
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

    def parameter(self, name: str) -> Any:
        """The parameter `name` that study.toml declares for this report or for the study.

        A list comes as a tuple. The run depends on its value: another one computes anew.
        Raises StudyError if there is none of that name.
        """
        if name not in self._parameters:
            raise no_parameter(name, self._parameters)
        value = self._parameters[name]
        self._trace.note(*parameter_label(name, value))
        return value

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
            result: T = self._memo(function, args, kwargs)
            return result
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
                self._check.problems.append(
                    StudyError(
                        "the figure made here was never stored",
                        where,
                        "store it: run.figure(name, figure)",
                    )
                )
        if not (
            self._values or self._strings or tables or self._files or self._check.problems or failed
        ):
            self._check.problems.append(
                StudyError(
                    "compute() stored nothing that a report could quote",
                    Where(self._folder.relative_to(self._trace.root).as_posix() + "/compute.py"),
                    "store something: run.value(name, number)",
                )
            )
        raise_all(self._check.problems, "script")
        results = Results(self._values, self._strings, tables, self._figures)
        return results, dict(self._files)

    # ------------------------------------------------------------ checks

    def _warn(self, text: str) -> None:
        """Say something that is no mistake, with the script's line: now in the log, and later."""
        where = self._check.line()
        self.warnings.append(f"{where}: {text}" if where else text)
        sys.stderr.write(f"{text}\n")

    def _may_keep(self, kind: str, name: str, kept: dict[str, Any], form: re.Pattern[str]) -> bool:
        if not self._check.named(kind, name, form) or not self._outside_memo(kind, name):
            return False
        if name in kept:
            self._check.problem(f"{kind} {name} is stored twice", "give each a name of its own")
            return False
        return True

    def _outside_memo(self, kind: str, name: str) -> bool:
        if self._in_memo:
            self._check.problem(
                f"{kind} {name} is stored inside a memo, and would be missing the next time",
                "return it from the function and store it in compute()",
            )
        return not self._in_memo
