"""Expressions and statements of a text carried out; everything else goes through untouched.

The result is Markdown in which every piece that Markdown must not read (code, formulas, quoted
results, attribute lists) is a mark, and a map from its lines to those of the source.
"""

import re
from collections.abc import Mapping, Sequence

from generator.model import Parameter, Results
from generator.text.markdown.attributes import read_attributes
from generator.text.markdown.lexer import Piece
from generator.text.markdown.marks import (
    IN_ATTRIBUTES,
    IN_MATHS,
    LINE_MARK,
    NEWLINE,
    SPAN,
    Expanded,
    Hidden,
    opaque,
    span,
    with_lines,
)
from generator.text.problems import Problems
from generator.text.values.exposed import Names, exposed
from generator.text.values.show import Place, Shower
from generator.text.values.simple import simple_result

_NONE: Mapping[str, Parameter] = {}


def expand(
    pieces: Sequence[Piece],
    results: Results,
    problems: Problems,
    *,
    strict: bool = True,
    language: str = "",
    parameters: Mapping[str, Parameter] = _NONE,
) -> Expanded:
    """The text of `pieces` with what it quotes from `results` in `language` and `parameters`.

    strict: a number typed into an expression is a problem, too.
    """
    expanded = Expanded()
    expanded.conditional = any(piece.kind == "statement" for piece in pieces)
    names = exposed(results, language, parameters)
    shower = Shower(problems, expanded, strict)
    if expanded.conditional or not _is_simple(pieces, names):
        from generator.text.values.sandbox import run_template

        text = run_template(pieces, names, shower)
    else:
        text = "".join(
            _carried_out(piece, names, shower, at_start=number == 0)
            for number, piece in enumerate(pieces)
        )
    _map_lines(text, expanded)
    expanded.text = SPAN.sub(lambda match: _hide_span(match, expanded), expanded.text)
    expanded.text = expanded.text.replace(NEWLINE, " ")
    return expanded


def _expressions_in(piece: Piece) -> list[str]:
    if piece.kind == "expression":
        return [piece.content]
    if piece.kind in ("inline", "display") and "{{" in piece.content:
        return [match[1] for match in IN_MATHS.finditer(piece.content)]
    if piece.kind == "attributes" and "{{" in piece.content:
        return [match[1] for match in IN_ATTRIBUTES.finditer(piece.content)]
    return []


def _is_simple(pieces: Sequence[Piece], names: Mapping[str, Names]) -> bool:
    """Whether every expression only names a result that is there."""
    return all(
        simple_result(expression, names) is not None
        for piece in pieces
        for expression in _expressions_in(piece)
    )


def _carried_out(
    piece: Piece, names: Mapping[str, Names], shower: Shower, *, at_start: bool
) -> str:
    """A piece of a text that has simple expressions only."""
    if piece.kind == "prose":
        return with_lines(piece.text, piece.line, at_start=at_start)
    if piece.kind in ("fence", "code"):
        return opaque(piece, shower.expanded)
    if piece.kind == "expression":
        alone: Place = "alone" if piece.alone else "prose"
        return shower.show(piece.line, alone, simple_result(piece.content, names))
    place: Place = "attribute" if piece.kind == "attributes" else "maths"
    pattern = IN_ATTRIBUTES if piece.kind == "attributes" else IN_MATHS
    opening, body, closing = span(piece.kind, piece.line, piece.content)

    def shown(match: re.Match[str]) -> str:
        return shower.show(piece.line, place, simple_result(match[1], names))

    return opening + pattern.sub(shown, body) + closing


def _map_lines(text: str, expanded: Expanded) -> None:
    """Take the line marks out of `text` and keep what they say."""
    lines = []
    current = 1
    for line in text.split("\n"):
        marks = LINE_MARK.findall(line)
        if marks:
            current = int(marks[-1])
        expanded.lines.append(current)
        lines.append(LINE_MARK.sub("", line) if marks else line)
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
