"""Measured lines that outlive their document: after a changed word nearly all are as they were."""

from collections.abc import Callable, Hashable
from typing import Any

# All that WeasyPrint 70 asks of a style when it breaks and measures a line (weasyprint.text).
ASKED = (
    *("direction", "lang", "white_space", "word_break", "overflow_wrap", "text_decoration_line"),
    *("font_family", "font_size", "font_style", "font_stretch", "font_weight"),
    *("font_variation_settings", "font_feature_settings", "font_language_override"),
    *("font_kerning", "font_variant_alternates", "font_variant_caps", "font_variant_east_asian"),
    *("font_variant_ligatures", "font_variant_numeric", "font_variant_position"),
    *("letter_spacing", "word_spacing", "tab_size", "line_height"),
    *("hyphens", "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone"),
)


class Lines:
    """The lines of the document that is being laid out and of the one before, by content.

    A line is what WeasyPrint's split_first_line returns; its layout is drawn with the style of
    the box that shows it.
    """

    def __init__(self) -> None:
        self._sheet = ""
        self._styles: dict[tuple[Any, ...], int] = {}
        self._now: dict[Hashable, Any] = {}
        self._before: dict[Hashable, Any] = {}
        self.words: dict[int, Any] = {}  # of a style's number: what paragraphs know of its words

    def begin(self, sheet: str) -> None:
        """A document with the style sheet `sheet` begins. Another one may bring other fonts."""
        if sheet != self._sheet:
            self._sheet = sheet
            self._styles, self._now, self.words = {}, {}, {}
        self._before, self._now = self._now, {}

    def line(
        self, text: str, style: Any, rest: tuple[Hashable, ...], split: Callable[[], Any]
    ) -> Any:
        """The line for `text`, `style` and the `rest` of what it depends on, else `split()`."""
        number = self.number(style)
        key = (text, number, rest)
        found = self._now.get(key)
        if found is None:
            found = self._before.get(key)
            if found is None:
                found = split()
            self._now[key] = found
        return found

    def number(self, style: Any) -> int:
        """The same number for all styles that measure lines alike."""
        number: int | None = getattr(style, "study_number", None)
        if number is None:
            # A struck line has a set: {"line-through"}.
            values = (style[name] for name in ASKED)
            asked = tuple(frozenset(v) if isinstance(v, set) else v for v in values)
            number = style.study_number = self._styles.setdefault(asked, len(self._styles))
        return number
