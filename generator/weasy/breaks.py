"""Where lines end and how they are filled: what WeasyPrint 70 lacks or does wrong.

Korean words stay whole: it has no `word-break: keep-all` (CSS Text 3, 5.2), and a <span> around
each word would triple a page's boxes, so Pango is told instead, by an attribute over each word.
A formula stays with the word it touches: it would let a line end on either side of a picture.
A text whose last space alone is too long for the line fits: it would be cut after its first word.
A line is not filled with holes: where words would stand too far apart, it stays short.

Lines are measured once (`page_lines`): where a block is laid out again, on the next page, beside a
figure or after an edit, it would measure all of them again. A justified line keeps its measured
layout; `glyphs` widens the spaces when it is written.
"""

import math
import re
from functools import partial
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text import line_break
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description

# What Pango may not break: a run without spaces that has Hangul in it, cut where a reader accepts
# a break. Longer runs than any word are left alone, or they would stick out of the line.
HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"
_WORD = re.compile(rf"[^\s/–—]*[{HANGUL}][^\s/–—]*")
_HAS_HANGUL = re.compile(f"[{HANGUL}]")
_SPACE = re.compile("[ \u00a0]")
_LONGEST_WORD = 24
_PICTURE = "\u2e80"  # what WeasyPrint's layout takes a picture in a line for

_WIDEST_SPACE = 0.55  # em that justification may add to a space

_can_break_text = inline.can_break_text
_split_first_line = inline.split_first_line
_add_word_spacing = inline.add_word_spacing


class _Setting:
    """What all lines of one style share in Pango."""

    def __init__(self, style: Any) -> None:
        self.context = ffi.gc(
            pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref
        )
        pango.pango_context_set_round_glyph_positions(self.context, False)
        pango.pango_context_set_base_dir(self.context, PANGO_DIRECTION[style["direction"]])
        self.language = pango.pango_language_get_default()
        if style["lang"]:
            name, self._name = unicode_to_char_p(style["lang"])
            self.language = pango.pango_language_from_string(name)
            pango.pango_context_set_language(self.context, self.language)
        self.font = get_font_description(style)
        asked = font_features(
            style["font_kerning"],
            style["font_variant_ligatures"],
            style["font_variant_position"],
            style["font_variant_caps"],
            style["font_variant_numeric"],
            style["font_variant_alternates"],
            style["font_variant_east_asian"],
            style["font_feature_settings"],
        )
        self.features = None
        if asked:
            text = ",".join(f"{key} {value}" for key, value in asked.items()).encode()
            self.features = ffi.gc(
                pango.pango_attr_font_features_new(text), pango.pango_attribute_destroy
            )


