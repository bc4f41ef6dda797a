"""The cells of a notebook as Python that stands inside a function."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_MAGIC = re.compile(r"^\s*(?:%|!|\?)|^\s*[\w.]+\?{1,2}\s*$|^\s*[\w, ]+=\s*[!%]")
_INSTALL = re.compile(
    r"^\s*[!%]\s*(?:\w+\s+-m\s+)?(?:pip3?|conda|mamba|uv|apt(?:-get)?)\s+(?:pip\s+)?install\s+(.*)$"
)
_HARMLESS = ("time", "timeit", "capture", "prun")
_PYPLOT = ("matplotlib.pyplot", "pylab")
_DRAWING = ("matplotlib", "seaborn", "pylab")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class Cell:
    """A code cell (number from 1), or the words of another cell (number 0).

    code: its Python, magics commented out. figures: how many it certainly shows.
    """

    number: int
    code: str
    words: str = ""
    shown_last: bool = False
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    to_do: list[str] = field(default_factory=list)
    figures: int = 0
    uncertain: bool = False
    draws: bool = False

    def indented(self, names: "Names") -> list[str]:
        """The cell's lines for the body of compute(), its module-level imports taken out."""
        code = _rewritten(self, names)
        lines = code.split("\n")
        inside: set[int] = set()
        for node in ast.walk(ast.parse(code)):
            if not isinstance(node, ast.JoinedStr | ast.Constant):
                continue
            if isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes):
                continue
            if node.end_lineno and node.end_lineno > node.lineno:
                inside |= set(range(node.lineno + 1, node.end_lineno + 1))
        return [
            line if number in inside or not line.strip() else f"    {line}"
            for number, line in enumerate(lines, 1)
        ]


def read_cell(number: int, source: str, shown_last: bool) -> Cell:
    """A code cell, what Python cannot read in it commented out and listed."""
    cell = Cell(number, "", shown_last=shown_last)
    lines = source.replace("\r\n", "\n").rstrip().split("\n")
    head = re.match(r"^\s*%%(\w+)", lines[0] if lines else "")
    if head and head.group(1) not in _HARMLESS:
        cell.to_do.append(f"the cell is %%{head.group(1)}, no Python; it is a comment now")
        cell.code = "\n".join(f"# {line}" for line in lines)
        return cell
    inside = _inside_texts(lines)
    kept = []
    for index, line in enumerate(lines):
        if index not in inside and (_MAGIC.match(line) or (head and index == 0)):
            kept.append(_commented(line, cell))
        else:
            kept.append(line)
    cell.code = "\n".join(kept)
    try:
        cell.tree = ast.parse(cell.code)
    except SyntaxError as error:
        cell.to_do.append(f"is no Python that can stand in a function ({error.msg}, line "
                          f"{error.lineno}); it is a comment now")  # fmt: skip
        cell.code = "\n".join(f"# {line}" for line in cell.code.split("\n"))
        return cell
    if any(isinstance(node, ast.Await) for node in ast.walk(cell.tree)):
        cell.to_do.append("waits with await at its top")
    return cell


def _inside_texts(lines: Sequence[str]) -> set[int]:
    """The indices of lines inside a text in triple quotes, where % and ! are only letters."""
    inside: set[int] = set()
    quote = ""
    for index, line in enumerate(lines):
        if quote:
            inside.add(index)
        for mark in re.findall(r'"""|\'\'\'', line):
            if not quote:
                quote = mark
            elif quote == mark:
                quote = ""
    return inside


def _commented(line: str, cell: Cell) -> str:
    """A magic as a comment, in a statement that keeps its block whole."""
    install = _INSTALL.match(line)
    if install:
        packages = " ".join(w for w in install.group(1).split() if not w.startswith("-"))
        cell.to_do.append(f"installs {packages}: install it beside the study")
    else:
        cell.to_do.append(f"'{line.strip()}' is a comment now")
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass  # {line.strip()}" if indent else f"# {line.strip()}"


# ---------------------------------------------------------------- names


