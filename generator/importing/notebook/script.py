"""A notebook as a report: its cells as a script, its words as the text, its outputs as saved."""

import ast
import base64
import binascii
import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.digest import read_json
from generator.errors import Where
from generator.importing.draft import Remark
from generator.importing.notebook.cells import Cell, read_cell
from generator.importing.notebook.prose import Piece, report_text
from generator.machine.shipped import shipped_folder
from generator.store.files import read_study_file

HELPER = "reports/common/notebook_cells.py"
_READ_ERRORS = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)
_STOOD_IN = ("IPython", "tqdm", "google", "ipywidgets")
_CALLED = {
    "cv2": "opencv-python", "sklearn": "scikit-learn", "PIL": "Pillow", "yaml": "pyyaml",
    "bs4": "beautifulsoup4", "skimage": "scikit-image", "dateutil": "python-dateutil",
    "Bio": "biopython", "umap": "umap-learn",
}  # fmt: skip
_DRAWS = re.compile(
    r"\b(?:plt|sns|pylab|px)\.(?!rc|style|close|switch|set_theme|ion|ioff|subplots_adjust)\w+\("
    r"|\.(?:plot|hist|scatter|imshow|bar|boxplot|heatmap|contourf?|matshow)\("
)
_NETWORK = re.compile(
    r"\b(?:requests|urllib|wget|gdown|httpx|boto3)\b|from_pretrained|load_dataset|drive\.mount"
    r"|download\s*=\s*True|read_\w+\(\s*['\"]https?:"
)
_LONGEST = 200_000  # letters of one saved output


@dataclass(frozen=True, slots=True)
class Converted:
    """What a notebook became. files: path in the report's folder → content; none if it could not.

    missing: packages to install for it to run here, as pip calls them.
    """

    files: Mapping[str, bytes]
    remarks: tuple[Remark, ...]
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class _Output:
    """What a cell had shown when it was saved."""

    text: str = ""
    pictures: list[tuple[str, bytes]] = field(default_factory=list)
    failed: str = ""


def converted(
    path: Path, shown: str, title: str, beside: Mapping[str, str], modules: Mapping[str, str]
) -> Converted:
    """The notebook at `path` as a report called `title`.

    beside: name as the notebook opens it → path of the file in the study. modules: name of a
    module of the group's own → the folder of the study in which it is found.
    """
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
        return Converted({}, tuple(remarks))
    if language.lower() not in ("python", "python3", "ipython"):
        to_do(f"is written in {language}, not in Python; not converted")
        return Converted({}, tuple(remarks))
    cells: list[tuple[Cell, _Output]] = []
    told: list[Piece] = []
    files: dict[str, bytes] = {}
    for kind, source, output, attachments in pieces:
        if kind != "code":
            told.append(Piece(source if kind == "markdown" else f"```text\n{source}\n```"))
            files |= {f"images/{name}": content for name, content in attachments.items()}
            continue
        cell = read_cell(len(cells) + 1, source)
        cells.append((cell, output))
        remarks += [
            Remark("to do", f"cell {cell.number}: {said}", Where(shown)) for said in cell.to_do
        ]
        told.append(Piece("", cell.number))
    if not any(cell.code.strip() for cell, _ in cells) and not any(p.source.strip() for p in told):
        to_do("has no cell with code or words; not converted")
        return Converted({}, tuple(remarks))
    ran = any(output.text or output.pictures or output.failed for _, output in cells)
    saved: dict[str, Any] = {"cells": {}, "files": dict(beside), "modules": []}
    for cell, output in cells:
        kept = _kept(cell, output, files, ran=ran)
        if kept:
            saved["cells"][str(cell.number)] = kept
    used = set(_modules(cells))
    saved["modules"] = sorted({modules[name] for name in used & set(modules)})
    missing = tuple(sorted(_CALLED.get(m, m) for m in used - set(modules) if not _installed(m)))
    for said in _refused(cells):
        to_do(said)
    if _order(raw):
        to_do("was run in another order than its cells stand in: see that theirs works")
    files["cells.py"] = _cells_py(cells, path.name).encode()
    files["saved.json"] = (json.dumps(saved, ensure_ascii=False, indent=1) + "\n").encode()
    files["compute.py"] = _COMPUTE.format(title=re.sub(r'[\\"\s]', " ", path.name)).encode()
    expected = {
        int(n): (c.get("prints", False), c.get("figures", 0)) for n, c in saved["cells"].items()
    }
    text, pictures = report_text(told, expected, title, path.parent)
    files["report.md"] = text.encode()
    files |= pictures
    return Converted(files, tuple(remarks), missing)


_COMPUTE = '''"""Converted once from {title} by `study import`; its cells are in cells.py."""

from common.notebook_cells import run_cells

from generator.compute.script import Run


def compute(run: Run) -> None:
    """Run the cells, and keep what each prints and draws."""
    run_cells(run, seconds=120)
'''


def helper() -> bytes:
    """The module in reports/common that runs the cells."""
    return read_study_file(shipped_folder(), "import/notebook_cells.py")


