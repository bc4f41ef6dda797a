"""A report set again from what its PDF carries, in a folder of its own; its script run again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator.build.pages import page_of
from generator.build.sources import PAGE
from generator.build.state import job_for
from generator.errors import StudyError, Where
from generator.model import Outcome, Record, Report, Study, Week
from generator.plan.labels import ABSENT, Inputs, installed_version
from generator.proof.reading import Carried
from generator.store.record import CONTRACT, RENDERER, load_record, results_json
from generator.study.part import PART, part_from_json

_LONGEST_S = 3600.0  # that a script may take; nothing that it made in an earlier run is at hand


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A report's sources in the folder `root`. page: what the build noted of its page."""

    root: Path
    study: Study
    week: Week
    report: Report
    language: str
    record: Record
    page: Mapping[str, Any]

    @property
    def inputs(self) -> Inputs:
        """What labels stand for in the folder."""
        return Inputs(self.root, self.study)


def unpacked(carried: Carried, root: Path, name: str) -> Unpacked:
    """`carried` written into the empty folder `root`. name: of the PDF, for errors.

    Raises StudyError where something is missing or damaged.
    """
    for path, content in carried.files.items():
        target = root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as error:
            raise StudyError(f"the file {path} in it: {error.strerror}", Where(name)) from error
    for path in (PART, PAGE):
        if path not in carried.files:
            raise StudyError(
                "does not carry its sources",
                Where(name),
                "it was made with attach_sources = false, or by something else",
            )
    try:
        study = part_from_json(carried.files[PART])
        page = json.loads(carried.files[PAGE])
        language, wanted = str(page["language"]), str(page["report"])
        dict(page["inputs"])
        week, report = next(pair for pair in study.reports() if pair[1].id == wanted)
        text = dict(report.texts)[language]
    except (StudyError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise StudyError(f"{PART} or {PAGE} in it is damaged", Where(name)) from error
    needed = [text, *filter(None, [report.script])]
    for path in needed:
        if path not in carried.files:
            raise StudyError(f"does not carry {path}", Where(name))
    return Unpacked(root, study, week, report, language, load_record(root, report.id), page)


def page_again(unpacked: Unpacked, carried: Carried) -> bytes:
    """The PDF, set again. Raises StudyError, or a group, where its text can't be set."""
    from generator.typeset.page import imported_quietly

    with imported_quietly(None):
        from generator.weasy.images import FigureImage
    ready = {each.url: FigureImage(each.drawing, each.id) for each in carried.drawings}
    made = page_of(
        unpacked.inputs,
        unpacked.week,
        unpacked.report,
        unpacked.language,
        unpacked.record,
        drawn=ready,
    )
    return made.content


def foreign(unpacked: Unpacked) -> list[str]:
    """What this machine has otherwise than the one that set the page, a sentence each."""
    found = list(_other_compiler(unpacked))
    for name, version in unpacked.inputs.locked.items():
        here = installed_version(name)
        if here is None:
            found.append(f"{name} {version} is not installed")
        elif here != version:
            found.append(f"{name} {version} is not installed, but {here}")
    return found


def _other_compiler(unpacked: Unpacked) -> Iterator[str]:
    ours = {"renderer": str(RENDERER), "contract": str(CONTRACT)}
    for label, then in sorted(dict(unpacked.page["inputs"]).items()):
        now = ours.get(label) or unpacked.inputs.present(label, unpacked.report.id)
        if now != then:
            what = label.replace("template:", "templates/").replace("renderer", "the page format")
            yield f"{what} of this release of study is another"


def missing_to_run(unpacked: Unpacked) -> list[str]:
    """Why the script can't be run here, a sentence each; none if it can."""
    found = []
    for label, then in unpacked.record.inputs.items():
        kind, colon, name = label.partition(":")
        if kind == "version" and colon:
            here = installed_version(name)
            if here != then:
                found.append(f"{name} {then} is not installed" + (f", but {here}" if here else ""))
        elif colon or label.endswith("/") or then == ABSENT or "/" not in label:
            continue
        elif not (unpacked.root / label).is_file():
            found.append(f"{label}, which the script reads, is too large to be carried")
    return found


def script_again(unpacked: Unpacked) -> Outcome:
    """What the script gives, run under the guard of a build. Raises ScriptError, or a group."""
    from generator.compute.jobs.pool import run_job

    job = replace(job_for(unpacked.study, unpacked.report), timeout_s=_LONGEST_S)
    return run_job(unpacked.root, job)


def outputs_of(outcome: Outcome) -> dict[str, bytes]:
    """File name in figures/ID/ → content of all that a script made."""
    return dict(outcome.files) | {"results.json": results_json(outcome.results)}
