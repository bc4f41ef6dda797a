"""For whom a report is, what they need and what they can do afterwards: study.toml to page one."""

from dataclasses import replace
from pathlib import Path

import page as validation
import pytest

from generator.model import Phrase
from generator.plan.said import said
from generator.store.cache import Cache
from generator.typeset.aims import aims
from generator.typeset.page import typeset_report
from tests.page_samples import COLOPHON, document, phrase, study
from tests.pdf_reading import Piece, pieces
from tests.test_load import SMALL, mistakes_in, study_of

AUDIENCE = (
    phrase("Anybody who has cooked", "요리해 본 누구나"),
    phrase("No chemist", "화학자 말고"),
)
NEEDS = (phrase("Week 2: what boils", "2주차: 끓는 것"),)
GAINS = (
    phrase("Tell salt from sugar", "소금과 설탕을 구별한다"),
    phrase("Weigh air", "공기를 단다"),
)


def page_one(tmp_path: Path, language: str) -> bytes:
    whole, week, report = study()
    whole = replace(whole, audience=AUDIENCE)
    report = replace(report, prerequisites=NEEDS, outcomes=GAINS)
    store = Cache(tmp_path / "cache")
    text = document("<h2 id='sec-a'>Words</h2><p>Some words.</p>", language)
    return typeset_report(tmp_path, whole, week, report, text, colophon=COLOPHON, store=store)


def read(found: list[Piece]) -> str:
    return "".join(piece.text for piece in found if piece.tags).replace(" ", "")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["For whom", "Anybody who has cooked", "No chemist", "You need",
                "Week 2: what boils", "You will be able to", "Tell salt from sugar", "Weigh air",
                "Some words."]),
        ("ko", ["읽을 사람", "요리해 본 누구나", "화학자 말고", "먼저 알 것", "2주차: 끓는 것",
                "읽고 나면", "소금과 설탕을 구별한다", "공기를 단다", "Some words."]),
    ],
)  # fmt: skip
def test_page_one_says_for_whom_before_the_text(
    tmp_path: Path, language: str, words: list[str]
) -> None:
    content = page_one(tmp_path, language)
    found = pieces(content)
    text = read(found)
    places = [text.index(word.replace(" ", "")) for word in words]
    assert places == sorted(places)
    points = [p for p in found if p.text and p.text in words[1] and "LBody" in p.tags]
    assert points, "the points are items of a list"
    path = tmp_path / "page.pdf"
    path.write_bytes(content)
    report = validation.validate_pdf(str(path), profile=validation.ValidationProfile.PDF_UA_1)
    assert "0 failed" in str(report)


def test_what_is_not_said_has_no_line() -> None:
    assert aims("en", ()) == ()
    assert [aim.kind for aim in aims("en", (), NEEDS)] == ["prerequisites"]
    assert [aim.label for aim in aims("ja", AUDIENCE, (), GAINS)] == [
        "For whom",
        "You will be able to",
    ]


LISTS = 'prerequisites = ["Week 2"]\noutcomes = { en = ["Do a", "Do b"], ko = ["가", "나"] }\n'


def test_a_week_and_each_of_its_reports_may_say_them(tmp_path: Path) -> None:
    top = 'languages = ["en", "ko"]\n'
    only = study_of(tmp_path, top + SMALL + LISTS).reports()[0][1]
    assert only.prerequisites == (Phrase((("*", "Week 2"),)),)
    assert [text.text("ko") for text in only.outcomes] == ["가", "나"]
    two = '[[week.report]]\nlabel = "A"\n[[week.report]]\nlabel = "B"\noutcomes = ["Do c"]\n'
    first, second = (
        report for _, report in study_of(tmp_path, top + SMALL + LISTS + two).reports()
    )
    assert first.outcomes == only.outcomes
    assert [text.text("en") for text in second.outcomes] == ["Do c"]
    assert first.prerequisites == second.prerequisites == only.prerequisites


def test_slips_in_them_are_mistakes_with_their_key(tmp_path: Path) -> None:
    assert "week.outcomes: found 'Do a', expected a list of texts" in mistakes_in(
        tmp_path, SMALL + 'outcomes = "Do a"\n'
    )
    assert "week.report.prerequisites: found 3, expected a text" in mistakes_in(
        tmp_path, SMALL + "[[week.report]]\nprerequisites = [3]\n"
    )


def test_they_are_part_of_the_key_of_the_pdf() -> None:
    whole, week, report = study()
    plain = said(whole, week, report)
    keys = [
        said(replace(whole, audience=AUDIENCE), week, report),
        said(whole, week, replace(report, prerequisites=NEEDS)),
        said(whole, week, replace(report, outcomes=NEEDS)),
    ]
    assert len({str(key) for key in [plain, *keys]}) == 4
