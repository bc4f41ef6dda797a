"""A small working study to start from, the next week's report, a template to change."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import StudyError, Where, raise_all
from generator.machine.shipped import shipped_folder, template_text
from generator.model import Report, Study, Week
from generator.plan.staleness import label_names
from generator.store.files import read_study_file, read_study_text, write_study_file
from generator.study.load import decoded, load_study, parsed
from generator.study.settings import STUDY, unit_slug

STUDY_FILES = {
    "study.toml": "study.toml",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
    "reports/references.bib": "references.bib",
    "reports/week-01/report.md": "week.md",
    "reports/week-01/compute.py": "compute.py",
}
NEXT_FILES = {"report.md": "next.md", "compute.py": "next.py"}
# What a folder that is no study may have already. It stays as it is.
SHARED = ("README.md", ".gitignore", ".gitattributes")


@dataclass(frozen=True, slots=True)
class Started:
    """What was written, and the lines to add by hand to each file that was there before."""

    written: tuple[str, ...]
    missing: Mapping[str, str]


def starter_languages() -> tuple[str, ...]:
    """The languages in which a study can be started; English is the first."""
    folders = (
        path.name for path in shipped_folder().joinpath("starter").iterdir() if path.is_dir()
    )
    return ("en", *sorted(folders))


def _starter(name: str, language: str) -> str:
    """The starter's file `name` in `language`; that for all languages where it has none."""
    own = f"{language}/{name}"
    return own if shipped_folder().joinpath("starter", own).is_file() else name


def start_study(folder: Path, title: str, language: str = "en") -> Started:
    """Write a study with one week into `folder`, in `language`; paths are relative to it.

    A README and git's files that are there stay as they are. Raises StudyErrors, with nothing
    written, if there is a study, here or in a folder above, or another of the files.
    """
    if (folder / STUDY).exists():
        raise StudyError("there is a study here already", Where(STUDY), "`study build` builds it")
    for above in folder.resolve().parents:
        if (above / STUDY).is_file():
            raise StudyError(
                f"{folder.name} would be a study inside of the study {above.name}",
                hint="`study add` begins a week of that study; `cd` out of it for another study",
            )
    words = {"__TITLE__": _toml(title), "__HEADING__": title}
    kept = [name for name in SHARED if (folder / name).exists()]
    sources = {target: _starter(source, language) for target, source in STUDY_FILES.items()}
    files = {target: source for target, source in sources.items() if target not in kept}
    missing = {name: _missing(folder, name, sources[name]) for name in kept}
    return Started(tuple(_written(folder, files, words)), missing)


def _missing(folder: Path, name: str, source: str) -> str:
    """The lines that our `name`, the starter's `source`, has and the one in `folder` lacks."""
    ours = template_text(folder, f"starter/{source}")
    theirs = read_study_text(folder, name, "replace")
    if name == "README.md":
        return "" if "<!-- study:begin" in theirs else ours[ours.index("## ") :]
    lines = theirs.splitlines()
    return "".join(f"{line}\n" for line in ours.splitlines() if line not in lines)


def _toml(text: str) -> str:
    """`text` as a TOML string: a JSON string is one, whatever it holds."""
    return json.dumps(text, ensure_ascii=False)


def add_week(root: Path, study: Study, title: str) -> list[str]:
    """Append a [[week]] to study.toml, with the next number, and write its text and script.

    Returns the paths written. Raises StudyErrors, with nothing written, if a file is there
    already or if no [[week]] can stand at the end of study.toml.
    """
    numbers = [week.number for week in study.weeks if week.number is not None and not week.unit]
    number = max(numbers, default=0) + 1
    folder = f"reports/{unit_slug(study.unit)}-{number:02}"
    _refuse_overwriting(root, [f"{folder}/{target}" for target in NEXT_FILES])
    before = read_study_file(root, STUDY)
    source = _starter("next.toml", study.languages[0])
    text = template_text(root, f"starter/{source}")
    text = text.replace("__NUMBER__", str(number)).replace("__TITLE__", _toml(title))
    after = (before if before.endswith(b"\n") else before + b"\n") + (
        text.replace("\n", "\r\n") if b"\r\n" in before else text
    ).encode()
    try:
        parsed(decoded(after))
    except StudyError as error:
        raise StudyError(
            f"a [[week]] cannot stand at its end ({error.message})",
            error.where,
            "write the week by hand, in the form of the others, then `study add`",
        ) from error
    write_study_file(root, STUDY, after)
    return [STUDY, *add_report(root, load_study(root), str(number))]


def add_report(root: Path, study: Study, name: str = "") -> list[str]:
    """Write text and script of a planned report, by default the first that has neither.

    name: a report's id or a week's number. Returns the paths written. Raises StudyErrors, with
    nothing written, if it is not in the schedule, if none is left, or if a file is there already.
    """
    report = _planned(study, name)
    language = study.languages[0]
    files = {
        f"{report.folder}/{target}": _starter(source, language)
        for target, source in NEXT_FILES.items()
    }
    return _written(root, files, {})


def copy_template(root: Path, name: str) -> str:
    """Copy the template `name` of ours into the study's templates/; return the path written.

    Raises StudyError if we have no such template, or the study has its own already.
    """
    known = template_names()
    if name not in known:
        raise StudyError(f"there is no template '{name}'", None, f"there are: {', '.join(known)}")
    target = f"templates/{name}"
    if (root / target).exists():
        raise StudyError(
            "is there already, and nothing is overwritten", Where(target), "edit that one"
        )
    write_study_file(root, target, shipped_folder().joinpath(name).read_bytes())
    return target


def template_names() -> list[str]:
    """The templates that a study may have as its own, by name."""
    folder = shipped_folder()
    names = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [name.as_posix() for name in names if name.parts[0] not in ("starter", "README.md")]


def _planned(study: Study, name: str) -> Report:
    pairs: list[tuple[Week, Report]] = list(study.reports())
    if name:
        pairs = [(week, report) for week, report in pairs if name in label_names(week, report)]
        if not pairs:
            known = ", ".join(report.id for _, report in study.reports())
            raise StudyError(
                f"the schedule has no report '{name}'",
                Where("study.toml"),
                f'add a week for it first: `study add --title "…"`; there are: {known}',
            )
    for _, report in pairs:
        if not report.texts:
            return report
    if name:
        raise StudyError(f"{name} has its report already", Where(pairs[0][1].folder))
    raise StudyError(
        "every week of the schedule has its report",
        Where("study.toml"),
        'add the next: `study add --title "…"`, or a [[week]] at the end',
    )


def _refuse_overwriting(root: Path, targets: Iterable[str]) -> None:
    there = [target for target in targets if (root / target).exists()]
    raise_all(
        [
            StudyError("is there already, and nothing is overwritten", Where(target))
            for target in there
        ],
        "new",
    )


def _written(root: Path, files: Mapping[str, str], words: Mapping[str, str]) -> list[str]:
    _refuse_overwriting(root, files)
    for target, source in files.items():
        text = template_text(root, f"starter/{source}")
        for word, value in words.items():
            text = text.replace(word, value)
        write_study_file(root, target, text.encode())
    return list(files)
