"""Tables of the results on the page: their words by language, maths in their cells."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from generator.errors import StudyError
from generator.model import Document, Quantity, Results, Table
from generator.text.html.decimals import aligned_numbers
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


def test_numbers_lack_what_others_have_behind_their_points(tmp_path: Path) -> None:
    heights = (Quantity(1), Quantity(-10.25, 2), Quantity(2.5, 1), Quantity(3.0, 1, "%"))
    rows = tuple((name, height) for name, height in zip("abcd", heights, strict=True))
    body = rendered(tmp_path, TEXT, Table(("plant", "height"), rows)).body
    assert '<td class="number" data-pad=".00\u202f%">1</td>' in body
    assert '<td class="number" data-pad="\u202f%">−10.25</td>' in body
    assert '<td class="number" data-pad="0\u202f%">2.5</td>' in body
    assert '<td class="number" data-pad="0">3.0\u202f%</td>' in body


def test_a_power_of_ten_has_its_room_on_the_line_and_above(tmp_path: Path) -> None:
    rows = (("a", Quantity(2e-12, 1)), ("b", Quantity(0.5, 1)))
    body = rendered(tmp_path, TEXT, Table(("plant", "height"), rows)).body
    pad = '<span class="pad" data-pad="−00"></span>'
    assert f'<td class="number" data-pad="00×">0.5{pad}</td>' in body
    assert '<td class="number">2.0×10<sup>−12</sup></td>' in body


def test_typed_tables_stand_by_their_points_too(tmp_path: Path) -> None:
    text = (
        "| plant | height | step |\n|---|--:|---|\n| oak | {{ value.b | digits(2) }} | 1 |\n"
        "| moss | 4 | 2 |\n| fern | none | 3 |\n: 2025. {#tbl-h}\n\n@tbl-h\n"
    )
    text = text.replace("value.b", "value." + next(iter(RESULTS.values)))
    body = rendered(tmp_path, text, HEIGHTS).body
    assert '<td class="number" data-pad=".00' in body
    assert '<td class="number">none</td>' in body
    assert body.count("data-pad") == 1


@pytest.mark.parametrize(
    "cells",
    [
        ["12", "5", "−7"],
        ["1.5", "12.5", "—"],
        ["8192", "128 K", "8192 (its file)"],
        ["8192", "8192(파일)"],
        ["2024년 7월", "2024년 12월 1일"],
        ["GPT 3", "2.5"],
        ['<img class="formula" src="formula:a" alt="">', "2", "3.5"],
        ["1<br>2.5", "2.25", "3"],
        ["5 megabytes", "3.123456789"],
    ],
)
def test_columns_that_cannot_meet_or_meet_anyway_stay_as_they_are(cells: list[str]) -> None:
    assert aligned_numbers(number_column(cells)) == number_column(cells)


@pytest.mark.parametrize(
    ("cells", "pads"),
    [
        (["12\u202f345.5", "7", "1,043"], ["", ".0", ".0"]),
        (["&lt;0.001", "0.25", ".5"], ["", "0", "00"]),
        (["1.25 ± 0.02", "12.5 ± 0.1"], ["", "00"]),
        (["[0.1, 0.25]", "[−1.5, 3.125]"], ["0", ""]),
        (["0 to 6", "12 to 100", "5"], ["00", "", "\u00a0\u00a0to000"]),
        (["0에서 6", "12에서 100"], ["00", ""]),
        (["+0.37", "−43"], ["", ".00"]),
        (["5 min", "10 s"], ["s", "min"]),
        (["<strong>1.5</strong>", "2.25"], ["0", ""]),
    ],
)
def test_signs_units_and_ranges_stand_by_their_first_point(
    cells: list[str], pads: list[str]
) -> None:
    found = re.findall(
        r'<td class="number"( data-pad="([^"]*)")?>', aligned_numbers(number_column(cells))
    )
    assert [pad for _, pad in found] == pads


def test_the_call_of_a_note_counts_as_a_raised_digit() -> None:
    note = '<span class="footnote" id="fn-a">Of <sup>3.14159</sup>.</span>'
    html = aligned_numbers(number_column([f"1.5{note}", "2.5"]))
    assert f'<td class="number">1.5{note}</td>' in html
    assert '<td class="number">2.5<span class="pad" data-pad="0"></span></td>' in html


def test_ranges_and_intervals_in_words_are_set_as_numbers(tmp_path: Path) -> None:
    rows = (
        ("1–3", "0 to 6", "+0.37 [+0.35, +0.38]", "2023-03", "3, 1"),
        ("4", "12 to 100", "−43 [−46, −40]", "2024-07", "2, 5"),
    )
    body = rendered(tmp_path, TEXT, Table(tuple("abcde"), rows)).body
    assert '<td class="number" data-pad="00">0 to 6</td>' in body
    assert '<td class="number">+0.37 [+0.35, +0.38]</td>' in body
    assert "<td>2023-03</td>" in body
    assert "<td>3, 1</td>" in body
    assert '<th scope="row">1–3</th>' in body


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            ": 2025.[^a] {#tbl-h}\n\n@tbl-h\n\n[^a]: Why.\n",
            "say it in the caption, or call it in the ",
        ),
        (
            ": 2025.^[Why.] {#tbl-h}\n\n@tbl-h\n",
            "say it in the caption, or call it in the sentence ",
        ),
        (
            ": 2025.[^a] {#tbl-h}\n\n@tbl-h[^a]\n\n[^a]: Why.\n",
            "say it in the caption, or call it ",
        ),
    ],
)
def test_a_note_in_a_caption_is_refused_once_with_the_way_to_write_it(
    tmp_path: Path, text: str, hint: str
) -> None:
    with pytest.raises(StudyError) as caught:  # one problem, not a group of two
        rendered(tmp_path, "{{ table.heights }}\n" + text, HEIGHTS)
    assert str(caught.value).endswith("report.md:2: a footnote in a caption")
    assert caught.value.hint.startswith(hint)


def test_a_note_in_a_head_is_refused_once_and_works_in_a_cell(tmp_path: Path) -> None:
    table = (
        "| plant{} | h |\n|---|--:|\n| oak{} | 5 |\n: 2025. {{#tbl-h}}\n\n@tbl-h\n\n[^a]: Why.\n"
    )
    with pytest.raises(StudyError) as caught:
        rendered(tmp_path / "head", table.format("[^a]", ""), HEIGHTS)
    assert caught.value.hint == "say it in the caption, or call it in a cell below"
    document = rendered(tmp_path / "cell", table.format("", "[^a]"), HEIGHTS)
    assert 'oak<span class="footnote" id="fn-a">Why.</span>' in document.body


def number_column(cells: list[str]) -> str:
    rows = "".join(f'<tr><td class="number">{cell}</td></tr>\n' for cell in cells)
    return f"<table>\n<tbody>\n{rows}</tbody>\n</table>\n"
