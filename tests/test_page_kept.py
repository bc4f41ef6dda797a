"""Kept layouts: the same bytes as a new layout, and only where just drawings changed."""

from pathlib import Path

import pytest
from PIL import Image

from generator.model import Document
from generator.store.cache import Cache
from generator.typeset.page import typeset_report
from generator.weasy.layouts import Layouts
from tests.page_samples import COLOPHON, FIGURES, document, drawing, sample, study, write_figures


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_figures(tmp_path)
    return tmp_path


def typeset(root: Path, text: Document, layouts: Layouts | None) -> bytes:
    whole, week, report = study()
    store = Cache(root / ".study" / "cache")
    return typeset_report(
        root, whole, week, report, text, colophon=COLOPHON, store=store, layouts=layouts
    )


def kept(layouts: Layouts) -> list[object]:
    return [layout.document for layout in layouts._kept.values()]


def redraw(root: Path, height_mm: float = 62) -> None:
    for number, name in enumerate(FIGURES):
        path = root / "figures" / "week-03" / f"{name}.svg"
        path.write_text(drawing(number + 5, height_mm), encoding="utf-8")


def test_new_drawings_are_placed_into_the_layout_that_was(root: Path) -> None:
    layouts = Layouts()
    text = sample("en")
    before = typeset(root, text, layouts)
    first = kept(layouts)
    assert len(first) == 1
    assert typeset(root, text, layouts) == before
    redraw(root)
    after = typeset(root, text, layouts)
    assert kept(layouts) == first
    assert after != before
    assert after == typeset(root, text, None)
    assert after == typeset(root, text, layouts)


def test_a_figure_of_another_size_is_laid_out_anew(root: Path) -> None:
    layouts = Layouts()
    text = sample("en")
    typeset(root, text, layouts)
    first = kept(layouts)
    redraw(root, height_mm=48)
    assert typeset(root, text, layouts) == typeset(root, text, None)
    assert kept(layouts) != first


def test_another_word_is_laid_out_anew(root: Path) -> None:
    layouts = Layouts()
    typeset(root, document("<p>One word.</p>"), layouts)
    changed = typeset(root, document("<p>Two words.</p>"), layouts)
    assert changed == typeset(root, document("<p>Two words.</p>"), None)


def test_a_page_with_a_picture_from_a_file_is_not_kept(root: Path) -> None:
    layouts = Layouts()
    folder = root / "reports" / "week-03"
    folder.mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(folder / "own.png")
    typeset(root, document('<p><img src="image:own.png" alt="A square."></p>'), layouts)
    assert not kept(layouts)


def test_languages_have_their_own_layout_and_only_few_are_kept(root: Path) -> None:
    layouts = Layouts()
    for language in ("en", "ko"):
        typeset(root, document("<p>1</p>", language), layouts)
    assert len(kept(layouts)) == 2
    for number in range(6):
        layouts.keep(f"reports/{number}.md", b"", None, {})
    assert len(kept(layouts)) == 4
