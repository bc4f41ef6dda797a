"""Marks: what stands in a text for every piece that Markdown must not read."""

import re
from dataclasses import dataclass, field
from typing import Literal

from generator.model import Table
from generator.text.markdown.attributes import Attributes
from generator.text.markdown.lexer import Piece

# The private-use characters that mark places; `source.py` refuses them in an author's text.
INLINE, BLOCK, ATTRIBUTES, END = "\ue000", "\ue001", "\ue002", "\ue003"
LINE, NEWLINE, OPEN, CLOSE, BETWEEN = "\ue004", "\ue005", "\ue006", "\ue007", "\ue008"

MARK = re.compile(f"[{INLINE}{BLOCK}{ATTRIBUTES}]([0-9]+){END}")
LINE_MARK = re.compile(f"{LINE}([0-9]+){END}")
SPAN = re.compile(f"{OPEN}([a-z]+){BETWEEN}([0-9]+){BETWEEN}([^{CLOSE}]*){CLOSE}")
# In maths only what names a result is ours: x^{{n}} is TeX.
IN_MATHS = re.compile(r"\{\{([^{}]*\b(?:value|string|table|parameter)\.[A-Za-z_][^{}]*)\}\}")
IN_ATTRIBUTES = re.compile(r"\{\{([^{}]*)\}\}")

HiddenKind = Literal["value", "table", "code", "fence", "inline", "display", "attributes", "gone"]


@dataclass(frozen=True, slots=True)
class Hidden:
    """A piece that Markdown does not see, from `line` to `last_line` of the source.

    gone: what should have stood alone on its line and could not be carried out; for what is around
    it, it is still there. content: code, TeX. html, plain: a quoted result for the page and for
    alternative texts.
    """

    kind: HiddenKind
    line: int
    last_line: int
    content: str = ""
    info: str = ""
    html: str = ""
    plain: str = ""
    attributes: Attributes = field(default_factory=Attributes)
    table: Table | None = None


@dataclass(slots=True)
class Expanded:
    """Markdown with marks. lines: for each line of `text` its line in the source.

    hidden: what the marks stand for, by number. conditional: whether statements chose the text.
    """

    text: str = ""
    lines: list[int] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    conditional: bool = False

    def mark(self, hidden: Hidden) -> str:
        """Keep `hidden` and give the mark that stands for it."""
        self.hidden.append(hidden)
        opening = INLINE
        if hidden.kind == "attributes":
            opening = ATTRIBUTES
        elif hidden.kind in ("fence", "display", "table", "gone"):
            opening = BLOCK
        return f"{opening}{len(self.hidden) - 1}{END}"

    def source_line(self, index: int) -> int:
        """The line in the source of the line `index` (from 0) of `text`."""
        return self.lines[min(index, len(self.lines) - 1)] if self.lines else 1

    def plain(self, text: str) -> str:
        """`text` with its marks replaced by what they say in plain text."""
        return MARK.sub(lambda mark: self.hidden[int(mark[1])].plain, text)


def with_lines(text: str, line: int, *, at_start: bool) -> str:
    """`text`, whose first line is `line`, with a line mark at the start of each line."""
    first, *rest = text.split("\n")
    marked = [f"{LINE}{line}{END}{first}" if at_start else first]
    marked += [f"{LINE}{number}{END}{part}" for number, part in enumerate(rest, line + 1)]
    return "\n".join(marked)


def span(kind: str, line: int, content: str) -> tuple[str, str, str]:
    """Opening, body and closing of a piece that is hidden after its expressions are done."""
    return f"{OPEN}{kind}{BETWEEN}{line}{BETWEEN}", content.replace("\n", NEWLINE), CLOSE


def opaque(piece: Piece, expanded: Expanded) -> str:
    """The mark for a piece of code."""
    kind: HiddenKind = "fence" if piece.kind == "fence" else "code"
    last = piece.line + piece.text.count("\n")
    hidden = Hidden(kind, piece.line, last, piece.content, piece.info, plain=piece.content)
    return expanded.mark(hidden)
