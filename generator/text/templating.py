"""Expressions and statements of a text carried out; everything else goes through untouched.

The result is Markdown in which every piece that Markdown must not read (code, formulas, quoted
results, attribute lists) is a mark of three private-use characters' making, and a map from its
lines to those of the source.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from generator.model import Results, Table
from generator.text.attributes import Attributes, read_attributes
from generator.text.lexer import Piece
from generator.text.problems import Problems

# The private-use characters that mark places; `source.py` refuses them in an author's text.
INLINE, BLOCK, ATTRIBUTES, END = "\ue000", "\ue001", "\ue002", "\ue003"
LINE, NEWLINE, OPEN, CLOSE, BETWEEN = "\ue004", "\ue005", "\ue006", "\ue007", "\ue008"

MARK = re.compile(f"[{INLINE}{BLOCK}{ATTRIBUTES}]([0-9]+){END}")
_LINES = re.compile(f"{LINE}([0-9]+){END}")
_SPANS = re.compile(f"{OPEN}([a-z]+){BETWEEN}([0-9]+){BETWEEN}([^{CLOSE}]*){CLOSE}")
# In maths only this form is ours: x^{{n}} is TeX.
IN_MATHS = re.compile(r"\{\{\s*(value\.[A-Za-z_][\w.]*\s*(?:\|[^{}]*)?)\}\}")
IN_ATTRIBUTES = re.compile(r"\{\{([^{}]*)\}\}")

HiddenKind = Literal["value", "table", "code", "fence", "inline", "display", "attributes", "gone"]


@dataclass(frozen=True, slots=True)
class Hidden:
    """A piece that Markdown does not see, from `line` to `last_line` of the source.

    content: code, TeX. html, plain: a quoted result for the page and for alternative texts.
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
        elif hidden.kind in ("fence", "display", "table"):
            opening = BLOCK
        return f"{opening}{len(self.hidden) - 1}{END}"

    def source_line(self, index: int) -> int:
        """The line in the source of the line `index` (from 0) of `text`."""
        return self.lines[min(index, len(self.lines) - 1)] if self.lines else 1

    def plain(self, text: str) -> str:
        """`text` with its marks replaced by what they say in plain text."""
        return MARK.sub(lambda mark: self.hidden[int(mark[1])].plain, text)


def expand(
    pieces: Sequence[Piece], results: Results, problems: Problems, *, strict: bool = True
) -> Expanded:
    """The text of `pieces` with what it quotes from `results`.

    strict: a number typed into an expression is a problem, too.
    """
    expanded = Expanded()
    dynamic = any(
        piece.kind in ("expression", "statement")
        or (piece.kind in ("inline", "display", "attributes") and "{{" in piece.content)
        for piece in pieces
    )
    if dynamic:
        # Jinja costs 35 ms to import: a text that quotes nothing does not pay.
        from generator.text.sandbox import run_template

        text = run_template(pieces, results, problems, expanded, strict)
    else:
        text = "".join(
            _static(piece, expanded, at_start=number == 0) for number, piece in enumerate(pieces)
        )
    expanded.conditional = any(piece.kind == "statement" for piece in pieces)
    _map_lines(text, expanded)
    expanded.text = _SPANS.sub(lambda span: _hide_span(span, expanded), expanded.text)
    expanded.text = expanded.text.replace(NEWLINE, " ")
    return expanded


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


def _static(piece: Piece, expanded: Expanded, *, at_start: bool) -> str:
    if piece.kind == "prose":
        return with_lines(piece.text, piece.line, at_start=at_start)
    if piece.kind in ("fence", "code"):
        return opaque(piece, expanded)
    return "".join(span(piece.kind, piece.line, piece.content))


def _map_lines(text: str, expanded: Expanded) -> None:
    """Take the line marks out of `text` and keep what they say."""
    lines = []
    current = 1
    for line in text.split("\n"):
        marks = _LINES.findall(line)
        if marks:
            current = int(marks[-1])
        expanded.lines.append(current)
        lines.append(_LINES.sub("", line) if marks else line)
    expanded.text = "\n".join(lines)


def _hide_span(span: re.Match[str], expanded: Expanded) -> str:
    kind, line, content = span[1], int(span[2]), span[3].replace(NEWLINE, "\n")
    last = line + content.count("\n")
    if kind == "attributes":
        return expanded.mark(Hidden("attributes", line, last, attributes=read_attributes(content)))
    tex = content.strip()
    if kind == "inline":
        return expanded.mark(Hidden("inline", line, last, tex, plain=tex))
    return expanded.mark(Hidden("display", line, last, tex, plain=tex))
