"""What a week's meeting leaves in the cells of the schedule: names, links, Markdown on one line."""

import re
from collections.abc import Callable, Sequence

from generator.model import Link, Phrase
from generator.publish.readme.escape import markdown_text

_BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_BULLET = re.compile(r"^[-*+]\s+(?=\S)")


def names_cell(names: Sequence[str]) -> str:
    """The names with commas between."""
    return markdown_text(", ".join(names))


def links_cell(
    links: Sequence[Link], word: str, language: str, address: Callable[[str], str]
) -> str:
    """The links with commas between, those without a name called `word`, from the second "word 2".

    address: what the README writes for an address or a path of the study.
    """
    found = []
    for number, link in enumerate(links, 1):
        name = link.name.text(language) or (word if number == 1 else f"{word} {number}")
        found.append(f"[{markdown_text(name)}]({address(link.url)})")
    return ", ".join(found)


def markdown_cell(pieces: Sequence[Phrase], language: str) -> str:
    """The pieces of Markdown on one line: a cell has no other. Lists become lines of bullets."""
    lines = [
        line
        for piece in pieces
        for line in map(str.strip, piece.text(language).splitlines())
        if line
    ]
    bulleted = len(lines) > 1 and not any(_BULLET.match(line) for line in lines)
    told = [f"• {line}" if bulleted else _BULLET.sub("• ", line) for line in lines]
    return _BAR.sub(r"\1\\|", "<br>".join(told if len(told) > 1 else lines))
