"""The final writes of a build: each file whole or not at all, the record last."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from generator.build.pages import WITH, SetPdf, labelled
from generator.build.state import Build
from generator.digest import digest_source
from generator.errors import StudyError, Where
from generator.machine.processor import machine
from generator.model import Outcome, PdfRecord, Record, Report, Study, Week
from generator.plan.editions import in_step, path_of
from generator.plan.staleness import pdf_path, record_path
from generator.store.agree import keep_agreeing
from generator.store.files import ANY_SIZE, check_inside, read_study_file, write_study_file
from generator.store.record import load_record, record_json, results_json


def write_outcome(work: Build, outcome: Outcome) -> bool:
    """Write drawings, results.json and record.json of a finished script; whether any changed.

    The record goes last: after a crash in between, the outputs do not match the old record
    and are computed again.
    """
    root, report = work.root, outcome.report
    for sentence in outcome.memos:
        work.remark(f"{report}: {sentence}")
    for sentence in outcome.warnings:
        work.remark(f"warning: {sentence}")
    folder = root / "figures" / report
    record = _old_record(root, report)
    files = dict(outcome.files) | {"results.json": results_json(outcome.results)}
    again = record.inputs == dict(outcome.inputs)
    here = machine() + (f"{WITH}{outcome.accelerator}" if outcome.accelerator else "")
    elsewhere = record.machine not in ("", here)
    moved: tuple[str, ...] = ()
    made_on = here
    if again or elsewhere:
        # The same script on another kind of machine differs in the last digits only. There is no
        # telling which of them an edit changed there, so that what agrees stays.
        files, moved = keep_agreeing(folder, record.outputs, files)
        made_on = here if moved else record.machine
    changed = False
    for name, content in sorted(files.items()):
        if _write_changed(root, folder / name, content):
            work.wrote(f"figures/{report}/{name}")
            changed = True
    outputs = {name: digest_source(content) for name, content in files.items()}
    if moved and record.outputs not in ({}, outputs):
        work.remark(_why_not_kept(report, record.machine if elsewhere else "", again, moved))
    obsolete = set(record.outputs) - set(files)
    _delete(folder, obsolete)
    changed = changed or bool(obsolete)
    new = replace(record, inputs=dict(outcome.inputs), outputs=outputs, machine=made_on)
    _write_record(work, report, new)
    return changed


def _why_not_kept(report: str, elsewhere: str, again: bool, moved: Iterable[str]) -> str:
    """Why the committed results of `report` were not kept. elsewhere: where they were made."""
    if elsewhere:
        why = f"the committed results, made on {elsewhere}, do not agree with those made here"
    else:
        why = "the script gave other results than last time"
    if again:
        why += ", and nothing that it reads has changed"
    if again and not elsewhere:
        why += ": does it ask the time, the machine, or chance?"
    return "\n  ".join([f"warning: {report}: {why}", *moved])


def write_pdf(work: Build, week: Week, report: Report, language: str, made: SetPdf) -> bool:
    """Write a PDF and its record; whether the PDF changed."""
    for warning in made.warnings:
        work.remark(f"warning: {warning}")
    target = pdf_path(work.study, week, report, language)
    record = _old_record(work.root, report.id)
    changed = _write_changed(work.root, work.root / target, made.content)
    if changed:
        work.wrote(target)
    old = record.pdfs.get(language)
    if old and old.file != target and not _is_output(work.study, old.file):
        _delete(work.root, [old.file])
    made_of = labelled(work.inputs, record, report, made.labels)
    pdf = PdfRecord(target, digest_source(made.content), made_of)
    if not report.script:  # what a script had left that is no more
        _delete(work.root / "figures" / report.id, set(record.outputs))
        record = replace(record, inputs={}, outputs={}, machine="")
    new = replace(record, pdfs=dict(record.pdfs) | {language: pdf})
    _write_record(work, report.id, new)
    keep_in_step(work.root, report, work.wrote)
    return changed


def keep_in_step(
    root: Path,
    report: Report,
    wrote: Callable[[str], None],
    language: str = "",
    only: Iterable[str] | None = None,
) -> None:
    """Write down which sections of `report` are in step in its languages, if there are several.

    language, only: sections in that language that need nothing, though they are behind.
    """
    content = in_step(root, report, language, only)
    if content is not None and _write_changed(root, root / path_of(report), content):
        wrote(path_of(report))


def _write_record(work: Build, report: str, record: Record) -> None:
    """Write the record; it is committed, too, so that its path is told, once in a build."""
    path = record_path(work.root, report)
    if _write_changed(work.root, path, record_json(record)) and report not in work.recorded:
        work.recorded.add(report)
        work.wrote(path.relative_to(work.root).as_posix())


def _delete(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        check_inside(folder, name)
        (folder / name).unlink(missing_ok=True)


def _old_record(root: Path, report: str) -> Record:
    try:
        return load_record(root, report)
    except StudyError:
        return Record()  # damaged: everything of it is being made again


def _is_output(study: Study, path: str) -> bool:
    return any(
        pdf_path(study, week, report, language) == path
        for week, report in study.reports()
        for language in report.languages()
    )


def _write_hint(error: OSError) -> str:
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError):
        return "found a folder in place of a file, or a file in place of a folder: take it away"
    return "free some space, or build where you may write; the old file is as it was"


def _write_changed(root: Path, path: Path, content: bytes) -> bool:
    """Write `content` unless the file already says the same; whether it was written."""
    shown = path.relative_to(root).as_posix()
    check_inside(root, shown)
    try:
        if path.is_file() and read_study_file(root, shown, ANY_SIZE) == content:
            return False
        write_study_file(root, shown, content)
    except OSError as error:
        raise StudyError(
            f"cannot be written: {error.strerror}",
            Where(shown),
            _write_hint(error),
        ) from error
    return True
