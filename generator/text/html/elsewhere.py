"""References to another report: `@week-07:eq-scale` → its number there."""

from generator.errors import StudyError
from generator.store.record import load_results
from generator.text.html.context import Desk
from generator.text.markdown.grammar import parsed
from generator.text.markdown.lexer import pieces_of
from generator.text.markdown.outline import Label, outline_of
from generator.text.problems import Problems
from generator.text.shared import whole_text
from generator.text.values.expand import expand


def label_elsewhere(
    desk: Desk, report_id: str, name: str, line: int
) -> tuple[Label, str, str] | None:
    """The label in the other report, that report's title, and its PDF's address ("" if none).

    A problem is noted at `line` and None given if there is no such report, text or label.
    """
    found = [(w, r) for w, r in desk.study.reports() if r.id == report_id]
    if not found:
        ids = ", ".join(report.id for _, report in desk.study.reports() if report.texts)
        desk.problems.add(
            line, f"@{report_id}:{name}: no report '{report_id}'", f"there are: {ids}"
        )
        return None
    week, report = found[0]
    if not report.texts:
        desk.problems.add(
            line, f"@{report_id}:{name}: {report_id} has no text yet", "say it in words until then"
        )
        return None
    path = dict(report.texts).get(desk.language, report.texts[0][1])
    try:
        label = _label(desk, report_id, path, name)
    except StudyError as error:
        desk.problems.add(line, f"@{report_id}:{name}: {error}")
        return None
    if label is None:
        desk.problems.add(
            line,
            f"@{report_id}:{name} refers to nothing in {path}",
            f"give what is meant the label {{#{name}}} there",
        )
        return None
    title = desk.study.unit_label(week, desk.language) or report.title.text(desk.language)
    desk.inputs.add(f"study.toml#{report_id}")
    address = ""
    if desk.study.publishing.base_url:
        from generator.plan.staleness import pdf_path

        language = desk.language if desk.language in dict(report.texts) else report.texts[0][0]
        relative = pdf_path(desk.study, week, report, language)
        address = f"{desk.study.publishing.base_url.rstrip('/')}/{relative}"
    return label, title, address


def _label(desk: Desk, report_id: str, path: str, name: str) -> Label | None:
    """The label `name` of the text at `path`, numbered as that text's own build numbers it."""
    problems = Problems(path)  # its own build reports them
    whole, _ = whole_text(desk.root, path)
    results = load_results(desk.root, report_id)
    report = next(report for _, report in desk.study.reports() if report.id == report_id)
    parameters = desk.study.parameters_of(report)
    expanded = expand(pieces_of(whole.text, problems), results, problems, parameters=parameters)
    desk.inputs |= {path, *whole.included}
    if expanded.conditional:
        # What its statements choose depends on its results.
        desk.inputs.add(f"figures/{report_id}/results.json")
    return outline_of(parsed(expanded), problems).labels.get(name)
