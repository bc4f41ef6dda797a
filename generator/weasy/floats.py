"""Figures and tables that do not fit at the foot of a page let the text behind them go first.

WeasyPrint 70 has no page floats: a figure that does not fit starts the next page and leaves a hole.
Here a page that ends in such a hole is laid out once more with the text that follows, and the
figure takes its place behind what fitted: at most at the top of the next page, behind the end of a
paragraph. Figures keep their order, and text passes no more of them than the next page can take:
none waits longer than that. It costs one more layout of that one page (about 40 ms).

A table on a page of its own, sideways, leaves the page before it in the same way. It can't stand
inside of a paragraph that goes on, so whole paragraphs go first, as many as there is room for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import page as page_layout

from generator.weasy.feet import fill

_HOLE = 45.0  # CSS pixels that are worth filling: three lines
_LARGE_HOLE = 0.11  # of a page: then the text of the next section may go first as well
_WAITING = 0.7  # of a page: how much of figures and tables the text may pass
_ROW, _CAPTION = 26.0, 60.0  # CSS pixels, for want of a layout: a table's row, what is around it
_TEXT = frozenset(("p", "ul", "ol", "dl", "div", "blockquote", "pre", "h3", "h4", "h5"))
_HEADINGS = frozenset(("h2", "h3", "h4", "h5"))
_STAYING = frozenset(("listing", "sideways", "breakable"))

_remake_page = page_layout.remake_page


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where a page ended: the box that starts the next one, and its place in its parent."""

    parent: Any
    place: int
    inside: bool  # the box itself goes on from the page before


def remake_page(index: int, context: Any, root_box: Any, html: Any) -> tuple[Any, Any]:
    """A laid out page and where the next one starts, as WeasyPrint's function of this name."""
    page, resume_at = _filled(index, context, root_box, html)
    if resume_at is not None:
        fill(page, context.page_bottom - _bottom(page))
    return page, resume_at


def _filled(index: int, context: Any, root_box: Any, html: Any) -> tuple[Any, Any]:
    """A page whose hole, if there is one, is filled with text that goes past a figure."""
    footnotes, reported = context.footnotes.copy(), context.reported_footnotes.copy()
    broken = context.broken_out_of_flow.copy()
    page, resume_at = _remake_page(index, context, root_box, html)
    stop = _stop(root_box, resume_at)
    if stop is None or stop.inside:
        return page, resume_at
    first = stop.parent.children[stop.place]
    if not _is_sideways(first) and not _is_movable(first):
        return page, resume_at
    hole = context.page_bottom - _bottom(page)
    large = hole > _LARGE_HOLE * page.height
    if _is_sideways(first):
        texts, floats, rest = _behind(stop, large)
    else:
        texts, floats, rest = _parted(stop, large, _WAITING * page.height)
    if hole < _HOLE or not texts:
        return page, resume_at

    original = list(stop.parent.children)

    def laid_out(*behind: list[Any]) -> tuple[Any, Any]:
        stop.parent.children = [*original[: stop.place], *(box for part in behind for box in part)]
        context.footnotes, context.reported_footnotes = footnotes.copy(), reported.copy()
        context.broken_out_of_flow = broken.copy()
        again, goes_on = _remake_page(index, context, root_box, html)
        return again, goes_on

    page, resume_at = laid_out(texts, floats, rest)
    new_stop = _stop(root_box, resume_at)
    if new_stop is None or new_stop.parent is not stop.parent:
        # The page ended inside of something deeper, or the document ended: leave it as it is.
        whole = placed = _reached(root_box, resume_at, stop.parent)
    else:
        whole, placed = new_stop.place, new_stop.place + new_stop.inside
    if _is_sideways(first):
        fitting = _whole(texts[: max(0, whole - stop.place)])
        if len(fitting) < len(texts):
            return laid_out(fitting, floats, texts[len(fitting) :], rest)
        return page, resume_at
    stop.parent.children = _in_order(original, stop.place, placed, floats)
    return page, resume_at


