"""Drawings kept: the look of WeasyPrint's own route, stored once, left to it when unsure."""

import base64
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import pikepdf
import pytest
import weasyprint
from PIL import Image

from generator.digest import digest_bytes
from generator.drawing.path import SvgError
from generator.drawing.safety import svg_problems
from generator.drawing.svg import svg_drawing
from generator.errors import PageError, Where
from generator.maths.formulas import draw_formulas
from generator.model import Formula
from generator.store.cache import Cache
from generator.weasy.images import DRAWING, FigureImage, FormulaImage, figure_image

ROOT = Path(__file__).parent.parent
HEAD = (
    "<html lang=en><title>t</title><style>@page{size:160mm 90mm;margin:5mm}body{margin:0}</style>"
)
WHERE = Where("reports/week-01/report.md", 3)


def pdf_of(body: str, images: dict[str, Any], folder: Path, name: str = "page") -> Path:
    path = folder / f"{name}.pdf"
    document = weasyprint.HTML(string=f"{HEAD}<body>{body}", base_url="/")
    document.write_pdf(path, cache=images, pdf_variant="pdf/ua-1")
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    return path


def pixels(pdf: Path, dpi: int = 150) -> Any:
    picture = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-singlefile", pdf, picture], check=True)
    return numpy.asarray(Image.open(f"{picture}.png").convert("RGB")).astype(int)


def both_routes(svgs: list[bytes], folder: Path) -> tuple[Any, Any]:
    """The same page drawn from our operators and by WeasyPrint from the SVG files."""
    cells = '<img alt=x src="{}" style="float:left;margin:1mm">'
    ours, images = "", {}
    for at, svg in enumerate(svgs):
        image = figure_image(svg, None, WHERE)
        assert image is not None, f"drawing {at} is left to WeasyPrint"
        ours += cells.format(f"figure:{at}")
        images[f"figure:{at}"] = image
        (folder / f"{at}.svg").write_bytes(svg)
    theirs = "".join(cells.format((folder / f"{at}.svg").as_uri()) for at in range(len(svgs)))
    return (
        pixels(pdf_of(ours, images, folder, "ours")),
        pixels(pdf_of(theirs, {}, folder, "theirs")),
    )


def assert_same_look(ours: Any, theirs: Any) -> None:
    """No two by two pixels differ: along edges the grey of one may, by rounding to 0.001 pt."""
    far = numpy.abs(ours - theirs).max(axis=2) > 48
    blocks = far[:-1, :-1] & far[1:, :-1] & far[:-1, 1:] & far[1:, 1:]
    assert blocks.sum() == 0
    assert numpy.abs(ours - theirs).mean() < 1.5


def svg(inside: str, size: str = 'width="60" height="60"') -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {size}>{inside}</svg>".encode()


