"""Flaws of plots that are told from the drawing: planted one by one, and none in a sound plot."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pytest

from generator.drawing.flaws import flaws


def drawn(draw: Callable[[Any, Any], None], **size: Any) -> bytes:
    figure, axes = plt.subplots(**({"figsize": (7, 5)} | size))
    axes.plot([0, 1, 2], [1, 3, 2], "o-", label="one")
    axes.plot([0, 1, 2], [2, 1, 3], "s--", label="two")
    axes.set(xlabel="steps", ylabel="loss", ylim=(0, 10))
    draw(figure, axes)
    saved = io.BytesIO()
    with plt.rc_context({"svg.fonttype": "path"}):
        figure.savefig(saved, format="svg")
    plt.close(figure)
    return saved.getvalue()


def told(svg: bytes) -> list[str]:
    return [flaw.rule for flaw in flaws(svg)]


def test_a_sound_plot_has_no_flaws() -> None:
    def draw(figure: Any, axes: Any) -> None:
        axes.legend(loc="upper right")
        axes.set_title("Two runs\nof one model")
        axes.annotate("here", (1, 3), (1.2, 5), fontsize=8, rotation=45)

    assert told(drawn(draw)) == []


@pytest.mark.parametrize(
    ("draw", "rule", "words"),
    [
        (lambda _, axes: axes.text(1, 5, "half \ufffd"), "unprintable", "half"),
        (lambda _, axes: axes.set_ylabel("a name longer than the axis " * 3), "cut", "longer"),
        (lambda figure, axes: figure.text(0.95, 0.5, "to the right"), "cut", "right"),
        (lambda _, axes: [axes.text(1, 5, w) for w in ("first", "second")], "overlap", "first"),
        (lambda _, axes: axes.set_xticks((0.8, 1.2), [f"{n} long names of ticks" for n in "ab"]),
         "overlap", "of ticks"),
        (lambda _, axes: (axes.set_ylim(0, 4), axes.legend(loc="upper center", ncols=2),
                          axes.plot([0, 2], [3.8, 3.8])), "legend", "axes_1"),
        (lambda _, axes: axes.text(1, 5, "tiny", fontsize=5), "small", "5.0 pt"),
        (lambda _, axes: axes.set_xlabel(""), "nameless", "x axis"),
        (lambda _, axes: (axes.plot([0, 2], [8, 8], "o-", label="three"),
                          axes.legend(loc="upper right", ncols=3)), "colour", "colour alone"),
    ],
)  # fmt: skip
def test_a_planted_flaw_is_told(draw: Any, rule: str, words: str) -> None:
    found = flaws(drawn(draw))
    assert [flaw.rule for flaw in found] == [rule]
    assert words in found[0].message
    assert found[0].hint


def test_what_hides_something_is_graver_than_what_is_hard_to_read() -> None:
    [cut] = flaws(drawn(lambda figure, axes: figure.text(0.95, 0.5, "to the right")))
    [small] = flaws(drawn(lambda figure, axes: axes.text(1, 5, "tiny", fontsize=5)))
    assert (cut.grave, small.grave) == (True, False)


@pytest.mark.parametrize(
    "svg",
    [
        b"not an SVG",
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9"><g/></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g transform="turn(3)"/></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text y="99">far</text></svg>',
    ],
)
def test_drawings_of_other_programs_have_no_flaws(svg: bytes) -> None:
    assert flaws(svg) == []
