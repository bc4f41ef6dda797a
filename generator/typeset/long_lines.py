"""Long lines of code, wrapped where a reader would wrap them, with a mark at each continuation.

The code's type has one width for all letters, so lines are counted in columns; characters of East
Asian scripts count as two. How many fit, `measure` reads off the style sheet.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element

_DEEPER = 2  # columns that a continuation is set in, beyond its line
_TURN = 2  # columns of the mark itself
# Good places to go on: after a space, a comma, an opening bracket; before an operator or a dot.
_AFTER = frozenset(" ,;([{=|&/")
_BEFORE = frozenset(".+-*|&)]}")
_REACH = 0.4  # how far back a good place may lie, as a part of the line


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text in the tree: an element's own, or its tail. start: its place in the whole text."""

    element: Element
    is_tail: bool
    start: int
    text: str


def wrap_code(root: Element, columns: int) -> None:
    """Put `<span class="turn">` where lines of `<pre>` go on below, with the indent they need."""
    parents: dict[Element, Element] = {}
    for pre in root.iter("pre"):
        pieces = list(_pieces(pre))
        turns = list(_turns("".join(piece.text for piece in pieces), columns))
        if turns and not parents:
            parents = {child: parent for parent in root.iter() for child in parent}
        starts = [piece.start for piece in pieces]
        # From the end, so that what is still to be cut keeps its place.
        for at, indent in reversed(turns):
            piece = pieces[bisect_right(starts, at) - 1]
            turn = Element("span", {"class": "turn", "data-indent": " " * indent})
            _insert(turn, piece, at - piece.start, parents)


def _pieces(pre: Element) -> Iterator[_Piece]:
    """The texts of `pre` in order, none empty."""
    at = 0

    def walk(element: Element) -> Iterator[_Piece]:
        nonlocal at
        if element.text:
            yield _Piece(element, False, at, element.text)
            at += len(element.text)
        for child in element:
            yield from walk(child)
            if child.tail:
                yield _Piece(child, True, at, child.tail)
                at += len(child.tail)

    return walk(pre)


def _insert(turn: Element, piece: _Piece, at: int, parents: dict[Element, Element]) -> None:
    """Cut the piece's text, as it is by now, at `at` and put `turn` between the halves."""
    element = piece.element
    if piece.is_tail:
        text = element.tail or ""
        element.tail, turn.tail = text[:at], text[at:]
        parent = parents[element]
        parent.insert(list(parent).index(element) + 1, turn)
        parents[turn] = parent
    else:
        text = element.text or ""
        element.text, turn.tail = text[:at], text[at:]
        element.insert(0, turn)
        parents[turn] = element


def _turns(text: str, columns: int) -> Iterator[tuple[int, int]]:
    """Where `text` goes on in a new line, each with the indent of the continuation."""
    at = 0
    for line in text.split("\n"):
        indent = min(len(line) - len(line.lstrip(" ")) + _DEEPER, columns // 2)
        room, start = columns, 0
        while (fits := _fitting(line, start, room)) < len(line):
            start = _good_place(line, start, fits)
            yield at + start, indent
            room = columns - indent - _TURN
        at += len(line) + 1


def _fitting(line: str, start: int, room: int) -> int:
    """The first character of `line` from `start` on that no longer fits into `room` columns."""
    for place in range(start, len(line)):
        room -= 2 if east_asian_width(line[place]) in "WF" else 1
        if room < 0:
            return max(place, start + 1)
    return len(line)


def _good_place(line: str, start: int, limit: int) -> int:
    """The best place to cut `line` after `start`, at `limit` at the latest."""
    nearest = start + int((limit - start) * (1 - _REACH))
    for place in range(limit, max(nearest, start + 1), -1):
        if line[place - 1] in _AFTER or line[place] in _BEFORE:
            return place
    return limit