# ---------------------------------------------------------------- what the file holds


def _piece(cell: dict[str, Any]) -> tuple[str, str, _Output, dict[str, bytes]]:
    """A cell of the file, of either form that notebooks have had. Raises as JSON's values do."""
    text = _joined(cell.get("source", cell.get("input")))
    output = _Output()
    for said in cell.get("outputs") or ():
        _add(said, output)
    output.text = output.text[:_LONGEST]
    attached = {}
    for name, forms in (cell.get("attachments") or {}).items():
        for content in forms.values():
            attached[re.sub(r"[^\w.-]", "-", name)] = base64.b64decode(_joined(content))
    return str(cell["cell_type"]), text.replace("\r\n", "\n"), output, attached


def _joined(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")


def _add(said: Any, output: _Output) -> None:
    """Add one output of the file to what its cell had shown; an error's traceback is left out."""
    if not isinstance(said, dict) or said.get("name") == "stderr" or said.get("stream") == "stderr":
        return
    kind = said.get("output_type")
    if kind in ("error", "pyerr"):
        output.failed = str(said.get("ename") or "an error")
        return
    data = said.get("data") or said
    for form, ending in (("image/png", "png"), ("image/jpeg", "jpg"), ("png", "png")):
        if isinstance(data.get(form), str | list):
            try:
                output.pictures.append((ending, base64.b64decode(_joined(data[form]))))
            except (binascii.Error, ValueError):
                continue
            return
    plain = _joined(data.get("text/plain", said.get("text")))
    if plain and not re.match(r"<(?:matplotlib|Figure|AxesSubplot|Axes:|IPython|seaborn)", plain):
        output.text += plain if kind == "stream" else f"{plain}\n"


def _kept(cell: Cell, output: _Output, files: dict[str, bytes], *, ran: bool) -> dict[str, Any]:
    """What saved.json says of a cell: what it had shown, and what the text shows of it.

    ran: whether the notebook was saved with outputs; else its code must tell what it shows.
    """
    kept: dict[str, Any] = {}
    figures, prints = len(output.pictures), bool(output.text.strip())
    if not ran:
        shows = len(re.findall(r"\.show\(", cell.code))
        figures = max(1, shows) if _DRAWS.search(cell.code) else 0
        said = re.search(r"\bprint\(|\bdisplay\((?!plt|fig)\w", cell.code)
        prints = bool(said) or _ends_in_value(cell)
    for place, (ending, content) in enumerate(output.pictures, 1):
        name = f"images/cell-{cell.number}-{place}.{ending}"
        files[name] = content
        kept.setdefault("pictures", []).append(name)
    if output.text.strip():
        kept["text"] = output.text
    if figures:
        kept["figures"] = figures
    if prints:
        kept["prints"] = True
    return kept


def _ends_in_value(cell: Cell) -> bool:
    """Whether a cell's last line is a value that a notebook would show."""
    last = cell.tree.body[-1] if cell.tree.body else None
    if not isinstance(last, ast.Expr) or cell.code.rstrip().endswith(";"):
        return False
    return not _DRAWS.search(ast.unparse(last)) and not re.search(
        r"\.(?:fit|append|update|show|train|eval|close|seed)\(|^print\(", ast.unparse(last)
    )


def _language(metadata: dict[str, Any]) -> str:
    named = (metadata.get("language_info") or {}).get("name")
    return str(named or (metadata.get("kernelspec") or {}).get("language") or "python")


def _why(error: Exception) -> str:
    """What is wrong with the file, with its line where JSON names one."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return type(error).__name__


def _order(raw: Sequence[dict[str, Any]]) -> bool:
    """Whether cells ran in another order than they stand in."""
    counts = [cell.get("execution_count") or cell.get("prompt_number") for cell in raw]
    ran = [count for count in counts if isinstance(count, int)]
    return ran != sorted(set(ran))


# ---------------------------------------------------------------- what its code needs


def _modules(cells: Sequence[tuple[Cell, _Output]]) -> Iterator[str]:
    """The modules that the cells import."""
    for cell, _ in cells:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def _installed(module: str) -> bool:
    if module in sys.stdlib_module_names or module in _STOOD_IN:
        return True
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _refused(cells: Sequence[tuple[Cell, _Output]]) -> Iterator[str]:
    """What a script has not, each with the cells that ask for it."""
    for what, pattern in (
        ("ask for the network, which a script has not", _NETWORK),
        ("ask for input(), which a script has not", re.compile(r"\binput\s*\(")),
    ):
        asking = [str(cell.number) for cell, _ in cells if pattern.search(cell.code)]
        if asking:
            yield f"cells {', '.join(asking)} {what}: they are shown as saved"


def _cells_py(cells: Sequence[tuple[Cell, _Output]], name: str) -> str:
    parts = [
        f"# The code cells of {name}, in their order; compute.py runs them in one namespace.\n"
    ]
    parts += [f"# %% cell {cell.number}\n{cell.code.rstrip()}\n" for cell, _ in cells]
    return "\n".join(parts)
