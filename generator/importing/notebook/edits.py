"""A cell's code rewritten for a function: imports gone to the top, shows led to keep_figures."""

import ast
from collections.abc import Sequence

from generator.importing.notebook.cells import Cell
from generator.importing.notebook.figures import is_close, is_show, saves, touches
from generator.importing.notebook.names import Names, shows_last


def indented(cell: Cell, names: Names) -> list[str]:
    """The cell's lines for the body of compute(), its module-level imports taken out."""
    code = _rewritten(cell, names)
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


def _rewritten(cell: Cell, names: Names) -> str:
    starts = [statement.lineno for statement in cell.tree.body]
    if len(set(starts)) < len(starts):  # several statements on one line
        shown = shows_last(cell)
        cell.code = ast.unparse(cell.tree) + ("" if shown else ";" if starts else "")
        cell.tree = ast.parse(cell.code)
    keep = names.free("keep_figures")
    edits: list[tuple[ast.AST, str]] = []
    for statement in cell.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            if ast.unparse(statement) not in names.stay:
                edits.append((statement, ""))
        elif isinstance(statement, ast.Global):
            edits.append((statement, "pass"))
    gone = {id(node) for node, _ in edits}
    last = cell.tree.body[-1] if cell.tree.body else None
    if isinstance(last, ast.Expr) and shows_last(cell) and not is_show(last.value, names):
        segment = ast.get_source_segment(cell.code, last.value)
        if segment and not _is_drawing_call(last.value, names):
            edits.append((last, f"print({segment})"))
            gone |= {id(node) for node in ast.walk(last)}
    saved = names.plots and saves(cell)
    for node in ast.walk(cell.tree):
        if id(node) in gone:
            continue
        if names.plots and (is_show(node, names) or (saved and is_close(node, names))):
            edits.append((node, f"{keep}()"))
        elif isinstance(node, ast.Call) and _attribute(node) == "savefig":
            edits.append((node, "None"))
        elif isinstance(node, ast.Global):
            edits.append((node, f"nonlocal {', '.join(node.names)}"))
        elif isinstance(node, ast.Name) and node.id == "display" and names.prints:
            edits.append((node, "print"))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in names.figure_classes:
            # A figure that pyplot does not know is one that keep_figures does not see.
            edits.append((node.func, f"{names.pyplot or 'plt'}.figure"))
        elif isinstance(node, ast.Compare) and ast.unparse(node) == "__name__ == '__main__'":
            edits.append((node, "True"))
    return _edited(cell.code, edits).strip("\n")


def _attribute(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _is_drawing_call(node: ast.expr, names: Names) -> bool:
    """Whether an expression only draws, so that what it returns is not worth printing."""
    if names.figure_classes and isinstance(node, ast.Name) and node.id.startswith("fig"):
        return True
    return isinstance(node, ast.Call) and names.plots and touches(node, names, {"sns", "seaborn"})


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
    places.sort(key=lambda place: (place[0], -place[1]))
    reached = 0
    outer = []
    for begin, end, new in places:
        if begin >= reached:  # else it stands inside of what is replaced as a whole
            outer.append((begin, end, new))
            reached = end
    for begin, end, new in reversed(outer):
        content = content[:begin] + new + content[end:]
    return content.decode()
