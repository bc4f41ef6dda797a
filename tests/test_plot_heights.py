"""Remembered heights of fonts: the drawings are those that matplotlib makes by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib import font_manager, rc_context
from matplotlib.backends import backend_svg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from generator.compute.figures import style
from generator.compute.figures.heights import remember_heights

RENDERER: Any = backend_svg.RendererSVG


@pytest.fixture(autouse=True)
def _as_before(tmp_path: Path) -> Iterator[None]:
    """The house style here, matplotlib as it was afterwards."""
    fonts = font_manager.fontManager.ttflist
    with rc_context():
        style.settle(tmp_path)
        yield
    font_manager.fontManager.ttflist = fonts
    if hasattr(RENDERER, "_get_font_height_metrics"):
        del RENDERER._get_font_height_metrics


def plot() -> Figure:
    """All kinds of texts: turned, in lines, heavy, with formulas, in other families and sizes."""
    figure = style.new_figure(120, 70)
    left, right = figure.subplots(1, 2)
    left.plot([0, 1, 2], [3, 1, 2], label="a curve\non two lines")
    left.set_title("Heavy", weight="bold", fontsize=11)
    left.set_xlabel("steps $x_i$, turned", rotation=20)
    left.set_ylabel("길이 (mm)")
    left.legend()
    right.bar(["one", "two"], [1e6, 2e-3])
    right.text(0.1, 5e5, "slanted", style="italic", family="serif")
    right.text(0.1, 6e5, "small\nand wide", fontsize=5, linespacing=2.5, rotation=90)
    right.annotate("it", (1, 1), (0.5, 4e5), arrowprops={"arrowstyle": "->"})
    right.tick_params(axis="x", labelrotation=45)
    figure.suptitle("Over both")
    return figure


def test_a_plot_is_the_same_with_remembered_heights() -> None:
    remembered = style.svg_bytes(plot())
    assert remembered == style.svg_bytes(plot())
    del RENDERER._get_font_height_metrics
    assert remembered == style.svg_bytes(plot())


def test_matplotlib_asks_for_the_heights() -> None:
    asked: list[FontProperties] = []
    answer = RENDERER._get_font_height_metrics

    def heights(renderer: object, properties: FontProperties) -> object:
        asked.append(properties)
        return answer(renderer, properties)

    RENDERER._get_font_height_metrics = heights
    style.svg_bytes(plot())
    assert len(asked) > 20


def test_a_family_that_settings_choose_is_left_to_matplotlib() -> None:
    remember_heights()
    found = RENDERER._get_font_height_metrics(None, FontProperties(family="serif"))
    assert found == (None, None, None)
