"""Text, tables, formulas and code are fitted to the page that the style sheet describes."""

import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from generator.errors import StudyError, Where, problems_in
from generator.model import Document, Mention
from generator.store.cache import Cache
from generator.text.markdown.boxes import NAMED
from generator.text.words import words_of
from generator.typeset.measure import measure_of
from generator.typeset.page import typeset_report
from tests.page_samples import COLOPHON, document, study
from tests.pdf_reading import pieces

ROOT = Path(__file__).parents[1]
OURS = (ROOT / "templates" / "report.css").read_text("utf-8")
MM = 72 / 25.4
LINES = OURS.count("\n") + 1


def problems(added: str) -> list[StudyError]:
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        measure_of(OURS + added)
    return list(problems_in(caught.value))


def test_the_shipped_page_leaves_150_mm_and_82_columns() -> None:
    measure = measure_of(OURS)
    assert measure.upright_pt == pytest.approx(150 * MM)
    assert measure.sideways_pt == pytest.approx(243 * MM)
    assert measure.code_columns == 82
    assert [setting.size_pt for setting in measure.tables] == [9.2, 8.2, 7.0]


@pytest.mark.parametrize(
    ("added", "width_pt"),
    [
        ("@page { margin: 30mm 45mm }", 120 * MM),
        ("@page { margin: 1in 2cm }", 170 * MM),
        ("@page { margin-left: 36pt; margin-right: 48px }", 210 * MM - 72),
        ("@page { size: letter }", 8.5 * 72 - 60 * MM),
        ("@page { size: 6in 9in; margin: 1in }", 4 * 72),
        ("@page { size: A5 landscape; margin: 20mm }", 170 * MM),
        ("@page { margin: calc(20mm + 5mm) }", 160 * MM),
        ("@page { padding: 0 5mm; border-left: 2pt solid }", 140 * MM - 2),
        # Left pages are the narrowest, and a table may stand on any page.
        ("@page :left { margin-left: 50mm }", 130 * MM),
        ("/* @page { margin: 1mm } */", 150 * MM),
        ("@media print { @page { margin: 40mm; @top-left { content: '}' } } }", 130 * MM),
        ("a::before { content: '/*' }\n@page { margin: 40mm }\n/* it's */", 130 * MM),
        ("h2::before { content: '}' } @page { margin: 40mm !important }", 130 * MM),
        ("@media screen { @page { margin: 40mm } }", 150 * MM),
        ("main { padding: 0 10% }\nhtml { --text-width: 120mm }", 120 * MM),
    ],
)
def test_the_width_of_the_text_is_that_of_the_style_sheet(added: str, width_pt: float) -> None:
    assert measure_of(OURS + added).upright_pt == pytest.approx(width_pt)


def test_columns_of_code_follow_margins_and_type_unless_they_are_given() -> None:
    # 120 mm less 3.2 mm and 1.6 pt, in letters of 0.6 × 8.4 pt.
    assert measure_of(OURS + "@page { margin: 30mm 45mm }").code_columns == 65
    assert measure_of(OURS + "pre { font-size: 7pt }").code_columns == 98
    assert measure_of(OURS + "pre { --code-columns: 70 }").code_columns == 70


@pytest.mark.parametrize(
    ("added", "said", "mend"),
    [
        ("@page { margin: 2em }", "margin-left: this length", "--text-width: 120mm"),
        ("@page { margin: 0 var(--edge) }", "margin-left: this length", "--text-width: 120mm"),
        ("html { --text-width: wide }", "--text-width: this length", "120mm"),
        ("pre { --code-columns: many }", "--code-columns: this length", "whole number"),
        ("pre { font-size: small }", "font-size: this length", "mm, cm, in, pt or px"),
        ("@page { margin: 95mm }", "leaves 20 mm for the text", "smaller margins"),
    ],
)
def test_a_length_that_says_nothing_is_a_mistake_at_its_line(
    added: str, said: str, mend: str
) -> None:
    problem = problems(added)[0]
    assert problem.message.startswith(said)
    assert problem.where == Where("templates/report.css", LINES)
    assert mend in problem.hint


def restyled(folder: Path, added: str, text: Document) -> bytes:
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / "report.css").write_text(OURS + added, "utf-8")
    whole, week, report = study()
    store = Cache(folder / ".study" / "cache")
    return typeset_report(folder, whole, week, report, text, colophon=COLOPHON, store=store)


def table(columns: int) -> str:
    cells = "".join('<td class="number">1234.567</td>' for _ in range(columns))
    return (
        f'<figure class="table" id="tbl-a"><figcaption>A.</figcaption><table><tr>{cells}</tr>'
        "</table></figure>"
    )


def test_nothing_leaves_the_text_of_a_narrower_page(tmp_path: Path) -> None:
    code = "x = " + " + ".join(f"term_{n}" for n in range(40))
    body = f'<p>Words.</p>{table(8)}<div class="highlight"><pre><code>{code}</code></pre></div>'
    content = restyled(tmp_path, "@page { margin: 30mm 45mm }", document(body))
    with pikepdf.open(BytesIO(content)) as it:
        assert all(float(page.mediabox[2]) == pytest.approx(210 * MM, abs=0.1) for page in it.pages)
    found = [piece for piece in pieces(content) if piece.tags]
    assert min(piece.box[0] for piece in found) > 45 * MM - 0.1
    assert max(piece.box[2] for piece in found) < 165 * MM + 0.5
    assert any("»" in piece.text for piece in pieces(content))  # where the line goes on


def test_a_table_too_wide_for_any_page_is_named_with_its_line(tmp_path: Path) -> None:
    line = Where("reports/week-03/report.md", 17)
    text = Document("week-03", "en", table(30), mentions=(Mention("label", "tbl-a", line),))
    with pytest.raises(StudyError) as caught:
        restyled(tmp_path, "", text)
    assert caught.value.where == line
    assert "too wide even for a page of its own" in caught.value.message


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_every_kind_of_box_has_a_readable_colour_of_its_own() -> None:
    boxes = re.findall(r"\.admonition\.(\w+) \{ border-color: (#\w+); background: (#\w+) \}", OURS)
    # A numbered example looks like one without a number, an exercise like a question.
    theirs = set(NAMED) - {"example"}
    own = [(kind, colour) for kind, colour, _ in boxes if kind not in theirs]
    assert {kind for kind, _ in own} == set(words_of("en").admonitions) - {"note"} - theirs
    assert len({colour for _, colour in own}) == len(own)
    for kind, colour, tint in boxes:
        title = rf"\.admonition\.{kind} (> )?\.admonition-title \{{ color: {colour} \}}"
        assert re.search(title, OURS)
        # WCAG 2.2, 1.4.3: 4.5:1 for words.
        assert (_luminance(tint) + 0.05) / (_luminance(colour) + 0.05) > 4.5, kind


def test_accent_and_links_change_in_one_place() -> None:
    ours = OURS.partition("/* Pygments' short names")[0]
    assert ours.count("#8a3b12") == ours.count("#1a4f8b") == 1


def test_no_two_kinds_of_box_have_one_title() -> None:
    for language in ("en", "ko"):
        titles = list(words_of(language).admonitions.values())
        assert len(set(titles)) == len(titles)
