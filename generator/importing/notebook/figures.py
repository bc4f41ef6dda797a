"""How many figures the cells of a notebook certainly show."""

import ast
import re
from collections.abc import Sequence

from generator.importing.notebook.cells import Cell
from generator.importing.notebook.names import Names

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DRAWS = ("plot", "hist", "boxplot", "imshow", "scatter", "bar", "barh", "matshow", "contourf")
# What draws when pyplot's functions are called by their bare names.
_BARE = {*_DRAWS, "figure", "subplots", "subplot", "pie", "fill_between", "contour", "errorbar"}


def is_show(node: ast.AST, names: Names) -> bool:
    """Whether a node is plt.show() or fig.show()."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return names.star and node.func.id == "show"
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == "show"
        and isinstance(node.func.value, ast.Name)
        and (
            node.func.value.id == names.pyplot
            or bool(re.match(r"f(?:ig|$)", node.func.value.id))
        )
    )  # fmt: skip


def is_close(node: ast.AST, names: Names) -> bool:
    """Whether a node is plt.close(…) or plt.clf()."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("close", "clf")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == names.pyplot
    )


def saves(cell: Cell) -> bool:
    """Whether a cell saves a figure to a file."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "savefig" for node in ast.walk(cell.tree)
    )


def touches(statement: ast.AST, names: Names, drawing: set[str]) -> bool:
    """Whether a statement draws: it names pyplot, seaborn, axes, or a function that does."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            if node.id in drawing or node.id == names.pyplot or node.id in names.figure_classes:
                return True
            if names.star and node.id in _BARE:
                return True
        if isinstance(node, ast.Attribute) and node.attr in _DRAWS:
            return True
    return False


def count_figures(cells: Sequence[Cell], names: Names) -> None:
    """Note at each cell how many figures it shows, and whether that is certain."""
    drawing = {"sns", "seaborn"}
    showing: set[str] = set()
    for cell in cells:
        open_figure = False
        for statement in cell.tree.body:
            if isinstance(statement, _DEFINITIONS):
                if touches(statement, names, drawing):
                    drawing.add(statement.name)
                if any(is_show(node, names) for node in ast.walk(statement)):
                    showing.add(statement.name)
                continue
            if isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            cell.draws = True
            shows = sum(is_show(node, names) for node in ast.walk(statement))
            calls = [
                node for node in ast.walk(statement)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                and node.func.id in showing
            ]  # fmt: skip
            draws = touches(statement, names, drawing)
            branches = isinstance(statement, ast.For | ast.While | ast.If | ast.Try | ast.With)
            if branches and (shows or calls or _begins_figures(statement, names)):
                cell.uncertain = True
                open_figure = False
            elif is_close(getattr(statement, "value", statement), names):
                cell.figures += open_figure and saves(cell)
                open_figure = False
            elif shows and (open_figure or draws):
                cell.figures += 1
                open_figure = False
            elif calls:
                cell.figures += len(calls)
                open_figure = False
            elif draws and not _only_sets(statement):
                # A second figure begun while the first is open: both are shown after the cell.
                cell.figures += open_figure and _begins_figures(statement, names)
                open_figure = True
        cell.figures += open_figure


def _begins_figures(statement: ast.AST, names: Names) -> bool:
    """Whether a statement makes a figure: plt.figure(), plt.subplots(), Figure()."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            of = node.func.value
            pyplots = isinstance(of, ast.Name) and of.id == names.pyplot
            if pyplots and node.func.attr in ("figure", "subplots"):
                return True
        elif isinstance(node.func, ast.Name):
            bare = names.star and node.func.id in ("figure", "subplots")
            if bare or node.func.id in names.figure_classes:
                return True
    return False


def _only_sets(statement: ast.stmt) -> bool:
    """Whether a statement only sets how plots look: plt.rcParams[…] = …, plt.style.use(…)."""
    text = ast.unparse(statement)
    return bool(
        re.match(r"\w+\.(?:rcParams|rc|style|ion|ioff|switch_backend|set_theme|colormaps)\b", text)
    )
