"""Formulas: every one of the fixture is drawn, mistakes are explained, nothing leaks."""

import math
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from generator.drawing.path import SvgError, path_operators, transform
from generator.drawing.shapes import ellipse
from generator.errors import PageError, StudyError, Where, problems_in
from generator.maths.drawing import math_drawing
from generator.maths.engine import typeset
from generator.maths.formulas import DrawnFormula, draw_formulas
from generator.maths.weight import HAIR, heavier
from generator.model import Formula
from generator.store.cache import Cache

ROOT = Path(__file__).parent.parent
FIXTURE = tomllib.loads((ROOT / "tests" / "maths" / "formulas.toml").read_text("utf-8"))["formula"]
TEX = {item["name"]: item["tex"] for item in FIXTURE}


def formula(tex: str, *, display: bool = True, key: str = "it", line: int = 1) -> Formula:
    return Formula(key, tex, display, Where("reports/week-01/report.md", line))


def drawn(tex: str, *, display: bool = True, language: str = "en") -> DrawnFormula:
    return draw_formulas([formula(tex, display=display)], None, language)["it"]


def mistakes(*texs: str) -> list[StudyError]:
    asked = [formula(tex, key=str(at), line=at) for at, tex in enumerate(texs, 1)]
    with pytest.raises((PageError, ExceptionGroup)) as caught:
        draw_formulas(asked, None)
    return list(problems_in(caught.value))


def test_every_formula_of_the_fixture_is_drawn_and_said_in_two_languages() -> None:
    asked = [formula(tex, key=name) for name, tex in TEX.items()]
    english, korean = (draw_formulas(asked, None, language) for language in ("en", "ko"))
    assert english.keys() == TEX.keys()
    for name, one in english.items():
        assert one.operators, name
        assert min(one.width_em, one.height_em) > 0, name
        # Nothing of TeX is left in a sentence.
        assert re.fullmatch(r"[^\\{}^_]+", one.alt), name
        assert re.search("[가-힣]", korean[name].alt) or len(TEX[name]) == 1, name
        assert one.operators == korean[name].operators


def test_a_fraction_stands_on_the_line_with_its_bar_at_the_axis() -> None:
    half = drawn(r"\frac{1}{2}")
    # Latin Modern Math: axis at 0.25 em, rule 0.06 em; the rule's lower edge is drawn at y = 220.
    assert b" 220 " in half.operators
    assert b" 60 re" in half.operators
    assert half.height_em == pytest.approx(1.34, abs=0.05)
    assert half.depth_em == pytest.approx(0.69, abs=0.05)
    assert half.css == f"vertical-align:{-half.depth_em:.4f}em"


def test_a_letter_that_sits_on_the_base_line_has_no_depth() -> None:
    assert drawn("x").depth_em == pytest.approx(0.011, abs=0.002)  # the overshoot of x
    assert drawn("p").depth_em == pytest.approx(0.2, abs=0.02)


def test_brackets_grow_with_what_they_hold() -> None:
    sizes = [
        drawn(rf"\left( \rule{{0em}}{{{size}em}} \right)").height_em for size in (1, 2, 4, 8, 16)
    ]
    assert sizes == sorted(sizes)
    assert sizes[-1] == pytest.approx(16, rel=0.05)


def test_text_takes_its_colour_from_around_and_named_colours_stay() -> None:
    assert b"rg" not in drawn(r"\frac{a}{b}").operators
    assert b"1 0 0 rg" in drawn(r"\textcolor{red}{a} + b").operators
    assert drawn(r"\textcolor{#336699}{a}").operators.count(b"0.2 0.4 0.6 rg") == 1


def test_korean_is_drawn_in_the_page_s_own_font() -> None:
    one = drawn(r"\text{확률 }p")
    # Two letters of 0.966 em in Noto Serif KR, a space and a p.
    assert one.width_em == pytest.approx(2 * 0.966 * 0.95 + 0.33 + 0.5, abs=0.05)
    assert len(one.glyphs) == 3
    assert drawn(r"\textbf{가}").operators != drawn(r"\text{가}").operators


def test_tags_hang_beside_the_formula_each_on_its_line() -> None:
    one = drawn(r"x = 1 \tag{3.5}")
    assert one.tag_operators
    assert "width:100%" in one.css
    assert one.width_em == pytest.approx(drawn("x = 1").width_em, abs=0.01)
    assert one.tag_width_em == pytest.approx(2.05, abs=0.2)
    two = drawn(TEX["tags-of-lines"])
    rows = {float(row) for row in re.findall(rb" (-?[\d.]+) cm", two.tag_operators)}
    assert len(rows) == 2
    assert "tagged (1)" in two.alt


