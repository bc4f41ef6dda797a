"""Boxes with numbers, exercises and their solutions, appendices: text to page."""

import re
from pathlib import Path

import pytest

from generator.text.translation import translation_problems
from tests.text_study import OTHER, body, complaints, rendered

EXERCISE = "!!! exercise {#exr-dark}\n    Why?\n\n"
SOLUTION = "!!! solution {of=exr-dark}\n    So.\n"


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).replace("\u00a0", " ").split())


def test_theorems_are_counted_together_and_the_others_each_by_themselves(tmp_path: Path) -> None:
    kinds = {"lemma": "lem", "definition": "def", "theorem": "thm", "exercise": "exr",
             "corollary": "cor", "remark": "rem", "example": "exm", "proposition": "prp",
             "conjecture": "cnj"}  # fmt: skip
    text = "".join(
        f"!!! {kind} {{#{prefix}-{n}}}\n    Words.\n\n"
        for n in (1, 2)
        for kind, prefix in kinds.items()
    )
    titles = re.findall(r'<span class="box-number">([^<]*)</span>', body(tmp_path, text))
    assert [title.replace("\u00a0", " ").rstrip(".") for title in titles] == [
        "Lemma 1", "Definition 1", "Theorem 2", "Exercise 1", "Corollary 3", "Remark 1",
        "Example 1", "Proposition 4", "Conjecture 5",
        "Lemma 6", "Definition 2", "Theorem 7", "Exercise 2", "Corollary 8", "Remark 2",
        "Example 2", "Proposition 9", "Conjecture 10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "By Theorem 1, see Exercise 1 and 1."),
        ("ko", "By 정리 1, see 연습 문제 1 and 1."),
    ],
)
def test_boxes_are_referred_to_by_label(tmp_path: Path, language: str, words: str) -> None:
    text = (
        "By @thm-main, see @exr-dark and [-@thm-main].\n\n"
        f'!!! theorem "A $x$ *title*" {{#thm-main}}\n    True.\n\n{EXERCISE}'
    )
    html = rendered(tmp_path, text, language=language).body
    assert words in plain(html)
    assert '<a class="ref" href="#thm-main">' in html
    assert '<div class="admonition theorem" id="thm-main">' in html
    assert "</span> A <img" in html
    assert "<em>title</em></p>" in html


def test_an_exercise_and_its_solution_lead_to_each_other(tmp_path: Path) -> None:
    html = body(tmp_path, EXERCISE + SOLUTION)
    assert 'id="exr-dark"' in html
    assert '<a class="to-solution" href="#solution--exr-dark">Solution</a>' in html
    assert 'id="solution--exr-dark"' in html
    assert 'Solution of <a class="ref" href="#exr-dark">Exercise\u00a01</a>.' in html
    assert "to-solution" not in body(tmp_path, EXERCISE)


def test_boxes_without_labels_stay_as_they_were(tmp_path: Path) -> None:
    assert body(tmp_path, '!!! example "Title"\n    Words.\n') == (
        '<div class="admonition example"><p class="admonition-title">Title</p>\n'
        "<p>Words.</p>\n</div>\n"
    )
    assert "Proof.</span> Of it</p>" in body(tmp_path, '!!! proof "Of it"\n    Words.\n')
    assert ">Note</p>" in body(tmp_path, "> [!NOTE]\n> Words.\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!!! theorem {#lem-a}\n    x\n", "'lem-a' is no label for a theorem"),
        ("!!! exercise {#fig-a}\n    x\n", "'fig-a' is no label for an exercise"),
        ("!!! note {#thm-a}\n    x\n", "the box 'note' takes no label: it has no number"),
        ("!!! proof {#thm-a}\n    x\n", "the box 'proof' takes no label: it has no number"),
        ("!!! theorem {.big}\n    x\n", "'big' is no attribute of the box 'theorem'"),
        ("!!! theorem {of=exr-a}\n    x\n", "'of' is no attribute of the box 'theorem'"),
        ("!!! solution\n    x\n", "a solution of no exercise"),
        ("!!! solution {#exr-a}\n    x\n", "a solution takes no label"),
        (
            "!!! solution {of=exr-b}\n    x\n",
            "the solution of exr-b, which is no exercise of this text",
        ),
        ("!!! theoreme {#thm-a}\n    x\n", "'theoreme' is no kind of box"),
        ("!!! theorem Title {#thm-a}\n    x\n", "the box theorem Title has a title without quotes"),
        ("!!! theorem {#thm-a}\n\nx\n", "a box with nothing in it"),
        ("See @thm-b.\n", "@thm-b refers to nothing in this text"),
    ],
)
def test_slips_are_told(tmp_path: Path, text: str, said: str) -> None:
    assert any(f"report.md:1: {said}" in found for found in complaints(tmp_path, text)), complaints(
        tmp_path, text
    )


