"""Tables of the results on the page: their words by language, maths in their cells."""

from dataclasses import replace
from pathlib import Path

from generator.model import Document, Quantity, Results, Table
from generator.text.report import render_report
from generator.text.translation import translation_problems
from tests.text_study import RESULTS, write_study

KOREAN = Table(("식물", "키"), (("참나무", Quantity(12.5, 1)),))
HEIGHTS = Table(("plant", "height"), (("oak", Quantity(12.5, 1)),), (("ko", KOREAN),))
TEXT = "{{ table.heights }}\n: 2025. {#tbl-h}\n\n@tbl-h\n"


def rendered(root: Path, text: str, table: Table, language: str = "en") -> Document:
    results: Results = replace(RESULTS, tables={"heights": table})
    study, report = write_study(root, text, language=language)
    return render_report(root, study, study.weeks[1], report, language, results)


def test_a_table_shows_the_words_of_the_texts_language(tmp_path: Path) -> None:
    english = rendered(tmp_path / "en", TEXT, HEIGHTS)
    korean = rendered(tmp_path / "ko", TEXT, HEIGHTS, "ko")
    assert ">plant</th>" in english.body
    assert ">oak</th>" in english.body
    assert ">식물</th>" in korean.body
    assert ">참나무</th>" in korean.body
    assert ">12.5</td>" in korean.body
    assert translation_problems(english, korean) == []


def test_a_loop_over_a_table_shows_them_too(tmp_path: Path) -> None:
    text = (
        "| {{ table.heights.columns[0] }} |\n|---|\n{% for row in table.heights.rows %}\n"
        "| {{ row[0] }} |\n{% endfor %}\n: 키. {#tbl-h}\n\n@tbl-h\n"
    )
    assert "참나무" in rendered(tmp_path, text, HEIGHTS, "ko").body
    assert "plant" in rendered(tmp_path, text, replace(HEIGHTS, languages=()), "ko").body


def test_maths_in_a_cell_is_set_and_a_dollar_sign_stays_one(tmp_path: Path) -> None:
    table = Table(("what", "$h$"), (("$x_1$ of <b>", 1 * "costs \\$5, or $6"), ("a", "b")))
    document = rendered(tmp_path, TEXT, table)
    assert [formula.tex for formula in document.formulas] == ["h", "x_1"]
    assert 'alt=""> of &lt;b&gt;</td>' in document.body
    assert "<td>costs $5, or $6</td>" in document.body


def column(root: Path, cells: list[str | Quantity], language: str = "en") -> Document:
    table = Table(("run", "size"), tuple((f"r{i}", cell) for i, cell in enumerate(cells)))
    return rendered(root, TEXT, table, language)
