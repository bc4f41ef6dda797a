"""Draw every formula of formulas.toml three ways and put the pictures side by side.

    .venv/bin/python -m tests.maths.compare [FOLDER]

Ours, MathJax's own SVG as WeasyPrint draws it, and Typst. Writes FOLDER/sheet-N.png (default:
.study/maths) and FOLDER/differences.md: for each formula the share of pixels that differ between
ours and MathJax's by more than a quarter of the range. Typst has another font and its own spacing:
there the eye compares. What it saw is in README.md beside this file.
"""

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy
import typst
import weasyprint
from PIL import Image, ImageDraw

from generator.errors import Where
from generator.machine.fonts import font_file
from generator.maths.engine import typeset
from generator.maths.formulas import draw_formulas
from generator.model import Formula
from generator.weasy.images import FormulaImage

HERE = Path(__file__).parent
DPI = 150
SIZE_PT = 14
PAGE_MM = (170, 62)
PAGE_CSS = f"""
@page {{ size: {PAGE_MM[0]}mm {PAGE_MM[1]}mm; margin: 4mm }}
body {{ margin: 0; font-size: {SIZE_PT}pt }}
div {{ break-after: page; white-space: nowrap }}
"""
PER_SHEET = 8


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = tomllib.loads((HERE / "formulas.toml").read_text())["formula"]
    formulas = [
        Formula(item["name"], item["tex"], item.get("display", True), Where("formulas.toml"))
        for item in table
    ]
    rows = list(
        zip(
            ours(formulas, folder),
            mathjax(formulas, folder),
            typsts([(item["typst"], item.get("display", True)) for item in table], folder),
            strict=True,
        )
    )
    lines = ["| formula | pixels that differ from MathJax's own drawing |", "|---|---|"]
    bare = ours(formulas, folder, bare=True)
    for formula, mine, (_, theirs, _) in zip(formulas, bare, rows, strict=True):
        lines.append(f"| {formula.key} | {share_of_difference(mine, theirs):.4%} |")
    (folder / "differences.md").write_text("\n".join(lines) + "\n")
    for at in range(0, len(rows), PER_SHEET):
        names = [formula.key for formula in formulas[at : at + PER_SHEET]]
        sheet(names, rows[at : at + PER_SHEET]).save(folder / f"sheet-{at // PER_SHEET + 1}.png")


def ours(formulas: list[Formula], folder: Path, *, bare: bool = False) -> list[Image.Image]:
    """Our route: operators in Form XObjects; bare: without the labels of \\tag."""
    drawn = {
        # A label would move the formula to the left; test_maths.py looks at labels.
        key: replace(formula, tag_operators=b"") if bare else formula
        for key, formula in draw_formulas(formulas, None).items()
    }
    images = {f"formula:{key}": FormulaImage(formula) for key, formula in drawn.items()}
    body = "".join(
        f'<div><img src="formula:{key}" style="{formula.css}"></div>'
        for key, formula in drawn.items()
    )
    return pages(body, images, folder / "ours.pdf")


def mathjax(formulas: list[Formula], folder: Path) -> list[Image.Image]:
    """MathJax's own SVG; the labels of \\tag, which need a browser, are not in it."""
    body = ""
    for reply in typeset([(formula.tex, formula.display) for formula in formulas]):
        picture = reply.tree[2][0]
        if "viewBox" not in picture[1]:
            picture = table_alone(picture)
        _, top, width, height = map(float, picture[1]["viewBox"].split())
        picture[1]["width"], picture[1]["height"] = f"{width / 1000}em", f"{height / 1000}em"
        picture[1]["style"] = f"vertical-align: {-(height + top) / 1000}em"
        body += f"<div>{xml(picture)}</div>"
    return pages(body, {}, folder / "mathjax.pdf")


def table_alone(picture: Any) -> Any:
    """The table inside of an SVG that a browser would stretch to the page, as one of its own."""
    table = picture
    while "data-table" not in table[1]:
        table = next(child for child in table[2] if not isinstance(child, str))
    half, top, _, height = map(float, table[1]["viewBox"].split())
    view = f"0 {top} {half * 2} {height}"
    around = ["g", {"stroke": "currentColor", "fill": "currentColor"}, table[2]]
    return ["svg", {"viewBox": view, "xmlns": picture[1]["xmlns"]}, [around]]


