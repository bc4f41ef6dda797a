"""Particles agree with what stands before them, as it is read aloud."""

import re
from pathlib import Path

import pytest

from generator.errors import problems_in
from generator.text.korean.formulas import formula_sounds
from generator.text.korean.particles import with_particles
from generator.text.korean.readings import sounds_at_end
from generator.text.report import render_report
from tests.text_study import RESULTS, body, write_study


def chosen(text: str) -> str:
    """`text` with its particles; fails where one can't be chosen."""

    def fail(message: str, hint: str) -> None:
        raise AssertionError(f"{text}: {message} ({hint})")

    return with_particles(text, "", fail)


# ---------------------------------------------------------------- numbers

# How the ten digits are read, and whether the syllable has a final consonant; by hand.
NAMES = {
    "0": "영이 영은 영을 영과 영으로", "1": "일이 일은 일을 일과 일로",
    "2": "이가 이는 이를 이와 이로", "3": "삼이 삼은 삼을 삼과 삼으로",
    "4": "사가 사는 사를 사와 사로", "5": "오가 오는 오를 오와 오로",
    "6": "육이 육은 육을 육과 육으로", "7": "칠이 칠은 칠을 칠과 칠로",
    "8": "팔이 팔은 팔을 팔과 팔로", "9": "구가 구는 구를 구와 구로",
}  # fmt: skip


@pytest.mark.parametrize("before", ["", "1", "12.", "0.0", "−", "5\u202f±\u202f", "3.2.", "2017–"])
@pytest.mark.parametrize("digit", NAMES)
def test_a_last_digit_decides(digit: str, before: str) -> None:
    if before == "1" and digit == "0":
        return  # 십, below
    expected = " ".join(before + digit + particle[1:] for particle in NAMES[digit].split())
    notation = " ".join(
        f"{before}{digit}{p}" for p in ("이(가)", "은(는)", "을(를)", "과(와)", "(으)로")
    )
    assert chosen(notation) == expected
    other_way = " ".join(
        f"{before}{digit}{p}" for p in ("가(이)", "는(은)", "를(을)", "와(과)", "로(으로)")
    )
    assert chosen(other_way) == expected


@pytest.mark.parametrize(
    ("number", "particles"),
    [
        ("10", "이 은 으로"), ("20", "이 은 으로"), ("100", "이 은 으로"), ("700", "이 은 으로"),
        ("1000", "이 은 으로"), ("1,000", "이 은 으로"), ("10,000", "이 은 으로"),
        ("10\u202f000", "이 은 으로"), ("1,200,000", "이 은 으로"),
        ("100,000,000", "이 은 으로"), ("1,000,000,000,000", "가 는 로"), ("0.50", "이 은 으로"),
        ("1,234", "가 는 로"), ("12\u202f345", "가 는 로"), ("101", "이 은 로"),
        ("1.2×10⁻⁵", "이 은 으로"), ("10⁴", "이 은 으로"), ("½", "이 은 로"), ("1/2", "이 은 로"),
        ("¾", "이 은 으로"), ("x₂", "가 는 로"), ("H₂", "가 는 로"), ("①", "이 은 로"),
        ("2026-11-28", "이 은 로"), ("10:30", "이 은 으로"),
        ("09:00", "? ? ?"), ("9:5", "가 는 로"),        ("5!", "이 은 로"), ("7.", "? ? ?"),
    ],
)  # fmt: skip
def test_zeros_powers_fractions_and_times(number: str, particles: str) -> None:
    assert particles_after(number) == particles


def particles_after(text: str) -> str:
    """The particles 이(가), 은(는), (으)로 that `text` takes; ? where that is an error."""
    found = []
    for notation in ("이(가)", "은(는)", "(으)로"):
        problems: list[str] = []
        result = with_particles(text + notation, "", lambda message, hint: problems.append(message))  # noqa: B023
        found.append("?" if problems else result.removeprefix(text))
    return " ".join(found)


