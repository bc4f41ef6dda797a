"""What is stale, and why, in sentences: records against what is there now."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import StudyError, Where
from generator.model import Record, Report, Study, Week
from generator.plan.labels import ABSENT, Inputs
from generator.store.record import load_record

# What shows on the page besides the text: their locked versions are in every PDF's key.
PDF_DISTRIBUTIONS = (
    "fontpkg-source-code-pro",
    "fontpkg-source-sans-3",
    "fontpkg-source-serif-4",
    "fonttools",
    "jinja2",
    "markdown-it-py",
    "mdit-py-plugins",
    "noto-cjk-sans-jp-bold",
    "pydyf",
    "pygments",
    "pylopdf-fonts-ko",
    "pyphen",
    "quickjax",
    "quickjs-ng",
    "tinycss2",
    "tinyhtml5",
    "weasyprint",
)
_MADE = ("results", "sources")  # labels of what a script makes anew
TEMPLATES = ("report.html.j2", "report.css")


@dataclass(frozen=True, slots=True)
class Staleness:
    """What of one report must be made again and the reasons; empty tuples are up to date.

    pdfs: language → reasons, only the stale ones. inputs: how many inputs were compared.
    """

    week: Week
    report: Report
    record: Record
    compute: tuple[str, ...] = ()
    pdfs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    inputs: int = 0

    def __bool__(self) -> bool:
        return bool(self.compute or self.pdfs)


def staleness(
    inputs: Inputs, week: Week, report: Report, *, force: bool = False, scripts: bool = True
) -> Staleness:
    """What of `report` is stale. force: everything is, whatever its record says.

    scripts: whether scripts may run. If not, force is about pages alone, and what happens to be
    installed here says nothing about committed results: only the versions in locks do.
    """
    try:
        record = load_record(inputs.root, report.id)
        damage = ""
    except StudyError as error:
        # A damaged record proves nothing: everything is made again.
        record, damage = Record(), str(error)
    known = record.inputs if scripts else _without_installed(inputs, record.inputs)
    elsewhere = record.inputs.keys() - known.keys()
    compared = 0
    compute: list[str] = []
    if report.script:
        if force and scripts:
            compute.append("asked for by --force")
        elif not record.inputs:
            compute.append(damage or f"{report.script} has never been run")
        else:
            compute += changes(inputs, report.id, known)
            compute += damaged_outputs(inputs, report.id, record.outputs)
            if report.script not in record.inputs:
                compute.append(f"{report.script} is new")
            if report.accelerator and "accelerator" not in record.inputs:
                compute.append("it may use an accelerator now")
            compared += len(record.inputs)
    pdfs: list[tuple[str, tuple[str, ...]]] = []
    for language, path in report.texts:
        pdf = record.pdfs.get(language)
        reasons: list[str] = []
        if force:
            reasons.append("asked for by --force")
        elif pdf is None:
            reasons.append(damage or f"{path} has never been built")
        else:
            made_of = {k: v for k, v in pdf.inputs.items() if k not in elsewhere}
            if compute:  # which first makes the results what they will be
                made_of = {k: v for k, v in made_of.items() if k.partition(":")[0] not in _MADE}
            elif not report.script and record.outputs:
                reasons.append(f"{report.folder}/compute.py is gone, and its results with it")
            reasons += changes(inputs, report.id, made_of)
            compared += len(pdf.inputs)
            target = pdf_path(inputs.study, week, report, language)
            if pdf.file != target:
                reasons.append(f"its name changed: {pdf.file} → {target}")
            else:
                now = inputs.file(target)
                if now is None:
                    reasons.append(f"{target} is missing")
                elif now != pdf.sha256:
                    reasons.append(f"{target} is not the file that was built")
        if reasons:
            pdfs.append((language, tuple(reasons)))
    return Staleness(week, report, record, tuple(compute), tuple(pdfs), compared)


def _without_installed(inputs: Inputs, recorded: Mapping[str, str]) -> dict[str, str]:
    """`recorded` without the versions that no lock names."""

    def counts(label: str) -> bool:
        kind, _, name = label.partition(":")
        return kind != "version" or name in inputs.locked

    return {label: digest for label, digest in recorded.items() if counts(label)}


def plan(
    inputs: Inputs, wanted: Iterable[str] = (), *, force: bool = False, scripts: bool = True
) -> list[Staleness]:
    """What is stale of the reports that `wanted` names (all if none), fresh ones included."""
    pairs = chosen(inputs.study, wanted)
    return [staleness(inputs, week, report, force=force, scripts=scripts) for week, report in pairs]


def in_order(todo: Iterable[Staleness], times: Mapping[str, float]) -> list[Staleness]:
    """`todo` with what took longest in front, so that no worker is left alone with it at the end.

    times: as `last_times` gives them. What has no time comes first, as in the schedule.
    """

    def cost(stale: Staleness) -> float:
        pages = stale.report.languages() if stale.compute else [name for name, _ in stale.pdfs]
        keys = [f"typeset {stale.report.id} {language}" for language in pages]
        if stale.compute:
            keys.append(f"compute {stale.report.id}")
        return sum(times.get(key, math.inf) for key in keys)

    return sorted(todo, key=cost, reverse=True)


def changes(inputs: Inputs, report: str, recorded: Mapping[str, str]) -> list[str]:
    """A sentence for each recorded input that is not what it was."""
    found = []
    for label, before in recorded.items():
        now = inputs.present(label, report)
        if now is None and label.startswith("version:"):
            continue  # not installed here, and no lock says what it should be: nothing is known
        if (now or ABSENT) != before:
            found.append(change_sentence(label, before, now, report))
    return found


def change_sentence(label: str, before: str, now: str | None, report: str) -> str:
    """What happened to the input `label`, for a person: "torch 2.13.0 → 2.14.1"."""
    kind, _, name = label.partition(":")
    if kind == "version":
        return f"{name} {before} → {now or 'not there'}"
    if label == "seed":
        return f"the seed changed: {before} → {now}"
    if kind == "parameter":
        if before == ABSENT or now is None:
            return f"the parameter {name} is {'new' if before == ABSENT else 'gone'}"
        return f"the parameter {name} changed: {before} → {now}"
    if label == "accelerator":
        return "it may use no accelerator any more"
    if label == "machine":
        return f"its results were made on {now or 'another machine'}, before on {before}"
    if label == "contract":
        return _other_version("script contract", before, now)
    if label == "renderer":
        return _other_version("page format", before, now)
    if label == "results":
        label = f"figures/{report}/results.json"
    elif label == "sources":
        return "the script, or something it reads, is not what the PDF carries"
    elif kind == "results":
        label = f"figures/{report}/{name}"
    elif kind == "template":
        label = f"templates/{name}"
    elif kind == "model":
        label = f"the model {name}"
    elif "::" in label:
        path, _, function = label.partition("::")
        label = f"{function}() in {path}"
    elif "@" in label:
        path, _, key = label.partition("@")
        label = f"entry {key} of {path}"
    elif label.startswith("study.toml#"):
        name = label.removeprefix("study.toml#")
        label = f"what study.toml says about {'it' if name == report else name}"
    elif label.endswith("/"):
        return f"the list of files in {label} changed"
    if before == ABSENT:
        return f"{label} is new"
    return f"{label} changed" if now is not None else f"{label} is gone"


def _other_version(what: str, before: str, now: str | None) -> str:
    return f"made by another version of study ({what} {before}; this one makes {now})"


def damaged_outputs(inputs: Inputs, report: str, outputs: Mapping[str, str]) -> list[str]:
    """A sentence for each committed output that is missing or is not what was computed."""
    found = []
    for name, digest in outputs.items():
        path = f"figures/{report}/{name}"
        now = inputs.file(path)
        if now is None:
            found.append(f"{path} is missing")
        elif now != digest:
            found.append(f"{path} is not the file that was computed")
    return found


def pdf_path(study: Study, week: Week, report: Report, language: str) -> str:
    """Where the PDF of `report` in `language` goes, relative to the root.

    The main language's PDF is named by the study's pattern; others get ".LANGUAGE" before ".pdf".
    """
    name = study.publishing.pdf_name.format(
        id=report.id,
        week=week.number if week.number is not None else report.id,
        title=report.title.text(language),
        label=report.label.text(language),
        language=language,
    )
    # A title may hold what no file name can.
    name = unicodedata.normalize("NFC", "".join("-" if c in '/\\:*?"<>|' else c for c in name))
    if language != study.languages[0] and "{language}" not in study.publishing.pdf_name:
        name = f"{name.removesuffix('.pdf')}.{language}.pdf"
    return f"{report.folder}/{name}"


def chosen(study: Study, wanted: Iterable[str]) -> list[tuple[Week, Report]]:
    """The reports that `wanted` names, by id or by week number; all of them if it names none.

    Raises StudyError for a name that is neither, with what there is.
    """
    names = list(wanted)
    reports = [pair for pair in study.reports() if pair[1].texts]
    if not names:
        return reports
    found: list[tuple[Week, Report]] = []
    for name in names:
        hits = [(week, report) for week, report in reports if name in label_names(week, report)]
        if not hits:
            planned = [r for w, r in study.reports() if name in label_names(w, r)]
            if planned:
                folder = planned[0].folder or f"reports/{planned[0].id}"
                raise StudyError(
                    f"{name} is planned, but has no report yet",
                    Where(folder),
                    f"write {folder}/report.md",
                )
            raise StudyError(f"no report '{name}'", None, _meant(name, study))
        found += [pair for pair in hits if pair not in found]
    return found


def _meant(name: str, study: Study) -> str:
    """The report that `name` may mean, as a hint; else all that there are."""
    # Imported only where there is a mistake to explain.
    from difflib import get_close_matches

    ids = [report.id for _, report in study.reports()]
    alike = [known for known in ids if _numbers(known) == _numbers(name)]
    close = get_close_matches(name.casefold(), alike, 1, 0.6)
    return f"did you mean {close[0]}?" if close else f"there are: {', '.join(ids)}"


def _numbers(name: str) -> list[int]:
    """The numbers in `name`: 9 and 1 of week-09-1."""
    return [int(digits) for digits in re.findall(r"\d{1,9}", name)]


def label_names(week: Week, report: Report) -> set[str]:
    """The names that mean `report` on the command line: its id, and its week's number."""
    numbers = set() if week.number is None else {str(week.number), f"{week.number:02d}"}
    return {report.id} | numbers


def record_path(root: Path, report: str) -> Path:
    """Where the record of `report` lies."""
    return root / "figures" / report / "record.json"
