"""The cells of a notebook as Python that can stand inside a function."""

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

_MAGIC = re.compile(r"^\s*(?:%|!|\?)|^\s*[\w.]+\?{1,2}\s*$|^\s*[\w, ]+=\s*[!%]")
_INSTALL = re.compile(
    r"^\s*[!%]\s*(?:\w+\s+-m\s+)?(?:pip3?|conda|mamba|uv|apt(?:-get)?)\s+(?:pip\s+)?install\s+(.*)$"
)
# Magics that change nothing of what a cell computes.
_SILENT = re.compile(r"%(?:matplotlib|config|load_ext|reload_ext|autoreload|pylab)\b|!ls\b|!pwd\b")
_TIMED = re.compile(r"^(\s*)%time\s+(\S.*)$")
_HARMLESS = ("time", "timeit", "capture", "prun")
_FONT = re.compile(r"font[._](?:family|sans|serif|manager|name)|fontManager|\brc\(\s*['\"]font")
_LEAVING = ("exit", "quit", "sys.exit", "os._exit")


@dataclass(slots=True)
class Cell:
    """A code cell, counted from 1.

    code: its Python, magics commented out.
    """

    number: int
    code: str
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    to_do: list[str] = field(default_factory=list)


def read_cell(number: int, source: str) -> Cell:
    """A code cell, what Python cannot read in it commented out and listed."""
    cell = Cell(number, "")
    source = source.replace("\r\n", "\n").replace("\0", "").rstrip()
    lines = source.split("\n")
    head = re.match(r"^\s*%%(\w+)", lines[0])
    if head and head.group(1) not in _HARMLESS:
        cell.to_do.append(f"the cell is %%{head.group(1)}, no Python; it is a comment now")
        cell.code = _as_comment(source)
        return cell
    cell.code = source if _parsed(source) else _without_magics(lines, cell)
    try:
        with warnings.catch_warnings(action="ignore"):
            # The flag lets await stand at the top, as notebooks do; a return may not.
            compile(cell.code, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            cell.tree = ast.parse(cell.code)
    except (SyntaxError, ValueError, RecursionError) as error:
        said = f"{error.msg}, line {error.lineno}" if isinstance(error, SyntaxError) else str(error)
        cell.to_do.append(f"is no Python ({said}); it is a comment "
                          "now")  # fmt: skip
        cell.code = _as_comment(cell.code)
        return cell
    _comment_what_only_notebooks_do(cell)
    return cell


def _as_comment(source: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in source.split("\n"))


def _parsed(source: str) -> bool:
    """Whether Python reads `source` as it is, so that nothing in it is a magic."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


# ---------------------------------------------------------------- magics


def _without_magics(lines: Sequence[str], cell: Cell) -> str:
    """The lines with magics as comments, those that a backslash continues with them."""
    inside = _inside_texts(lines)
    kept: list[str] = []
    continued = False
    for index, line in enumerate(lines):
        if continued:
            kept.append(f"# {line.strip()}")
        elif index in inside or not (_MAGIC.match(line) or line.lstrip().startswith("%%")):
            kept.append(line)
            continue
        else:
            kept.append(_commented(line, cell, lines[index + 1 :]))
        continued = line.rstrip().endswith("\\")
    return "\n".join(kept)


def _inside_texts(lines: Sequence[str]) -> set[int]:
    """The indices of lines inside brackets or triple quotes, where % and ! are only letters."""
    inside: set[int] = set()
    quote = ""
    depth = 0
    for index, line in enumerate(lines):
        if quote or depth > 0:
            inside.add(index)
        plain = line
        for mark in re.findall(r'"""|\'\'\'', line):
            if not quote:
                quote = mark
            elif quote == mark:
                quote = ""
        if not quote and index not in inside and _MAGIC.match(line):
            continue
        plain = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|#.*", "", line)
        depth += sum(plain.count(letter) for letter in "([{")
        depth = max(0, depth - sum(plain.count(letter) for letter in ")]}"))
    return inside


def _commented(line: str, cell: Cell, following: Sequence[str]) -> str:
    """A magic as a comment that keeps its block whole; %time only leaves what it times."""
    timed = _TIMED.match(line)
    if timed:
        return f"{timed.group(1)}{timed.group(2)}"
    whole = line.strip()
    for after in following:
        if not whole.endswith("\\"):
            break
        whole = f"{whole[:-1].rstrip()} {after.strip()}"
    install = _INSTALL.match(whole)
    if install:
        packages = " ".join(w for w in install.group(1).split() if not w.startswith("-"))
        cell.to_do.append(f"installs {packages}: a script cannot, install it beside the study")
    elif not _SILENT.match(whole):
        cell.to_do.append(f"'{whole}' is a comment now")
    indent = line[: len(line) - len(line.lstrip())]
    said = line.strip().removesuffix("\\").rstrip()
    return f"{indent}pass  # {said}" if indent else f"# {said}"


# ---------------------------------------------------------------- what only a notebook does


def _comment_what_only_notebooks_do(cell: Cell) -> None:
    """Comment out statements that a script cannot do, each listed: fonts, leaving, IPython."""
    lines = cell.code.split("\n")
    changed = False
    for statement in reversed(cell.tree.body):
        why = _not_for_a_script(statement)
        if not why or statement.end_lineno is None:
            continue
        if any(
            other is not statement and other.lineno <= statement.end_lineno
            and (other.end_lineno or other.lineno) >= statement.lineno
            for other in cell.tree.body
        ):  # fmt: skip
            continue  # several on one line: the author sees to it, as listed
        first, last = statement.lineno - 1, statement.end_lineno
        said = " ".join(" ".join(lines[first:last]).split())
        cell.to_do.insert(0, f"'{said[:80]}' {why}; it is a comment now")
        lines[first:last] = [f"# {line}" for line in lines[first:last]]
        changed = True
    if changed:
        cell.code = "\n".join(lines)
        cell.tree = ast.parse(cell.code)


def _not_for_a_script(statement: ast.stmt) -> str:
    """Why a statement at the top of a cell cannot stand in a script; "" if it can."""
    if not isinstance(statement, ast.Expr | ast.Assign):
        return ""
    text = ast.unparse(statement)
    call = statement.value if isinstance(statement.value, ast.Call) else None
    if isinstance(statement, ast.Expr) and call and ast.unparse(call.func) in _LEAVING:
        return "would end the script"
    if call and "get_ipython()" in text:
        return "speaks to the notebook"
    target = text.partition("=")[0] if isinstance(statement, ast.Assign) else text
    if _FONT.search(target) and re.search(r"rc|font_?[mM]anager|set_theme", target):
        return "brings a font of its own, which is not here"
    return ""
