"""Whether a translation says what its original says: numbers, figures, references, headings."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from generator.errors import StudyError, Where
from generator.model import Document, Mention, Report, Results, Study, Week
from generator.text.report import render_report

_SAID = {
    "value": "quotes {{{{ {what} }}}}",
    "figure": "shows the figure {what}",
    "label": "has the label {what}",
    "reference": "refers to @{what}",
    "citation": "cites @{what}",
    "term": "marks the term {what}",
    "solution": "solves {what}",
    "constant": "says a number with the digits {what}",
    "list": "has the numbered list {what}",
    "answer": "has the bold number {what}",
    "box": "has the box '{what}', counted by kind",
}


def translation_problems(original: Document, translated: Document) -> list[StudyError]:
    """Where `translated` and `original`, two languages of one report, differ in substance.

    Compared are quoted values with their digits, figures, labels, references and citations, each
    as a set, since another language may say a thing twice; and the headings, one by one.
    """
    problems = []
    for kind in _SAID:
        ours, theirs = _first(translated, kind), _first(original, kind)
        for what in theirs.keys() - ours.keys():
            place = theirs[what].where
            problems.append(
                StudyError(
                    f"{place} {_said(kind, what)}, this text does not",
                    _whole(translated),
                    "the same results, figures and sources belong into every language",
                )
            )
        for what in ours.keys() - theirs.keys():
            problems.append(
                StudyError(
                    f"this text {_said(kind, what)}, {_whole(original)} does not",
                    ours[what].where,
                )
            )
    problems += _heading_problems(original, translated)
    return sorted(problems, key=lambda problem: (str(problem.where), problem.message))


def check_translation(
    root: Path, study: Study, week: Week, report: Report, document: Document, results: Results
) -> list[StudyError]:
    """Where `document` differs from the report's text in its main language; [] if it is that.

    Raises StudyError, several in a group, for mistakes in the main text.
    """
    original = report.languages()[0]
    if document.language == original:
        return []
    main = render_report(root, study, week, report, original, results)
    return translation_problems(main, document)


def _said(kind: str, what: str) -> str:
    return _SAID[kind].format(what=what)


def _first(document: Document, kind: str) -> dict[str, Mention]:
    """What `document` mentions of one kind, with the first place of each."""
    found: dict[str, Mention] = {}
    for mention in document.mentions:
        if mention.kind == kind:
            found.setdefault(mention.what, mention)
    return found


def _whole(document: Document) -> Where:
    """The file of `document`, as far as its mentions tell."""
    if document.mentions:
        return Where(document.mentions[0].where.path)
    return Where(f"{document.report} ({document.language})")


def _heading_problems(original: Document, translated: Document) -> list[StudyError]:
    """The first place where the headings differ; all that follow differ because of it."""
    theirs, ours = _headings(original), _headings(translated)
    for number, (their, our) in enumerate(zip_longest(theirs, ours), 1):
        if their is None and our is not None:
            message = f"heading {number} ({our.what}) is not in {_whole(original)}"
            return [StudyError(message, our.where)]
        if our is None and their is not None:
            message = f"heading {number} ({their.what}) of {their.where} is not in this text"
            return [StudyError(message, _whole(translated))]
        if our is not None and their is not None and our.what != their.what:
            message = f"heading {number} is {our.what}, but {their.what} in {their.where}"
            return [StudyError(message, our.where)]
    return []


def _headings(document: Document) -> Sequence[Mention]:
    return [mention for mention in document.mentions if mention.kind == "heading"]
