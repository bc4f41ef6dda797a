"""Drawings and texts for browsers: what they hold is what the PDF's hold."""

import re
from xml.etree import ElementTree

import pytest

from generator.errors import Where
from generator.maths.formulas import draw_formulas
from generator.model import Formula
from generator.web.figures import inline_figure
from generator.web.fonts import web_fonts
from generator.web.formulas import Formulas, letters_html
from generator.web.operators import elements, path_data

TEX = [
    "x", "a^2 + b^2 = c^2", r"\frac{\sqrt{d_k}}{2}", r"\sum_{i=1}^{n} x_i \le \max_j y_j",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", r"\left( \frac{\frac{a}{b}}{c} \right)",
    r"\color{red}{x} + y", r"\cancel{x}", r"\boxed{E = mc^2}", r"\underbrace{a+b}_{\text{한글}}",
    r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}", r"\overrightarrow{AB}",
    r"\xrightarrow{\text{a long label over it}}", r"\bigl\{ x \bigm| x > 0 \bigr\}",
]  # fmt: skip


def drawn(tex: str, *, display: bool = True) -> str:
    formula = Formula("k", tex, display, Where("t.md", 1))
    formulas = Formulas(draw_formulas([formula], None))
    made = formulas.html("k", display=display)
    return letters_html(formulas.letters) + made


@pytest.mark.parametrize("tex", TEX)
def test_a_formula_becomes_an_svg_that_uses_only_what_is_there(tex: str) -> None:
    made = drawn(tex)
    tree = ElementTree.fromstring(f"<div>{made}</div>")
    names = [element.get("id") for element in tree.iter() if element.get("id")]
    used = {element.get("href", "")[1:] for element in tree.iter("use")}
    assert used <= set(names)
    assert len(names) == len(set(names))
    assert "NaN" not in made
    (said,) = tree.iter("math")
    assert said.get("aria-label")
    assert all(element.get("aria-hidden") for element in tree.iter("svg") if element.get("style"))


def test_colours_windows_and_lines_survive() -> None:
    made = elements("q\n1 0 0 1 5 0 cm\n1 0 0 rg\n/gaa Do\nQ", str)
    assert made == '<use href="#gaa" x="5" fill="rgb(255 0 0)"/>'
    made = elements("q\n45 w\n[140] 0 d\n0 0 m\n100 0 l\nS\nQ", str)
    assert made == (
        '<path d="M0 0L100 0" fill="none" stroke="currentColor" stroke-width="45" '
        'stroke-dasharray="140"/>'
    )
    made = elements("q\n1 0 0 1 0 9 cm\n1 2 30 40 re W n\nq\n/gb Do\nQ\nQ", str)
    assert made == (
        '<g transform="translate(0 9)"><svg x="1" y="2" width="30" height="40" '
        'viewBox="1 2 30 40" overflow="hidden"><use href="#gb"/></svg></g>'
    )
    assert path_data("1.4 2.6 m\n3 4 l\n1 2 3 4 5 -6 c\nh") == "M1 3L3 4C1 2 3 4 5-6Z"
    with pytest.raises(ValueError, match="operator gs"):
        elements("/a gs", str)


def test_a_long_formula_may_go_on_in_the_next_line_of_a_phone() -> None:
    tex = r"a_1 + a_2 + a_3 + a_4 = b_1 + b_2 + b_3 + b_4 = c_1 + c_2 + c_3 + c_4"
    made = drawn(tex)
    assert made.count("<svg viewBox") > 2
    assert "\u200b" in made
    assert made.count("<math ") == 1


PLOT = """<?xml version="1.0"?><!DOCTYPE svg><svg xmlns:xlink="http://www.w3.org/1999/xlink"
width="72pt" height="36pt" viewBox="0 0 72 36" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata>when</metadata><defs>
  <style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>
 </defs>
 <g id="figure_1"><g id="patch_1"><path d="M 0 0" style="fill: #ffffff"/></g>
 <g clip-path="url(#p1)"><use xlink:href="#m1" x="1"/></g></g>
 <defs><path id="m1" d="M 0 0"/><clipPath id="p1"><rect x="0"/></clipPath></defs>
</svg>"""


def test_a_plot_keeps_its_names_to_itself_and_styles_nothing_else() -> None:
    made = inline_figure(PLOT, 'Two "bars" & a line', "p3-")
    assert made is not None
    tree = ElementTree.fromstring(made)
    assert tree.get("aria-label") == 'Two "bars" & a line'
    assert {element.get("id") for element in tree.iter()} - {None} == {"p3-m1", "p3-p1"}
    assert 'href="#p3-m1"' in made
    assert "url(#p3-p1)" in made
    assert "<style" not in made
    assert "xlink" not in made
    assert "#ffffff" not in made  # the page has a ground of its own
    assert 'stroke-linejoin="round"' in made
    assert "--width:96px" in made


def test_a_drawing_with_rules_of_its_own_stays_a_file() -> None:
    assert inline_figure(PLOT.replace("*{", "text{"), "a", "p") is None


def test_fonts_hold_the_letters_that_are_used() -> None:
    from io import BytesIO

    from fontTools.ttLib import TTFont

    made = web_fonts(["Tea é → 가나", "다"], None)
    serif = TTFont(BytesIO(made.files["serif.woff2"]))
    assert {0x54, 0xE9} <= set(serif.getBestCmap())
    assert ord("z") not in serif.getBestCmap()
    korean = TTFont(BytesIO(made.files["korean-serif-0.woff2"]))
    assert {ord(letter) for letter in "가나다"} == set(korean.getBestCmap())
    assert re.search(r'"Study Korean Serif".*unicode-range: U\+AC00, U\+B098, U\+B2E4', made.css)
    again = web_fonts(["Tea é → 가나", "다"], None)
    assert again.files == made.files
