"""A run of a report's script inside a notebook: what it keeps is shown instead of printed."""

import html
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from generator.compute.arguments import no_parameter
from generator.compute.child.seeds import Seeds
from generator.compute.script import TEXT_WIDTH_MM, Frame
from generator.errors import StudyError, Where
from generator.model import Parameter

if TYPE_CHECKING:
    import matplotlib.figure

P = ParamSpec("P")
T = TypeVar("T")


class Shown:
    """A drawing or a table that a notebook shows."""

    def __init__(self, svg: str = "", table: str = "") -> None:
        self._svg = svg
        self._table = table

    def _repr_svg_(self) -> str | None:
        return self._svg or None

    def _repr_html_(self) -> str | None:
        return self._table or None


class NotebookRun:
    """What `compute(run)` is given in a notebook: the calls of a script's Run, without a guard.

    Nothing is kept between sessions: a memo simply runs. values, strings: name → what was stored.
    """

    def __init__(
        self, folder: Path, root: Path, seed: int, parameters: Mapping[str, Parameter] | None = None
    ) -> None:
        self._folder = folder
        self._parameters = dict(parameters or {})
        self._root = root
        self.seed = seed
        self.values: dict[str, float] = {}
        self.strings: dict[str, str] = {}
        self._shown: dict[str, Shown] = {}

    def value(
        self,
        name: str,
        number: float,
        digits: int | None = None,
        unit: str = "",
        error: float | None = None,
        runs: int | None = None,
    ) -> None:
        """Keep a number as `run.values[name]`."""
        self.values[name] = number

    def string(self, name: str, text: str) -> None:
        """Keep a text as `run.strings[name]`."""
        self.strings[name] = text

    def table(
        self,
        name: str,
        columns: Sequence[str] | Frame,
        rows: Iterable[Sequence[str | float]] | None = None,
        digits: int | Sequence[int | None] | None = None,
        language: str | None = None,
        runs: int | None = None,
        total: bool = False,
    ) -> None:
        """Keep a table for `run.show(name)`; of one in several languages the first."""
        if rows is None:  # a frame
            frame: Any = columns
            columns = [str(head) for head in frame.columns]
            pandas = hasattr(frame, "itertuples")
            rows = frame.itertuples(index=False, name=None) if pandas else frame.rows()
        heads = list(cast(Sequence[str], columns))
        each = list(digits) if isinstance(digits, Sequence) else [digits] * len(heads)
        cells = [[_cell(cell, d) for cell, d in zip(row, each, strict=True)] for row in rows or ()]
        lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
        head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
        whole = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
        self._shown.setdefault(name, Shown(table=whole))

    def new_figure(
        self, height_mm: float, width_mm: float = TEXT_WIDTH_MM
    ) -> "matplotlib.figure.Figure":
        """An empty figure in the house style."""
        from generator.compute.figures import style

        style.load()
        return style.new_figure(width_mm, height_mm)

    def figure(
        self, name: str, fig: "matplotlib.figure.Figure", language: str | None = None
    ) -> None:
        """Keep a drawing for `run.show(name)`; of one in several languages the first."""
        from generator.compute.figures import style

        drawing, remarks = style.svg_bytes(fig)
        for remark, _ in remarks:
            sys.stderr.write(f"figure {name}: {remark}\n")
        self._shown.setdefault(name, Shown(svg=drawing.decode()))

    def parameter(self, name: str) -> Any:
        """The parameter `name` of study.toml."""
        if name not in self._parameters:
            raise no_parameter(name, self._parameters)
        return self._parameters[name]

    def file(self, path: str) -> Path:
        """A file of the study: relative to the report's folder, or to the root with reports/."""
        inside = str(path).startswith("reports/")
        return Path(os.path.normpath((self._root if inside else self._folder) / path))

    def model(self, name: str) -> Path:
        """The pinned file `name` of models.toml, fetched if it is not there, its digest checked."""
        from generator.machine.models import model_file

        return model_file(self._root, name)[0]

    def memo(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function(*args)`, run now: a notebook keeps nothing between sessions."""
        return function(*args, **kwargs)

    def show(self, name: str) -> Shown:
        """The figure or table `name`, to be shown by the notebook."""
        if name not in self._shown:
            raise StudyError(
                f"compute() has stored no figure or table '{name}'",
                None,
                "run the cell with compute(run) first",
            )
        return self._shown[name]


def _cell(cell: Any, digits: int | None) -> str:
    if isinstance(cell, str):
        return html.escape(cell)
    if digits is not None and isinstance(cell, float):
        return f"{cell:.{digits}f}"
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def run_for(report: str, start: Path | None = None) -> NotebookRun:
    """A run of the script of `report` in the study at or above `start`, random numbers at its seed.

    What the script imports of reports/ can be imported afterwards.
    Raises StudyError where there is no study, or no such report with a script.
    """
    from generator.study.load import find_root, load_study

    root = find_root(start or Path.cwd())
    study = load_study(root)
    found = [r for _, r in study.reports() if r.id == report and r.script]
    if not found:
        raise StudyError(
            f"the study has no report '{report}' with a script",
            Where("study.toml"),
            "write the notebook again with `study notebook`",
        )
    for folder in (root / "reports", root / found[0].folder):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    _seeded(study.seed, root / ".study" / "plots")
    parameters = study.parameters_of(found[0])
    return NotebookRun(root / found[0].folder, root, study.seed, parameters)


def _seeded(seed: int, plots: Path) -> None:
    """Random numbers and plots as in a build: numpy, torch and matplotlib settled if installed."""
    from importlib import import_module

    plots.mkdir(parents=True, exist_ok=True)
    for name in ("numpy", "torch", "matplotlib"):
        with suppress(ImportError):
            import_module(name)
    Seeds(seed, plots, nullcontext)()
