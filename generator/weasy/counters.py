"""A table of contents that is right in the second pass over its page, not in the third.

WeasyPrint 70 writes page numbers of other pages into a text after it has laid the page out again,
and so must lay it out once more. They are known before.
"""

import copy
from collections.abc import Iterator
from typing import Any

import weasyprint.layout

_make_all_pages = weasyprint.layout.make_all_pages


def make_all_pages(context: Any, root_box: Any, html: Any, pages: list[Any]) -> Iterator[Any]:
    """The pages of one pass, as WeasyPrint's function of this name; `pages`: of the last one."""
    if pages:
        for (_, token), lookup in context.target_collector.counter_lookup_items.items():
            page = lookup.page_maker_index
            if token == "content" and lookup.missing_counters and page is not None:
                _, _, _, state, _ = context.page_maker[page + 1]
                counters = copy.deepcopy(state[1])
                if lookup.cached_page_counter_values != counters:
                    lookup.cached_page_counter_values = counters
                    lookup.parse_again(counters)
    yield from _make_all_pages(context, root_box, html, pages)


def install() -> None:
    """Put this in the place of WeasyPrint's function, for the whole process."""
    weasyprint.layout.make_all_pages = make_all_pages
