"""Notebooks that lie beside a README: the report that each becomes, and its files."""

import posixpath
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from generator.errors import Where
from generator.importing.beside import Along, Beside, Owners, folder_of, spoken
from generator.importing.draft import Draft, Part, Unit, without_pictographs
from generator.importing.notebook.script import HELPER, converted, helper

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
    missing: set[str] = set()
    for path, unit, part in taken:
        shown = beside.shown(path)
        folder = f"reports/{folder_of(unit, part, draft)}"
        if (into / folder / "compute.py").exists():
            said = f"{folder}/compute.py is there already; not converted"
            draft.remark("to do", said, Where(shown))
            continue
        if "content" not in draft.columns:  # else the README shows it as it is
            unit.title = without_pictographs(unit.title)
            part.title = without_pictographs(part.title)
        title = part.title or unit.title or unit.label
        near, modules = _near(path, beside, along)
        notebook = converted(path, shown, title, near, modules)
        for remark in notebook.remarks:
            draft.remark(remark.kind, remark.text, remark.where)
        if not notebook.files:
            continue
        missing |= set(notebook.missing)
        draft.remark("linked", f"belongs to {unit.label}: {folder}/report.md", Where(shown))
        part.code = ""
        files |= {f"{folder}/{name}": content for name, content in notebook.files.items()}
        files[HELPER] = helper()
    tell_missing(missing, draft.remark)
    return files


def tell_missing(missing: set[str], remark: Callable[[str, str], object]) -> None:
    """Say once which packages the notebooks want, and what happens until they are there."""
    if missing:
        remark(
            "to do",
            f"packages that are missing: pip install {' '.join(sorted(missing))}; until then their"
            " cells are shown as saved (`study build --force` runs them again)",
        )


_NOT_OPENED = (".ipynb", ".pdf", ".py", ".md")
_MOST_BESIDE = 60
_LARGEST_BESIDE = 5_000_000  # bytes, of what a notebook may open


def _near(path: Path, beside: Beside, along: Along) -> tuple[dict[str, str], dict[str, str]]:
    """The files that a notebook may open by their names, and modules of the group's own.

    A file, with its path in the study, counts if it lies in the notebook's folder; a module, with
    the folder in which Python finds it, also if it lies in a folder above.
    """
    near: dict[str, str] = {}
    modules: dict[str, str] = {}
    for other in beside.files:
        shown = beside.shown(other)
        now = along.moved.get(shown, shown)
        inside = other.is_relative_to(path.parent)
        above = other.parent in path.parents or other.parent.parent in path.parents
        if other.suffix == ".py" and (inside or above):
            if other.parent == path.parent or other.parent in path.parents:
                modules.setdefault(other.stem, posixpath.dirname(now) or ".")
            else:
                package = posixpath.dirname(posixpath.dirname(now)) or "."
                modules.setdefault(other.parent.name, package)
        small = len(near) < _MOST_BESIDE and other.stat().st_size < _LARGEST_BESIDE
        if inside and small and other.suffix.lower() not in _NOT_OPENED:
            near[other.relative_to(path.parent).as_posix()] = now
    return near, modules