def png_url(mode: str = "RGBA", side: int = 8) -> str:
    noise = numpy.random.default_rng(0).integers(0, 256, (side, side, 4), dtype=numpy.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


SAME = {
    "shapes": '<rect x="5" y="5" width="20" height="10"/><circle cx="40" cy="15" r="9" fill="red"/>'
    '<ellipse cx="15" cy="40" rx="12" ry="6"/><polygon points="35,35 55,35 45,55" fill="#0a0"/>'
    '<polyline points="5,55 20,50 30,58" fill="none" stroke="blue"/>'
    '<line x1="0" y1="0" x2="60" y2="60" stroke="rgb(10,20,200)" stroke-width="2"/>',
    "curves": '<path d="M5 30C10 0 20 0 25 30S40 60 45 30Q50 10 55 30T58 50" fill="none" '
    'stroke="black" stroke-width="1.5"/>',
    "even-odd": '<path fill-rule="evenodd" d="M5 5h50v50h-50zM15 15h30v30h-30z"/>',
    "line ends": '<g fill="none" stroke="black" stroke-width="6">'
    '<path d="M10 10h40" stroke-linecap="round"/><path d="M10 25h40" stroke-linecap="square"/>'
    '<path d="M10 55l10 -18l10 18" stroke-linejoin="round"/>'
    '<path d="M32 55l10 -18l10 18" stroke-linejoin="bevel"/></g>',
    "mitre": '<path d="M10 50l20 -40l4 40" fill="none" stroke="black" stroke-width="4"/>',
    "dashes": '<path d="M5 10h50M5 20h50" stroke="black" stroke-dasharray="6 3"/>'
    '<path d="M5 40h50" stroke="red" stroke-dasharray="5,2,1" stroke-dashoffset="3"/>',
    "transforms": '<g transform="translate(30 30) rotate(30)"><rect width="20" height="10"/></g>'
    '<g transform="matrix(.5 0 .2 .5 5 40)"><rect width="20" height="20" fill="red"/></g>'
    '<g transform="skewX(20) scale(.5 1)"><rect x="20" width="20" height="10" fill="blue"/></g>'
    '<g transform="rotate(45 45 45)"><rect x="40" y="40" width="10" height="10"/></g>',
    "uses": '<defs><path id="a" d="M0 0h8v8h-8z"/></defs><use xlink:href="#a" x="5" y="5"/>'
    '<use href="#a" x="30" y="30" style="fill: red; stroke: black"/>',
    "clips": '<clipPath id="c"><rect x="10" y="10" width="30" height="30"/></clipPath>'
    '<g clip-path="url(#c)"><circle cx="40" cy="40" r="20" fill="red"/></g>'
    '<circle cx="10" cy="10" r="9" clip-path="url(#c)" transform="scale(1.5)"/>',
    "clipped use": '<clipPath id="d"><circle cx="20" cy="20" r="15"/></clipPath>'
    '<defs><rect id="r" width="40" height="40"/></defs><use href="#r" clip-path="url(#d)"/>',
    "opacity of one coat": '<rect width="40" height="40" fill="red" opacity=".5"/>'
    '<rect x="20" y="20" width="40" height="40" fill="blue" fill-opacity=".3"/>'
    '<path d="M0 60L60 0" stroke="black" stroke-width="9" stroke-opacity=".4"/>',
    "opacity of two coats": '<rect x="10" y="10" width="40" height="40" fill="red" stroke="blue" '
    'stroke-width="12" opacity=".5"/>',
    "opacity of a group": '<g opacity=".4" transform="translate(5 5) scale(1.2)">'
    '<rect width="25" height="25" fill="red"/>'
    '<rect x="12" y="12" width="25" height="25" fill="blue"/></g>',
    "style sheet": "<style>*{stroke-linejoin: round; stroke-linecap: round}</style>"
    '<path d="M10 50l20 -40l10 40" stroke-width="8" style="fill: none; stroke: #123456"/>',
    "inherited paint": '<g fill="none" stroke="green" stroke-width="3"><g color="red">'
    '<rect x="9" y="9" width="20" height="20" stroke="currentColor"/></g>'
    '<circle cx="40" cy="40" r="12"/></g>',
    "hidden": '<rect width="60" height="60" display="none"/><rect visibility="hidden" width="9" '
    'height="9"/><circle cx="30" cy="30" r="5"/>',
    "hatch": '<pattern id="p" patternUnits="userSpaceOnUse" x="0" y="0" width="12" height="12">'
    '<rect width="13" height="13" fill="#ccf"/><path d="M0 0L12 12" stroke="black"/></pattern>'
    '<rect width="60" height="60" fill="url(#p)"/>',
    "picture": f'<image href="{png_url()}" x="4" y="4" width="50" height="50" '
    'style="image-rendering:pixelated"/>',
    "picture without alpha": f'<image xlink:href="{png_url("RGB")}" width="60" height="30" '
    'transform="scale(1 -1) translate(0 -45)" style="image-rendering:crisp-edges"/>',
    "picture of many colours": f'<image href="{png_url(side=40)}" x="5" y="5" width="50" '
    'height="50" style="image-rendering:pixelated"/>',
    "picture of two colours": f'<image href="{png_url("1")}" x="5" y="5" width="50" '
    'height="50" style="image-rendering:pixelated"/>',
    "picture shining through": f'<rect width="60" height="60" fill="red"/>'
    f'<image href="{png_url("RGB")}" width="60" height="60" opacity=".5"/>',
}  # fmt: skip


@pytest.fixture(scope="module")
def same_page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    return both_routes([svg(inside) for inside in SAME.values()], tmp_path_factory.mktemp("same"))


@pytest.mark.parametrize("name", SAME)
def test_a_drawing_looks_as_weasyprint_draws_it(name: str, same_page: tuple[Any, Any]) -> None:
    ours, theirs = same_page
    # Cells of 60 px and 2 × 1 mm, nine in a row of 150 mm, in pixels of 150 dpi.
    at, cell, margin = list(SAME).index(name), 60 / 96 * 150 + 2 / 25.4 * 150, 5 / 25.4 * 150
    per_row = int((160 - 10) / 25.4 * 150 / cell)
    left, top = (int(margin + cell * n) for n in (at % per_row, at // per_row))
    part = numpy.s_[top : top + int(cell), left : left + int(cell)]
    assert (theirs[part] < 200).any(), "the cell is not where the test looks"
    assert_same_look(ours[part], theirs[part])


@dataclass(frozen=True)
class Plot:
    """A figure of matplotlib as the compute room stores them."""

    name: str

    def svg(self) -> bytes:
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.5, 2.4), layout="constrained")
        axes = figure.subplots(1, 2)
        getattr(self, self.name)(figure, axes, numpy.random.default_rng(0))
        buffer = io.BytesIO()
        with rc_context({"svg.hashsalt": "study"}):
            figure.savefig(buffer, format="svg", metadata={"Date": None})
        return buffer.getvalue()

    def lines(self, figure: Any, axes: Any, _rng: Any) -> None:
        x = numpy.linspace(0, 6, 200)
        axes[0].plot(x, numpy.sin(x), "-o", markevery=20, label=r"$\sin x^2$ 한글 없이")
        axes[0].fill_between(x, numpy.sin(x) - 0.2, numpy.sin(x) + 0.2, alpha=0.3)
        axes[0].plot(x, numpy.cos(x), "--", alpha=0.5)
        axes[0].set_title("lines")
        axes[1].errorbar([0, 1], [1, 2], yerr=[0.2, 0.3], capsize=3)
        axes[1].annotate("here", (0.5, 1.5), (0.2, 1.9), arrowprops={"arrowstyle": "->"})
        axes[1].axvspan(0.4, 0.6, alpha=0.2)
        axes[1].set_yscale("log")

    def fields(self, figure: Any, axes: Any, rng: Any) -> None:
        figure.colorbar(axes[0].imshow(rng.random((16, 16))), ax=axes[0])
        axes[1].pcolormesh(rng.random((8, 8)), edgecolors="w", linewidth=0.3)
        axes[1].contour(rng.random((8, 8)), colors="k", linewidths=0.5)

    def points(self, figure: Any, axes: Any, rng: Any) -> None:
        axes[0].scatter(
            rng.random(80), rng.random(80), c=rng.random(80), s=rng.random(80) * 90, alpha=0.5
        )
        axes[1].scatter(rng.random(900), rng.random(900), s=2, rasterized=True)
        axes[1].hist(rng.normal(size=200), histtype="stepfilled", alpha=0.4, edgecolor="red", lw=3)


@pytest.mark.parametrize("name", ["lines", "fields", "points"])
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_a_plot_looks_as_weasyprint_draws_it(name: str, tmp_path: Path) -> None:
    assert_same_look(*both_routes([Plot(name).svg()], tmp_path))


@pytest.mark.parametrize(
    "inside",
    [
        "<text>words</text>",
        '<linearGradient id="g"/><rect width="9" height="9" fill="url(#g)"/>',
        '<rect width="9" height="9" filter="url(#f)"/>',
        '<rect width="9" height="9" mask="url(#m)"/>',
        '<path d="M0 0h9" marker-end="url(#m)"/>',
        '<rect width="50%" height="9"/>',
        '<rect width="9" height="9" rx="2"/>',
        '<path d="M0 0A1 1 0 0 0 5 5"/>',
        '<use href="#nothing"/>',
        '<g id="a"><use href="#a"/></g>',
        '<symbol id="s"/><use href="#s"/>',
        '<clipPath id="c"><rect width="1" height="1"/><rect width="2" height="2"/></clipPath>'
        '<g clip-path="url(#c)"><rect width="9" height="9"/></g>',
        "<style>.a{fill: red}</style>",
        '<rect width="9" height="9" style="mix-blend-mode: multiply"/>',
        '<rect width="9" height="9" fill="nocolour"/>',
        '<image href="data:image/jpeg;base64,AAAA" width="9" height="9"/>',
        '<image href="data:image/png;base64,AAAA" width="9" height="9"/>',
        '<svg width="9" height="9"/>',
        '<a href="https://example.org"><rect width="9" height="9"/></a>',
    ],
)
def test_what_the_converter_does_not_know_is_left_to_weasyprint(inside: str) -> None:
    with pytest.raises(SvgError):
        svg_drawing(svg(inside))


def test_what_no_drawing_may_hold_is_refused_also_where_the_cache_says_to_leave_it(
    tmp_path: Path,
) -> None:
    cache = Cache(tmp_path / "cache")
    content = svg("<image href='file:///etc/passwd' width='9' height='9'/>")
    cache.put("drawing", digest_bytes(f"{DRAWING} {len(content)} ".encode() + content), b"")
    for kept in (cache, None):
        with pytest.raises(PageError, match="which is outside of it"):
            figure_image(content, kept, WHERE)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<image href="file:///etc/passwd"/>', "outside"),
        ('<image xlink:href="../secret.png"/>', "outside"),
        ('<image href="https://example.org/x.png"/>', "outside"),
        ('<use href="other.svg#a"/>', "outside"),
        ('<rect fill="url(other.svg#a)"/>', "outside"),
        ("<rect style=\"fill: url( 'http://example.org' )\"/>", "outside"),
        ('<rect style="fill: u\\72l(x)"/>', "outside"),
        ("<style>@import 'x.css';</style>", "outside"),
        ("<style>@font-face{src:url(x)}</style>", "outside"),
        ("<script>1</script>", "script"),
        ("<foreignObject/>", "foreignObject"),
        (
            '<image href="data:image/svg+xml;base64,'
            + base64.b64encode(svg('<image href="file:///etc/passwd"/>')).decode()
            + '"/>',
            "outside",
        ),
        ('<image href="data:image/svg+xml,%3Csvg/%3E%3C"/>', "not well-formed"),
    ],
)
def test_a_drawing_must_not_reach_outside(inside: str, message: str) -> None:
    (problem, *_) = svg_problems(svg(inside), WHERE)
    assert message in problem.message
    assert problem.where == WHERE


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        b'<?xml-stylesheet href="x.css"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"<html/>",
        b"no XML",
    ],
)
def test_a_file_that_is_no_plain_drawing_is_refused(content: bytes) -> None:
    assert svg_problems(content, WHERE)


