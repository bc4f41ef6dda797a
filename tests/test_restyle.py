"""The recipes of the how-to guide for another look give that look."""

from pathlib import Path

import pikepdf
import pytest

from tests.pdf_reading import pieces
from tests.test_docs import DOCS, run


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
