"""Justified paragraphs whose lines end where the paragraph as a whole looks best.

WeasyPrint 70 fills one line after the other and can't look ahead. Here the ends of all lines of a
paragraph are chosen before its first line is laid out (`optimum`), from the widths of its words and
formulas (`chances`, `words`); each line is then laid out up to its chosen end, and filled by its
spaces and, by up to 2 % (Korean 3.5 %), its letters. Paragraphs with what this does not know
(floats, preserved lines, right-to-left text, pieces wider than a line) stay WeasyPrint's.
"""

import math
from dataclasses import dataclass
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline

from generator.weasy.chances import End, Paragraph, Place, Unknown, flat, scalable
from generator.weasy.optimum import scale_of, spread


@dataclass(slots=True)
class _Plan:
    """A paragraph's lines: where one begins → where it ends; None: the last one.

    width, first: that they have room for, all lines and the first.
    """

    width: float
    first: float
    ends: dict[Place, End | None]


_get_next_linebox = inline.get_next_linebox
_split_text_box = inline.split_text_box
# Where the lines that are being laid out end, the innermost last; False: WeasyPrint will find out.
_line_end: list[End | bool | None] = []


def get_next_linebox(
    context: Any,
    linebox: Any,
    position_y: float,
    bottom_space: float,
    skip_stack: Any,
    containing_block: Any,
    absolute_boxes: list[Any],
    fixed_boxes: list[Any],
    first_letter_style: Any,
    first_line_style: Any,
) -> tuple[Any, Any]:
    """The next line of a paragraph, and where it goes on, as WeasyPrint's function of this name."""

    def theirs() -> tuple[Any, Any]:
        _line_end.append(False)
        try:
            line, resume_at = _get_next_linebox(
                context, linebox, position_y, bottom_space, skip_stack, containing_block,
                absolute_boxes, fixed_boxes, first_letter_style, first_line_style,
            )  # fmt: skip
        finally:
            _line_end.pop()
        return line, resume_at

    style = linebox.style
    if (
        style["text_align_all"] != "justify"
        or context.excluded_shapes
        or first_letter_style
        or first_line_style
        or style["direction"] != "ltr"
        or style["white_space"] != "normal"
    ):
        return theirs()
    start = inline.skip_first_whitespace(linebox, skip_stack)
    if start == "continue":
        return None, None
    indent = linebox.text_indent if skip_stack is None else 0.0
    plan = _plan(context, linebox, containing_block, indent, fresh=skip_stack is None)
    place = flat(start)
    if plan is None or place not in plan.ends:
        return theirs()

    linebox.position_y = position_y
    linebox.width = linebox.height = 0
    position_x, position_y, width = inline.avoid_collisions(
        context, linebox, containing_block, outer=False
    )
    linebox.position_x, linebox.position_y = position_x, position_y
    end = plan.ends[place]
    _line_end.append(end)
    try:
        line, resume_at, *_ = inline.split_inline_box(
            context, linebox, position_x + indent, math.inf, bottom_space, start, containing_block,
            [], [], [], [], [], None, None,
        )  # fmt: skip
    finally:
        _line_end.pop()
    linebox.width, linebox.height = line.width, line.height
    inline.remove_last_whitespace(context, line)
    extra = width - line.width + _dropped_gap(line)  # its width counts from the margin
    if end is not None or extra < 0:
        _fill(line, extra)
    bottom, top = inline.line_box_verticality(line)
    line.baseline = -top
    line.position_y = top
    line.height = bottom - top
    line.margin_top = line.margin_bottom = 0
    line.translate(0, position_y - top)
    line.position_y = position_y  # not a rounding error beside it
    return line, resume_at


def split_text_box(
    context: Any, box: Any, available_width: float | None, skip: int, is_line_start: bool = True
) -> tuple[Any, int | None, bool]:
    """The part of a text that fits its line, as WeasyPrint's function of this name."""
    end = _line_end[-1] if _line_end else False
    if end is False or available_width is None:
        part, resume, preserved = _split_text_box(
            context, box, available_width, skip, is_line_start
        )
        return part, resume, preserved
    if not isinstance(end, End) or end.box is not box:
        part, resume, preserved = _split_text_box(context, box, None, skip, is_line_start)
        return part, resume, preserved
    text = box.text.encode()[skip : end.end].decode().rstrip(" ")
    if not text:
        return None, end.resume, False
    part = box.copy_with_text(text + end.hyphen)
    part, _, _ = _split_text_box(context, part, None, 0, is_line_start)
    return part, end.resume, False


def _dropped_gap(line: Any) -> float:
    """Let go of the space behind a part of a formula that ends a line; returns its width."""
    box = line
    while isinstance(box, boxes.LineBox | boxes.InlineBox) and box.children:
        box = box.children[-1]
    if isinstance(box, boxes.ReplacedBox) and "data-penalty" in box.element.attrib:
        gap, box.margin_right = box.margin_right, 0
        return float(gap)
    return 0.0


def _fill(line: Any, extra: float) -> None:
    """Widen (or squeeze) `line` by `extra`: its spaces, and its letters a little."""
    spaces = inline.count_expandable_spaces(line)
    scale, spacing = spread(extra, _letters(line), spaces, scale_of(line.style["lang"]))
    _widen(line, spacing, 1 + scale, 0.0)


def _letters(box: Any) -> float:
    """The width of what can be scaled in a line."""
    if isinstance(box, boxes.TextBox):
        return float(box.width) if box.text and scalable(box) else 0.0
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        return sum(map(_letters, box.children))
    return 0.0


def _widen(box: Any, spacing: float, scale: float, advance: float) -> float:
    """Move `box` right by `advance` and widen what is in it; returns the advance behind it."""
    if isinstance(box, boxes.TextBox):
        box.position_x += advance
        grown = spacing * inline.count_expandable_spaces(box)
        box.justification_spacing = spacing
        if box.text and scalable(box):
            grown += (scale - 1) * box.width
            box.study_scale = scale
        box.width += grown
        return advance + float(grown)
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        box.position_x += advance
        before = advance
        for child in box.children:
            if child.is_in_normal_flow():
                advance = _widen(child, spacing, scale, advance)
        box.width += advance - before
        return advance
    box.translate(advance, 0)
    return advance


def _plan(
    context: Any, linebox: Any, containing_block: Any, indent: float, *, fresh: bool
) -> _Plan | None:
    """The ends of all lines of `linebox`; None if they are left to WeasyPrint."""
    plan: _Plan | None = getattr(linebox, "study_plan", None)
    width = containing_block.width
    if plan is not None and plan.width == width and (not fresh or plan.first == width - indent):
        return plan if plan.ends else None
    if not fresh:
        return None  # it began in lines of another width
    linebox.study_plan = plan = _Plan(width, width - indent, {})
    try:
        paragraph = Paragraph(context, containing_block)
        paragraph.add(linebox, ())
        plan.ends = paragraph.ends(linebox, plan.first, width)
    except Unknown:
        return None
    return plan if plan.ends else None
