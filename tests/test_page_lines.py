"""Lines measured for the last document are the same in the next one."""

from pathlib import Path

from generator.build.pages import set_pdf
from generator.plan.labels import Inputs
from generator.plan.staleness import pdf_path
from generator.store.cache import Cache
from generator.study.load import load_study
from generator.typeset.page import typeset_report
from generator.weasy.lines import ASKED, Lines
from tests.page_samples import COLOPHON, PAGES, document, study, write_figures

ROOT = Path(__file__).parents[1]


def typeset(root: Path, body: str, language: str) -> bytes:
    whole, week, report = study()
    store = Cache(root / ".study" / "cache")
    text = document(body, language)
    return typeset_report(root, whole, week, report, text, colophon=COLOPHON, store=store)


def test_after_an_edit_the_pages_are_those_of_a_process_that_never_saw_another(
    tmp_path: Path,
) -> None:
    for language, word, other in (("en", "walker", "wanderer"), ("ko", "걷기", "거닐기")):
        old = (PAGES / f"{language}.html").read_text("utf-8")
        new = old.replace(word, other)
        assert new != old
        warm, fresh = tmp_path / f"warm-{language}", tmp_path / f"fresh-{language}"
        for root in (warm, fresh):
            write_figures(root)
        before = typeset(warm, old, language)
        after = typeset(warm, new, language)
        assert after != before
        assert after == typeset(fresh, new, language)
        # What drawing did to the lines of one document is not seen in the next.
        assert typeset(warm, old, language) == before
        assert typeset(warm, new, language) == after


def test_reports_set_one_after_another_are_what_each_is_alone_and_committed() -> None:
    # Also that RENDERER was raised, and the PDFs built, with whatever changed the bytes of a page.
    whole = load_study(ROOT)
    inputs = Inputs.load(ROOT, whole)
    for week, report in whole.reports():
        for language in report.languages():
            made = set_pdf(inputs, week, report, language)
            committed = ROOT / pdf_path(whole, week, report, language)
            assert made.content == committed.read_bytes(), committed.name


class Style(dict[str, object]):
    """As WeasyPrint's: what it says is found by name, and it takes notes."""


def test_a_line_is_measured_again_when_anything_differs_or_a_document_came_between() -> None:
    lines = Lines()
    measured: list[str] = []

    def line(text: str, width: float = 100.0, **said: object) -> None:
        def split() -> tuple[str]:
            measured.append(text)
            return (text,)

        style = Style(dict.fromkeys(ASKED) | said)
        assert lines.line(text, style, (width,), split) == (text,)

    lines.begin("p {}")
    line("a")
    line("a")
    assert measured == ["a"]
    line("a", width=90.0)
    line("a", font_size=12.0)
    line("b")
    assert measured == ["a", "a", "a", "b"]

    lines.begin("p {}")
    line("a")
    lines.begin("p {}")
    line("a")
    assert len(measured) == 4
    line("b")
    assert len(measured) == 5  # it was not in the document before

    lines.begin("@font-face {}")
    line("a")
    assert len(measured) == 6
