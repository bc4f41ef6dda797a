"""A small working study to start from, the next week's report, a template to change."""

import json
from collections.abc import Mapping
from pathlib import Path

from generator.cache import write_whole
from generator.errors import StudyError, Where, raise_all
from generator.model import Report, Study, Week
from generator.plan import label_names
from generator.shipped import shipped_folder, template_file

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


def start_study(folder: Path, title: str) -> list[str]:
    """Write a study with one week into `folder`; return the paths written, relative to it.

    Raises StudyErrors, with nothing written, if any of the files is there already.
    """
    # A JSON string is a TOML string, whatever the title holds.
    words = {"__TITLE__": json.dumps(title, ensure_ascii=False), "__HEADING__": title}
    return _written(folder, STUDY_FILES, words)


def add_report(root: Path, study: Study, name: str = "") -> list[str]:
    """Write text and script of a planned report, by default the first that has neither.

    name: a report's id or a week's number. Returns the paths written. Raises StudyErrors, with
    nothing written, if it is not in the schedule, if none is left, or if a file is there already.
    """
    report = _planned(study, name)
    files = {f"{report.folder}/{target}": source for target, source in NEXT_FILES.items()}
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
    (root / target).parent.mkdir(parents=True, exist_ok=True)
    write_whole(root / target, shipped_folder().joinpath(name).read_bytes())
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
                f"add a [[week]] for it first; there are: {known}",
            )
    for _, report in pairs:
        if not report.texts:
            return report
    if name:
        raise StudyError(f"{name} has its report already", Where(pairs[0][1].folder))
    raise StudyError(
        "every week of the schedule has its report",
        Where("study.toml"),
        "add the next [[week]] with its title and objective",
    )


def _written(root: Path, files: Mapping[str, str], words: Mapping[str, str]) -> list[str]:
    there = [target for target in files if (root / target).exists()]
    raise_all(
        [
            StudyError("is there already, and nothing is overwritten", Where(target))
            for target in there
        ],
        "new",
    )
    for target, source in files.items():
        text = template_file(root, f"starter/{source}").read_text("utf-8")
        for word, value in words.items():
            text = text.replace(word, value)
        path = root / target
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    return list(files)
