"""A PDF verified by what it carries: page set again, script run again, every difference told.

Nothing of the study's folder is needed. What is proved is that the file is whole and that its page
and numbers follow from the sources inside; who wrote those, a signature would have to say.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.compute.child import landlock
from generator.digest import digest_source
from generator.drawing.parts import shown_digest
from generator.errors import StudyError, Where, problems_in
from generator.proof.compare import differences
from generator.proof.reading import Carried, carried, opened
from generator.proof.rebuild import (
    Unpacked,
    foreign,
    missing_to_run,
    outputs_of,
    page_again,
    script_again,
    unpacked,
)
from generator.store.agree import results_moved


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a PDF. wrong: sentences on what differs; none, if it proved itself.

    proved: what was found right. notes: what could not be looked at here, and why.
    """

    wrong: tuple[str, ...]
    proved: tuple[str, ...]
    notes: tuple[str, ...]


def verify(
    content: bytes,
    name: str,
    *,
    script: bool = True,
    remark: Callable[[str], None] = lambda text: None,
) -> Verdict:
    """Whether the PDF `content` follows from the sources inside of it. name: of its file.

    script: whether to run its script, too. remark(text): what is under way.
    Raises StudyError for what is no whole PDF or carries no sources.
    """
    with opened(content, name) as pdf:
        found = carried(pdf)
    with tempfile.TemporaryDirectory(prefix="study-verify-") as folder:
        report = unpacked(found, Path(folder).resolve(), name)
        wrong = [*found.problems, *_tampered(report, found)]
        remark(f"setting {report.report.id} ({report.language}) from the sources in it")
        pages, notes = _page(report, found, content, name)
        wrong += pages
        proved = [] if wrong else ["the same bytes"]
        if script and report.report.script:
            why_not = [*_unguarded(), *missing_to_run(report)]
            if why_not:
                notes.append(f"the script was not run: {'; '.join(why_not)}")
            else:
                remark(f"running {report.report.script} under the guard")
                moved, more = _script(report, found)
                wrong += moved
                notes += more
                if not moved:
                    proved.append("the script gives the same numbers and drawings")
        return Verdict(tuple(wrong), tuple(proved), tuple(notes))


def _tampered(report: Unpacked, found: Carried) -> Iterator[str]:
    """Files and figures that are not those of which the record inside keeps the digest."""
    folder = f"figures/{report.report.id}"
    noted = {f"{folder}/{name}": digest for name, digest in report.record.outputs.items()}
    noted |= {label: digest for label, digest in report.record.inputs.items() if "/" in label}
    for path, content in found.files.items():
        if path in noted and digest_source(content) != noted[path]:
            what = "computed" if path.startswith(folder) else "run"
            yield f"the file {path} in it is not the one that was {what}"
    for drawing in found.drawings:
        if not drawing.is_as_noted:
            shown = drawing.url.removeprefix("figure:").removesuffix(".svg")
            yield f"the figure {shown} on its pages is not the one that was made"


def _page(
    report: Unpacked, found: Carried, content: bytes, name: str
) -> tuple[list[str], list[str]]:
    """What is wrong with the page, and notes on what this machine has otherwise."""
    others = foreign(report)
    try:
        made = page_again(report, found)
    except (StudyError, ExceptionGroup) as error:
        said = [f"its text cannot be set again: {problem}" for problem in problems_in(error)]
        return [*said, *others], []
    if made == content:
        return [], []
    if others:
        head = "its page was made with versions that are not here, so that it cannot be compared"
        return [f"{head}: {'; '.join(others)}"], differences(content, made, name)
    return differences(content, made, name), []


def _unguarded() -> Iterator[str]:
    """Why no stranger's script should run here; nothing, if the system itself holds it."""
    if not landlock.version() and sys.platform != "darwin":
        yield "this system has nothing that would keep a stranger's script from your files"


def _script(report: Unpacked, found: Carried) -> tuple[list[str], list[str]]:
    """What the script gives otherwise now, and notes."""
    try:
        outcome = script_again(report)
    except (StudyError, ExceptionGroup) as error:
        return [f"its script fails: {problem}" for problem in problems_in(error)], []
    now = outputs_of(outcome)
    results = f"figures/{report.report.id}/results.json"
    then = found.files.get(results, b"{}")
    wrong = [f"the script gives {what}" for what in results_moved(then, now["results.json"])]
    moved = [
        file
        for file, digest in report.record.outputs.items()
        if file != "results.json" and digest_source(now.get(file, b"")) != digest
    ]
    moved += _drawn_otherwise(found, now)
    notes = []
    from generator.machine.processor import machine

    for file in sorted(set(moved)):
        sentence = f"the script draws {file} with other bytes"
        if report.record.machine.partition(" with ")[0] == machine():
            wrong.append(sentence)
        else:
            notes.append(f"{sentence}; it was made on {report.record.machine}")
    return wrong, notes


def _drawn_otherwise(found: Carried, now: Mapping[str, bytes]) -> list[str]:
    """The figures on the page that are not what the script's drawings look like."""
    from generator.weasy.images import figure_image

    moved = []
    for each in found.drawings:
        file = each.url.removeprefix("figure:")
        place = Where(f"figures/{file}")
        image = figure_image(now[file], None, place) if file in now else None
        if image is None or image.told()["sha256"] != shown_digest(each.drawing.content):
            moved.append(file)
    return moved
