"""What an author can get wrong in a text: each case is a folder with what must be said of it."""

from pathlib import Path

import pytest

from tests.text_study import CASES, case_study, complaints, complaints_of, write_study


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_broken_text_is_explained(case: Path, tmp_path: Path) -> None:
    study, report = case_study(tmp_path, case)
    expected = (case / "expected.txt").read_text("utf-8").splitlines()
    assert complaints_of(tmp_path, study, report) == expected


def test_a_picture_that_links_out_of_the_study_is_refused(tmp_path: Path) -> None:
    text = '@fig-a\n\n![A.](images/out.png){#fig-a fig-alt="a leaf"}\n'
    study, report = write_study(tmp_path / "study", text)
    outside = tmp_path / "outside.png"
    outside.write_bytes(b"secret")
    (tmp_path / "study/reports/week-07/images/out.png").symlink_to(outside)
    assert complaints_of(tmp_path / "study", study, report) == [
        "report.md:3: 'images/out.png' is a link out of the study"
    ]


def test_a_picture_behind_a_linked_folder_is_refused(tmp_path: Path) -> None:
    text = '@fig-a\n\n![A.](away/out.png){#fig-a fig-alt="a leaf"}\n'
    study, report = write_study(tmp_path / "study", text)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "out.png").write_bytes(b"secret")
    (tmp_path / "study/reports/week-07/away").symlink_to(tmp_path / "out")
    assert complaints_of(tmp_path / "study", study, report) == [
        "report.md:3: 'away/out.png' is a link out of the study"
    ]


def test_two_files_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    text = '@fig-a\n\n![A.](images/leaf.png){#fig-a fig-alt="a leaf"}\n'
    study, report = write_study(tmp_path, text)
    (tmp_path / "reports/week-07/images/Leaf.png").write_bytes(b"other")
    assert complaints_of(tmp_path, study, report) == [
        "report.md:3: Leaf.png and leaf.png differ only in case"
    ]


def test_bytes_that_are_no_utf_8_are_shown_with_their_line(tmp_path: Path) -> None:
    assert complaints(tmp_path, b"Good.\n\nNa\xefve.\n") == [
        "report.md:3: is not UTF-8: byte 0xef can't stand here"
    ]


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_an_empty_text_is_refused(tmp_path: Path, text: str) -> None:
    assert complaints(tmp_path, text) == ["report.md: is empty: a report has at least a sentence"]


def test_a_byte_order_mark_and_crlf_are_accepted(tmp_path: Path) -> None:
    text = "\ufeff## One\r\n\r\nTwo $x$.\r\n\r\n$$\r\ny\r\n$$\r\n"
    assert complaints(tmp_path, text) == []


def test_lines_are_counted_right_in_a_text_with_crlf(tmp_path: Path) -> None:
    text = "## One\r\n\r\n```\r\ncode\r\n```\r\n\r\n{{ value.nope }}\r\n"
    (found,) = complaints(tmp_path, text)
    assert found == "report.md:7: value.nope is not defined"


def test_a_text_without_a_bibliography_says_so(tmp_path: Path) -> None:
    study, report = write_study(tmp_path, "As @darwin1859 wrote.")
    (tmp_path / "reports/references.bib").unlink()
    assert complaints_of(tmp_path, study, report) == [
        "report.md:1: @darwin1859 is not in reports/references.bib"
    ]


def test_a_quotation_mark_that_is_missing_behind_many_expressions_costs_no_time(
    tmp_path: Path,
) -> None:
    alternative = "{{ value.height }} and " * 60
    text = f'@fig-a\n\n![A.](images/leaf.png){{#fig-a fig-alt="{alternative}}}\n'
    assert "report.md:3: a list of attributes that can't be read" in complaints(tmp_path, text)
