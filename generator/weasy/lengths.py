"""Lengths of boxes, worked out once for each style.

WeasyPrint 70 asks nineteen properties of every box, in every pass, whether they are percentages:
a tenth of a report's time, and nearly all are plain lengths, which depend on the style alone.
"""

from typing import Any

from weasyprint.layout import absolute, block, inline, percent
from weasyprint.layout import float as float_layout

_SIDES = ("top", "right", "bottom", "left")
_EDGES = tuple(f"{edge}_{side}" for edge in ("margin", "padding") for side in _SIDES)
_SIZES = ("width", "height", "min_width", "min_height", "max_width", "max_height")

_resolve_percentages = percent.resolve_percentages


def resolve_percentages(box: Any, containing_block: Any) -> None:
    """Set used lengths as attributes of `box`, as WeasyPrint's function of this name."""
    style = box.style
    # Sizes are compared: WeasyPrint changes them in place for flex items.
    sizes = [style[name] for name in _SIZES]
    known = getattr(style, "study_lengths", None)
    if known is None or known[0] != sizes:
        known = style.study_lengths = (sizes, _plain_lengths(style, sizes))
    if known[1] is None:
        _resolve_percentages(box, containing_block)
    else:
        box.__dict__.update(known[1])


def _plain_lengths(style: Any, sizes: list[Any]) -> dict[str, Any] | None:
    """The used lengths of every box of `style`; None if they depend on what is around it."""
    if style["border_collapse"] == "collapse" or style["box_sizing"] != "content-box":
        return None
    lengths: dict[str, Any] = {}
    for name, value in [*zip(_SIZES, sizes, strict=True), *((n, style[n]) for n in _EDGES)]:
        if value == "auto":
            lengths[name] = 0 if name in ("min_width", "min_height") else "auto"
        elif getattr(value, "unit", None) == "px":
            lengths[name] = value.value
        else:
            return None
    for side in _SIDES:
        lengths[f"border_{side}_width"] = style[f"border_{side}_width"]
    return lengths


def install() -> None:
    """Put this in the place of WeasyPrint's function, for the whole process."""
    for module in (absolute, block, float_layout, inline):
        module.resolve_percentages = resolve_percentages
