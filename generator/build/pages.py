"""How a page comes about: text and results into a document, the document into a PDF."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.build.sources import paths_shown, sources
from generator.errors import StudyError, Where, problems_in, raise_all
from generator.machine.limits import limited
from generator.machine.shipped import brought_files
from generator.model import Attachment, Document, Formula, Record, Report, Results, Week
from generator.plan.labels import Inputs
from generator.plan.staleness import PDF_DISTRIBUTIONS, TEMPLATES, damaged_outputs
from generator.store.cache import Cache
from generator.store.record import load_record, load_results

if TYPE_CHECKING:
    from generator.weasy.images import FigureImage
    from generator.weasy.layouts import Layouts


_READING = 30.0  # seconds of computing to read a text, of which most is formulas never drawn
_SECONDS = 20.0  # of computing, and more for a long text; a report of ten pages takes 2
_LETTERS_A_SECOND = 2000
_MOST_SECONDS = 120.0  # of what is as long as a book


@dataclass(frozen=True, slots=True)
class SetPdf:
    """A PDF that has been set but not written: its bytes and the labels it was made from.

    warnings: what the study lets pass, but wants to be told of.
    """

    content: bytes
    labels: tuple[str, ...]
    warnings: tuple[StudyError, ...] = ()


def prepare_pages(inputs: Inputs) -> Inputs:
    """`inputs`, for `set_pdf`, once everything that sets pages is imported in this process."""
    from generator.text import report  # noqa: F401
    from generator.typeset.preload import prepare

    store = Cache(inputs.root / ".study" / "cache")
    prepare(inputs.root, inputs.study.languages, store)
    return inputs


def set_pdf(
    inputs: Inputs, week: Week, report: Report, language: str, layouts: "Layouts | None" = None
) -> SetPdf:
    """The PDF of `report` in `language` from its text and its committed results.

    inputs: this process's own; what it hashes is kept if that is the building process.
    layouts: of earlier pages of this process.
    Raises StudyError, or a group of them, for what the author can mend.
    """
    from generator.text.translation import check_translation

    root, study = inputs.root, inputs.study
    record = load_record(root, report.id)
    wrong = damaged_outputs(inputs, report.id, record.outputs)
    if wrong:
        raise StudyError("; ".join(wrong), None, "run `study build` where torch is installed")

    def check(document: Document, results: Results) -> None:
        raise_all(check_translation(root, study, week, report, document, results), report.id)

    return page_of(inputs, week, report, language, record, layouts=layouts, check=check)


def page_of(
    inputs: Inputs,
    week: Week,
    report: Report,
    language: str,
    record: Record,
    *,
    layouts: "Layouts | None" = None,
    drawn: "Mapping[str, FigureImage] | None" = None,
    check: Callable[[Document, Results], None] = lambda document, results: None,
) -> SetPdf:
    """The PDF of `report` in `language`, made from what lies there. See `set_pdf`.

    record: how its results came about. drawn: figures that are drawn already, by URL; they need
    no file. check: raises what else is wrong with the text.
    """
    from generator.text.report import render_report
    from generator.typeset.page import typeset_report

    root, study = inputs.root, inputs.study
    # Numbers whose script is gone are nobody's.
    results = load_results(root, report.id) if report.script else Results()
    store = Cache(root / ".study" / "cache")
    where = Where(dict(report.texts)[language])
    with limited(where, _READING):
        document = render_report(
            root, study, week, report, language, results, store=store, undrawable=undrawable
        )
    check(document, results)
    brought = brought_files(root, *TEMPLATES)
    carries = study.publishing.attach_sources
    labels = pdf_labels(
        report, document.inputs, document.images, record.inputs, brought, carries=carries
    )
    versions = [label for label in labels if label.startswith("version:")]
    colophon = colophon_for(inputs, record, report, language, versions)
    carried: tuple[Attachment, ...] = ()
    if carries:
        digests = labelled(inputs, record, report, labels)
        carried = sources(root, study, week, report, language, record, digests)
    seconds = min(_SECONDS + len(document.body) / _LETTERS_A_SECOND, _MOST_SECONDS)
    with limited(where, seconds):
        content = typeset_report(
            root,
            study,
            week,
            report,
            document,
            colophon=colophon,
            store=store,
            layouts=layouts,
            drawn=drawn,
            attachments=carried,
        )
    return SetPdf(content, labels, document.warnings)


def undrawable(formulas: Sequence[Formula]) -> list[StudyError]:
    """What is wrong with `formulas`."""
    from generator.maths.formulas import draw_formulas

    try:
        draw_formulas(formulas, None)
    except (StudyError, ExceptionGroup) as error:
        return list(problems_in(error))
    return []


def pdf_labels(
    report: Report,
    text: Iterable[str],
    images: Iterable[str],
    compute: Mapping[str, str],
    brought: Iterable[str],
    *,
    carries: bool = True,
) -> tuple[str, ...]:
    """The labels of everything that shows in the PDF of `report`, or lies in it, sorted.

    compute: the inputs of its script. brought: files of templates/ that templates name. carries:
    whether it carries its sources.
    """
    labels = {f"study.toml#{report.id}", "renderer", *text}
    labels |= {f"results:{name.removeprefix('figure:')}" for name in images if "figure:" in name}
    labels |= {f"template:{name}" for name in (*TEMPLATES, *brought)}
    labels |= {f"version:{name}" for name in PDF_DISTRIBUTIONS}
    if carries:
        labels |= paths_shown(labels)
    if report.script:
        if carries:
            labels.add("sources")
        # The colophon says what the numbers were computed with.
        labels |= {"results", "seed"}
        labels |= set(shown_versions(compute))
        if "accelerator" in compute:
            labels.add("machine")
    return tuple(sorted(labels))


# Stands in a record between the machine and the GPU that the script computed on.
WITH = " with "
# What most reports compute with comes first.
_FIRST = ("version:torch", "version:numpy", "version:matplotlib")
# What a drawing takes besides matplotlib, and fonts: no script asks for them.
_TAKEN_ALONG = {f"version:{name}" for name in ("kiwisolver", "contourpy", "pillow")}
_TAKEN_ALONG |= {f"version:{name}" for name in PDF_DISTRIBUTIONS}


def shown_versions(compute: Iterable[str]) -> list[str]:
    """The labels of what a script imported, in the order in which the page names them."""
    found = {label for label in compute if label.startswith("version:")} - _TAKEN_ALONG
    return [*(label for label in _FIRST if label in found), *sorted(found - {*_FIRST})]


def shown_input(inputs: Inputs, record: Record, report: Report, label: str) -> str | None:
    """What `label` stands for on the page: for what computed, the version that did."""
    if label in record.inputs and label in shown_versions([label]):
        return record.inputs[label]
    return inputs.present(label, report.id)


def labelled(
    inputs: Inputs, record: Record, report: Report, labels: Iterable[str]
) -> dict[str, str]:
    """Label → what it stands for on the page of `report`, as far as it is there."""
    now = {label: shown_input(inputs, record, report, label) for label in labels}
    return {label: digest for label, digest in now.items() if digest is not None}


def colophon_for(
    inputs: Inputs, record: Record, report: Report, language: str, versions: Iterable[str]
) -> dict[str, str]:
    """What the small print at the end says: digests, versions, seed; plain words as keys."""
    text = dict(report.texts)[language]
    known = set(versions)
    shown = [label for label in shown_versions(record.inputs) if label in known]
    shown += [label for label in ("version:weasyprint",) if label in known]
    names = [
        f"{label.partition(':')[2]} {shown_input(inputs, record, report, label)}" for label in shown
    ]
    facts = {"text": (inputs.file(text) or "")[:12], "versions": ", ".join(names)}
    if report.script:
        facts["results"] = (inputs.present("results", report.id) or "")[:12]
        facts["seed"] = str(inputs.study.seed)
        _, _, gpu = record.machine.partition(WITH)
        if gpu:
            facts["accelerator"] = gpu
    facts["rebuild"] = f"study build {report.id}"
    return facts
