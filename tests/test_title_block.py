"""What a report declares of itself: under its title, in the PDF's metadata, in its citation."""

import datetime as dt
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from generator.model import Publishing, Report, Study, Week
from generator.plan.said import said
from generator.store.cache import Cache
from generator.typeset.page import typeset_report
from generator.typeset.title_block import citation, title_block
from tests.page_samples import document, phrase, study
from tests.pdf_reading import pieces
from tests.test_load import SMALL, mistakes_in, study_of

DECLARED = {
    "date": dt.date(2025, 4, 2),
    "version": "1.2",
    "abstract": phrase("Walkers spread.", "걷는 이는 퍼진다."),
    "keywords": (phrase("walks", "걷기"), phrase("heat", "열")),
}


def declared() -> tuple[Study, Week, Report]:
    whole, week, report = study()
    whole = replace(whole, publishing=Publishing(base_url="https://example.org/s/"))
    return whole, week, replace(report, **DECLARED)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["2 April 2025", "Version 1.2", "Walkers spread.", "Keywords", "walks · heat"]),
        ("ko", ["2025년 4월 2일", "1.2판", "걷는 이는 퍼진다.", "핵심어", "걷기 · 열"]),
    ],
)
def test_it_stands_under_the_title_and_in_the_metadata(
    tmp_path: Path, language: str, words: list[str]
) -> None:
    text = document("<h2 id='sec-a'>Words</h2><p>Some words.</p>", language)
    content = typeset_report(tmp_path, *declared(), text, colophon={}, store=Cache(tmp_path / "c"))
    page = "".join(piece.text for piece in pieces(content) if piece.tags).replace(" ", "")
    for word in words:
        assert word.replace(" ", "") in page
    with pikepdf.open(BytesIO(content)) as pdf:
        assert str(pdf.docinfo["/Keywords"]) == {"en": "walks, heat", "ko": "걷기, 열"}[language]
        assert str(pdf.docinfo["/Subject"]) == words[2]
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20250402")


def test_a_report_is_cited_with_what_was_declared_and_nothing_else() -> None:
    assert citation(*declared(), "en") == (
        "A. Walker and 한걸음 (2025). Random walks and diffusion. Heat and Chance, Week 3, Basic. "
        "Version 1.2. https://example.org/s/reports/week-03/week-03.pdf"
    )
    assert citation(*declared(), "ko") == (
        "A. Walker·한걸음 (2025). 무작위 걷기와 확산. 열과 우연, 3주차, 기초. 1.2판. "
        "https://example.org/s/reports/week-03/week-03.ko.pdf"
    )
    whole, week, report = study()
    week = replace(week, date=None)
    assert citation(whole, week, report, "en") == (
        "A. Walker and 한걸음. Random walks and diffusion. Heat and Chance, Week 3, Basic."
    )
    three = replace(report, authors=("A", "B", "C"))
    assert citation(whole, week, three, "en").startswith("A, B, and C. Random")
    assert citation(whole, week, replace(report, authors=()), "en") == ""


def test_no_date_is_ever_invented() -> None:
    whole, week, report = study()
    assert title_block(whole, week, report, "en")["created"] == ""
    block = title_block(whole, replace(week, date=None), report, "en")
    assert (block["date"], block["version"], block["abstract"]) == ("", "", "")


def test_study_toml_declares_them_for_a_week_or_one_of_its_reports(tmp_path: Path) -> None:
    keys = 'version = "2"\nabstract = "We find."\nkeywords = ["a", "b"]\n'
    only = study_of(tmp_path, SMALL + keys).reports()[0][1]
    assert (only.version, only.abstract.text("en"), len(only.keywords)) == ("2", "We find.", 2)
    inner = SMALL + "[[week.report]]\ndate = 2025-03-05\n" + keys
    assert study_of(tmp_path, inner).reports()[0][1].date == dt.date(2025, 3, 5)
    beside = SMALL + keys + '[[week.report]]\nlabel = "A"\n'
    assert "week.abstract: stands beside [[week.report]]" in mistakes_in(tmp_path, beside)


def test_they_are_part_of_the_key_of_the_pdf() -> None:
    whole, week, report = study()
    keys = [
        said(whole, week, replace(report, **{name: value}))  # type: ignore[arg-type]
        for name, value in DECLARED.items()
    ]
    assert len({str(key) for key in [said(whole, week, report), *keys]}) == 5
