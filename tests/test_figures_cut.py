"""What sticks out of a figure is named, with its edge; what fits is not."""

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.figure import Figure

from generator.compute.figures import style

MM = 1 / 25.4


def _long_label(figure: Any, axes: Any) -> None:
    axes.set_xlabel("a label that is longer than the figure is wide " * 4)


def _ticks(figure: Any, axes: Any) -> None:
    figure.subplots_adjust(left=0.02)
    axes.set_yticks([0, 1, 2], ["a long name"] * 3)


def _note(figure: Any, axes: Any) -> None:
    axes.text(1.9, 1, "a note that goes on")


def _title(figure: Any, axes: Any) -> None:
    figure.subplots_adjust(top=0.99)
    axes.set_title("Title")


def _room(figure: Any, axes: Any) -> None:
    axes.set_xlabel("short")


def _laid_out(figure: Any, axes: Any) -> None:
    figure.set_layout_engine("constrained")
    axes.set_xlabel("short")
    axes.set_ylim(0, 0.5)  # the line goes on beyond the axes, where it is clipped


@pytest.mark.parametrize(
    ("draw", "edges"),
    [
        (_long_label, ["left", "right"]),
        (_ticks, ["left"]),
        (_note, ["right"]),
        (_title, ["top"]),
        (_room, []),
        (_laid_out, []),
    ],
)
def test_what_is_cut_off_is_named_by_its_edge(
    draw: Callable[[Any, Any], None], edges: list[str]
) -> None:
    figure = Figure(figsize=(150 * MM, 60 * MM))
    axes = figure.add_subplot()
    axes.plot([0, 1, 2])
    figure.subplots_adjust(0.1, 0.2, 0.95, 0.95)
    draw(figure, axes)
    style.svg_bytes(figure)
    assert [words.rpartition(" ")[2] for words in style.cut_off(figure)] == edges