def test_doubled_labels_and_solutions_are_told(tmp_path: Path) -> None:
    assert complaints(tmp_path, EXERCISE + EXERCISE + SOLUTION + "\n" + SOLUTION) == [
        "report.md:4: the label exr-dark is used twice",
        "report.md:10: exr-dark has two solutions",
    ]


APPENDIX = """
## Front {#sec-front}

@sec-a, @sec-b, @sec-deep, @thm-b, @eq-b and @eq-c.

## One {#sec-a .appendix}

### Deep {#sec-deep}

$$
x
$$ {#eq-b}

## Two {#sec-b .appendix}

!!! theorem {#thm-b}
    x

$$
y
$$ {#eq-c}
"""


def test_appendices_have_letters_and_count_anew(tmp_path: Path) -> None:
    html = body(tmp_path, APPENDIX)
    words = "Appendix A, Appendix B, Appendix A.1, Theorem B1, equation (A1) and equation (B1)."
    assert words in plain(html)
    assert '<h2 id="sec-a" class="appendix"><span class="heading-number">A</span>' in html
    assert '<h3 id="sec-deep"><span class="heading-number">A.1</span>' in html
    korean = plain(rendered(tmp_path, APPENDIX, language="ko").body)
    assert "부록 A, 부록 B, 부록 A.1, 정리 B1, 식 (A1) and 식 (B1)." in korean


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## A {.appendix}\n\nx\n\n## B\n\ny\n", "report.md:5: a section behind an appendix"),
        ("## A\n\n### B {.appendix}\n\ny\n", "report.md:3: only a heading of level 2 begins"),
        ("## A {.appendix .unnumbered}\n\ny\n", "report.md:1: an appendix has a letter"),
        ("## A {.appendx}\n\ny\n", "report.md:1: 'appendx' is no attribute of a heading"),
    ],
)
def test_slips_with_appendices_are_told(tmp_path: Path, text: str, said: str) -> None:
    assert complaints(tmp_path, text)[0].startswith(said)


def test_thirty_appendices_have_letters(tmp_path: Path) -> None:
    html = body(tmp_path, "".join(f"## T {{.appendix}}\n\nWords {n}.\n\n" for n in range(30)))
    numbers = re.findall(r'<span class="heading-number">([A-Z]+)</span>', html)
    assert numbers[0] == "A"
    assert numbers[25:] == ["Z", "AA", "AB", "AC", "AD"]


def test_translations_have_the_same_boxes_solutions_and_appendices(tmp_path: Path) -> None:
    text = EXERCISE + "## A {.appendix}\n\n" + SOLUTION + "\n!!! proof\n    x\n"
    main = rendered(tmp_path, text)
    assert translation_problems(main, rendered(tmp_path, text, language="ko")) == []
    for other, said in [
        (text.replace("!!! proof\n    x\n", ""), "has the box 'proof 1', counted by kind"),
        (text.replace(SOLUTION, "So.\n"), "solves exr-dark"),
        (text.replace(" {.appendix}", ""), "heading 1 is ##, but ## appendix in"),
        (text.replace("exr-dark", "exr-day"), "has the label exr-dark"),
    ]:
        found = translation_problems(main, rendered(tmp_path, other, language="ko"))
        assert any(said in problem.message for problem in found), found


def test_another_report_refers_to_a_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = "\n!!! theorem {#thm-late}\n    x\n\n## End {#sec-end .appendix}\n\ny\n"
    monkeypatch.setattr("tests.text_study.OTHER", OTHER + late)
    html = plain(body(tmp_path, "See @week-05:thm-late, @week-05:sec-end.\n"))
    assert html == "See Week 5, Theorem 1, Week 5, Appendix A."