@dataclass(slots=True)
class Names:
    """What the names of a notebook say: imports to stand first, how it plots, what is taken."""

    imports: list[str] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    stay: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    globals: list[str] = field(default_factory=list)
    pyplot: str = ""
    plots: bool = False
    prints: bool = False
    run: str = "run"

    def free(self, name: str) -> str:
        """`name`, or a name like it that the notebook does not use."""
        while name in self.used:
            name += "_"
        return name

    def to_do(self, folder: Path) -> Iterator[str]:
        """What the author must see to: packages that are not there, questions to the keyboard."""
        for module in sorted(self.modules):
            if module in sys.stdlib_module_names or module in ("google", "IPython"):
                continue
            if (folder / f"{module}.py").exists() or (folder / module).is_dir():
                yield f"imports {module} beside it: move it to reports/common, import it from there"
            elif importlib.util.find_spec(module) is None:
                yield f"imports {module}, which is not installed here"
        if "google" in self.modules:
            yield "uses Google Colab: take out what only works there"
        if "input" in self.used:
            yield "asks for input(): write the answer into the script"


def names_in(cells: Sequence[Cell]) -> Names:
    """What all cells together import, define and use; counts each cell's figures."""
    names = Names()
    assigned: set[str] = set()
    found: list[ast.Import | ast.ImportFrom] = []
    for cell in cells:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Name):
                names.used.add(node.id)
            elif isinstance(node, ast.arg):
                names.used.add(node.arg)
            elif isinstance(node, ast.Global):
                names.globals += [name for name in node.names if name not in names.globals]
        for statement in cell.tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                found.append(statement)
            else:
                assigned |= set(_bound(statement))
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Import):
                names.modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.modules.add(node.module.split(".")[0])
    names.used |= assigned
    for statement in found:
        bound = {(a.asname or a.name).split(".")[0] for a in statement.names}
        text = ast.unparse(statement)
        if bound & assigned:
            names.stay.add(text)
        elif text not in names.imports:
            names.imports.append(text)
        for alias in statement.names:
            full = alias.name
            if isinstance(statement, ast.ImportFrom):
                full = f"{statement.module}.{alias.name}"
            if full in _PYPLOT:
                names.pyplot = alias.asname or alias.name
    names.plots = bool(names.modules & set(_DRAWING)) or any(
        re.search(r"\.(?:plot|hist|boxplot)\b", cell.code) and "pandas" in names.modules
        for cell in cells
    )
    names.prints = bool({"print", "display", "pprint"} & names.used) or any(
        _shows_last(cell) for cell in cells
    )
    names.run = "run" if "run" not in names.used else names.free("study_run")
    if names.plots:
        _count_figures(cells, names)
    return names


def _bound(statement: ast.AST) -> Iterator[str]:
    """The names that a statement binds in the cell itself, not inside functions."""
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
        return
    if isinstance(statement, ast.Lambda):
        return
    if isinstance(statement, ast.Name) and isinstance(statement.ctx, ast.Store | ast.Del):
        yield statement.id
    for child in ast.iter_child_nodes(statement):
        yield from _bound(child)


def _is_show(node: ast.AST, names: Names) -> bool:
    """Whether a node is plt.show() or fig.show()."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "show"
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id == names.pyplot or node.func.value.id.startswith("fig"))
    )


def _touches(statement: ast.AST, names: Names, drawing: set[str]) -> bool:
    """Whether a statement draws: it names pyplot, seaborn, axes, or a function that does."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and (node.id in drawing or node.id == names.pyplot):
            return True
        if isinstance(node, ast.Attribute) and node.attr in ("plot", "hist", "boxplot", "imshow"):
            return True
    return False


