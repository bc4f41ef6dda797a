"""Every formula has its MathML: from the tree that drew it, well formed, with nothing lost."""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from generator.errors import Where
from generator.maths.formulas import DrawnFormula, draw_formulas
from generator.maths.mathml import NAMESPACE, letters
from generator.model import Formula
from generator.store.cache import Cache
from generator.store.record import load_results
from generator.study.load import load_study
from generator.text.report import render_report

ROOT = Path(__file__).parent.parent
FIXTURE = tomllib.loads((ROOT / "tests" / "maths" / "formulas.toml").read_text("utf-8"))["formula"]
XMLNS = f' xmlns="{NAMESPACE}"'

# Elements of MathML 3 that these formulas may need, and how many children each must have.
ARITY = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3}
ARITY |= {"munder": 2, "mover": 2, "munderover": 3}
KNOWN = {"math", "mi", "mn", "mo", "mtext", "ms", "mspace", "mrow", "mstyle", "mpadded"} | {
    *ARITY,
    *("msqrt", "mtable", "mtr", "mtd", "menclose", "mphantom", "mmultiscripts", "mprescripts"),
}


def drawn(tex: str, *, display: bool = False) -> DrawnFormula:
    return draw_formulas([Formula("it", tex, display, Where("report.md", 1))], None)["it"]


def mathml(tex: str) -> str:
    """The inside of the <math> element of a formula in a line of text."""
    return drawn(tex).mathml.removeprefix(f"<math{XMLNS}>").removesuffix("</math>")


def wrong(text: str) -> list[str]:
    """What is wrong with a <math> element."""
    found = []
    for element in ElementTree.fromstring(text).iter():
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name not in KNOWN:
            found.append(f"<{name}>")
        if len(element) != ARITY.get(name, len(element)):
            found.append(f"<{name}> of {len(element)}")
        if name == "mtable" and {row.tag.partition("}")[2] for row in element} != {"mtr"}:
            found.append("a table of other things than rows")
        found += [f"{name} {said}" for said in element.attrib if said.startswith(("data", "-tex"))]
    return found


@cache
def study_formulas() -> dict[str, tuple[Formula, DrawnFormula]]:
    """ "report/language/key" → each formula of the study."""
    study = load_study(ROOT)
    found = {}
    for week, report in study.reports():
        results = load_results(ROOT, report.id)
        for language in report.languages():
            formulas = render_report(ROOT, study, week, report, language, results).formulas
            made = draw_formulas(formulas, Cache(ROOT / ".study" / "cache"), language)
            for formula in formulas:
                found[f"{report.id}/{language}/{formula.key}"] = (formula, made[formula.key])
    return found


def test_every_formula_of_the_study_has_mathml() -> None:
    everything = study_formulas()
    assert len(everything) > 500
    assert {formula.display for formula, _ in everything.values()} == {True, False}
    assert {name: bad for name, (_, one) in everything.items() if (bad := wrong(one.mathml))} == {}
    for name, (formula, one) in everything.items():
        shown = ElementTree.fromstring(one.mathml).get("display", "inline")
        assert shown == ("block" if formula.display else "inline"), name


def test_every_formula_of_the_fixture_has_mathml() -> None:
    asked = [Formula(item["name"], item["tex"], True, Where("x", 1)) for item in FIXTURE]
    for name, one in draw_formulas(asked, None).items():
        assert wrong(one.mathml) == [], name


def test_numbers_and_words_of_the_tex_are_in_the_mathml() -> None:
    for name, (formula, one) in study_formulas().items():
        text = unicodedata.normalize("NFKC", "".join(ElementTree.fromstring(one.mathml).itertext()))
        flat = re.sub(r"\s", "", text)
        said = re.sub(r"\\[a-zA-Z]+\*?(\[[^]]*\])?(\{[a-z|*]+\})?", " ", formula.tex)
        for number in re.findall(r"\d+(?:\.\d+)?", re.sub(r"\[[^]]*em\]", "", said)):
            assert number in flat, (name, number)
        for words in re.findall(r"\\text\{([^{}$\\]+)\}", formula.tex):
            assert re.sub(r"\s", "", unicodedata.normalize("NFKC", words)) in flat, name


def test_it_is_kept_with_the_drawing(tmp_path: Path) -> None:
    formula = Formula("it", r"\frac{a}{b}", True, Where("report.md", 1))
    first = draw_formulas([formula], Cache(tmp_path))["it"].mathml
    assert (tmp_path / "formula").is_dir()
    again = draw_formulas([formula], Cache(tmp_path), "ko")["it"].mathml
    assert (
        again == first == f'<math{XMLNS} display="block"><mfrac><mi>a</mi><mi>b</mi></mfrac></math>'
    )


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"x", "<mi>x</mi>"),
        (r"\mathrm{d}x", '<mi mathvariant="normal">d</mi><mi>x</mi>'),
        (r"\mathbb{E}", "<mi>𝔼</mi>"),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\mathcal{L}", "<mi>ℒ</mi>"),
        (r"\mathfrak{so}", "<mi>𝔰𝔬</mi>"),
        (r"\mathbf{W}_1", "<msub><mi>𝐖</mi><mn>1</mn></msub>"),
        (r"\boldsymbol\theta", "<mi>𝜽</mi>"),
        (r"\mathit{hat}", "<mi>ℎ𝑎𝑡</mi>"),
        (r"a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"1{,}000", "<mn>1,000</mn>"),
        (r"a{=}b", '<mi>a</mi><mo lspace="0" rspace="0">=</mo><mi>b</mi>'),
        (r"a\,b", '<mi>a</mi><mspace width="0.167em"></mspace><mi>b</mi>'),
        (r"\hat{x}", '<mover accent="true"><mi>x</mi><mo stretchy="false">^</mo></mover>'),
        (r"x^{}", "<msup><mi>x</mi><mrow></mrow></msup>"),
        (r"\text{한국어 \& more}", "<mtext>한국어 &amp; more</mtext>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\textcolor{red}{x}", '<mstyle mathcolor="red"><mi>x</mi></mstyle>'),
        (r"\binom nk", None),
    ],
)
def test_mathml_of_a_formula(tex: str, expected: str | None) -> None:
    if expected is None:
        assert '<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>' in mathml(tex)
    else:
        assert mathml(tex) == expected


def test_the_tag_of_an_equation_is_a_column() -> None:
    text = drawn(r"\begin{align} a &= b \tag{1} \\ c &= d \end{align}", display=True).mathml
    rows = ElementTree.fromstring(text).iter(f"{{{NAMESPACE}}}mtr")
    assert [["".join(cell.itertext()) for cell in row] for row in rows] == [
        ["a", "=b", "(1)"],
        ["c", "=d"],
    ]


def test_every_style_has_its_letters() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    for style in (
        "bold",
        "italic",
        "script",
        "fraktur",
        "double-struck",
        "sans-serif",
        "monospace",
    ):
        shown = "".join(letters(style)[letter] for letter in alphabet)
        assert len(set(shown)) == 52
        assert unicodedata.normalize("NFKC", shown) == alphabet