@pytest.mark.parametrize(
    ("tex", "english", "korean"),
    [
        (r"\frac{a}{b}", "a over b", "b 분의 a"),
        (r"d_k", "d sub k", "d 아래첨자 k"),
        (r"x^2 + y^3", "x squared plus y cubed", "x 제곱 더하기 y 세제곱"),
        (r"QK^\top", "Q K transpose", "Q K 전치"),
        (r"A^{-1}", "A inverse", "A 역"),
        (r"\sqrt{d_k}", "square root of d sub k", "루트 d 아래첨자 k"),
        (
            r"\sum_{i=1}^{n} x_i",
            "the sum from i equals 1 to n of x sub i",
            "i 는 1 부터 n 까지의 합, x 아래첨자 i",
        ),
        (r"\lim_{x\to0} f", "the limit as x to 0 of f", "x 화살표 0 일 때 극한, f"),
        (r"\|x\|_2", "the norm of x, end norm sub 2", "노름 x, 노름 끝 아래첨자 2"),
        (r"p(x\mid y)", "p open paren x given y close paren", "p 괄호 열고 x 조건 y 괄호 닫고"),
        (r"\binom{n}{k}", "n choose k", "n 개 중 k 개를 고르는 조합"),
        (r"a - b, -c", "a minus b, negative c", "a 빼기 b, 마이너스 c"),
        (r"x_{<t}", "x sub less than t", "x 아래첨자 작다 t"),
        (r"\mathbf{W}", "bold W", "볼드 W"),
        (r"x \coloneqq y", "x is defined as y", "x 정의하면 y"),
        (
            r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
            "the 2 by 2 matrix: row 1: 1, 2; row 2: 3, 4; end matrix",
            "2 행 2 열 행렬: 1 행: 1, 2; 2 행: 3, 4; 행렬 끝",
        ),
        (
            r"\begin{cases}1&x>0\\0&\text{else}\end{cases}",
            "cases: 1, x is greater than 0; 0, else; end cases",
            "경우: 1, x 크다 0; 0, else; 경우 끝",
        ),
    ],
)
def test_a_formula_is_said_in_words(tex: str, english: str, korean: str) -> None:
    assert drawn(tex).alt == english
    assert drawn(tex, language="ko").alt == korean


def test_every_other_language_hears_english() -> None:
    assert drawn("d_k", language="de").alt == "d sub k"


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        (r"\softmx x", "Undefined control sequence \\softmx"),
        (r"\frac{a}{", "Missing close brace"),
        (r"a}", "Extra close brace"),
        (r"\left( x", "missing \\right"),
        (r"x^2^3", "Double exponent"),
        (r"a & b", "Misplaced &"),
        (r"\begin{foo}x\end{foo}", "Unknown environment 'foo'"),
        (r"\def\a{\a}\a", "recursive macro"),
        (r"\color{nope}x", "colour 'nope' cannot be drawn"),
        (r"\text{🙂}", "the character '🙂' (U+1F642), which no font has, cannot be drawn"),
        (r"\mathbb{가}", "'가' in the style double-struck cannot be drawn"),
        (r"x \label{eq:a}", "\\label has no place in a formula"),
        (r"\eqref{a}", "\\eqref has no place in a formula"),
        (r"\href{https://example.org}{x}", "\\href has no place in a formula"),
        (r"\unicode{x41}", "Undefined control sequence \\unicode"),
        (r"\frac{1}{" * 200 + "2" + "}" * 200, "braces nested more than 60 deep"),
        (r"\sqrt{" * 4000 + "2" + "}" * 4000, "28001 characters, expected less than 4000"),
        (r"", "it draws nothing"),
        (r"\quad", "it draws nothing"),
    ],
)
def test_a_mistake_is_explained_with_its_place(tex: str, message: str) -> None:
    (problem,) = mistakes(tex)
    assert isinstance(problem, PageError)
    assert message in problem.message
    assert str(problem.where) == "reports/week-01/report.md:1"


def test_a_tag_in_a_line_of_text_is_refused() -> None:
    with pytest.raises(PageError, match="no place in a line of text"):
        drawn(r"x \tag{1}", display=False)