def test_a_plain_drawing_may_refer_to_itself() -> None:
    assert svg_problems(svg("".join(SAME.values())), WHERE) == []
    assert svg_problems(Plot("fields").svg(), WHERE) == []


def test_a_figure_fits_its_box_and_keeps_its_proportions(tmp_path: Path) -> None:
    image = figure_image(svg('<rect width="60" height="60"/>'), None, WHERE)
    assert image is not None
    assert image.get_intrinsic_size(1, 16) == (60, 60, 1)
    wide = '<img alt=x src="figure:it" style="width:100mm;height:50mm">'
    ink = numpy.argwhere(pixels(pdf_of(wide, {"figure:it": image}, tmp_path)).sum(2) < 300)
    (top, left), (bottom, right) = ink.min(0), ink.max(0)
    millimetre = 150 / 25.4
    assert (right - left) / millimetre == pytest.approx(50, abs=0.4)
    assert (bottom - top) / millimetre == pytest.approx(50, abs=0.4)
    assert left / millimetre == pytest.approx(5 + 25, abs=0.4)


def formula_images(*texs: str) -> tuple[dict[str, Any], list[str]]:
    asked = [Formula(str(at), tex, True, WHERE) for at, tex in enumerate(texs)]
    drawn = draw_formulas(asked, None)
    tags = [
        f'<img alt="{one.alt}" src="formula:{key}" style="{one.css}">' for key, one in drawn.items()
    ]
    return {f"formula:{key}": FormulaImage(one) for key, one in drawn.items()}, tags


