"""A trial: the study with other parameters, in a folder of its own that git passes over.

What is committed stays as it is. The trial is a study with links to the same files, so that a
build of it has its own results, records and PDFs, and finds all else up to date.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.digest import digest_bytes
from generator.errors import StudyError, Where
from generator.model import Parameter, Study
from generator.plan.staleness import pdf_path
from generator.store.files import write_study_file
from generator.store.folder import SHARED, TRIALS
from generator.study.parameters import toml

_PASSED = {TRIALS, "__pycache__", "node_modules"}
_LONGEST = 80  # characters of a folder's name


def prepare_trial(root: Path, study: Study, values: Mapping[str, Parameter]) -> Path:
    """The folder of the trial with `values`, its files those of the study at `root`.

    Results and PDFs that a build of the trial has made stay; the others are the study's.
    Raises StudyError where it can't be written.
    """
    folder = root / TRIALS / _name(values)
    try:
        (root / TRIALS).mkdir(exist_ok=True)
        write_study_file(root, f"{TRIALS}/.gitignore", b"*\n")
        folder.mkdir(exist_ok=True)
        outputs = _pdfs(study)
        there = set(_files(folder))
        for path in _files(root):
            own = path in outputs or path.startswith("figures/")
            if path in there and (own or os.path.samefile(root / path, folder / path)):
                continue
            _link(root / path, folder / path)
        for path in there - set(_files(root)):
            if path not in outputs and not path.startswith("figures/"):
                (folder / path).unlink()
        (folder / ".study").mkdir(exist_ok=True)
        for name in SHARED:
            (root / ".study" / name).mkdir(parents=True, exist_ok=True)
            shared = folder / ".study" / name
            if not shared.is_symlink():
                shared.symlink_to(os.path.relpath(root / ".study" / name, shared.parent))
    except OSError as error:
        raise StudyError(
            f"cannot be written: {error.strerror}", Where(TRIALS), "free some space"
        ) from error
    return folder


def _name(values: Mapping[str, Parameter]) -> str:
    """A folder's name for `values`: "steps=200,temperature=0.5"."""
    whole = ",".join(f"{name}={toml(value)}" for name, value in sorted(values.items()))
    name = re.sub(r"[^\w.,=+-]", "", whole)
    if name == whole and len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}-{digest_bytes(whole.encode())[:8]}"


def _pdfs(study: Study) -> set[str]:
    return {
        pdf_path(study, week, report, language)
        for week, report in study.reports()
        for language in report.languages()
    }


def _files(root: Path) -> Iterator[str]:
    """Every file of the study below `root`, without environments and hidden folders."""
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in _PASSED
            and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
            and os.path.join(folder, name) != sys.prefix
        ]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def _link(source: Path, target: Path) -> None:
    """Make `target` the file `source`: the same one, or a copy on another file system."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
