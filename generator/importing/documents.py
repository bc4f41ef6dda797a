"""Notebooks that lie beside a README: the report that each becomes, and its files."""

import re
import unicodedata
from pathlib import Path

from generator.errors import Where
from generator.importing.beside import Along, Beside, Owners, folder_of, spoken
from generator.importing.draft import Draft, Part, Unit
from generator.importing.notebook.script import Converted, converted, report_text

Taken = list[tuple[Path, Unit, Part]]


def take_notebooks(beside: Beside, draft: Draft, owners: Owners, *, alone: bool) -> Taken:
    """The report that each notebook becomes: its week's own, or one of several of its week."""
    of_unit: dict[int, tuple[Unit, list[Path]]] = {}
    left: list[str] = []
    for path in beside.of(".ipynb"):
        found = owners.of(beside.shown(path))
        unit = found[0] if found else _by_words(path, draft)
        if unit is None and alone:
            unit = draft.unit_for("Week", 1)
            unit.title = spoken(path)
            said = "its name says no week; it is week 1 now"
            draft.remark("to do", said, Where(beside.shown(path)))
        if unit is None or unit.number is None:
            left.append(beside.shown(path))
            continue
        of_unit.setdefault(id(unit), (unit, []))[1].append(path)
    for shown in left:
        said = "its name says no week; convert it with `study import FILE --week N`"
        draft.remark("to do", said, Where(shown))
    taken: Taken = []
    for unit, paths in of_unit.values():
        unit.no_report = False
        for path, label in zip(paths, _labels(paths), strict=True):
            free = [part for part in unit.parts if not part.link and part not in _parts(taken)]
            part = free[0] if free else Part(title=label or unit.title)
            if part not in unit.parts:
                unit.parts.append(part)
            if len(paths) > 1 and not part.label:
                part.label = label
            taken.append((path, unit, part))
    return taken


def _parts(taken: Taken) -> list[Part]:
    return [part for _, _, part in taken]


def _labels(paths: list[Path]) -> list[str]:
    """What tells the notebooks of one week apart: their names, with their folders' if need be."""
    stems = [spoken(path) for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    return [f"{path.parent.name}, {stem}" for path, stem in zip(paths, stems, strict=True)]


def _by_words(path: Path, draft: Draft) -> Unit | None:
    """The only unit whose own words hold every word of the file's name; None if none or several."""
    name = re.sub(r"\(\d+\)$", "", unicodedata.normalize("NFC", path.stem)).casefold()
    words = set(re.findall(r"[^\W\d_]{3,}", name))
    fitting = []
    for unit in draft.units:
        said = [unit.title, unit.objective, unit.topic, unit.progress]
        said += [part.title for part in unit.parts]
        if words and words <= set(re.findall(r"[^\W\d_]{3,}", " ".join(said).casefold())):
            fitting.append(unit)
    return fitting[0] if len(fitting) == 1 else None


def write_notebooks(
    taken: Taken, beside: Beside, into: Path, draft: Draft, along: Along
) -> dict[str, bytes]:
    """The scripts and texts that the notebooks become, by their paths."""
    files: dict[str, bytes] = {}
    for path, unit, part in taken:
        shown = beside.shown(path)
        folder = f"reports/{folder_of(unit, part, draft)}"
        notebook = converted(path, shown)
        draft.remarks += notebook.remarks
        if not notebook.script:
            continue
        if (into / folder / "compute.py").exists():
            said = f"{folder}/compute.py is there already; not converted"
            draft.remark("to do", said, Where(shown))
            continue
        draft.remark("linked", f"belongs to {unit.label}: {folder}/compute.py", Where(shown))
        part.code = ""
        files |= notebook_files(folder, notebook, part.title or unit.title or unit.label)
    return files


def notebook_files(folder: str, notebook: Converted, title: str) -> dict[str, bytes]:
    """The script and the text of a converted notebook by their paths."""
    return {
        f"{folder}/compute.py": notebook.script.encode(),
        f"{folder}/report.md": report_text(notebook, title).encode(),
    }
