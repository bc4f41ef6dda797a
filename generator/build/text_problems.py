"""What is wrong with a report's text while its script has failed: said together with the script."""

import re

from generator.build.pages import undrawable
from generator.errors import StudyError, problems_in
from generator.model import Report, Results, Week
from generator.plan.labels import Inputs
from generator.store.cache import Cache
from generator.store.files import read_study_text
from generator.store.record import load_results


def text_problems(inputs: Inputs, week: Week, report: Report, language: str) -> list[StudyError]:
    """What is wrong with the text of `report`, whose script has failed, whatever it would give.

    The text is read with the results that there are; that others are missing is no mistake yet.
    """
    from generator.text.report import render_report

    root = inputs.root
    try:
        results = load_results(root, report.id)
    except StudyError:
        results = Results()
    store = Cache(root / ".study" / "cache")
    try:
        render_report(
            root,
            inputs.study,
            week,
            report,
            language,
            results,
            store=store,
            undrawable=undrawable,
        )
    except (StudyError, ExceptionGroup) as error:
        problems = list(problems_in(error))
    else:
        return []
    path = dict(report.texts)[language]
    asking, wrong = unanswered(read_study_text(root, path, "replace"), results)

    def is_certain(problem: StudyError) -> bool:
        if problem.where is None or problem.where.path != path or problem.where.line is None:
            return True
        line = problem.where.line
        return line not in wrong and not any(
            re.search(rf"[.']{re.escape(name)}(?![\w-])", problem.message)
            for name in asking.get(line, ())
        )

    return [problem for problem in problems if is_certain(problem)]


_QUOTED = re.compile(r"\b(?:value|string|table)\.([a-z][a-z0-9_]*)|\(figure:([^)\s]+)\)")


def unanswered(text: str, results: Results) -> tuple[dict[int, set[str]], set[int]]:
    """Line, from 1 → names that it asks for and that are not among `results`.

    And the lines where everything may be wrong because of that.
    """
    known = {*results.values, *results.strings, *results.tables, *results.figures}
    rows = text.splitlines()
    asking: dict[int, set[str]] = {}
    start = 1  # of the paragraph
    for number, row in enumerate(rows, 1):
        if not row.strip():
            start = number + 1
        missing = {name for match in _QUOTED.findall(row) for name in match if name} - known
        for line in range(start, number + 1) if missing else ():  # a picture's line is its first
            asking.setdefault(line, set()).update(missing)
    wrong = {n for n in asking if "{%" in rows[n - 1]}
    if wrong:  # what a statement binds may be quoted anywhere
        wrong = {n for n, row in enumerate(rows, 1) if "{%" in row or "{{" in row}
    for line in asking:  # the caption below a table that is not there
        wrong |= {n for n in (line + 1, line + 2) if rows[n - 1 : n] and rows[n - 1][:1] == ":"}
    return asking, wrong
