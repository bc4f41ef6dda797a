"""The recipes of the how-to guide for another look give that look."""

import re
from pathlib import Path

import pikepdf
import pytest
from jinja2 import Environment, meta

from tests.pdf_reading import pieces
from tests.test_docs import DOCS, run

TEMPLATES = DOCS.parent / "templates"


def test_the_restyled_page_has_its_margins_its_logo_and_its_colour(tmp_path: Path) -> None:
    page = (DOCS / "how-to.md").read_text("utf-8")
    start, end = page.index("## Restyle"), page.index("## Keep an expensive step")
    recipes = tmp_path / "how-to.md"
    recipes.write_text("```sh\nstudy new demo\ncd demo\n```\n" + page[start:end], "utf-8")
    run(recipes, tmp_path)
    pdf = tmp_path / "demo" / "reports" / "week-01" / "week-01.pdf"
    found = pieces(pdf.read_bytes())
    words = [piece.box for piece in found if piece.kind == "text" and piece.tags]
    # 45 mm and 165 mm, in points.
    assert min(box[0] for box in words) == pytest.approx(127.6, abs=1)
    assert max(box[2] for box in words) < 468.2
    with pikepdf.open(pdf) as it:
        content = it.pages[0].Contents.read_bytes()
    assert b"0.478431 0.121569 0.239216 RG" in content  # the logo's line, #7a1f3d
    assert b"0.121569 0.360784 0.301961 rg" in content  # links, #1f5c4d


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.j2")), ids=lambda path: path.name)
def test_the_first_lines_of_a_template_say_what_it_is_given(path: Path) -> None:
    text = path.read_text("utf-8")
    comment = re.match(r"\{#.*?#\}", text, re.DOTALL)
    assert comment is not None
    given = meta.find_undeclared_variables(Environment(autoescape=True).parse(text))
    assert [name for name in sorted(given) if not re.search(rf"\b{name}\b", comment[0])] == []
    assert '"' in comment[0], "an example"