def test_a_formula_used_often_is_stored_once(tmp_path: Path) -> None:
    images, (tag, other) = formula_images(r"\frac{a}{b}", "x")
    path = pdf_of(tag * 40 + other + '<p style="break-before:page">' + tag, images, tmp_path)
    with pikepdf.open(path) as pdf:
        forms = [
            one
            for one in pdf.objects
            if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form"
        ]
        # Two formulas; the letters a, b and x.
        assert len(forms) == 2 + 3
        assert len(pdf.pages) == 2
        said = [
            one.Alt for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one
        ]
        assert len(said) == 42
        assert {str(words) for words in said} == {"a over b", "x"}


def test_a_figure_used_twice_is_stored_once_even_from_two_objects(tmp_path: Path) -> None:
    content = svg(SAME["opacity of a group"])
    images = {f"figure:{at}": figure_image(content, None, WHERE) for at in range(2)}
    body = '<img alt=x src="figure:0"><img alt=x src="figure:1">'
    with pikepdf.open(pdf_of(body, images, tmp_path)) as pdf:
        forms = [
            one
            for one in pdf.objects
            if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form"
        ]
        assert len(forms) == 2  # the figure and its transparency group


def test_a_formula_sits_on_the_line(tmp_path: Path) -> None:
    # p reaches 0.194 em below the line in Latin Modern, x nothing: their bases must agree.
    images, (first, second) = formula_images("x", "p")
    body = f'<p style="font-size:60pt;margin:0">{first}<span>{second}</span></p>'
    page = pixels(pdf_of(body, images, tmp_path), 300).sum(2) < 380
    columns = numpy.flatnonzero(page.any(0))
    gap = columns[numpy.argmax(numpy.diff(columns)) + 1]
    x_bottom = numpy.flatnonzero(page[:, :gap].any(1)).max()
    p_bottom = numpy.flatnonzero(page[:, gap:].any(1)).max()
    em = 60 / 72 * 300
    assert (p_bottom - x_bottom) / em == pytest.approx(0.194 - 0.011, abs=0.012)


