"""A drawn formula is found, copied and read in its place, though its letters are outlines."""

import io
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest
import weasyprint
from fontTools.ttLib import TTFont

from generator.drawing.svg import svg_drawing
from generator.drawing.words import plain
from generator.store.cache import Cache
from generator.typeset.page import typeset_report
from generator.weasy.images import FigureImage
from generator.weasy.invisible_text import add_font
from tests import pdf_checks
from tests.page_samples import COLOPHON, document, study

BODY = (
    "<p>Divide by $\\sqrt{d_k}$, the root of the width $d_k$ of a key, and only then take "
    "the softmax of what comes out of it.</p>"
    "<p>$$\\operatorname{Attention}(Q, K, V) = \\operatorname{softmax}\\!\\left("
    "\\frac{QK^\\top}{\\sqrt{d_k}}\\right) V$$</p>"
    "<p>The space of $\\text{벡터}$ is small.</p>"
)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("formula-text")
    whole, week, report = study()
    store = Cache(root / ".study" / "cache")
    return typeset_report(root, whole, week, report, document(BODY), colophon=COLOPHON, store=store)


def text(content: bytes, *options: str) -> str:
    made = subprocess.run(
        ["pdftotext", *options, "-", "-"], input=content, capture_output=True, check=True
    )
    assert made.stderr == b""
    return made.stdout.decode()


def test_a_viewer_finds_a_formula_in_its_line(content: bytes) -> None:
    assert "Divide by \\sqrt{d_k}, the root of the width d_k of a key" in text(content)


def test_a_displayed_formula_is_copied_as_one_line_of_tex(content: bytes) -> None:
    tex = "Attention}(Q, K, V) = \\operatorname{softmax}\\!\\left(\\frac{QK^\\top}{\\sqrt{d_k}}"
    assert tex in text(content)


def test_korean_in_a_formula_is_found(content: bytes) -> None:
    assert "\\text{벡터} is small" in text(content)


def test_the_text_lies_over_its_drawing_and_nowhere_else(content: bytes) -> None:
    assert pdf_checks.everything_wrong(content) == []
    boxes = text(content, "-bbox")
    place = re.search(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)".*>\\sqrt\{d_k\}', boxes)
    assert place, boxes
    left, right = map(float, place.groups())
    drawn = re.search(r'xMin="([\d.]+)".*>root</word>', boxes)
    before = re.search(r'xMax="([\d.]+)" yMax="[\d.]+">by</word>', boxes)
    assert before
    assert drawn
    assert float(before[1]) < left < right < float(drawn[1])
    assert 10 < right - left < 25


def test_the_font_of_the_text_is_one_that_font_tools_read(content: bytes) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        programs = [
            bytes(entry.FontFile2.read_bytes())
            for entry in pdf.objects
            if isinstance(entry, pikepdf.Dictionary)
            and entry.get("/Type") == "/FontDescriptor"
            and entry.FontName == "/FormulaText"
        ]
    assert len(programs) == 1
    font = TTFont(io.BytesIO(programs[0]), checkChecksums=2)
    assert font["hmtx"].metrics == dict.fromkeys(font.getGlyphOrder(), (500, 0))
    assert font["maxp"].numGlyphs == 2
    assert font["head"].unitsPerEm == 1000


def test_every_character_has_four_hexadecimal_digits() -> None:
    assert plain("  x \\in\n\n 𝔼 ") == "x \\in E"
    assert plain("\\text{😀}") == "\\text{\ufffd}"


def test_a_page_without_formulas_has_no_font_for_them(tmp_path: Path) -> None:
    whole, week, report = study()
    bare = typeset_report(
        tmp_path, whole, week, report, document("<p>Only words.</p>"), colophon=COLOPHON, store=None
    )
    assert b"FormulaText" not in bare


def figure_pdf(svg: bytes) -> bytes:
    """A page with the drawing `svg`."""
    image = FigureImage(svg_drawing(svg), "0" * 64)
    page = weasyprint.HTML(string='<html lang=en><img alt="A plot." src="figure:plot">')
    made: bytes = page.write_pdf(
        cache={"figure:plot": image}, finisher=lambda document, pdf: add_font(pdf)
    )
    return made


def plot() -> bytes:
    """What matplotlib saves: a title, a name up the side, a formula, words that XML escapes."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(4, 3))
    axes.set(title="Loss of R&D <b>", ylabel="bits per token", xlabel="$\\eta^{-2}$")
    axes.text(0.2, 0.5, "두 줄\nof words", alpha=0.5)
    saved = io.BytesIO()
    with plt.rc_context({"svg.fonttype": "path"}):
        figure.savefig(saved, format="svg")
    plt.close(figure)
    return saved.getvalue()


@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_words_of_a_figure_are_found_where_they_are_drawn() -> None:
    content = figure_pdf(plot())
    found = text(content, "-layout")
    for words in ("Loss of R&D <b>", "bits per token", "\\eta^{-2}", "of words", "두 줄", "0.4"):
        assert words in found
    boxes = {
        found[3]: (float(found[1]), float(found[2]))
        for found in re.finditer(
            r'xMin="([\d.]+)" yMin="([\d.]+)".*>([^<]+)</word>', text(content, "-bbox")
        )
    }
    assert boxes["bits"][0] < boxes["words"][0]  # up the left side
    assert boxes["Loss"][1] < boxes["words"][1] < boxes["\\eta^{-2}"][1]


def test_a_comment_before_other_groups_is_no_text() -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g id="text_1">'
        b'<!-- secret --><path d="M0 0h5"/></g><g id="layer"><!-- also --><g><use href="#a"/></g>'
        b'</g><defs><path id="a" d="M0 0h5v5z"/></defs></svg>'
    )
    drawing = svg_drawing(svg)
    assert (drawing.content.letters, "3 Tr" in drawing.content.operators) == ("", False)
