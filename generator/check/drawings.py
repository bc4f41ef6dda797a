"""Flaws of the committed figures, as their scripts are told them when they draw."""

from functools import partial
from pathlib import Path

from generator.check.finding import Finding, Severity
from generator.check.history import Kept
from generator.drawing.flaws import flaws
from generator.errors import Where
from generator.model import Report
from generator.store.files import study_text


def drawing_findings(root: Path, report: Report, kept: Kept) -> list[Finding]:
    """Errors where something in a figure cannot be read, warnings where it is hard to read."""
    findings = []
    for path in sorted((root / "figures" / report.id).glob("*.svg")):
        where = Where(path.relative_to(root).as_posix())
        content = study_text(root, where.path)
        if content is None:
            continue  # said where freshness is checked
        for grave, message, hint in kept.of("drawing", content, partial(_plain, content)):
            severity: Severity = "error" if grave else "warning"
            findings.append(Finding("figures", message, where, hint, severity))
    return findings


def _plain(content: str) -> list[list[object]]:
    return [[flaw.grave, flaw.message, flaw.hint] for flaw in flaws(content.encode())]
