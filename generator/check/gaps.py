"""What a study announces and does not say yet: starter texts, solutions, progress, the meeting."""

import re
from collections.abc import Iterator
from pathlib import Path

from generator.check.finding import Finding
from generator.check.texts import bare_text
from generator.errors import StudyError, Where
from generator.machine.shipped import shipped_folder, template_text
from generator.model import Phrase, Report, Study, Week
from generator.publish.readme.change import readme_text
from generator.publish.readme.markers import find_blocks
from generator.store.files import read_study_file, study_text
from generator.study.readme import BLOCKS

_EXERCISE = re.compile(r"^[ \t]*!!! exercise\b.*\{#(exr-[\w-]+)", re.MULTILINE)
_SOLUTION = re.compile(r"^[ \t]*!!! solution\b.*\bof=(exr-[\w-]+)", re.MULTILINE)
_SAID = re.compile(r'^(?:# )?(?:title|objective|resource|progress|topic) = "(.+)"$', re.MULTILINE)


def gap_findings(root: Path, study: Study) -> list[Finding]:
    """Warnings only: all of it builds."""
    return [
        *_starter_sentences(root, study),
        *_silent_weeks(root, study),
        *_unsolved_exercises(root, study),
    ]


def _unsolved_exercises(root: Path, study: Study) -> Iterator[Finding]:
    """Exercises without a solution, in texts that solve at least one."""
    for _, report in study.reports():
        for _, path in report.texts:
            source = study_text(root, path)
            if source is None:
                continue  # the text room says so when the report is built
            text = bare_text(source)
            solved = set(_SOLUTION.findall(text))
            for exercise in _EXERCISE.finditer(text) if solved else ():
                if exercise[1] not in solved:
                    where = Where(path, text.count("\n", 0, exercise.start(1)) + 1)
                    hint = f"write one: !!! solution {{of={exercise[1]}}}"
                    message = f"the exercise {exercise[1]} has no solution"
                    yield Finding("exercises", message, where, hint, "warning")


def _starter_sentences(root: Path, study: Study) -> Iterator[Finding]:
    """Paragraphs, titles and objectives of reports that are still what `study add` wrote."""
    ours: dict[str, int] = {}
    for name in _starter_files("next.md"):
        ours |= _paragraphs(template_text(root, name))
    waiting_texts = _waiting(root)
    hint = "write your own in its place"
    for week, report in study.reports():
        for _, path in report.texts:
            text = study_text(root, path)
            if text is None:
                continue  # the text room says so when the report is built
            left = [(said, line) for said, line in _paragraphs(text).items() if said in ours]
            if left:
                said, line = left[0]
                message = (
                    f"still says what `study add` wrote (paragraphs: {len(left)}): {said[:60]}"
                )
                yield Finding("starter", message, Where(path, line), hint, "warning")
        phrases = [text for phrase in _phrases(week, report) for _, text in phrase.texts]
        waiting = [text for text in dict.fromkeys(phrases) if text in waiting_texts]
        if waiting:
            message = f"still says what `study new` or `study add` wrote: {'; '.join(waiting)}"
            where = week.where or Where("study.toml")
            yield Finding("starter", message, where, hint, "warning")


def _waiting(root: Path) -> set[str]:
    """What the starter writes into study.toml of a coming week, and waits to have replaced."""
    found: set[str] = set()
    for name in (*_starter_files("study.toml"), *_starter_files("next.toml")):
        last_week = template_text(root, name).rpartition("[[week]]")[2]
        found |= set(_SAID.findall(last_week))
    return found


def _starter_files(name: str) -> list[str]:
    """The names of the starter's file `name` in each language."""
    ours = shipped_folder()
    return sorted(path.relative_to(ours).as_posix() for path in ours.glob(f"starter/**/{name}"))


def _phrases(week: Week, report: Report) -> Iterator[Phrase]:
    """What study.toml says of a week; a plan may keep its title and objective open."""
    if report.texts:
        yield from (week.title, week.objective)
    yield from (report.resource, week.progress, week.topic)


def _paragraphs(text: str) -> dict[str, int]:
    """The paragraphs of `text` but headings, white space tidied, and the line of each."""
    found: dict[str, int] = {}
    line = 1
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        lead = len(paragraph) - len(paragraph.lstrip("\n"))
        tidy = " ".join(paragraph.split())
        if tidy and not tidy.startswith("#"):
            found.setdefault(tidy, line + lead)
        line += paragraph.count("\n") + 2
    return found


def _silent_weeks(root: Path, study: Study) -> Iterator[Finding]:
    """Done weeks without a line of progress, and a meeting that the README does not show."""
    path = study.readme.file
    try:
        text = readme_text(read_study_file(root, path), path)
        shown = {block.name for block in find_blocks(text, path, BLOCKS)}
    except (OSError, StudyError, ExceptionGroup):
        return  # said where the README is checked
    if study.meeting and "meeting" not in shown:
        lines = "put <!-- study:begin meeting --> and <!-- study:end meeting --> where it belongs"
        yield Finding("readme", "does not show the [meeting]", Where(path), lines, "warning")
    for week in study.weeks:
        if "progress" in shown and week.status == "done" and not week.progress:
            message = f"{study.unit_label(week, study.languages[0])} is done without progress"
            where = week.where or Where("study.toml")
            hint = 'add progress = "…", one sentence for the README\'s list of progress'
            yield Finding("schedule", message, where, hint, "warning")