def test_several_lines_in_a_line_of_text_are_refused() -> None:
    with pytest.raises(PageError, match="several lines in a line of text"):
        drawn(r"x \\ y", display=False)


def test_letters_that_are_read_when_first_wanted_are_drawn_as_any_other() -> None:
    # MathJax keeps accents, arrows and symbols in pieces that use variables of its bundle.
    script = (
        "from generator.maths.engine import typeset\n"
        "print([bool(reply.error) for reply in typeset([(c, False) for c in '\u00b8½↠•⇝'])])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (run.returncode, run.stdout) == (0, f"{[False] * 5}\n"), run.stderr


def test_a_formula_may_be_nested_as_deeply_as_anybody_reads() -> None:
    assert drawn(r"\frac{1}{1+" * 12 + "x" + "}" * 12).alt.count("fraction") == 24


def test_a_misspelt_command_gets_a_hint() -> None:
    assert mistakes(r"\alpa")[0].hint == "did you mean \\alpha?"


def test_words_between_lines_have_their_way_named() -> None:
    (only,) = mistakes(r"\begin{align} a &= b \\ \intertext{so} c &= d \end{align}")
    assert only.hint == "write the words as a paragraph between two align environments of their own"


def test_all_mistakes_are_reported_at_once_and_a_repeated_one_at_each_place() -> None:
    found = mistakes(r"\foo", "x", r"\frac{a}{", r"\foo")
    assert sorted(problem.where.line or 0 for problem in found if problem.where) == [1, 3, 4]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"\def\mine{x}\mine", r"\mine"),
        (r"\newcommand{\mine}{x}\mine", r"\mine"),
        (r"\DeclareMathOperator{\mine}{x}\mine", r"\mine"),
        (r"\definecolor{mine}{rgb}{1,0,0}\color{mine}x", r"\color{mine}x"),
        (r"\let\mine=x \mine", r"\mine"),
    ],
)
def test_what_a_formula_defines_does_not_reach_the_next(first: str, second: str) -> None:
    assert drawn(first).operators
    (problem,) = mistakes("y", first, second)
    assert problem.where == Where("reports/week-01/report.md", 3)


def test_the_order_of_formulas_changes_nothing() -> None:
    asked = [formula(tex, key=name) for name, tex in TEX.items()]
    assert draw_formulas(asked, None) == draw_formulas(asked[::-1], None)


