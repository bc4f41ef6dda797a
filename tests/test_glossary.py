"""The study's terms: read strictly, linked where used first, listed, and enforced."""

import re
from pathlib import Path

import pytest

from generator.check.terms import term_findings
from generator.errors import StudyError, problems_in
from generator.model import Document, Report
from generator.plan.labels import Inputs
from generator.study.load import load_study
from generator.text.report import render_report
from generator.text.translation import translation_problems
from generator.text.works.glossary import GLOSSARY, load_glossary, read_glossary
from tests.text_study import RESULTS, complaints_of, write_study

TERMS = """
[logit]
en = "logit"
ko = "로짓"
meaning = { en = "A score before $\\\\sigma$.", ko = "앞의 점수." }
avoid = { ko = ["로지트"] }

[entropy]
en = "entropy"
ko = "엔트로피"
meaning = { en = "How open a choice is.", ko = "얼마나 열려 있는지." }
"""


def document(root: Path, text: str, language: str = "en") -> Document:
    study, report = write_study(root, text, language=language)
    (root / GLOSSARY).write_text(TERMS, "utf-8")
    return render_report(root, study, study.weeks[1], report, language, RESULTS)


def told(root: Path, text: str) -> list[str]:
    study, report = write_study(root, text)
    (root / GLOSSARY).write_text(TERMS, "utf-8")
    return complaints_of(root, study, report)


def test_the_first_use_leads_to_the_list_and_later_ones_are_words(tmp_path: Path) -> None:
    made = document(
        tmp_path, "A [logit]{.term}, [Entropies]{.term of=entropy}, a [logit]{.term}.\n"
    )
    assert made.body == (
        '<p>A <a class="term" href="#term-logit">logit</a>, '
        '<a class="term" href="#term-entropy">Entropies</a>, a <span>logit</span>.</p>\n'
        '<section class="terms"><h2 id="sec--terms">Terms</h2>\n'
        '<p id="term-entropy"><strong>entropy</strong> (<span lang="ko">엔트로피</span>) '
        "How open a choice is.</p>\n"
        '<p id="term-logit"><strong>logit</strong> (<span lang="ko">로짓</span>) '
        f'A score before <img class="formula" src="formula:{made.formulas[0].key}" alt="">.</p>\n'
        "</section>\n"
    )
    assert made.headings[-1].text == "Terms"
    assert {f"{GLOSSARY}@logit", f"{GLOSSARY}@entropy"} <= set(made.inputs)


def test_another_language_adds_the_original_once(tmp_path: Path) -> None:
    body = document(tmp_path, "[로짓]{.term}은 [로짓]{.term}이다.\n", "ko").body
    words = re.sub(r"<[^>]*>", "", body.partition("</p>")[0])
    assert words == "로짓(logit)은 로짓이다."
    assert '<h2 id="sec--terms">용어</h2>' in body
    assert '<strong>로짓</strong> (<span lang="en">logit</span>) 앞의 점수.' in body


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A [lodgit]{.term}.", "report.md:1: 'lodgit' is no term of reports/glossary.toml"),
        ("A [score]{.term of=logits}.", "report.md:1: 'logits' is no term of"),
        ("A [score]{.term of=logit}.", "report.md:1: 'score' for the term logit, which"),
        ("A [로짓]{.term}.", "report.md:1: '로짓' is no term of"),
        ("A [logit]{.term lang=ko}.", "report.md:1: 'term' is no attribute of a span"),
    ],
)
def test_what_is_no_term_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert [line for line in told(tmp_path, text + "\n") if line.startswith(said)], told(
        tmp_path, text + "\n"
    )


