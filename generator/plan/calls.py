"""The line of a script that gave a value, a string, a table or a figure, read off its source.

Names are mostly written out, or put together in an f-string; where a name comes in a variable, the
call is taken whose function also spells that name.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from generator.model import Record, Report, Results
from generator.store.files import read_study_file

KINDS = ("value", "string", "table", "figure")
_EXACT = 10_000  # better than any name of which a part is written out


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `run` that keeps something. pattern: of the names that it may keep.

    written: how many letters of the name stand there; function: the source around it.
    """

    path: str
    line: int
    kind: str
    pattern: str
    written: int
    function: str


def made_at(root: Path, report: Report, record: Record, kind: str, name: str) -> Call | None:
    """The call that kept `name` of `kind` ("value", "string", "table", "figure") for `report`.

    None where none can be found, as for a name that is computed elsewhere. record: how the
    results came about, whose sources are looked through.
    """
    best: tuple[int, Call] | None = None
    for path in _scripts(report, record):
        for call in calls_in(_source(root, path), path):
            if call.kind != kind or not re.fullmatch(call.pattern, name, re.DOTALL):
                continue
            # In a report's own script rather than in what it shares with others.
            fit = call.written * 4 + 2 * (name in call.function) + (path == report.script)
            if best is None or fit > best[0]:
                best = (fit, call)
    return best[1] if best else None


def names_of(results: Results) -> Iterator[tuple[str, str]]:
    """Kind and name of everything that a script kept."""
    kept: Mapping[str, Iterable[str]] = {
        "value": results.values,
        "string": results.strings,
        "table": results.tables,
        "figure": results.figures,
    }
    for kind in KINDS:
        for name in kept[kind]:
            yield kind, name


def _scripts(report: Report, record: Record) -> list[str]:
    read = [path for path in record.inputs if path.endswith(".py") and ":" not in path]
    own = [report.script] if report.script else []
    return [*own, *(path for path in read if path not in own)]


def _source(root: Path, path: str) -> str:
    try:
        return read_study_file(root, path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


@lru_cache(maxsize=64)
def calls_in(source: str, path: str) -> tuple[Call, ...]:
    """Every call in `source` that keeps something; none where it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found: list[Call] = []
    lines = source.splitlines()

    def walk(node: ast.AST, around: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in KINDS
            and (name := _name(node)) is not None
        ):
            pattern, written = _pattern(name)
            exact = isinstance(name, ast.Constant)
            # Where the attribute stands: a call may begin lines above it.
            line = node.func.end_lineno or node.lineno
            found.append(
                Call(path, line, node.func.attr, pattern, _EXACT if exact else written, around)
            )
        for child in ast.iter_child_nodes(node):
            walk(child, around)

    walk(tree, source)
    return tuple(found)


def _name(call: ast.Call) -> ast.expr | None:
    """The expression that a call gives as the name; None if it gives none."""
    if call.args:
        return call.args[0]
    return next((each.value for each in call.keywords if each.arg == "name"), None)


def _pattern(name: ast.expr) -> tuple[str, int]:
    """A regular expression of what an expression may give, and how many of its letters are sure."""
    match name:
        case ast.Constant(value=str(text)):
            return re.escape(text), len(text)
        case ast.JoinedStr(values=parts):
            patterns = [_pattern(part) for part in parts]
            return "".join(each for each, _ in patterns), sum(sure for _, sure in patterns)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            one, other = _pattern(left), _pattern(right)
            return one[0] + other[0], one[1] + other[1]
        case ast.IfExp(body=body, orelse=orelse):
            one, other = _pattern(body), _pattern(orelse)
            return f"(?:{one[0]}|{other[0]})", min(one[1], other[1])
    return ".*", 0
