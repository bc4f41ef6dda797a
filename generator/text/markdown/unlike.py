"""Where a fence or a comment would mean something else to GitHub than to the lexer."""

import re

_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")


NOT_QUOTED = (
    "a line of code in a quotation that has no >",
    "begin each line of the code with >",
)
BETWEEN_ITEMS = (
    "a comment between items ends the list for other readers",
    "indent it like the item that it belongs to, or write a sentence between the lists",
)


def without_mark(code: str) -> int | None:
    """Where the first line of `code`, in a quoted fence, begins that lacks its `>`."""
    match = re.search(r"^(?![ \t]*>)", code, re.MULTILINE)
    return match.start() if match else None


def ends_a_list(text: str, start: int, end: int) -> bool:
    """Whether the comment from `start` to `end`, at a line's beginning, ends a list for others.

    They see its items as two lists, or what is indented behind it as code.
    """
    if start and text[start - 1] != "\n":
        return False
    before = [line for line in text[:start].rsplit("\n", 40) if line.strip()]
    after = next((line for line in text[end:].split("\n") if line.strip()), "")
    if not before or not (_ITEM.match(after) or after.startswith(("    ", "\t"))):
        return False
    while len(before) > 1 and before[-1].startswith((" ", "\t")):
        before.pop()
    return bool(_ITEM.match(before[-1]))
