"""Where the lines of a paragraph may end: its boxes as widths and chances."""

import re
from dataclasses import dataclass
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.layout.percent import resolve_percentages

from generator.weasy.optimum import SHORTEST_END, Chance, best_breaks, scale_of
from generator.weasy.words import OWN_HYPHEN, words_of

_TIE = 600.0  # between the word and the number of a reference
_TOKEN = re.compile("( )|([^ ]+)")
_TOKEN_OF_LINK = re.compile("([ \u00a0])|([^ \u00a0]+)")
_NO_WIDTH = "\u200b"

Place = tuple[int, ...]  # of a box and of a byte in its text, from the outside in


@dataclass(frozen=True, slots=True)
class End:
    """Where a line ends: bytes of `box` up to its end and up to the next line, and a hyphen."""

    box: Any
    end: int
    resume: int
    hyphen: str


class Unknown(Exception):
    """The paragraph has something in it that only WeasyPrint's own breaking knows."""


def scalable(box: Any) -> bool:
    """Whether the letters of a text may be a little wider or narrower than drawn."""
    return bool(box.style["text_decoration_line"] == "none")


def flat(skip_stack: Any) -> Place:
    """The places that a skip stack of WeasyPrint's names."""
    found = []
    while skip_stack:
        ((place, skip_stack),) = skip_stack.items()
        found.append(place)
    return tuple(found)