@pytest.mark.parametrize(
    ("quantity", "particles"),
    [
        ("63.4\u202f%", "가 는 로"), ("63.4%", "가 는 로"), ("5‰", "이 은 로"),
        ("2.1\u202f%p", "가 는 로"), ("63×", "가 는 로"), ("63배", "가 는 로"),
        ("5\u202fKiB", "가 는 로"), ("8\u202fGB", "가 는 로"), ("3\u202fmm", "가 는 로"),
        ("3\u202fg", "이 은 으로"), ("3\u202fkg", "이 은 으로"), ("20\u202fms", "가 는 로"),
        ("20\u202fmin", "이 은 으로"), ("2\u202fh", "이 은 으로"), ("4\u202fkHz", "가 는 로"),
        ("10\u202fmol", "이 은 로"), ("5\u202fJ", "이 은 로"), ("5\u202fkPa", "이 은 로"),
        ("300\u202fK", "이 은 으로"), ("25\u202f°C", "가 는 로"), ("90\u202f°", "가 는 로"),
        ("5\u202fm²", "가 는 로"), ("5\u202fm/s", "가 는 로"), ("60\u202fkm/h", "가 는 로"),
        ("(5\u202f±\u202f2)\u202fms", "가 는 로"), ("(5\u202f±\u202f2)\u202fdB", "이 은 로"),
        ("$5", "가 는 로"), ("₩500", "이 은 으로"), ("300K", "? ? ?"), ("1\u202fΩ", "이 은 으로"),
    ],
)  # fmt: skip
def test_units_are_read_in_full(quantity: str, particles: str) -> None:
    assert particles_after(quantity) == particles


# ---------------------------------------------------------------- words and letters


@pytest.mark.parametrize(
    ("word", "particles"),
    [
        ("A", "가 는 로"), ("L", "이 은 로"), ("m", "이 은 으로"), ("N", "이 은 으로"),
        ("R", "이 은 로"), ("x", "가 는 로"), ("GPU", "가 는 로"), ("LLM", "이 은 으로"),
        ("SVG", "가 는 로"), ("HTML", "이 은 로"), ("PDF", "가 는 로"), ("URL", "이 은 로"),
        ("API", "가 는 로"), ("JSON", "이 은 으로"), ("RAM", "이 은 으로"), ("GPT-2", "가 는 로"),
        ("GPT-3", "? ? ?"), ("float16", "이 은 으로"), ("float32", "가 는 로"),
        ("Python", "이 은 으로"), ("table", "이 은 로"), ("model", "이 은 로"),
        ("LaTeX", "이 은 으로"), ("index", "가 는 로"), ("batch", "가 는 로"),
        ("network", "가 는 로"), ("notebook", "이 은 으로"), ("map", "이 은 으로"),
        ("test", "가 는 로"), ("net", "? ? ?"), ("Müller", "가 는 로"), ("α", "가 는 로"),
        ("ε", "이 은 으로"), ("Ω", "가 는 로"), ("♯", "가 는 로"), ("♮", "이 은 로"),
        ("漢", "? ? ?"), ("→", "? ? ?"), ("ㄹ", "이 은 로"), ("ㅏ", "가 는 로"),
        ("길", "이 은 로"), ("값", "이 은 으로"), ("차이", "가 는 로"),
        ("값(value)", "이 은 으로"), ("“크기”", "가 는 로"), ("크기(길이, 값)", "가 는 로"),
        ("식\u00a0(3)", "이 은 으로"), ("그림\u00a03", "이 은 으로"), ("2.1절", "이 은 로"),
        ("부록\u00a0B", "가 는 로"), ("표\u00a0A.7", "이 은 로"),
        ("그림\u00a02\u00a0(a)", "가 는 로"),
    ],
)  # fmt: skip
def test_words_letters_and_abbreviations(word: str, particles: str) -> None:
    assert particles_after(word) == particles


