"""Pages that end at the same height: what is left at the foot goes between the blocks of the page.

A page ends early where what follows cannot be parted: a heading with its first lines, a paragraph
with its equation, a figure. As in books (TeX calls it flush bottom), the space between blocks gives
way, each by no more than a reader would overlook. Where that isn't enough, the page stays as it is.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from weasyprint.formatting_structure import boxes

_MM = 96 / 25.4  # CSS pixels
_WORTH = 1.0 * _MM
_RAGGED = 12 * _MM  # what may be left at the foot
# By how much the space over a block may grow.
_MOST = {
    "h2": 6.0, "h3": 4.5, "h4": 3.0, "h5": 2.5, "figure": 4.5, "div": 3.0, "p": 1.5, "li": 0.9,
    "dt": 1.2, "ol": 1.8, "ul": 1.8, "dl": 1.8, "blockquote": 2.5, "nav": 4.0, "table": 3.0,
}  # fmt: skip
_AFTER = {"figure": 4.5, "div": 3.0, "header": 4.0, "nav": 4.0, "table": 3.0}  # under it
_HEADINGS = frozenset(("h2", "h3", "h4", "h5"))
_CONTAINERS = frozenset(("html", "body", "main", "section", "article", "ol", "ul", "dl"))


def fill(page: Any, room: float) -> None:
    """Move the blocks of the laid out `page` down, so that the last one reaches its foot.

    room: what is left there, in CSS pixels.
    """
    if room < _WORTH:
        return
    blocks = list(_blocks(page.children[0]))
    gaps = [(after, _give(before, after)) for before, after in pairwise(blocks)]
    give = sum(most for _, most in gaps) * _MM
    if not give or room - give > _RAGGED:
        return
    share = min(1.0, room / give)
    shift = 0.0
    for block, most in gaps:
        shift += most * _MM * share
        if shift:
            block.translate(dy=shift)


def _give(before: Any, after: Any) -> float:
    """By how many millimetres the space between two blocks may grow."""
    tag = _tag(after)
    if _tag(before) in _HEADINGS:
        return 0.0  # a heading stays with its text
    return max(_MOST.get(tag, 1.0), _AFTER.get(_tag(before), 0.0))


def _tag(block: Any) -> str:
    return str(block.element_tag or "").partition("::")[0]


def _blocks(box: Any) -> Iterator[Any]:
    """What stands one below the other: paragraphs, headings, figures, items of lists."""
    for child in box.children:
        if not isinstance(child, boxes.BlockLevelBox) or not child.is_in_normal_flow():
            continue
        parts = getattr(child, "children", ())
        if _tag(child) in _CONTAINERS and parts and not _is_painted(child):
            yield from _blocks(child)
        else:
            yield child


def _is_painted(box: Any) -> bool:
    """Whether a box has an edge or a ground of its own, which would have to grow with it."""
    edges = (box.border_top_width, box.border_bottom_width, box.border_left_width)
    return any(edges) or box.style["background_color"].alpha > 0