class WholeWords(line_break.Layout):  # type: ignore[misc]
    """WeasyPrint's layout of one line, with words of Hangul kept whole.

    It stays alive between measuring and drawing, where WeasyPrint makes it twice, and shares its
    context and font with all lines of the same style, where WeasyPrint makes them for each line.
    """

    def setup(self, style: Any) -> None:
        """Make Pango's layout for a line of `style`."""
        if style["text_decoration_line"] != "none":
            super().setup(style)
            return
        self.style = style
        self.first_line_direction = 0
        self.ascent = None
        setting = getattr(style, "study_setting", None)
        if setting is None:
            setting = style.study_setting = _Setting(style)
        self.language = setting.language
        self.layout = ffi.gc(pango.pango_layout_new(setting.context), gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(self.layout, False)
        pango.pango_layout_set_font_description(self.layout, setting.font)
        if setting.features is not None:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
            pango.pango_attr_list_insert(attributes, pango.pango_attribute_copy(setting.features))
            pango.pango_layout_set_attributes(self.layout, attributes)

    def deactivate(self) -> None:
        """Measured; nothing is let go."""

    def reactivate(self, style: Any) -> None:
        """About to be drawn: only justified lines have to be set once more."""
        self.style = style
        if self.justification_spacing:
            self.set_text(self.text, justify=True)

    def set_text(self, text: str, justify: bool = False) -> None:
        """Hand `text` to Pango, with the places where it must not break."""
        super().set_text(text, justify)
        if not _HAS_HANGUL.search(self.text):
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        for word in _WORD.finditer(self.text):
            if len(word.group()) > _LONGEST_WORD:
                continue
            attribute = pango.pango_attr_allow_breaks_new(False)
            attribute.start_index = len(self.text[: word.start()].encode())
            attribute.end_index = attribute.start_index + len(word.group().encode())
            pango.pango_attr_list_change(attributes, attribute)
        spaced = self.style["word_spacing"] or self.style["letter_spacing"] != "normal"
        if not spaced and not (justify and self.justification_spacing):
            # Justified, every space is a run of its own and takes the first font's width; measured,
            # it must be the same, or lines of Korean end 2 mm short of the margin.
            for space in _SPACE.finditer(self.text):
                attribute = pango.pango_attr_letter_spacing_new(0)
                attribute.start_index = len(self.text[: space.start()].encode())
                attribute.end_index = attribute.start_index + len(space.group().encode())
                pango.pango_attr_list_insert(attributes, attribute)
        pango.pango_layout_set_attributes(self.layout, attributes)


def can_break_text(text: str, language: str | None) -> bool:
    """Whether a line may end inside of `text`: two letters beside a box's edge, or a whole text."""
    if len(text) == 2:
        return _can_break_pair(text, language)
    if _HAS_HANGUL.search(text):
        return any(character in " \u200b/–—-" for character in text.strip())
    return bool(_can_break_text(text, language))


def _can_break_pair(text: str, language: str | None) -> bool:
    if _PICTURE in text:
        other = text.replace(_PICTURE, "", 1)
        return other == _PICTURE or other.isspace() or other in "\u200b–—"
    if _HAS_HANGUL.search(text) and not any(c.isspace() or c in "\u200b/–—" for c in text):
        return False
    return bool(_can_break_text(text, language))


def split_first_line(
    text: str, style: Any, context: Any, max_width: float | None, spacing: float, **options: Any
) -> Any:
    """As much of `text` as fits, as WeasyPrint's function of this name; a last space may hang."""
    split = partial(_split, text, style, context, max_width, spacing, options)
    lines = getattr(style.font_config, "lines", None)
    if context is None or lines is None:
        return split()
    rest = (max_width, spacing, *options.items())
    # Drawing adds to the attributes of these; nothing of that may reach another document.
    if spacing or _HAS_HANGUL.search(text):
        kept = vars(context).setdefault("study_lines", {})
        key = (text, id(style), rest)
        if key not in kept:
            # With the style itself: its number must not become another's.
            kept[key] = (split(), style)
        return kept[key][0]
    return lines.line(text, style, rest, split)


def _split(
    text: str,
    style: Any,
    context: Any,
    max_width: float | None,
    spacing: float,
    options: dict[str, Any],
) -> Any:
    line = _split_first_line(text, style, context, max_width, spacing, **options)
    resume_at = line[2]
    if resume_at is None or max_width is None or not text.endswith(" "):
        return line
    if len(text) > 4 * max_width / style["font_size"]:
        return line  # far longer than the line
    bare = _split_first_line(text.rstrip(" "), style, context, max_width, spacing, **options)
    if bare[2] is not None:
        return line
    return _split_first_line(text, style, context, math.inf, spacing, **options)


def justify_line(context: Any, line: Any, extra_width: float) -> None:
    """Fill `line` by `extra_width`, as far as its spaces can bear it."""
    spaces = inline.count_expandable_spaces(line)
    if spaces:
        most = _WIDEST_SPACE * line.style["font_size"]
        _add_word_spacing(context, line, min(extra_width / spaces, most), 0)


def add_word_spacing(context: Any, box: Any, spacing: float, x_advance: float) -> float:
    """Widen the spaces of `box` by `spacing`, as WeasyPrint's function of this name."""
    if not isinstance(box, boxes.TextBox) or not _is_plain(box):
        return float(_add_word_spacing(context, box, spacing, x_advance))
    box.justification_spacing = spacing
    box.position_x += x_advance
    extra: float = spacing * inline.count_expandable_spaces(box)
    box.width += extra
    return x_advance + extra


def _is_plain(box: Any) -> bool:
    """Whether the spaces of a text may be widened when it is written."""
    return box.pango_layout.text == box.text and not _HAS_HANGUL.search(box.text)
