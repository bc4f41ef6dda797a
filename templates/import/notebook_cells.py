"""Runs the cells of a notebook that `study import` converted, and keeps what they print and draw.

A cell that fails, or for which time is up, is shown as the notebook had saved it, and marked so.
"""

import ast
import contextlib
import io
import json
import os
import re
import signal
import sys
import time
import types
import unicodedata
from pathlib import Path
from typing import Any

MOST_LINES = 400
WIDTH_MM = 150
HIGHEST_MM = 220


def run_cells(run: Any, seconds: float = 120) -> None:
    """Run the cells of cells.py one after the other, `seconds` in all, in one namespace."""
    saved = json.loads(run.file("saved.json").read_text("utf-8"))
    path = run.file("cells.py")
    _Cells(run, saved, seconds).run_all(path.read_text("utf-8"), str(path))


class _Cells:
    def __init__(self, run: Any, saved: dict[str, Any], seconds: float) -> None:
        self.run = run
        self.saved = saved["cells"]
        self.until = time.monotonic() + seconds
        self.number = 0
        self.drawn = 0
        self.failed: dict[int, str] = {}
        self.same = self.other = 0
        self.surplus: list[str] = []
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        _lay_out(run, saved)
        _stand_ins(self)

    # ------------------------------------------------------------ running

    def run_all(self, source: str, path: str) -> None:
        if re.search("matplotlib|pylab|seaborn|plot", source):
            self._catch_figures()
        pieces = re.split(r"^# %% cell (\d+).*$\n?", source, flags=re.MULTILINE)
        line = pieces[0].count("\n") + 1
        for number, code in zip(pieces[1::2], pieces[2::2], strict=True):
            self._cell(int(number), "\n" * line + code, path)
            line += code.count("\n") + 1
        self.run.string("origin", self._origin(len(pieces) // 2))

    def _cell(self, number: int, code: str, path: str) -> None:
        self.number, self.drawn = number, 0
        said = io.StringIO()
        problem = ""
        left = self.until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError("the time for its cells was up")
            _alarm(left)
            with contextlib.redirect_stdout(said):
                self._execute(code, path)
                self.keep_figures()
        except (Exception, SystemExit) as error:
            problem = f"{type(error).__name__}: {error}".split("\n")[0][:200]
            with contextlib.suppress(Exception):
                self.keep_figures()
        finally:
            _alarm(0)
        sys.stdout.write(said.getvalue())
        if problem:
            self.failed[number] = problem
            sys.stdout.write(f"cell {number} ended in {problem}\n")
        self._tell(number, said.getvalue(), problem)

    def _execute(self, code: str, path: str) -> None:
        tree = ast.parse(code, path)
        last = tree.body[-1] if tree.body else None
        shown = isinstance(last, ast.Expr) and not code.rstrip().endswith(";")
        if shown:
            tree.body.pop()
        exec(compile(tree, path, "exec"), self.names)
        if shown and isinstance(last, ast.Expr):
            self.show(eval(compile(ast.Expression(last.value), path, "eval"), self.names))

    def show(self, *values: Any, **_named: Any) -> None:
        """As a notebook shows the value of a cell's last line, and as display() does."""
        for value in values:
            kind = type(value).__module__.partition(".")[0]
            if value is None:
                continue
            if type(value).__name__ == "Figure" and kind == "matplotlib":
                self.store(value)
                sys.modules["matplotlib.pyplot"].close(value)
            elif hasattr(value, "to_string"):
                sys.stdout.write(f"{value.to_string(max_rows=60)}\n")
            elif kind != "matplotlib" and not _is_drawn(value):
                said = value if isinstance(value, _Shown) else repr(value)
                sys.stdout.write(f"{said}\n")

    # ------------------------------------------------------------ figures

    def _catch_figures(self) -> None:
        try:
            import matplotlib as mpl
            from matplotlib import pyplot as plt
        except ImportError:
            return
        mpl.rcParams["axes.unicode_minus"] = False

        def show(*_words: Any, **_named: Any) -> None:
            self.keep_figures()

        # Plain functions: pyplot gives them a signature when it chooses its backend.
        # A picture that a notebook writes to a file is one that it shows.
        plt.show = plt.savefig = plt.Figure.show = show

    def keep_figures(self) -> None:
        """Store the open figures, as a notebook shows them after a cell or at plt.show()."""
        plt = sys.modules.get("matplotlib.pyplot")
        if plt is None:
            return
        for number in plt.get_fignums():
            self.store(plt.figure(number))
        plt.close("all")

    def store(self, figure: Any) -> None:
        """Store a figure as wide as the page, if report.md shows as many of this cell."""
        if not figure.axes:
            return
        name = f"cell-{self.number}-{self.drawn + 1}"
        width, height = figure.get_size_inches()
        high = min(height * WIDTH_MM / 25.4 / width, HIGHEST_MM / 25.4)
        figure.set_size_inches(WIDTH_MM / 25.4, high)
        for axes in figure.axes:
            for artist in axes.collections:
                artist.set_rasterized(len(artist.get_offsets()) > 2000)
        self.run.figure(name, figure)
        self.drawn += 1
        if self.drawn > self._cell_saved().get("figures", 0):
            self.surplus.append(name)

    def _cell_saved(self) -> dict[str, Any]:
        return self.saved.get(str(self.number), {})

    def _saved_figures(self, number: int) -> None:
        """What report.md shows of this cell and it did not draw: as saved, or an empty frame."""
        from matplotlib.figure import Figure

        saved = self._cell_saved()
        for place in range(self.drawn + 1, saved.get("figures", 0) + 1):
            pictures = saved.get("pictures", [])
            figure = Figure()
            axes = figure.subplots()
            axes.axis("off")
            if place <= len(pictures):
                from matplotlib.image import imread

                picture = imread(self.run.file(pictures[place - 1]))
                high = picture.shape[0] / picture.shape[1] * WIDTH_MM
                figure.set_size_inches(WIDTH_MM / 25.4, min(high, HIGHEST_MM) / 25.4)
                axes.imshow(picture)
                axes.set_title("as saved in the notebook; not run here", fontsize=8)
            else:
                figure.set_size_inches(WIDTH_MM / 25.4, 1)
                axes.text(0.5, 0.5, "nothing was drawn here", ha="center", va="center")
            self.run.figure(f"cell-{number}-{place}", figure)

    # ------------------------------------------------------------ what it says of itself

    def _tell(self, number: int, said: str, problem: str) -> None:
        saved = self._cell_saved()
        if saved.get("figures", 0) > self.drawn:
            self._saved_figures(number)
        before = saved.get("text", "")
        if before and not problem:
            alike = _lines(before) == _lines(said)
            self.same += alike
            self.other += not alike
        if not saved.get("prints"):
            return
        head = f"Cell {number} printed"
        if problem and before:
            head, said = (
                f"As saved in the notebook, not run here: cell {number} printed",
                before,
            )
        elif problem:
            said += f"\n{problem}"
        lines = _lines(said)
        more = len(lines) - MOST_LINES
        rows = [[line] for line in lines[:MOST_LINES]] or [["nothing"]]
        if more > 0:
            rows.append([f"… and {more} lines more, which are in the log"])
        self.run.table(f"cell_{number}", [head], rows)

    def _origin(self, count: int) -> str:
        """One sentence on what of the notebook ran here."""
        if not self.failed:
            told = f"All cells of the notebook ran here, {count} in number."
        else:
            first = next(iter(self.failed))
            cells = ", ".join(map(str, self.failed))
            told = (
                f"{len(self.failed)} of the notebook's {count} cells did not run here ({cells}), "
                f"the first because of {_settable(self.failed[first])}: what they show is what the "
                "notebook had saved."
            )
        if self.same + self.other:
            told += f" Of {self.same + self.other} printed outputs, {self.same} are as saved."
        if self.surplus:
            told += f" Figures that the text does not show: {', '.join(self.surplus)}."
        return told


def _alarm(seconds: float) -> None:
    """Raise TimeoutError in a cell after `seconds`, where the system can; 0 takes it back."""
    if not hasattr(signal, "setitimer"):
        return

    def over(_number: int, _frame: Any) -> None:
        raise TimeoutError("the time for its cells was up")

    with contextlib.suppress(ValueError):  # only the main thread may ask for signals
        signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _lay_out(run: Any, saved: dict[str, Any]) -> None:
    """The files that lie beside the notebook, linked where a script starts; its own modules."""
    for name, path in saved.get("files", {}).items():
        target = Path(name)
        if ".." in target.parts or target.is_absolute():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.symlink(run.file(path), target)
    root = run.file("saved.json").parents[2]
    sys.path[:0] = [str(Path.cwd()), *(str(root / folder) for folder in saved["modules"])]
    if any((root / folder / "common").is_dir() for folder in saved["modules"]):
        # The notebook's own package of that name, not reports/common.
        sys.modules.pop("common", None)
        sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "StudyFinder"]


def _is_drawn(value: Any) -> bool:
    """Whether a value is what a plotting call gives back: artists, or arrays of axes."""
    items = value if isinstance(value, list | tuple) else getattr(value, "flat", None)
    if items is None:
        return False
    first = next(iter(items), None)
    return type(first).__module__.partition(".")[0] in ("matplotlib", "seaborn")


# ---------------------------------------------------------------- what a notebook has beside Python


class _Shown(str):
    """What is shown as its own words."""


def _stand_ins(cells: _Cells) -> None:
    """Stand-ins for IPython, tqdm and Colab where they are not installed."""

    def nothing(*_words: Any, **_named: Any) -> None:
        return None

    def words(data: Any = "", *_words: Any, **_named: Any) -> _Shown:
        return _Shown(data)

    shown = ("HTML", "Markdown", "Latex", "Math", "Image", "Video", "Audio", "SVG", "IFrame")
    display = types.ModuleType("IPython.display")
    vars(display).update(dict.fromkeys(shown, words))
    vars(display).update(display=cells.show, clear_output=nothing)
    vars(display).update(set_matplotlib_formats=nothing)
    shell = types.SimpleNamespace(
        run_line_magic=nothing, run_cell_magic=nothing, magic=nothing, system=nothing
    )
    ipython = types.ModuleType("IPython")
    # matplotlib asks it for a running shell, and there is none.
    vars(ipython).update(display=display, get_ipython=lambda: None, version_info=(9, 0))
    cells.names |= {"get_ipython": lambda: shell, "display": cells.show}
    drive = types.ModuleType("google.colab.drive")
    vars(drive).update(mount=nothing, flush_and_unmount=nothing)
    colab = types.ModuleType("google.colab")
    vars(colab).update(drive=drive)
    sys.modules |= {"IPython": ipython, "IPython.display": display, "IPython.core.display": display}
    sys.modules |= {"google.colab": colab, "google.colab.drive": drive}
    try:
        import tqdm  # noqa: F401
    except ImportError:
        progress = types.ModuleType("tqdm")
        for name in ("tqdm", "tqdm_notebook", "trange", "tnrange"):
            setattr(progress, name, _trange if "range" in name else _Progress)
        for name in ("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.autonotebook"):
            sys.modules[name] = progress
        vars(progress).update(auto=progress, notebook=progress, autonotebook=progress)


class _Progress:
    """A progress bar that shows nothing."""

    def __init__(self, iterable: Any = (), *_words: Any, **_named: Any) -> None:
        self.iterable = iterable

    def __iter__(self) -> Any:
        return iter(self.iterable)

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def __len__(self) -> int:
        return len(self.iterable)

    def __getattr__(self, _name: str) -> Any:
        return lambda *_words, **_named: None


def _trange(*numbers: int, **_named: Any) -> _Progress:
    return _Progress(range(*numbers))


def _lines(text: str) -> list[str]:
    """The lines for a page, those without words left out."""
    return [line for line in map(_settable, text.splitlines()) if line]


def _settable(line: str) -> str:
    """The line for a page: emoji as their names, very long words parted."""
    line = line.rpartition("\r")[2] or line
    line = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)
    line = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u200d\ufe0f]", "", line.replace("\t", "    "))
    line = re.sub(
        r"[\U00010000-\U0010ffff\u2600-\u2712\u2715-\u2716\u2719-\u27bf\u2b00-\u2bff]",
        lambda found: f"({unicodedata.name(found[0], 'a sign').lower()})",
        line,
    )
    line = line.replace("$", "\\$")
    return re.sub(r"(\S{60})(?=\S)", r"\1 ", line).rstrip()