def test_a_formula_has_the_colour_of_its_text(tmp_path: Path) -> None:
    images, (first, second) = formula_images("Q", r"\textcolor{blue}{Q}")
    body = f'<p style="color:red;font-size:60pt">{first}{second}{first}'
    page = pixels(pdf_of(body, images, tmp_path))
    reds = ((page[:, :, 0] > 200) & (page[:, :, 1] < 60) & (page[:, :, 2] < 60)).sum()
    blues = ((page[:, :, 2] > 200) & (page[:, :, 0] < 60) & (page[:, :, 1] < 60)).sum()
    assert blues > 100
    assert reds == pytest.approx(2 * blues, rel=0.1)


def test_a_tag_hangs_at_the_right_edge_and_the_formula_in_the_middle(tmp_path: Path) -> None:
    images, (tag,) = formula_images(r"\square \tag{7}")
    body = f"<p style='margin:0'>{tag}</p>"
    page = pixels(pdf_of(body, images, tmp_path)).sum(2) < 500
    columns = numpy.flatnonzero(page.any(0)) / 150 * 25.4
    assert columns.max() == pytest.approx(155, abs=0.8)  # the bracket's own margin
    middle = columns[columns < 100]
    assert (middle.min() + middle.max()) / 2 == pytest.approx(80, abs=0.5)


def test_a_kept_figure_is_the_same_and_needs_no_converter(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    content = svg("".join(SAME.values()))
    pages = []
    for name in ("fresh", "kept"):
        image = figure_image(content, cache, WHERE)
        assert isinstance(image, FigureImage)
        body = '<img alt=x src="figure:it">'
        pages.append(pdf_of(body, {"figure:it": image}, tmp_path, name).read_bytes())
    assert pages[0] == pages[1]
    assert figure_image(svg("<text/>"), cache, WHERE) is None
    assert figure_image(svg("<text/>"), cache, WHERE) is None


def test_two_processes_with_other_hash_seeds_make_the_same_operators() -> None:
    script = """
import hashlib, sys
from generator.drawing.svg import svg_drawing
from generator.drawing.parts import packed
print(hashlib.sha256(packed(svg_drawing(sys.stdin.buffer.read()))).hexdigest())
"""
    content = svg("".join(SAME.values()))
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            input=content,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
