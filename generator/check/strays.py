"""Files that belong to nothing: leftovers of merges and renames, of desktops, links to no file."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from generator.check.finding import Finding
from generator.check.history import Kept
from generator.errors import StudyError, Where
from generator.model import Study
from generator.plan.labels import Inputs
from generator.plan.staleness import pdf_path
from generator.store.files import read_study_text
from generator.store.record import load_record

_DESKTOP = re.compile(r"(?:\.DS_Store|Thumbs\.db|desktop\.ini|\._.+|.+~|\.#.+|.+\.sw[op])$")
_TOOLS = ("__pycache__", ".ipynb_checkpoints", ".pytest_cache")
_TEXTS = (".md", ".bib", ".toml", ".py", ".css", ".j2", ".txt", ".json", ".yml", ".yaml", ".svg")
_CONFLICT = re.compile(r"^<{7} .*?^={7}\s.*?^>{7} ", re.MULTILINE | re.DOTALL)


def stray_findings(
    root: Path, study: Study, files: Sequence[str], linked: Iterable[str]
) -> list[Finding]:
    """Outputs of no report, files of desktops and tools, links to no file.

    linked: the paths that pages of the study link to.
    """
    return [
        *_figures(root, study, files),
        *_pdfs(study, files, set(linked)),
        *_desktop(files),
        *_dangling(root, files),
    ]


def _figures(root: Path, study: Study, files: Sequence[str]) -> Iterator[Finding]:
    outputs: dict[str, set[str] | None] = {}
    for _, report in study.reports():
        try:
            record = load_record(root, report.id)
        except StudyError:
            outputs[report.id] = None  # said where freshness is checked
        else:
            # Without a record all of it is out of date, which is said elsewhere.
            kept = {*record.outputs, "record.json", "results.json"}
            outputs[report.id] = kept if record.outputs else None
    told: set[str] = set()
    for path in files:
        parts = path.split("/")
        if parts[0] != "figures" or len(parts) < 3:
            continue
        if parts[1] not in outputs:
            if parts[1] not in told:
                told.add(parts[1])
                message = "holds what was computed for a report that study.toml does not have"
                yield Finding(
                    "strays", message, Where(f"figures/{parts[1]}"), "delete it", "warning"
                )
            continue
        known = outputs[parts[1]]
        if known is not None and "/".join(parts[2:]) not in known:
            message = f"is nothing that the script of {parts[1]} makes now"
            yield Finding("strays", message, Where(path), "delete it", "warning")


def _pdfs(study: Study, files: Sequence[str], linked: set[str]) -> Iterator[Finding]:
    own = {
        pdf_path(study, week, report, language)
        for week, report in study.reports()
        for language in report.languages()
    }
    folders = {report.folder for _, report in study.reports()}
    links = {report.link for _, report in study.reports()}
    for path in files:
        if not path.lower().endswith(".pdf") or path in own | linked | links:
            continue
        folder = path.rpartition("/")[0]
        if folder in folders:
            message = f"is no PDF that `study build` makes of {folder}, and nothing links to it"
            hint = "link to it where it is wanted, or delete it"
            yield Finding("strays", message, Where(path), hint, "warning")


def _desktop(files: Sequence[str]) -> Iterator[Finding]:
    for path in files:
        parts = path.split("/")
        if _DESKTOP.match(parts[-1]) or set(parts[:-1]) & set(_TOOLS):
            yield Finding(
                "strays",
                "is a file of somebody's desktop or tools, not of the study",
                Where(path),
                "delete it (`git rm --cached` keeps yours), and name it in .gitignore",
                "warning",
            )


def _dangling(root: Path, files: Sequence[str]) -> Iterator[Finding]:
    for path in files:
        file = os.path.join(root, path)
        if os.path.islink(file) and not os.path.exists(file):
            message = f"is a link to {os.readlink(file)}, which is not there"
            yield Finding("strays", message, Where(path), "mend the link, or delete it")


def conflict_findings(
    root: Path, files: Sequence[str], inputs: Inputs, kept: Kept
) -> Iterator[Finding]:
    """Texts in which git has left both sides of a conflict."""
    for path in files:
        file = root / path
        if not path.endswith(_TEXTS) or file.is_symlink():
            continue
        digest = inputs.file(path)
        if not digest:
            continue
        line = kept.of("conflict", digest, partial(_conflict, root, path))
        if line:
            yield Finding(
                "strays",
                "holds both sides of a merge conflict",
                Where(path, line),
                "keep one side, and take out the lines of < = >",
            )


def _conflict(root: Path, path: str) -> int:
    """The line at which a conflict begins; 0 if there is none."""
    text = read_study_text(root, path, "replace")
    found = _CONFLICT.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0