def test_without_a_glossary_the_way_to_one_is_told(tmp_path: Path) -> None:
    study, report = write_study(tmp_path, "A [logit]{.term}.\n")
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        render_report(tmp_path, study, study.weeks[1], report, "en", RESULTS)
    [problem] = problems_in(caught.value)
    assert problem.hint.startswith("there is no reports/glossary.toml yet")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a]\nen = 'a'\nmeaning = 'x'\n", "reports/glossary.toml:1: a: found no name in 'ko'"),
        ("[a]\nen = 'a'\nko = '가'\n", "reports/glossary.toml:1: a: meaning is missing"),
        ("[a]\nen = 'a'\nko = 3\nmeaning = 'x'\n", "reports/glossary.toml:3: a.ko: found 3"),
        ("[a]\nen = 'a'\nko = '가'\nmeaning = 'x'\nmeanings = 'y'\n",
         "reports/glossary.toml:5: a.meanings: unknown key"),
        ("a = 'b'\n", "reports/glossary.toml:1: a: found 'b', expected a table"),
        ("[a]\nen = 'a'\nko = '가'\nmeaning = 'x'\n[b]\nen = 'A'\nko = '나'\nmeaning = 'y'\n",
         "reports/glossary.toml:6: b.en: is called 'a' as a is"),
        ("[a\n", "reports/glossary.toml: is not TOML"),
    ],
)  # fmt: skip
def test_a_glossary_is_read_strictly(text: str, said: str) -> None:
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        read_glossary(text, ("en", "ko"))
    assert str(next(iter(problems_in(caught.value)))).startswith(said)


def test_the_glossary_of_the_study_itself_is_sound() -> None:
    root = Path(__file__).parent.parent
    terms = load_glossary(root, load_study(root).languages)
    assert len(terms) >= 12
    assert list(terms) == sorted(terms), "in alphabetical order of the ids"


def test_translations_mark_the_same_terms(tmp_path: Path) -> None:
    main = document(tmp_path, "A [logit]{.term}.\n")
    assert translation_problems(main, document(tmp_path, "[로짓]{.term}이다.\n", "ko")) == []
    [problem] = translation_problems(main, document(tmp_path, "로짓이다.\n", "ko"))
    assert "marks the term logit" in problem.message


def test_one_term_that_changes_makes_only_its_users_stale(tmp_path: Path) -> None:
    study, _ = write_study(tmp_path, "Words.\n")
    label = f"{GLOSSARY}@logit"
    (tmp_path / GLOSSARY).write_text(TERMS, "utf-8")
    before = Inputs.load(tmp_path, study).present(label, "week-07")
    assert before
    (tmp_path / GLOSSARY).write_text(TERMS.replace("How open", "How wide"), "utf-8")
    assert Inputs.load(tmp_path, study).present(label, "week-07") == before
    (tmp_path / GLOSSARY).write_text(TERMS.replace("A score", "The score"), "utf-8")
    assert Inputs.load(tmp_path, study).present(label, "week-07") != before


def findings(root: Path, english: str, korean: str, glossary: str = TERMS) -> list[str]:
    study, report = write_study(root, english)
    (root / GLOSSARY).write_text(glossary, "utf-8")
    (root / "reports" / "week-07" / "report.ko.md").write_text(korean, "utf-8")
    texts = (*report.texts, ("ko", "reports/week-07/report.ko.md"))
    from dataclasses import replace

    both: Report = replace(report, texts=texts)
    weeks = (study.weeks[0], replace(study.weeks[1], reports=(both,)))
    found = term_findings(root, replace(study, weeks=weeks))
    return [f"{f.severity} {f.where}: {f.message}".replace("reports/week-07/", "") for f in found]


def test_words_that_the_glossary_avoids_and_terms_called_otherwise_are_found(
    tmp_path: Path,
) -> None:
    assert findings(tmp_path, "A logit, two logits.", "로짓은 둘이다.") == []
    assert findings(tmp_path, "A logit.", "점수이다.") == [], "one use may be said otherwise"
    assert findings(tmp_path, "A logit,\nmore\nLogits.", "점수이다.") == [
        "warning report.ko.md: never says '로짓', which the glossary has for 'logit' (report.md:1)"
    ]
    assert findings(tmp_path, "x", "첫 줄\n\n로지트가 있다. `로지트`") == [
        "error report.ko.md:3: found '로지트', which the glossary calls '로짓'"
    ]
    assert findings(tmp_path, "Logitech, logit-like, analogit.", "x") == []
    wrong = TERMS.replace("How open", "By 0.5 how open")
    assert findings(tmp_path, "x", "y", wrong) == [
        "error reports/glossary.toml: a typed number in the meaning of entropy"
    ]
