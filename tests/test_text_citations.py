"""Citations by author and year, Korean names in Korean order, and the list of references."""

import re
from pathlib import Path

import pytest

from generator.text.words import words_of
from generator.text.works.bibliography import plain_text, read_bibliography
from generator.text.works.citations import citations_for
from tests.text_study import body, rendered


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[@darwin1859]", "(Darwin, 1859)"),
        ("[@darwin1859, p. 3]", "(Darwin, 1859, p. 3)"),
        ("[@darwin1859, pp. 3-5]", "(Darwin, 1859, pp. 3–5)"),
        (
            "[see @darwin1859; also @kim2020, chapter 2]",
            "(see Darwin, 1859; also 김철수 et al., 2020, chapter 2)",
        ),
        ("@darwin1859 wrote", "Darwin (1859) wrote"),
        ("Darwin [-@darwin1859] wrote", "Darwin (1859) wrote"),
        ("pre-@darwin1859", "pre-Darwin (1859)"),
        ("@mueller1999", "Müller and de la Cruz (1999)"),
        ("*[@kim2020]*", "(김철수 et al., 2020)"),
    ],
)
def test_a_work_is_cited_by_author_and_year(tmp_path: Path, text: str, words: str) -> None:
    html = body(tmp_path, text).split("<section")[0]
    assert re.sub(r"<[^>]*>", "", html).strip() == words
    assert html.count('class="citation" href="#ref-') == text.count("@")


def test_a_korean_text_names_works_in_korean(tmp_path: Path) -> None:
    html = body(tmp_path, "@kim2020, [@mueller1999, pp. 3-5].", language="ko")
    assert "김철수 외 (2020)" in html
    assert "Müller &amp; de la Cruz, 1999</a>, 3–5쪽" in html
    assert ">참고 문헌</h2>" in html


def test_only_what_is_cited_is_listed_and_names_in_hangul_come_last(tmp_path: Path) -> None:
    document = rendered(tmp_path, "[@kim2020; @mueller1999].")
    listed = document.body[document.body.index("<section") :]
    assert listed == (
        '<section class="references"><h2 id="sec-references">References</h2>\n'
        '<p id="ref-mueller1999">Müller, J.-E., de la Cruz, A. (1999). '
        '<em>Trees &amp; Shrubs</em>. Field Press. <a href="https://example.org/trees?a=1&amp;b=2">'
        "https://example.org/trees?a=1&amp;b=2</a></p>\n"
        '<p id="ref-kim2020">김철수, 이영희, 박민수 (2020). 나무의 키. <em>식물학회지</em> 12(3), '
        "1–10.</p>\n"
        "</section>\n"
    )
    assert document.headings[-1].text == "References"


@pytest.mark.parametrize(
    ("edition", "english", "korean"),
    [
        ("3", "3rd ed., vol. 2, Wiley.", "3판, 2권, Wiley."),
        ("1", "1st ed., vol. 2, Wiley.", "1판, 2권, Wiley."),
        ("12", "12th ed., vol. 2, Wiley.", "12판, 2권, Wiley."),
        ("22", "22nd ed., vol. 2, Wiley.", "22판, 2권, Wiley."),
        ("Third", "third ed., vol. 2, Wiley.", "third판, 2권, Wiley."),
        ("2nd", "2nd ed., vol. 2, Wiley.", "2nd판, 2권, Wiley."),
    ],
)
def test_a_book_is_listed_with_its_edition_and_volume(
    edition: str, english: str, korean: str
) -> None:
    entries = read_bibliography(
        "@book{feller1968, author={Feller, William}, title={Probability}, volume={2}, "
        f"edition={{{edition}}}, publisher={{Wiley}}, year={{1968}}}}"
    )
    for language, words in (("en", english), ("ko", korean)):
        citations, problems = citations_for(["feller1968"], entries, words_of(language))
        assert not problems
        assert words in citations.list_html()


def test_a_number_quoted_from_a_work_leads_to_it(tmp_path: Path) -> None:
    html = body(tmp_path, "They found [28.4]{.quoted cite=darwin1859}.")
    assert '<a class="quoted" href="#ref-darwin1859">28.4</a>' in html
    assert '<p id="ref-darwin1859">Darwin, C. (1859). On the Origin of Species.' in html
    assert '<a href="https://doi.org/10.1000/origin">doi:10.1000/origin</a>' in html


def test_works_of_one_author_and_year_get_letters() -> None:
    text = "".join(
        f"@misc{{{key}, author = {{A, B}}, title = {{{key}}}, year = 2000}}\n" for key in "xyz"
    )
    citations, problems = citations_for(["z", "x"], read_bibliography(text), words_of("en"))
    assert not problems
    assert [citations.names(key) for key in "xz"] == [("A", "2000a"), ("A", "2000b")]


@pytest.mark.parametrize("typed", ["김, 철수", "김 철수", "김철수", "{김철수}"])
def test_korean_names_are_read_however_they_are_typed(typed: str) -> None:
    entries = read_bibliography(f"@misc{{a, author = {{{typed}}}, title = {{T}}, year = 2000}}")
    citations, _ = citations_for(["a"], entries, words_of("ko"))
    assert citations.names("a") == ("김철수", "2000")
    assert "김철수 (2000)." in citations.list_html()


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        (r"M{\"u}ller", "Müller"),
        (r"\'Etude of {BERT}", "Étude of BERT"),
        ("pages 1--10 --- end", "pages 1–10 — end"),
        (r"A \& B 100\%", "A & B 100%"),
        ("한국어 {책}", "한국어 책"),
    ],
)
def test_fields_are_read_without_tex(field: str, plain: str) -> None:
    assert plain_text(field) == plain
