"""The two Transformer blocks as a drawing: boxes from left to right, and their skip connections."""

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from common.transformer.residual import Placement

_COLOURS = {"Attention": "#CFE3F2", "Feed-forward": "#FBE3CF", "LayerNorm": "#E6E6E6"}
_HEIGHT, _GAP = 6.0, 5.0  # mm
_WIDTHS = {"Attention": 18.0, "Feed-forward": 22.0, "LayerNorm": 18.0, "+": 4.4}


def parts(placement: Placement) -> list[str]:
    """The block's parts in their order; "+" is where a skip connection comes back in."""
    halves = []
    for branch in ("Attention", "Feed-forward"):
        half = {
            "post": [branch, "+", "LayerNorm"],
            "pre": ["LayerNorm", branch, "+"],
            "none": [branch, "+"],
        }
        halves += half[placement]
    return halves


def draw(axes: Axes, placement: Placement, width: float) -> None:
    """A block on `axes`, whose unit becomes a millimetre; width: of the whole drawing in mm."""
    names = parts(placement)
    free = width - sum(_WIDTHS[name] for name in names) - 8
    gap = free / (len(names) + 1)
    axes.set_xlim(0, width)
    axes.set_ylim(-5, 13)
    axes.set_aspect("equal")
    axes.axis("off")
    axes.text(2, 0, "$x$", ha="center", va="center")
    axes.text(width - 2, 0, "$y$", ha="center", va="center")
    x, leaving = 4.0, 4.0
    branching = x + gap / 2
    for name in names:
        left = x + gap
        right = left + _WIDTHS[name]
        _arrow(axes, leaving, left)
        if name == "+":
            middle = (left + right) / 2
            axes.add_patch(Circle((middle, 0), _WIDTHS[name] / 2, facecolor="white", edgecolor="k"))
            axes.text(middle, -0.1, "+", ha="center", va="center")
            _way_around(axes, branching, middle)
            branching = right + gap / 2
        else:
            _box(axes, left, right, name)
            if placement == "post" and name == "LayerNorm":
                branching = right + gap / 2
        x = leaving = right
    _arrow(axes, leaving, width - 4)


def _box(axes: Axes, left: float, right: float, name: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (left, -_HEIGHT / 2),
            right - left,
            _HEIGHT,
            boxstyle="round,pad=0,rounding_size=1.2",
            facecolor=_COLOURS[name],
            edgecolor="0.3",
        )
    )
    axes.text((left + right) / 2, -0.1, name, ha="center", va="center", fontsize=8)


def _arrow(axes: Axes, start: float, end: float) -> None:
    axes.add_patch(
        FancyArrowPatch(
            (start, 0),
            (end, 0),
            arrowstyle="-|>",
            mutation_scale=6,
            shrinkA=0,
            shrinkB=0,
            color="0.3",
            linewidth=0.8,
        )
    )


def _way_around(axes: Axes, start: float, end: float) -> None:
    """Up at `start`, along above the boxes and down into the sum at `end`."""
    top = 9.0
    axes.plot(
        [start, start, end], [0, top, top], color="C0", linewidth=1.6, solid_joinstyle="round"
    )
    axes.add_patch(
        FancyArrowPatch(
            (end, top),
            (end, _WIDTHS["+"] / 2),
            arrowstyle="-|>",
            mutation_scale=8,
            shrinkA=0,
            shrinkB=0,
            color="C0",
            linewidth=1.6,
        )
    )