def _count_figures(cells: Sequence[Cell], names: Names) -> None:
    drawing = {"sns", "seaborn"}
    showing: set[str] = set()
    for cell in cells:
        open_figure = False
        for statement in cell.tree.body:
            if isinstance(statement, _DEFINITIONS):
                if _touches(statement, names, drawing):
                    drawing.add(statement.name)
                if any(_is_show(node, names) for node in ast.walk(statement)):
                    showing.add(statement.name)
                continue
            if isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            cell.draws = True
            shows = sum(_is_show(node, names) for node in ast.walk(statement))
            calls = [
                node for node in ast.walk(statement)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                and node.func.id in showing
            ]  # fmt: skip
            draws = _touches(statement, names, drawing)
            branches = isinstance(statement, ast.For | ast.While | ast.If | ast.Try)
            if branches and (shows or calls):
                cell.uncertain = True
                open_figure = False
                continue
            if shows and (open_figure or draws):
                cell.figures += 1
                open_figure = False
            elif calls:
                cell.figures += len(calls)
                open_figure = False
            elif draws and not _only_sets(statement):
                open_figure = True
        cell.figures += open_figure


def _only_sets(statement: ast.stmt) -> bool:
    """Whether a statement only sets how plots look: plt.rcParams[…] = …, plt.style.use(…)."""
    text = ast.unparse(statement)
    return bool(
        re.match(r"\w+\.(?:rcParams|rc|style|close|ion|ioff|switch_backend|set_theme)\b", text)
    )


# ---------------------------------------------------------------- rewriting


def _shows_last(cell: Cell) -> bool:
    """Whether the cell's last line is a bare expression that the notebook showed."""
    last = cell.tree.body[-1] if cell.tree.body else None
    if not isinstance(last, ast.Expr) or isinstance(last.value, ast.Constant | ast.Await):
        return False
    if cell.code.rstrip().endswith(";"):
        return False
    return cell.shown_last or not isinstance(last.value, ast.Call)


def _rewritten(cell: Cell, names: Names) -> str:
    """The cell's code: imports gone to the top, shows and saves of figures led to keep_figures."""
    starts = [statement.lineno for statement in cell.tree.body]
    if len(set(starts)) < len(starts):  # several statements on one line
        cell.code = ast.unparse(cell.tree)
        cell.tree = ast.parse(cell.code)
    edits: list[tuple[ast.AST, str]] = []
    for statement in cell.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            text = ast.unparse(statement)
            if text not in names.stay:
                edits.append((statement, ""))
    gone = {id(node) for node, _ in edits}
    last = cell.tree.body[-1] if cell.tree.body else None
    if isinstance(last, ast.Expr) and _shows_last(cell) and not _is_show(last.value, names):
        segment = ast.get_source_segment(cell.code, last.value)
        if segment and not _is_drawing_call(last.value, names):
            edits.append((last, f"print({segment})"))
            gone |= {id(node) for node in ast.walk(last)}
    for node in ast.walk(cell.tree):
        if id(node) in gone:
            continue
        if names.plots and _is_show(node, names):
            edits.append((node, "keep_figures()"))
        elif isinstance(node, ast.Call) and _attribute(node) == "savefig":
            edits.append((node, "None"))
        elif isinstance(node, ast.Global):
            edits.append((node, f"nonlocal {', '.join(node.names)}"))
        elif isinstance(node, ast.Name) and node.id == "display" and names.prints:
            edits.append((node, "print"))
        elif isinstance(node, ast.Compare) and ast.unparse(node) == "__name__ == '__main__'":
            edits.append((node, "True"))
    return _edited(cell.code, edits).strip("\n")


def _attribute(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _is_drawing_call(node: ast.expr, names: Names) -> bool:
    """Whether an expression only draws, so that what it returns is not worth printing."""
    return isinstance(node, ast.Call) and names.plots and _touches(node, names, {"sns", "seaborn"})


def _edited(code: str, edits: Sequence[tuple[ast.AST, str]]) -> str:
    """`code` with the source of each node replaced; positions are bytes, as ast counts them."""
    lines = [line.encode() for line in code.split("\n")]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    content = code.encode()
    places = []
    for node, text in edits:
        assert isinstance(node, ast.stmt | ast.expr)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        places.append((begin, end, text.encode()))
    for begin, end, new in sorted(places, reverse=True):
        content = content[:begin] + new + content[end:]
    return content.decode()