@pytest.mark.parametrize(
    ("tex", "ends"),
    [
        (r"\sqrt{d_k}", "open"), (r"n", "closed"), (r"x^2", "closed"), (r"x^{-1}", "closed"),
        (r"\frac{1}{2}", "l"), (r"\tfrac12", "l"), (r"\frac{a}{m}", "open"), (r"(1, 0)", "closed"),
        (r"p(x \mid y)", "open"), (r"\|v\|", "open"), (r"\left| n \right|", "closed"),
        (r"K^\top", "open"), (r"x'", "closed"), (r"\hat{\sigma}", "closed"), (r"\bar n", "open"),
        (r"\operatorname{softmax}(z)", "open"), (r"\operatorname{rank}", "open"),
        (r"5\,\mathrm{ms}", "open"), (r"5\,\mathrm{kg}", "closed"), (r"63.4\,\%", "open"),
        (r"1.2\times 10^{-5}", "closed"), (r"10{,}000", "closed"), (r"10\,001", "l"),
        (r"{63.4}", "open"), (r"{0.57} \pm {0.01}", "l"), (r"\alpha", "open"),
        (r"\varepsilon", "closed"), (r"\Delta", "open"), (r"\text{값}", "closed"), (r"n!", "l"),
        (r"90^\circ", "open"), (r"\mathbb{R}^{d}", "closed"), (r"k_1", "l"), (r"x_{i+1}", "l"),
        (r"x_i^{(n)}", "closed"), (r"n/m", "closed"), (r"x/n", ""), (r"\sum_i p_i", "open"),
        (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", ""), (r"a \to", ""), (r"", ""), (r"{", ""),
        (r"\frac", ""), (r"\sqrt[3]{8}", "l"), (r"x^T", ""), (r"\infty", "open"),
    ],
)  # fmt: skip
def test_formulas(tex: str, ends: str) -> None:
    sounds = formula_sounds(tex)
    assert (next(iter(sounds)) if len(sounds) == 1 else "") == ends


# ---------------------------------------------------------------- sentences

# Written by hand for this test; value.height is 1.235, count 123 456, tiny 5.71×10⁻⁵, drop −0.50,
# length (0.568 ± 0.012) m, share 0.8123, items 7; the greeting ends in a price.
SENTENCES = {
    "평균은 {{ value.height | digits(3) }}이(가) 된다.": "1.235가 된다.",
    "개수 {{ value.count }}은(는) 크다.": "456은 크다.",
    "{{ value.tiny }}을(를) 더한다.": "</sup>을 더한다.",
    "{{ value.drop }}과(와) 같다.": "0.50과 같다.",
    "{{ value.length }}(으)로 줄었다.": "m로 줄었다.",
    "{{ value.share | percent(1) }}이(가) 남는다.": "%가 남는다.",
    "{{ value.items }}(으)로 나눈다.": "7로 나눈다.",
    "{{ value.items }}이(가) 답이다.": "7이 답이다.",
    "값은 {{ value.items }}(이)다.": "7이다.",
    "값은 {{ value.height | digits(3) }}(이)다.": "1.235다.",
    "값은 {{ value.height | digits(3) }}(이)었다.": "1.235였다.",
    "값은 {{ value.items }}(이)었다.": "7이었다.",
    "{{ value.items }}(이)라고 하자.": "7이라고 하자.",
    "{{ value.height | digits(3) }}(이)라고 하자.": "1.235라고 하자.",
    "{{ value.height | digits(3) }}이라고(라고) 하자.": "1.235라고 하자.",
    "{{ value.items }}(이)며": "7이며",
    "{{ value.height | digits(3) }}(이)나 되는": "1.235나 되는",
    "$n$을(를) 늘린다.": "<p>을 늘린다.",
    "$\\sqrt{d_k}$(으)로 나눈다.": "로 나눈다.",
    "$x^2$(으)로 커진다.": "으로 커진다.",
    "$k_1$(으)로 간다.": "로 간다.",
    "$n$*이(가)* 크다.": "<em>이</em> 크다.",
    "**쿼리**은(는) 묻는다.": "</strong>는 묻는다.",
    "**값**은(는) 답한다.": "</strong>은 답한다.",
    "*값(value)*은(는) 답한다.": "</em>은 답한다.",
    "[길이](https://example.org)이(가) 늘었다.": "</a>가 늘었다.",
    "[0.5]{.const}을(를) 쓴다.": "</span>를 쓴다.",
    "`table`(으)로 적는다.": "</code>로 적는다.",
    "`map`이(가) 있다.": "</code>이 있다.",
    "x[2]{.sup}이(가) 있다.": "</sup>이 있다.",
    "x[3]{.sub}(으)로 둔다.": "</sub>으로 둔다.",
    "@eq-a이(가) 말한다.": "식\u00a0(1)</a>이 말한다.",
    "@eq-a과(와) @sec-a을(를) 보라.": "1절</a>을 보라.",
    "@fig-a은(는) 그림이다.": "그림\u00a01</a>은 그림이다.",
    "-@fig-a(으)로": "1</a>로",
    "@kim2020이(가) 보였다.": "</a>가 보였다.",
    "나무 [@kim2020]은(는) 자란다.": ")는 자란다.",
    "값[^1]은(는) 크다.\n\n[^1]: 주석이(가) 있다.": "</span>은 크다.",
    "“크기”이(가) 문제다.": "”가 문제다.",
    '"길"(으)로 쓴다.': "”로 쓴다.",
    "GPU와(과) LLM은(는) 다르다.": "GPU와 LLM은 다르다.",
    "10,000이(가) 넘고 6은(는) 작다.": "10,000이 넘고 6은 작다.",
}
AROUND = """

## 절 {#sec-a}

$$ x = 1 $$ {#eq-a}

![성장. @fig-a](figure:growth){#fig-a fig-alt="높이가 {{ value.height | digits(3) }}이(가) 된다."}
"""


def written(tmp_path: Path, sentence: str) -> str:
    return body(tmp_path, sentence + AROUND, language="ko")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_gets_its_particles(tmp_path: Path, sentence: str) -> None:
    result = written(tmp_path, sentence)
    assert SENTENCES[sentence] in re.sub(r'<img class="formula"[^>]*>|\n', "", result)
    assert not re.search(r"[이가은는을를과와]\([가는를와이은을과]\)|\([이으]\)", result)


def test_an_alternative_text_gets_its_particles(tmp_path: Path) -> None:
    assert 'alt="높이가 1.235가 된다."' in written(tmp_path, "값")


@pytest.mark.parametrize(
    "literal",
    [
        "조사 이\\(가)와 은\\(는)을 쓴다.",
        "`{{ value }}이(가)`라고 쓴다.",
        "> 사람이(가) 쓴 대로",
        "“이(가)”라고 쓴다.",
    ],
)
def test_the_notation_can_be_printed(tmp_path: Path, literal: str) -> None:
    assert "이(가)" in written(tmp_path, literal)


def test_other_languages_are_left_alone(tmp_path: Path) -> None:
    assert "값이(가)" in body(tmp_path, "The notation is 값이(가) in Korean.")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            "첫 줄\n漢이(가) 있다.",
            "report.ko.md:2: 이(가) follows 漢, which has no known reading",
        ),
        (
            "GPT-3은(는) 크다.",
            "report.ko.md:1: 은(는) follows GPT-3, which may be read in more than one way",
        ),
        ("값 이(가) 크다.", "report.ko.md:1: 이(가) follows nothing"),
        (
            "{{ value.items }}가 크다.",
            "report.ko.md:1: '가' follows 7, which takes '이'",
        ),
        (
            "{{ value.items }}으로부터 {{ value.share | percent(1) }}은 작다.",
            "report.ko.md:1: '으로' follows 7, which takes '로'|"
            "report.ko.md:1: '은' follows 81.2\u202f%, which takes '는'",
        ),
        (
            "$\\begin{pmatrix} 1 \\end{pmatrix}$(으)로",
            "report.ko.md:1: (으)로 follows a formula that has no known reading",
        ),
    ],
)
def test_what_cannot_be_known_is_an_error(tmp_path: Path, sentence: str, said: str) -> None:
    study, report = write_study(tmp_path, sentence, language="ko")
    with pytest.raises(Exception) as caught:  # noqa: PT011
        render_report(tmp_path, study, study.weeks[1], report, "ko", RESULTS)
    problems = list(problems_in(caught.value))
    found = [str(problem).removeprefix("reports/week-07/") for problem in problems]
    assert found == said.split("|")
    assert problems[0].hint


@pytest.mark.parametrize(
    "sentence",
    [
        "{{ value.items }}과 {{ value.items }}로 나눈다.",
        "{{ value.items }}가지와 {{ value.share }}이상과 {{ value.items }}은행",
        "{{ value.items }} 가 아니라 {{ value.items }}.가",
        "$e^{x}$는 $e^{x}$은 다 좋다.",
    ],
)
def test_a_right_particle_and_what_is_none_may_be_typed(tmp_path: Path, sentence: str) -> None:
    assert written(tmp_path, sentence)


def test_nothing_is_read_that_has_no_letters() -> None:
    for text in ("", " ", "…", "()", "“”", "!", "\u202f", "(", ")("):
        assert not sounds_at_end(text)