def xml(node: Any) -> str:
    """A tree of MathJax as text, without what WeasyPrint draws otherwise than a browser does."""
    if isinstance(node, str):
        return escape(node)
    kind, attributes, children = node
    # WeasyPrint paints a line of no width as a hair line.
    attributes = {k: v for k, v in attributes.items() if (k, v) != ("stroke-width", "0")}
    if attributes.get("stroke") == "currentColor":
        attributes["stroke"] = "none"
    if "data-line" in attributes or "data-frame" in attributes:
        attributes["stroke-width"] = "70"  # from MathJax's style sheet
    if float(attributes.get("stroke-width", "0")) > 0:
        attributes["stroke"] = "black"
    if kind == "text":
        attributes |= {"font-family": "Korean", "font-size": "950px"}
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{kind}{written}>{''.join(map(xml, children))}</{kind}>"


def pages(body: str, images: dict[str, FormulaImage], pdf: Path) -> list[Image.Image]:
    """Each page of `body` as a picture."""
    font = f"@font-face {{ font-family: Korean; src: url({font_file('korean-serif').as_uri()}) }}"
    html = f"<style>{font}{PAGE_CSS}</style>{body}"
    weasyprint.HTML(string=html, base_url="/").write_pdf(pdf, cache=images)
    for old in pdf.parent.glob(f"{pdf.stem}-*.png"):
        old.unlink()
    command = ["pdftoppm", "-r", str(DPI), "-png", str(pdf), str(pdf.with_suffix(""))]
    subprocess.run(command, check=True)
    return [
        Image.open(path).convert("RGB") for path in sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))
    ]


def typsts(formulas: list[tuple[str, bool]], folder: Path) -> list[Image.Image]:
    """Typst's own drawings, in its default font, New Computer Modern."""
    width, height = PAGE_MM
    source = f"#set page(width: {width}mm, height: {height}mm, margin: 4mm)\n"
    source += f'#set text(size: {SIZE_PT}pt, font: ("New Computer Modern", "Noto Serif KR"))\n'
    source += "#show math.equation: set align(left)\n"
    source += "#pagebreak()\n".join(
        f"$ {maths} $\n" if display else f"${maths}$\n" for maths, display in formulas
    )
    path = folder / "formulas.typ"
    path.write_text(source)
    pictures = folder / "typst-{0p}.png"
    for old in folder.glob("typst-*.png"):
        old.unlink()
    typst.compile(
        path,
        output=pictures,
        format="png",
        ppi=DPI,
        font_paths=[font_file("korean-serif").parent],
        ignore_system_fonts=True,
    )
    return [Image.open(path).convert("RGB") for path in sorted(folder.glob("typst-*.png"))]


def share_of_difference(mine: Image.Image, theirs: Image.Image) -> float:
    """Pixels that differ by more than a quarter of the range, among those that either inks."""
    a, b = (numpy.asarray(image.convert("L")).astype(int) for image in (mine, theirs))
    inked = (a < 250) | (b < 250)
    return float((abs(a - b) > 64).sum() / max(1, inked.sum()))


def sheet(names: list[str], rows: Sequence[tuple[Image.Image, ...]]) -> Image.Image:
    """Rows of ours, MathJax, Typst, each row as high as its highest formula."""
    cropped = [[crop(image) for image in row] for row in rows]
    heights = [max(image.height for image in row) + 26 for row in cropped]
    width = max(image.width for image in rows[0]) * 7 // 10
    page = Image.new("RGB", (width * 3, sum(heights)), "white")
    pen = ImageDraw.Draw(page)
    y = 0
    for name, row, height in zip(names, cropped, heights, strict=True):
        pen.text((4, y + 2), f"{name}: ours, MathJax, Typst", fill="blue")
        for column, image in enumerate(row):
            page.paste(image, (column * width + 4, y + 18))
        y += height
        pen.line((0, y - 1, width * 3, y - 1), fill="lightgray")
    return page


def crop(image: Image.Image) -> Image.Image:
    """`image` without the white around its ink."""
    ink = numpy.asarray(image.convert("L")) < 250
    if not ink.any():
        return image.crop((0, 0, 10, 10))
    rows, columns = numpy.flatnonzero(ink.any(1)), numpy.flatnonzero(ink.any(0))
    return image.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(".study/maths"))
