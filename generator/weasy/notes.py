"""Footnotes: every one of them, in order, at the foot of the page that calls it if there is room.

WeasyPrint 70 keeps the notes of a page in lists that it fills and empties while it looks for the
place to break, and each of these is lost or out of order at times:

- A note that was carried over from the page before is put back among those to come when the rest
  of its paragraph is laid out anew. Nobody calls it a second time, so it is gone.
- Notes that move to the next page stand there in the order in which they were pushed out.
- Where page numbers change, only some pages are laid out again. The notes carried over from one
  that is not are forgotten, as are pages at the end that hold nothing but notes.
- To make room for a line that can't go to the next page alone, notes of lines before it are sent
  there, and the line's own are forgotten. Here its paragraph goes with them.
- As many notes as there are go to the next page, though they be higher than it.
"""

from collections.abc import Iterator
from typing import Any

from weasyprint import layout
from weasyprint.layout import page as page_layout

_MOST = 0.7  # of a page's height: what notes may take, as long as there are several

_Context: Any = layout.LayoutContext


class _Staying(list[Any]):
    """The notes of a page; WeasyPrint, asking whether there are any to push out, is told no."""

    def __bool__(self) -> bool:
        return False


class OrderedNotes(_Context):  # type: ignore[misc]
    """WeasyPrint's state of a layout, with notes kept in the order of the text."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.current_page_footnotes: list[Any]
        self.order: dict[int, int] = {}  # id of a note → its place in the text
        self.carried: set[int] = set()  # notes that the page before left to this one
        # What is left for later behind each page: notes to come, and those to be carried over.
        self.left: dict[int, tuple[list[Any], list[Any]]] = {}

    def place(self, note: Any) -> int:
        """The place of `note` in the text."""
        return self.order.get(id(note), len(self.order))

    def unlayout_footnote(self, note: Any) -> None:
        """Take back a note whose line goes to the next page; not one called on the page before."""
        if id(note) not in self.carried:
            super().unlayout_footnote(note)

    def report_footnote(self, note: Any) -> None:
        """Leave `note` to the next page."""
        super().report_footnote(note)
        self.reported_footnotes.sort(key=self.place)

    def _update_footnote_area(self) -> bool:
        """Lay out the notes again; whether there are more of them than a page should hold."""
        notes = sorted(self.current_page_footnotes, key=self.place)
        self.current_page_footnotes = notes
        overflow = super()._update_footnote_area()
        self.current_page_footnotes = _Staying(notes)
        area = self.current_footnote_area
        return bool(overflow or (len(notes) > 1 and area.height > _MOST * area.page.height))

    def reported_in_order(self) -> list[Any]:
        """The notes left to the next page."""
        # WeasyPrint turns a part of this list around, after having pushed notes out.
        return sorted(self.reported_footnotes, key=self.place)


def make_all_pages(context: Any, root_box: Any, html: Any, pages: list[Any]) -> Iterator[Any]:
    """The laid out pages, made again where something changed; as WeasyPrint's function.

    html: gets what goes in, as `going_in`, for `conservation.lost`.
    """
    from generator.weasy.conservation import content_of

    if not pages:
        context.order = {id(note): place for place, note in enumerate(context.footnotes)}
        html.going_in = content_of([root_box, *context.footnotes])
    context.rendered_notes = []
    index = 0
    while True:
        state = context.page_maker[index][-1]
        if index >= len(pages) or state["content_changed"] or state["pages_wanted"]:
            state["content_changed"] = state["pages_wanted"] = False
            state["anchors"], state["content_lookups"] = [], []
            context.reported_footnotes = context.reported_in_order()
            context.carried = {id(note) for note in context.reported_footnotes}
            page, resume_at = page_layout.remake_page(index, context, root_box, html)
            left = (context.footnotes.copy(), context.reported_in_order())
            known = context.left.get(index)
            if known is not None and known[1] != left[1] and index + 1 < len(context.page_maker):
                context.page_maker[index + 1][-1]["content_changed"] = True
            context.left[index] = left
        else:
            page, resume_at = pages[index], context.page_maker[index + 1][0]
            notes, reported = context.left[index]
            context.footnotes, context.reported_footnotes = notes.copy(), reported.copy()
        yield page
        index += 1
        if resume_at is None and not context.reported_footnotes:
            # What is left of longer layouts goes.
            context.page_maker = context.page_maker[: index + 1]
            context.broken_out_of_flow.clear()
            return
