"""Computed styles that are found with one look-up.

WeasyPrint 70 works out a property of a style when it is first asked for, and then asks in Python
whether it is inherited, logical, pending or a formula: 27,000 times in a report of seven pages.
Nearly all come out as the initial value or the parent's, which two look-ups tell.
"""

from typing import Any

from weasyprint import css
from weasyprint.formatting_structure.boxes import Box

# What these come to depends on each other, or on more than the parent.
_ENTANGLED = frozenset(("display", "float", "position", "page"))

_OF_ITEMS = frozenset(("marker",))
_OF_NOTES = frozenset(
    ("footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback")
)

_worked_out = css.ComputedStyle.__missing__
_set_up_anonymous = css.AnonymousStyle.__init__
_set_computed_styles = css.StyleFor.set_computed_styles
_is_in_normal_flow = Box.is_in_normal_flow


def _is_plain(name: str) -> bool:
    return name not in _ENTANGLED and not name.startswith(("text_decoration_", "__"))


_INHERITED = frozenset(filter(_is_plain, css.INHERITED)) - css.PHYSICAL_FUNCTIONS.keys()
_INITIAL = {
    name: value
    for name, value in css.INITIAL_VALUES.items()
    if _is_plain(name) and name not in css.INHERITED and name not in css.INITIAL_NOT_COMPUTED
}
_LOGICAL = frozenset(
    find(block="ttb", inline=way)
    for find in css.PHYSICAL_FUNCTIONS.values()
    for way in ("ltr", "rtl")
)


def worked_out(style: Any, name: str) -> Any:
    """The value of the property `name`, kept in `style`; as WeasyPrint's `__missing__`."""
    cascaded = style.cascaded
    if name not in cascaded:
        if name in _INITIAL:
            # width may be said as inline-size, margin-top as margin-block-start.
            if name not in css.PHYSICAL_FUNCTIONS or _LOGICAL.isdisjoint(cascaded):
                value = style[name] = _INITIAL[name]
                return value
        elif name in _INHERITED and style.parent_style is not None:
            value = style[name] = style.parent_style[name]
            return value
    return _worked_out(style, name)


def set_up_anonymous(style: Any, parent_style: Any) -> None:
    """Begin with every initial value: most are asked for; as WeasyPrint's `__init__`."""
    style.update(_INITIAL)
    _set_up_anonymous(style, parent_style)


def set_computed_styles(
    styles: Any, element: Any, parent: Any, *, pseudo_type: str | None = None, **options: Any
) -> None:
    """Make the style of `element`, but for parts that only list items and notes have.

    WeasyPrint's method of this name makes six of them for each element of a document.
    """
    if pseudo_type in _OF_ITEMS or pseudo_type in _OF_NOTES:
        own = styles.get_computed_styles()[element, None]
        if pseudo_type in _OF_ITEMS:
            wanted = "list-item" in own["display"]
        else:
            wanted = own["float"] == "footnote" or own["position"][0] == "note()"
        if not wanted:
            return
    _set_computed_styles(styles, element, parent, pseudo_type=pseudo_type, **options)


def is_in_normal_flow(box: Any) -> bool:
    """Whether nothing takes `box` out of the flow, as WeasyPrint's method of this name."""
    style = box.style
    if style["float"] == "none" and style["position"] in ("static", "relative"):
        return True
    return bool(_is_in_normal_flow(box))
