"""A notebook as a report's script and a first text: imports first, its cells in their order."""

import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.digest import read_json
from generator.errors import Where
from generator.importing.draft import Remark
from generator.importing.notebook.cells import Cell, read_cell
from generator.importing.notebook.edits import indented
from generator.importing.notebook.figures import count_figures, saves
from generator.importing.notebook.names import Names, names_in
from generator.store.files import read_study_file

_TAIL_LINES = 40
_READ_ERRORS = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Converted:
    """What a notebook became: a script ("" if it could not), and how many figures it stores."""

    script: str
    figures: int
    prints: bool
    remarks: tuple[Remark, ...]


def converted(path: Path, shown: str) -> Converted:
    """The notebook at `path`; what its script cannot hold is in the remarks."""
    remarks: list[Remark] = []

    def to_do(text: str) -> None:
        remarks.append(Remark("to do", text, Where(shown)))

    try:
        data = read_json(read_study_file(path.parent, path.name).decode("utf-8-sig"))
        raw = data["cells"] if "cells" in data else data["worksheets"][0]["cells"]
        pieces = [_piece(cell) for cell in raw]
        language = _language(data.get("metadata") or {})
    except _READ_ERRORS as error:
        to_do(f"is no notebook that can be read ({_why(error)}); not converted")
        return Converted("", 0, False, tuple(remarks))
    if language.lower() not in ("python", "python3", "ipython"):
        to_do(f"is written in {language}, not in Python; not converted")
        return Converted("", 0, False, tuple(remarks))
    cells: list[Cell] = []
    number = 0
    for piece in pieces:
        if piece.kind == "code":
            number += 1
            cell = read_cell(number, piece.source, piece.shown_last)
            cell.pictures = piece.pictures
            for text in cell.to_do:
                to_do(f"cell {number}: {text}")
            for name in piece.failed:
                to_do(f"cell {number}: had ended in {name} when saved")
            cells.append(cell)
        elif piece.source.strip():
            cells.append(Cell(0, "", words=piece.source))
    if not any(cell.code.strip() for cell in cells):
        to_do("has no cell with code; not converted")
        return Converted("", 0, False, tuple(remarks))
    ran = [piece.count for piece in pieces if piece.count]
    if ran != sorted(set(ran)):
        order = ", ".join(map(str, ran[:20]))
        to_do(f"was run in another order than its cells stand in ({order}): see that theirs works")
    names = names_in(cells, path.parent)
    if names.plots:
        count_figures(cells, names)
    for text in names.to_do(path.parent):
        to_do(text)
    figures, uncertain = _figures(cells, names)
    if uncertain:
        to_do("draws in a loop or a function: report.md shows the figures that are certain; "
              "`study check` names the others")  # fmt: skip
    script = _script(cells, names, shown, figures)
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(script, "compute.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        to_do(f"compute.py is no Python yet: line {error.lineno}: {error.msg}")
    return Converted(script, figures, names.prints, tuple(remarks))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A cell as the file has it. failed: the errors in which it had ended."""

    kind: str
    source: str
    count: int
    shown_last: bool
    pictures: int
    failed: tuple[str, ...]


def _piece(cell: dict[str, Any]) -> _Piece:
    """A cell of the file, of either form that notebooks have had. Raises as JSON's values do."""
    source = cell.get("source", cell.get("input")) or ""
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    outputs = [output for output in cell.get("outputs") or () if isinstance(output, dict)]
    kinds = [output.get("output_type") for output in outputs]
    failed = [
        str(output.get("ename") or "an error")
        for output, kind in zip(outputs, kinds, strict=True) if kind in ("error", "pyerr")
    ]  # fmt: skip
    count = cell.get("execution_count") or cell.get("prompt_number")
    return _Piece(
        str(cell["cell_type"]),
        text,
        count if isinstance(count, int) else 0,
        "execute_result" in kinds or "pyout" in kinds,
        sum(map(_is_figure, outputs)),
        tuple(failed),
    )


def _is_figure(output: dict[str, Any]) -> bool:
    """Whether an output is a figure that was drawn, not a picture that was only shown."""
    data = output.get("data") or {}
    if output.get("output_type") != "display_data":
        return False
    said = str(data.get("text/plain", output.get("text", "Figure")))
    return ("image/png" in data or "image/svg+xml" in data or "png" in output) and "Fig" in said


def _language(metadata: dict[str, Any]) -> str:
    named = (metadata.get("language_info") or {}).get("name")
    return str(named or (metadata.get("kernelspec") or {}).get("language") or "python")


def _why(error: Exception) -> str:
    """What is wrong with the file, with its line where JSON names one."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return type(error).__name__


def _figures(cells: list[Cell], names: Names) -> tuple[int, bool]:
    """How many figures the script certainly stores, and whether there may be more."""
    if not names.plots:
        return 0, False
    uncertain = any(cell.uncertain and not cell.pictures for cell in cells)
    total = 0
    for cell in cells:
        # What was seen when it was saved counts, but for a figure that only went into a file.
        total += cell.pictures if cell.pictures and not saves(cell) else cell.figures
        if cell.uncertain and not cell.pictures:
            break  # figures after it have numbers that nobody knows
    return total, uncertain


# ---------------------------------------------------------------- the script


def _script(cells: list[Cell], names: Names, shown: str, figures: int) -> str:
    plt = names.pyplot or "plt"
    built = names.free("builtins")
    title = re.sub(r'[\\"\s]', " ", Path(shown).name)
    lines = [f'"""Converted once from the notebook {title} by `study import`."""', ""]
    lines += [line for line in names.imports if line.startswith("from __future__")]
    if names.prints or names.plots:
        lines.append("import builtins" + (f" as {built}" if built != "builtins" else ""))
    lines += [line for line in names.imports if not line.startswith("from __future__")]
    if names.plots and not names.pyplot:
        lines.append("import matplotlib.pyplot as plt")
    lines += ["", "from generator.compute.script import Run", ""]
    if names.stubs:
        lines += ["# Names of IPython, as a script has them.", *_stubs(names), ""]
    lines += [*_SETTABLE.splitlines(), ""] if names.prints else []
    lines += ["", f"def compute({names.run}: Run) -> None:"]
    lines.append(f'    """The cells of {title} in their order."""')
    body: list[str] = []
    body += [f"{name} = None" for name in names.globals]
    if names.prints:
        body += [*_PRINT.format(kept=names.free("printed"), built=built).splitlines(), ""]
    keep = names.free("keep_figures")
    if names.plots:
        body += _FIGURES.format(
            run=names.run, plt=plt, drawn=names.free("drawn"), keep=keep, built=built
        ).splitlines()
    lines += [f"    {line}" if line else "" for line in body]
    for cell in cells:
        lines.append("")
        if cell.number:
            lines.append(f"    # cell {cell.number}")
            lines += indented(cell, names)
            if names.plots and cell.draws:
                lines.append(f"    {keep}()")
        else:
            lines += [f"    # {line}".rstrip() for line in cell.words.splitlines()]
    lines += ["", *_ending(cells, names, figures)]
    return "\n".join(lines) + "\n"


def _stubs(names: Names) -> list[str]:
    nothing = ["def _nothing(*_words, **_named):", '    """What only a notebook does."""', ""]
    lines = nothing if any(line.endswith("_nothing") for line in names.stubs) else []
    return [*lines, *dict.fromkeys(names.stubs)]


_SETTABLE = """
def _settable(line):
    \"\"\"The line for a page: emoji as their names, very long words parted.\"\"\"
    import re
    import unicodedata

    line = re.sub(r"[\\x00-\\x08\\x0b-\\x1f\\x7f\\u200d\\ufe0f]", "", line)
    line = re.sub(
        r"[\\U00010000-\\U0010ffff\\u2600-\\u2712\\u2715-\\u2716\\u2719-\\u27bf\\u2b00-\\u2bff]",
        lambda found: f"({unicodedata.name(found[0], 'a sign').lower()})",
        line,
    )
    return re.sub(r"(\\S{60})(?=\\S)", r"\\1 ", line).rstrip()
""".strip("\n")

_PRINT = '''
{kept}: {built}.list[{built}.str] = []

def print(*words, sep=" ", end="\\n", file=None, flush=False):
    """As Python's own; what is printed is kept for the report, too."""
    {built}.print(*words, sep=sep, end=end, file=file, flush=flush)
    if file is None:
        {kept}.append((" " if sep is None else sep).join({built}.map({built}.str, words)))
        {kept}.append("\\n" if end is None else end)
'''.strip("\n")

_FIGURES = '''
{drawn} = 0

def {keep}():
    """Store the open figures as wide as the page, as a notebook shows them after a cell."""
    nonlocal {drawn}
    for number in {plt}.get_fignums():
        figure = {plt}.figure(number)
        if figure.axes:
            {drawn} += 1
            width, height = figure.get_size_inches()
            height = {built}.min(height * 150 / 25.4 / width, 220 / 25.4)
            figure.set_size_inches(150 / 25.4, height)
            {run}.figure(f"figure-{{{drawn}}}", figure)
    {plt}.close("all")

{plt}.close("all")
'''.strip("\n")


def _ending(cells: list[Cell], names: Names, figures: int) -> list[str]:
    if names.prints:
        kept = names.free("printed")
        return [
            f"    said = [_settable(line) for line in ''.join({kept}).splitlines()]",
            f"    rows = [[line] for line in said if line][:{_TAIL_LINES}] or [['nothing']]",
            f'    {names.run}.table("printed", ["What the notebook printed"], rows)',
        ]
    if figures:
        return []
    count = sum(bool(cell.number) for cell in cells)
    return [f'    {names.run}.value("cells", {count})']


def report_text(notebook: Converted, title: str) -> str:
    """A first report.md that shows what the script stores; its words are the author's to write."""
    title = re.sub(r"[\[\]{}`*_\\]", "", title)
    shown = [f"@fig-figure-{number}" for number in range(1, notebook.figures + 1)]
    shown += ["@tbl-printed"] if notebook.prints else ["{{ value.cells }} cells"] * (not shown)
    said = ", ".join(shown)
    parts = [f"What the notebook “{title}” showed: {said}. The words are still to be written."]
    for number in range(1, notebook.figures + 1):
        alt = f"Figure {number} of the notebook, yet to be described."
        parts.append(
            f"![Figure {number} of the notebook.](figure:figure-{number})"
            f'{{#fig-figure-{number} fig-alt="{alt}"}}'
        )
    if notebook.prints:
        parts += ["{{ table.printed }}", ": What the notebook printed. {#tbl-printed}"]
    return "\n\n".join(parts) + "\n"
