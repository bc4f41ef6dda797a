"""Markdown that a group writes about a week, in the dialect of where it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a place writes words, code and links; strong and emphasis: the marks around them.

    link: takes what is shown and the address as it was written.
    """

    words: Callable[[str], str]
    code: Callable[[str], str]
    link: Callable[[str, str], str]
    strong: str = ""
    emphasis: str = ""


def in_dialect(markdown: str, dialect: Dialect) -> str:
    """`markdown` line by line in `dialect`: paragraphs, lists and code; headings are strong.

    What a dialect has no form for (HTML, pictures) shows as the words that it is.
    """
    from markdown_it import MarkdownIt  # where a message or a calendar is written

    lines: list[str] = []
    lists: list[int | None] = []  # the number of the next item, None where they have none
    marker = ""
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = token.attrGet("start") if token.type.startswith("ordered") else None
            lists.append(int(start or 1) if token.type.startswith("ordered") else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            number = lists[-1]
            marker = "- " if number is None else f"{number}. "
            lists[-1] = None if number is None else number + 1
        elif token.type == "inline":
            text = _inline(token.children or [], dialect)
            indent = "  " * max(len(lists) - 1, 0)
            for number, line in enumerate(text.split("\n")):
                lead = marker if number == 0 else " " * len(marker)
                lines.append(f"{indent}{lead}{line}".rstrip())
            marker = ""
        elif token.type == "heading_close":
            lines[-1] = f"{dialect.strong}{lines[-1]}{dialect.strong}"
        elif token.type in ("fence", "code_block", "html_block"):
            lines += [dialect.words(line) for line in token.content.rstrip("\n").split("\n")]
        elif token.type == "paragraph_close" and not lists:
            lines.append("")
    return "\n".join(lines).strip()


def _inline(tokens: Sequence["Token"], dialect: Dialect) -> str:
    marks = {"strong": dialect.strong, "em": dialect.emphasis}
    told = [""]
    addresses: list[str] = []
    for token in tokens:
        kind = token.type.rsplit("_", 1)[0]
        if token.type == "link_open":
            addresses.append(str(token.attrGet("href") or ""))
            told.append("")
        elif token.type == "link_close":
            shown = told.pop()
            told[-1] += dialect.link(shown, addresses.pop())
        elif kind in marks:
            told[-1] += marks[kind]
        elif token.type == "code_inline":
            told[-1] += dialect.code(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            told[-1] += "\n"
        else:
            told[-1] += dialect.words(token.content)
    return "".join(told)
