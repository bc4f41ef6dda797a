"""Is everything that was built still what it should be: figures, PDFs, README."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from generator.check.finding import Finding, from_problems
from generator.errors import StudyError, Where, problems_in
from generator.model import Report, Results, Study, Week
from generator.plan.labels import Inputs
from generator.plan.staleness import damaged_outputs, staleness
from generator.publish.readme.change import readme_change
from generator.store.record import load_record, load_results

_NOT_COMPUTED = re.compile(r"\b(?:value|table|string|figure)\b")
_SHOWN = 5  # reasons named in one finding


def build_findings(root: Path, study: Study, inputs: Inputs) -> list[Finding]:
    """Stale or damaged figures and PDFs; what a stale text has wrong; folders nobody asked for."""
    findings: list[Finding] = []
    for week, report in study.reports():
        if not report.texts:
            if week.status == "done":
                findings.append(_not_written(week, report))
            continue
        findings += _report_findings(root, study, inputs, week, report)
    return findings + _left_over(root, study)


def _report_findings(
    root: Path, study: Study, inputs: Inputs, week: Week, report: Report
) -> list[Finding]:
    damaged = _damage(root, report)
    if damaged:
        return from_problems("stale", damaged)
    stale = staleness(inputs, week, report)
    touched = damaged_outputs(inputs, report.id, stale.record.outputs) if report.script else []
    findings = []
    for sentence in touched:
        path, _, what = sentence.partition(" ")
        hint = f"run `study build {report.id}`, which computes it again"
        findings.append(Finding("stale", what, Where(path), hint))
    reasons = [reason for reason in stale.compute if reason not in touched]
    if reasons and report.script:
        findings.append(
            Finding(
                "stale",
                f"its figures and values are out of date: {_listed(reasons)}",
                Where(report.script),
                f"run `study build {report.id}`",
            )
        )
    for language, because in stale.pdfs:
        path = dict(report.texts)[language]
        findings.append(
            Finding(
                "stale",
                f"its PDF is out of date: {_listed(because)}",
                Where(path),
                f"run `study build {report.id}`",
            )
        )
        # A fresh PDF proves that its text has no mistake; a stale one may hide some.
        findings += from_problems("text", _text_problems(root, study, week, report, language))
    return findings


def _damage(root: Path, report: Report) -> list[StudyError]:
    """What is wrong with the report's record.json and results.json."""
    problems = []
    loads: tuple[Callable[[Path, str], object], ...] = (load_record, load_results)
    for load in loads:
        try:
            load(root, report.id)
        except StudyError as error:
            problems.append(error)
    return problems


def _text_problems(
    root: Path, study: Study, week: Week, report: Report, language: str
) -> list[StudyError]:
    # Imported only when a text changed: this brings the whole text room. Whether a translation
    # keeps to its original is asked for fresh texts, too, and therefore elsewhere.
    from generator.text.report import render_report

    results = load_results(root, report.id)
    try:
        render_report(root, study, week, report, language, results)
    except (StudyError, ExceptionGroup) as error:
        problems = list(problems_in(error))
        if report.script and results == Results():
            # Never computed: that nothing of it is there is one fault, and has been said.
            problems = [problem for problem in problems if not _NOT_COMPUTED.search(str(problem))]
        return problems
    return []


def _listed(reasons: Sequence[str]) -> str:
    more = len(reasons) - _SHOWN
    return "; ".join(reasons[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _not_written(week: Week, report: Report) -> Finding:
    return Finding(
        "schedule",
        f"is done, but {report.folder}/report.md is not there",
        week.where or Where("study.toml"),
        'write it, or say report = [] for a week without one, or status = "planned"',
    )


def _left_over(root: Path, study: Study) -> list[Finding]:
    """Folders under reports/ and figures/ that belong to no report."""
    ids = {report.id for _, report in study.reports()}
    findings = []
    for folder, sign, hint in (
        ("reports", "report.md", "give it a [[week]] in study.toml, or delete the folder"),
        ("figures", "record.json", "delete the folder: it belongs to no report"),
    ):
        for path in sorted((root / folder).glob(f"*/{sign}")):
            if path.parent.name not in ids:
                where = Where(f"{folder}/{path.parent.name}")
                findings.append(Finding("schedule", "is in no week of study.toml", where, hint))
    return findings


def readme_findings(root: Path, study: Study) -> list[Finding]:
    """Markers that are wrong, hand edits inside blocks, and blocks that are out of date."""
    path = study.readme.file
    if not (root / path).is_file():
        hint = "write one, with <!-- study:begin schedule --> and <!-- study:end schedule -->"
        return [Finding("readme", "there is none", Where(path), hint, "warning")]
    try:
        change = readme_change(root, study)
    except (StudyError, ExceptionGroup) as error:
        return from_problems("readme", problems_in(error))
    if change.before == change.after:
        return []
    before, after = change.before.splitlines(), change.after.splitlines()
    lines = [n for n, (old, new) in enumerate(zip(before, after, strict=False), 1) if old != new]
    line = lines[0] if lines else min(len(before), len(after))
    return [
        Finding("readme", "its blocks are out of date", Where(path, line), "run `study readme`")
    ]