def test_a_kept_formula_is_the_same_and_starts_no_engine(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    asked = [formula(TEX["attention"], key="a"), formula(TEX["tag"], key="b")]
    fresh = draw_formulas(asked, cache)
    assert draw_formulas(asked, cache) == fresh == draw_formulas(asked, None)
    assert draw_formulas(asked, cache, "ko")["a"].operators == fresh["a"].operators
    script = """
import sys
from pathlib import Path
from generator.store.cache import Cache
from generator.errors import Where
from generator.model import Formula
from generator.maths.formulas import draw_formulas
draw_formulas([Formula("a", sys.argv[2], True, Where("x"))], Cache(Path(sys.argv[1])))
print("quickjs" in sys.modules, "fontTools" in sys.modules)
"""
    command = [sys.executable, "-c", script, str(tmp_path), TEX["attention"]]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "False False\n"


def test_a_mistake_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for _ in range(2):
        with pytest.raises(PageError):
            draw_formulas([formula(r"\foo")], cache)


def test_two_processes_with_other_hash_seeds_draw_the_same() -> None:
    script = """
import hashlib, tomllib
from generator.errors import Where
from generator.model import Formula
from generator.maths.formulas import draw_formulas
table = tomllib.load(open("tests/maths/formulas.toml", "rb"))["formula"][:20]
asked = [Formula(one["name"], one["tex"], True, Where("x")) for one in table]
print(hashlib.sha256(repr(draw_formulas(asked, None, "ko")).encode()).hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("data", "operators"),
    [
        ("M1 2L3 4Z", "1 2 m 3 4 l h"),
        ("M1 2 3 4 5 6", "1 2 m 3 4 l 5 6 l"),
        ("m1 2l3 4h-1v-2z", "1 2 m 4 6 l 3 6 l 3 4 l h"),
        ("M0 0C1 2 3 4 5 6", "0 0 m 1 2 3 4 5 6 c"),
        ("M0 0C1 2 3 4 5 6S8 9 10 11", "0 0 m 1 2 3 4 5 6 c 7 8 8 9 10 11 c"),
        ("M0 0Q3 3 6 0T12 0", "0 0 m 2 2 4 2 6 0 c 8 -2 10 -2 12 0 c"),
        ("M.5-1.25e1L1,2", "0.5 -12.5 m 1 2 l"),
        ("M1 2ZM3 4Z", "1 2 m h 3 4 m h"),
        ("M 0.12345 -0.0001 L 1 1", "0.123 0 m 1 1 l"),
        ("", ""),
    ],
)
def test_path_data_becomes_operators(data: str, operators: str) -> None:
    assert path_operators(data).split() == operators.split()


@pytest.mark.parametrize("data", ["L1 2", "M1", "M1 2A1 1 0 0 0 3 3", "M1 2X", "M1 2L3", "1 2"])
def test_damaged_path_data_is_refused(data: str) -> None:
    with pytest.raises(SvgError):
        path_operators(data)


def test_transforms_are_applied_from_right_to_left() -> None:
    assert transform("translate(10, 20) scale(2)") == (2, 0, 0, 2, 10, 20)
    assert transform("scale(2) translate(10 20)") == (2, 0, 0, 2, 20, 40)
    with pytest.raises(SvgError):
        transform("spin(3)")


def test_a_heavier_letter_grows_outside_and_its_counter_shrinks() -> None:
    ring = "0 0 m 100 0 l 100 100 l 0 100 l h 30 30 m 30 70 l 70 70 l 70 30 l h"
    outer = ["-10 -10 m", "110 -10 l", "110 110 l", "-10 110 l", "h"]
    inner = ["40 40 m", "40 60 l", "60 60 l", "60 40 l", "h"]
    assert heavier(ring, 20).splitlines() == outer + inner


def test_a_heavier_letter_is_the_same_whichever_way_it_was_drawn() -> None:
    backwards = "0 0 m 0 100 l 100 100 l 100 0 l 0 0 l h"
    assert heavier(backwards, 20).splitlines()[:3] == ["-10 -10 m", "-10 110 l", "110 110 l"]


def test_a_heavier_circle_stays_round() -> None:
    path = heavier(ellipse(0, 0, 100, 100), 20)
    ends = [tuple(map(float, line.split()[-3:-1])) for line in path.splitlines() if line[-1] == "c"]
    assert [round(math.hypot(*end), 2) for end in ends] == [110.0] * 4


def test_every_letter_of_the_fixture_gains_half_a_hair_along_its_whole_edge() -> None:
    asked = [formula(tex, key=name) for name, tex in TEX.items()]
    letters = {
        name: path for it in draw_formulas(asked, None).values() for name, path in it.glyphs.items()
    }
    assert len(letters) > 100
    for path in letters.values():
        heavy = path.decode()
        area, edge = _polygon(heavy)
        more, _ = _polygon(heavier(heavy, HAIR))
        # Measured on control polygons, whose turns at narrow ends cost up to a quarter.
        assert abs(more - area) == pytest.approx(edge * HAIR / 2, rel=0.3)


def _polygon(path: str) -> tuple[float, float]:
    """Area and length of edge of the control polygon."""
    area = edge = 0.0
    points: list[tuple[float, float]] = []
    rings: list[list[tuple[float, float]]] = []
    for line in path.splitlines():
        *values, operator = line.split()
        if operator == "m":
            points = []
            rings.append(points)
        numbers = list(map(float, values))
        points.extend(zip(numbers[::2], numbers[1::2], strict=True))
    for ring in rings:
        for (x, y), (u, v) in zip(ring, ring[1:] + ring[:1], strict=True):
            area += (x * v - u * y) / 2
            edge += math.hypot(u - x, v - y)
    return abs(area), edge


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        ("d = 576", ["d =", "576"]),
        (r"y = 10^{-14} + 0.25", ["y =", "10^{-14} + 0.25"]),
        (r"n = \frac{12}{345} + 1{,}024", ["n =", r"\frac{12}{345} + 1{,}024"]),
    ],
)
def test_a_number_keeps_its_first_digit_where_a_formula_may_break(
    tex: str, said: list[str]
) -> None:
    reply = typeset([(tex, False)])[0]
    pieces = math_drawing(reply.tree, reply.meaning).pieces
    assert " ".join(piece.tex for piece in pieces) == " ".join(said)