def _in_order(original: list[Any], start: int, placed: int, floats: list[Any]) -> list[Any]:
    """The original order, but text up to `placed` goes before the floats that it overtook."""
    waiting: list[Any] = []
    result = original[:start]
    rest = iter(original[start:])
    for box in rest:
        if len(result) >= placed:
            return [*result, *waiting, box, *rest]
        (waiting if box in floats else result).append(box)
    return [*result, *waiting]


def _stop(root_box: Any, resume_at: Any) -> _Stop | None:
    """The outermost box at which the next page starts and before which a figure may stand."""
    box = root_box
    while resume_at:
        ((place, resume_at),) = resume_at.items()
        child = box.children[place]
        if resume_at is None or child.element_tag not in ("html", "body", "main", "section"):
            return _Stop(box, place, resume_at is not None)
        box = child
    return None


def _reached(root_box: Any, resume_at: Any, parent: Any) -> int:
    """How many children of `parent` have begun before `resume_at`."""
    box = root_box
    while resume_at:
        ((place, resume_at),) = resume_at.items()
        if box is parent:
            return int(place) + (resume_at is not None)
        box = box.children[place]
    return len(parent.children)


def _parted(
    stop: _Stop, over_sections: bool, room: float
) -> tuple[list[Any], list[Any], list[Any]]:
    """What follows the stop: text that may go first, the figures that wait, all the rest."""
    texts: list[Any] = []
    floats: list[Any] = []
    children = stop.parent.children
    for place in range(stop.place, len(children)):
        box = children[place]
        if _is_movable(box):
            room -= _height(box)
            if floats and room < 0:
                return texts, floats, list(children[place:])
            floats.append(box)
        elif box.element_tag in _TEXT or (over_sections and box.element_tag == "h2"):
            texts.append(box)
        else:
            return texts, floats, list(children[place:])
    return texts, floats, []


def _behind(stop: _Stop, over_sections: bool) -> tuple[list[Any], list[Any], list[Any]]:
    """What follows a table that lies sideways: text that may go first, the table, all the rest."""
    children = stop.parent.children
    end = stop.place + 1
    while end < len(children) and (
        children[end].element_tag in _TEXT or (over_sections and children[end].element_tag == "h2")
    ):
        end += 1
    texts = _whole(list(children[stop.place + 1 : end]))
    return texts, [children[stop.place]], list(children[stop.place + 1 + len(texts) :])


def _whole(texts: list[Any]) -> list[Any]:
    """`texts` without headings at their end, which belong to what follows."""
    while texts and texts[-1].element_tag in _HEADINGS:
        texts = texts[:-1]
    return texts


def _height(figure: Any) -> float:
    """About how high a figure or table will be, in CSS pixels."""
    height = _CAPTION + _ROW * sum(1 for _ in figure.element.iter("tr"))
    for box in figure.descendants():
        if isinstance(box, boxes.BlockReplacedBox):
            size = box.replacement.get_intrinsic_size(1, box.style["font_size"])
            height += size[1] or 0.0
    return height


def _is_movable(box: Any) -> bool:
    if box.element is None or box.element_tag != "figure":
        return False
    # Text that goes first would take its later notes with it.
    if any(note.get("class") == "footnote" for note in box.element.iter("span")):
        return False
    return not _STAYING & set(box.element.get("class", "").split())


def _is_sideways(box: Any) -> bool:
    return box.element is not None and "sideways" in box.element.get("class", "").split()


def _bottom(page: Any) -> float:
    """The lower edge of the lowest line or picture of the text, in CSS pixels."""
    return max((box.position_y + box.height for box in _lowest(page.children[0])), default=0.0)


def _lowest(box: Any) -> Iterator[Any]:
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.LineBox | boxes.ReplacedBox):
            yield child
        else:
            yield from _lowest(child)
