"""PDFs and notebooks that lie beside a README, taken to the week that each belongs to."""

from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import Where
from generator.importing.beside import Beside, file_of_link, part_of_file, unit_by_words
from generator.importing.draft import Draft, Part, Unit
from generator.importing.notebook.script import Converted, converted, report_text
from generator.importing.phrases import unit_of


@dataclass(slots=True)
class TakenFiles:
    """Files to write by their paths; moved: address in the README → path that replaces it."""

    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)


def take_files(beside: Beside, root: Path, into: Path, draft: Draft, *, given: bool) -> TakenFiles:
    """Link PDFs and convert notebooks. given: a whole folder is imported, not one text of it.

    A file inside `into` stays where it is; any other is copied into the folder of its report.
    """
    taken = TakenFiles()
    if beside.readme is None or not draft.units:
        _units_by_names(beside, root, draft)
    linked: set[Path] = set()
    for unit in draft.units:
        for part in unit.parts:
            path = file_of_link(part.link, root, beside.pdfs) if part.link else None
            if path is not None:
                linked.add(path)
                _link(path, unit, part, root, into, draft, taken)
    for path in beside.pdfs:
        if path not in linked:
            _pdf_by_name(path, root, into, draft, taken, given=given)
    used: set[str] = set()
    for path in beside.notebooks:
        _notebook(path, root, into, draft, taken, used, given=given)
    return taken


def _units_by_names(beside: Beside, root: Path, draft: Draft) -> None:
    """Units for files that say which week they are of, where no README names any."""
    nameless: list[Path] = []
    for path in (*beside.pdfs, *beside.notebooks):
        for name in (path.stem, *reversed(path.relative_to(root).parts[:-1])):
            found = unit_of(name.replace("_", " "))
            if found and found.number is not None:
                unit = draft.unit_for(found.word, found.number)
                unit.title = unit.title or found.rest.replace("-", " ").strip("() ")
                break
        else:
            if path.suffix.lower() == ".ipynb":
                nameless.append(path)
    if beside.readme is None:
        highest = max((unit.number or 0 for unit in draft.units), default=0)
        for number, path in enumerate(nameless, highest + 1):
            unit = draft.unit_for("Week", number)
            unit.title = spoken(path)
            unit.parts.append(Part(title=unit.title))
            draft.remark(
                "to do", f"its name says no week; it is week {number} now, in order of names",
                Where(path.relative_to(root).as_posix()),
            )  # fmt: skip
    draft.units.sort(key=lambda unit: unit.number or 0)


def spoken(path: Path) -> str:
    """A file's name as words."""
    return " ".join(path.stem.replace("-", " ").replace("_", " ").split())


def folder_of(unit: Unit, part: Part | None, draft: Draft) -> str:
    """The id of the report: "week-09-2"."""
    from generator.importing.draft import phrase
    from generator.study.settings import unit_slug

    word = draft.unit or next((u.word for u in draft.units if u.number is not None), "Week")
    slug = unit_slug(phrase(unit.word if unit.number is None else word))
    if unit.number is None:
        return slug
    stem = f"{slug}-{unit.number:02}"
    if part is None or len(unit.parts) < 2:
        return stem
    return f"{stem}-{unit.parts.index(part) + 1}"


def _link(
    path: Path, unit: Unit, part: Part, root: Path, into: Path, draft: Draft, taken: TakenFiles
) -> None:
    shown = path.relative_to(root).as_posix()
    if path.resolve().is_relative_to(into.resolve()):
        target = path.resolve().relative_to(into.resolve()).as_posix()
    else:
        target = f"reports/{folder_of(unit, part, draft)}/original.pdf"
        taken.files[target] = path.read_bytes()
    if part.link:
        taken.moved[part.link] = target
    part.link = target
    unit.no_report = False
    draft.remark("linked", f"belongs to {_called(unit)}: {target}", Where(shown))


def _pdf_by_name(
    path: Path, root: Path, into: Path, draft: Draft, taken: TakenFiles, *, given: bool
) -> None:
    shown = Where(path.relative_to(root).as_posix())
    found = part_of_file(path, root, draft)
    if found is None:
        if given:
            draft.remark("to do", "its name says no week of the study; it was left alone", shown)
        return
    unit, part = found
    if part is None and not unit.parts:
        part = Part(title=unit.title)
        unit.parts.append(part)
    if part is None or part.link:
        said = "which part of" if part is None else "why there is a second PDF of"
        draft.remark("to do", f"does not say {said} {_called(unit)} it is; left alone", shown)
        return
    _link(path, unit, part, root, into, draft, taken)


def _called(unit: Unit) -> str:
    return unit.word if unit.number is None else f"{unit.word} {unit.number}"


# ---------------------------------------------------------------- notebooks


def _notebook(
    path: Path,
    root: Path,
    into: Path,
    draft: Draft,
    taken: TakenFiles,
    used: set[str],
    *,
    given: bool,
) -> None:
    shown = path.relative_to(root).as_posix()
    found = part_of_file(path, root, draft)
    unit, part = found if found else (None, None)
    if unit is None and given:
        named = [unit for unit in draft.units if unit.title == spoken(path)]
        unit = named[0] if named else unit_by_words(path, draft)
    if unit is None:
        if given:
            draft.remark(
                "to do",
                "its name says no week; convert it with `study import FILE --week N`",
                Where(shown),
            )
        return
    if part is None:
        part = unit.parts[0] if unit.parts else Part(title=unit.title)
        if not unit.parts:
            unit.parts.append(part)
    unit.no_report = False
    folder = f"reports/{folder_of(unit, part, draft)}"
    if folder in used:
        draft.remark("to do", f"{folder} has a script from another notebook already", Where(shown))
        return
    notebook = converted(path, shown)
    draft.remarks += notebook.remarks
    if not notebook.script:
        return
    used.add(folder)
    if (into / folder / "compute.py").exists():
        draft.remark("to do", f"{folder}/compute.py is there already; not converted", Where(shown))
        return
    draft.remark("linked", f"belongs to {_called(unit)}: {folder}/compute.py", Where(shown))
    part.code = ""
    title = part.title or unit.title or _called(unit)
    taken.files |= notebook_files(folder, notebook, title)


def notebook_files(folder: str, notebook: Converted, title: str) -> dict[str, bytes]:
    """The script and the text of a converted notebook by their paths."""
    return {
        f"{folder}/compute.py": notebook.script.encode(),
        f"{folder}/report.md": report_text(notebook, title).encode(),
    }
