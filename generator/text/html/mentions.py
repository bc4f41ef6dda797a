"""What a text quotes, shows, cites and refers to, with its lines: what a translation must keep."""

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from generator.errors import Where
from generator.model import Mention
from generator.text.markdown.boxes import NAMED
from generator.text.markdown.grammar import Parsed
from generator.text.markdown.lexer import Piece
from generator.text.markdown.marks import IN_ATTRIBUTES, IN_MATHS
from generator.text.markdown.outline import Outline

_ANSWER = re.compile(r"\*\*(\d+)\.\*\*\s")
_RESULT = re.compile(r"\b(?:value|string|table|parameter)(?:\.[a-z]\w*|\[)")


def mentions_of(
    pieces: Sequence[Piece], parsed: Parsed, outline: Outline, path: str
) -> tuple[Mention, ...]:
    """Everything that the text at `path` mentions, kind by kind in the order of the text."""
    found = [
        Mention("value", expression, Where(path, line))
        for line, expression in _expressions(pieces)
        if _RESULT.search(expression)
    ]
    for label in outline.labels.values():
        found.append(Mention("label", label.name, Where(path, label.line)))
    for section in outline.sections.values():
        what = "#" * section.level + (" unnumbered" if not section.number else "")
        what += " appendix" if section.appendix and section.level == 2 else ""
        found.append(Mention("heading", what, Where(path, section.line)))
    for exercise, line in outline.solutions.items():
        found.append(Mention("solution", exercise, Where(path, line)))
    for what, row in _boxes(parsed):
        found.append(Mention("box", what, Where(path, parsed.expanded.source_line(row))))
    for kind, what, row in _counted(parsed):
        found.append(Mention(kind, what, Where(path, parsed.expanded.source_line(row))))
    for kind, what, row in _inline_mentions(parsed):
        found.append(Mention(kind, what, Where(path, parsed.expanded.source_line(row))))
    return tuple(found)


def _boxes(parsed: Parsed) -> Iterator[tuple[str, int]]:
    """Theorems, proofs and the like, those of each kind counted: "proof 2"."""
    counts: dict[str, int] = {}
    for token in parsed.tokens:
        if token.type == "admonition_open" and token.meta["tag"] in NAMED:
            kind = token.meta["tag"]
            counts[kind] = counts.get(kind, 0) + 1
            yield f"{kind} {counts[kind]}", (token.map or [0])[0]


def _counted(parsed: Parsed) -> Iterator[tuple[str, str, int]]:
    """Numbered lists with their lengths, and paragraphs that begin with a bold number: answers."""
    lists = answers = 0
    for index, token in enumerate(parsed.tokens):
        row = (token.map or [0])[0]
        if token.type == "ordered_list_open":
            lists += 1
            items = 0
            for inner in parsed.tokens[index + 1 :]:
                if inner.type == "ordered_list_close" and inner.level == token.level:
                    break
                items += inner.type == "list_item_open" and inner.level == token.level + 1
            yield "list", f"{lists} of {items} items", row
        elif token.type == "paragraph_open":
            answer = _ANSWER.match(parsed.tokens[index + 1].content)
            if answer:
                answers += 1
                yield "answer", f"{answer[1]}, answer {answers} of all", row


def _expressions(pieces: Sequence[Piece]) -> Iterator[tuple[int, str]]:
    for piece in pieces:
        if piece.kind in ("expression", "statement"):
            yield piece.line, _normal(piece.content)
        elif piece.kind in ("inline", "display"):
            for match in IN_MATHS.finditer(piece.content):
                yield piece.line, _normal(match[1])
        elif piece.kind == "attributes":
            for match in IN_ATTRIBUTES.finditer(piece.content):
                yield piece.line, _normal(match[1])


def _normal(expression: str) -> str:
    """An expression with single spaces around its bars: "value.a | digits(2)"."""
    return re.sub(r"\s*\|\s*", " | ", " ".join(expression.split()))


def _inline_mentions(parsed: Parsed) -> Iterator[tuple[str, str, int]]:
    for token in parsed.tokens:
        row = (token.map or [0])[0]
        for child in inline_tokens(token.children or ()):
            yield from ((kind, what, row) for kind, what in _named(child, parsed))
    for note in parsed.notes.values():
        for child in inline_tokens(note):
            yield from ((kind, what, 0) for kind, what in _named(child, parsed))


def inline_tokens(children: Sequence[Token]) -> Iterator[Token]:
    """`children` and all that stands inside them."""
    for child in children:
        yield child
        yield from inline_tokens(child.children or ())


def _named(token: Token, parsed: Parsed) -> Iterator[tuple[str, str]]:
    if token.type in ("reference", "citation"):
        yield _target(token.meta)
    elif token.type == "group":
        yield from (_target(item) for item in token.meta["items"])
    elif token.type == "image" and str(token.attrs.get("src", "")).startswith("figure:"):
        yield "figure", str(token.attrs["src"]).removeprefix("figure:")
    elif token.type == "span_open":
        attributes = parsed.expanded.hidden[token.meta["hidden"]].attributes
        cite = attributes.values.get("cite")
        if cite:
            yield "citation", cite
        if {"const", "quoted"} & set(attributes.classes):
            # Only what is no zero at an end: 405 billion are 4050억, and 1.35 trillion 1조 3500억.
            digits = "".join(re.findall(r"\d", token.meta["words"])).strip("0")
            if digits:
                yield "constant", digits


def _target(meta: dict[str, str | None]) -> tuple[str, str]:
    if meta.get("label"):
        return "reference", f"{meta['report']}:{meta['label']}" if meta["report"] else (
            meta["label"] or ""
        )
    return "citation", meta.get("key") or ""
