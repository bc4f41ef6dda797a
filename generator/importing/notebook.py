"""A notebook as a report's script and a first text: imports first, its cells in their order."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.errors import Where
from generator.importing.draft import Remark
from generator.importing.notebook_cells import Cell, Names, names_in, read_cell

_TAIL_LINES = 40


@dataclass(frozen=True, slots=True)
class Converted:
    """What a notebook became: a script ("" if it could not), and how many figures it stores."""

    script: str
    figures: int
    prints: bool
    remarks: tuple[Remark, ...]


def converted(path: Path, shown: str) -> Converted:
    """The notebook at `path`. Every line that the script cannot hold is in the remarks."""
    remarks: list[Remark] = []

    def to_do(text: str) -> None:
        remarks.append(Remark("to do", text, Where(shown)))

    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
        raw = data["cells"] if "cells" in data else data["worksheets"][0]["cells"]
        pieces = [(str(cell["cell_type"]), _source(cell), cell.get("outputs", [])) for cell in raw]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        to_do(f"is no notebook that can be read ({type(error).__name__}); not converted")
        return Converted("", 0, False, tuple(remarks))
    metadata = data.get("metadata", {})
    language = (
        metadata.get("language_info", {}).get("name")
        or metadata.get("kernelspec", {}).get("language")
        or "python"
    )
    if language.lower() not in ("python", "python3", "ipython"):
        to_do(f"is written in {language}, not in Python; not converted")
        return Converted("", 0, False, tuple(remarks))
    cells: list[Cell] = []
    number = 0
    for kind, source, outputs in pieces:
        if kind == "code":
            number += 1
            cell = read_cell(number, source, _shown_last(outputs))
            for text in cell.to_do:
                to_do(f"cell {number}: {text}")
            for output in outputs:
                if output.get("output_type") in ("error", "pyerr"):
                    to_do(
                        f"cell {number}: had ended in {output.get('ename', 'an error')} when saved"
                    )
            cells.append(cell)
        elif source.strip():
            cells.append(Cell(0, "", words=source))
    if not any(cell.code.strip() for cell in cells):
        to_do("has no cell with code; not converted")
        return Converted("", 0, False, tuple(remarks))
    names = names_in(cells)
    for text in names.to_do(path.parent):
        to_do(text)
    figures, uncertain = _figures(cells, names, [o for k, _, o in pieces if k == "code"])
    if uncertain:
        to_do("draws in a loop or a function: report.md shows the figures that are certain; "
              "`study check` names the others")  # fmt: skip
    prints = names.prints
    return Converted(_script(cells, names, shown, figures > 0), figures, prints, tuple(remarks))


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return "".join(source) if isinstance(source, list) else str(source)


def _shown_last(outputs: list[dict[str, Any]]) -> bool:
    """Whether the cell's last line was shown as its result."""
    return any(o.get("output_type") in ("execute_result", "pyout") for o in outputs)


def _pictures(outputs: list[dict[str, Any]]) -> int:
    return sum("image/png" in o.get("data", {}) or "png" in o for o in outputs)


def _figures(
    cells: list[Cell], names: Names, outputs: list[list[dict[str, Any]]]
) -> tuple[int, bool]:
    """How many figures the script certainly stores, and whether there may be more."""
    if not names.plots:
        return 0, False
    saved = sum(map(_pictures, outputs))
    if saved:
        return saved, False
    return sum(cell.figures for cell in cells), any(cell.uncertain for cell in cells)


# ---------------------------------------------------------------- the script


def _script(cells: list[Cell], names: Names, shown: str, _figures_known: bool) -> str:
    lines = [f'"""Converted once from the notebook {Path(shown).name} by `study import`."""', ""]
    lines += [line for line in names.imports if line.startswith("from __future__")]
    lines += ["import builtins"] if names.prints else []
    lines += [line for line in names.imports if not line.startswith("from __future__")]
    if names.plots and not names.pyplot:
        lines.append("import matplotlib.pyplot as plt")
    lines += ["", "from generator.compute.script import Run", "", ""]
    lines.append(f"def compute({names.run}: Run) -> None:")
    lines.append(f'    """The cells of {Path(shown).name} in their order."""')
    body: list[str] = []
    body += [f"{name} = None" for name in names.globals]
    if names.prints:
        body += [*_PRINT.format(kept=names.free("printed")).splitlines(), ""]
    if names.plots:
        body += _FIGURES.format(
            run=names.run, plt=names.pyplot or "plt", drawn=names.free("drawn")
        ).splitlines()
    lines += [f"    {line}" if line else "" for line in body]
    for cell in cells:
        lines.append("")
        if cell.number:
            lines.append(f"    # cell {cell.number}")
            lines += cell.indented(names)
            if names.plots and cell.draws:
                lines.append("    keep_figures()")
        else:
            lines += [f"    # {line}".rstrip() for line in cell.words.splitlines()]
    lines += ["", *_ending(cells, names)]
    return "\n".join(lines) + "\n"


_PRINT = '''
{kept}: list[str] = []

def print(*words, sep=" ", end="\\n", file=None, flush=False):
    """As Python's own; what is printed is kept for the report, too."""
    builtins.print(*words, sep=sep, end=end, file=file, flush=flush)
    if file is None:
        {kept}.append((" " if sep is None else sep).join(map(str, words)))
        {kept}.append("\\n" if end is None else end)
'''.strip("\n")

_FIGURES = '''
{drawn} = 0

def keep_figures():
    """Store the open figures as wide as the page, as a notebook shows them after a cell."""
    nonlocal {drawn}
    for number in {plt}.get_fignums():
        figure = {plt}.figure(number)
        if figure.axes:
            {drawn} += 1
            width, height = figure.get_size_inches()
            figure.set_size_inches(150 / 25.4, min(height * 150 / 25.4 / width, 220 / 25.4))
            {run}.figure(f"figure-{{{drawn}}}", figure)
    {plt}.close("all")

{plt}.close("all")
'''.strip("\n")


def _ending(cells: list[Cell], names: Names) -> list[str]:
    if names.prints:
        kept = names.free("printed")
        return [
            f"    said = [line.rstrip() for line in ''.join({kept}).splitlines() if line.strip()]",
            f"    rows = [[line] for line in said[:{_TAIL_LINES}]] or [['nothing']]",
            f'    {names.run}.table("printed", ["What the notebook printed"], rows)',
        ]
    if names.plots:
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