class Paragraph:
    """Collects the places where lines of a paragraph may end."""

    def __init__(self, context: Any, containing_block: Any) -> None:
        self._context, self._block = context, containing_block
        self._chances: list[Chance] = []
        self._where: list[tuple[End, tuple[int, ...]]] = []
        self._width = self._letters = 0.0
        self._spaces = 0
        self._last = " "  # the last letter; "" behind a picture
        self._gap, self._cost = 0.0, 0.0  # behind the last picture: what is lost at a line's end
        self._last_text: tuple[Any, tuple[int, ...]] | None = None

    def add(self, parent: Any, path: tuple[int, ...]) -> None:
        """Add what is in `parent`, a box at `path`. Raises Unknown."""
        for index, box in enumerate(parent.children):
            here = (*path, index)
            if isinstance(box, boxes.TextBox):
                self._text(box, here)
            elif isinstance(box, boxes.InlineBox):
                if box.style["float"] == "footnote" or not box.is_in_normal_flow():
                    if box.is_floated() or box.is_absolutely_positioned():
                        raise Unknown
                    continue
                resolve_percentages(box, self._block)
                if box.is_leader or box.style["position"] != "static":
                    raise Unknown
                sides = ("margin", "padding")
                before = sum(_side(box, f"{side}_left") for side in sides) + box.border_left_width
                after = sum(_side(box, f"{side}_right") for side in sides) + box.border_right_width
                self._width += before
                self.add(box, here)
                self._width += after
            elif not box.is_in_normal_flow():
                if box.is_floated() or box.is_absolutely_positioned():
                    raise Unknown
            elif isinstance(box, boxes.AtomicInlineLevelBox):
                self._picture(box)
            else:
                raise Unknown

    def ends(self, linebox: Any, first: float, width: float) -> dict[tuple[int, ...], End | None]:
        """Where the line that begins at a place ends. Raises Unknown."""
        em, scale = linebox.style["font_size"], scale_of(linebox.style["lang"])
        if not self._width:
            raise Unknown
        self._chances.append(self._chance(self._width, self._spaces, self._width))
        found = best_breaks(self._chances, first, width, em, SHORTEST_END * em, scale)
        if found is None:
            raise Unknown
        result: dict[tuple[int, ...], End | None] = {}
        begin = inline.skip_first_whitespace(linebox, None)
        for place in found[:-1]:
            end, path = self._where[place]
            result[flat(begin)] = end
            begin = None
            for step in (end.resume, *reversed(path)):
                begin = {step: begin}
            begin = inline.skip_first_whitespace(linebox, begin)
            if begin == "continue":
                result[next(reversed(result))] = None  # nothing but space was left
                return result
        result[flat(begin)] = None
        return result

    def _text(self, box: Any, path: tuple[int, ...]) -> None:
        style = box.style
        text = box.text
        if not text:
            return
        if (
            style["white_space"] not in ("normal", "nowrap")
            or style["letter_spacing"] != "normal"
            or "\n" in text
            or "\t" in text
            or style["direction"] != "ltr"
            or style["font_size"] == 0
        ):
            raise Unknown
        measured = words_of(style)
        breaks = style["white_space"] == "normal"
        scales = scalable(box)
        at = 0
        is_reference = "\u00a0" in text and box.element_tag == "a"
        for found in (_TOKEN_OF_LINK if is_reference else _TOKEN).finditer(text):
            token = found.group()
            if token in " \u00a0":
                size = len(token.encode())
                if breaks and self._chances_wanted():
                    cost = _TIE if size > 1 else 0.0
                    self._offer(box, path, at, at + size, self._width, measured.space, cost)
                self._width += measured.space
                self._letters += measured.space if scales else 0.0
                self._spaces += 1
                self._last = " "
                at += size
                continue
            if at == 0 and breaks and self._may_part(token[0], style["lang"]):
                self._part(box, path)
            if token == _NO_WIDTH:
                at += 3
                continue
            word = measured.word(token)
            if breaks:
                for cut in word.cuts:
                    end = at + len(token[: cut.at].encode())
                    resume = end + len(token[cut.at : cut.at + cut.skip].encode())
                    wide = self._width + cut.width
                    self._chances.append(
                        Chance(
                            wide,
                            self._spaces,
                            self._letters + cut.width,
                            self._width + cut.width - measured.hyphen_width(cut.hyphen),
                            self._spaces,
                            self._letters + cut.width,
                            cut.penalty,
                            bool(cut.hyphen),
                        )
                    )
                    self._where.append((End(box, end, resume, cut.hyphen), path))
            self._width += word.width
            self._letters += word.width if scales else 0.0
            self._spaces += word.spaces
            self._last = token[-1]
            at += len(token.encode())
        self._last_text = (box, path)

    def _chances_wanted(self) -> bool:
        """Whether a space here can end a line: not the first of the paragraph, nor a second one."""
        return bool(self._width) and self._last != " "

    def _offer(
        self, box: Any, path: tuple[int, ...], end: int, resume: int,
        width: float, space: float, penalty: float, *, is_space: bool = True,
    ) -> None:  # fmt: skip
        self._chances.append(
            Chance(
                width,
                self._spaces,
                self._letters,
                width + space,
                self._spaces + is_space,
                self._letters + (space if is_space else 0.0),
                penalty,
            )
        )
        self._where.append((End(box, end, resume, ""), path))

    def _part(self, box: Any, path: tuple[int, ...]) -> None:
        """A line may end between what was before and the text `box`."""
        if self._last_text is not None and self._last:
            before, there = self._last_text
            size = len(before.text.encode())
            self._offer(before, there, size, size, self._width, 0.0, OWN_HYPHEN, is_space=False)
        else:
            # Behind a picture; inside of a formula, if that goes on.
            cost = self._cost or OWN_HYPHEN
            self._offer(box, path, 0, 3, self._width - self._gap, self._gap, cost, is_space=False)

    def _may_part(self, first: str, language: str | None) -> bool:
        """Whether a line may end between two boxes that touch."""
        if self._last == " " or not self._width:
            return False
        if not self._last:
            return first == _NO_WIDTH
        return bool(inline.can_break_text(self._last + first, language))

    def _picture(self, box: Any) -> None:
        resolve_percentages(box, self._block)
        placed = inline.atomic_box(self._context, box, 0, None, self._block, [], [])
        if self._last in "\u200b–—" and self._last and self._last_text is not None:
            before, there = self._last_text
            size = len(before.text.encode())
            self._offer(before, there, size, size, self._width, 0.0, OWN_HYPHEN, is_space=False)
        self._width += placed.margin_width()
        self._gap = placed.margin_right
        self._cost = float(box.element.get("data-penalty", "0")) if box.element is not None else 0.0
        self._last = ""
        self._last_text = None

    def _chance(self, width: float, spaces: int, start: float) -> Chance:
        return Chance(width, spaces, self._letters, start, spaces, self._letters)


def _side(box: Any, name: str) -> float:
    value = getattr(box, name)
    return 0.0 if value == "auto" else float(value)
