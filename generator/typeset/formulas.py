"""Formulas in a report's tree: their baselines and words, and the parts of long ones."""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

from generator.errors import PageError
from generator.maths.formulas import DrawnFormula
from generator.model import Formula
from generator.typeset.measure import Measure

_NUMBER_EM = 3.5  # what the number of an equation needs, with its distance, on both sides
_BLOCKS = frozenset(
    ("p", "li", "dd", "dt", "td", "th", "div", "figcaption", "h2", "h3", "h4", "h5")
)
_CLOSED = frozenset(("table", "figcaption", "nav", "header", "figure"))
_NOTHING = Element("nothing")


def place_formulas(
    root: Element,
    formulas: Iterable[Formula],
    drawn: Mapping[str, DrawnFormula],
    measure: Measure,
) -> list[PageError]:
    """Give every `<img src="formula:KEY">` its baseline, alternative text and MathML.

    A long one becomes several pictures, `formula:KEY/0` and so on, which stay one formula for those
    who listen: in a line of text so that a line may end at a relation, on its own so that it fits.
    """
    sources = {formula.key: formula for formula in formulas}
    parents: dict[Element, Element] = {}
    problems = []
    for image in list(root.iter("img")):
        scheme, _, key = image.get("src", "").partition(":")
        if scheme != "formula":
            continue
        drawing, formula = drawn[key], sources[key]
        image.set("alt", drawing.alt)
        image.set("data-mathml", drawing.mathml)
        image.set("style", drawing.css)
        image.set("data-em", f"{drawing.width_em:.2f}")
        if drawing.pieces and not parents:
            parents = {child: parent for parent in root.iter() for child in parent}
        if formula.display:
            limit = measure.display_em
            if "numbered" in _above(image, parents).get("class", "").split():
                limit -= _NUMBER_EM
            if drawing.width_em > limit and (lines := _lines(drawing, limit)):
                _break_display(image, drawing, lines, parents)
                continue
        else:
            limit = measure.inline_em
            if drawing.pieces and _is_running_text(image, parents):
                _break_inline(image, drawing, parents)
                limit = max(limit, drawing.width_em)
        if drawing.width_em > limit:
            advice = "break it with aligned" if formula.display else "set it on its own, in $$"
            problems.append(
                PageError(
                    f"a formula is {drawing.width_em:.1f} em wide; there is room for {limit:.1f}",
                    formula.where,
                    advice,
                )
            )
    return problems


def _above(element: Element, parents: Mapping[Element, Element]) -> Element:
    """The parent of `element`, or an empty one."""
    return parents.get(element, _NOTHING)


def _is_running_text(image: Element, parents: Mapping[Element, Element]) -> bool:
    """Whether a formula stands in a paragraph, whose lines may end inside of it."""
    tags = []
    element = image
    while element in parents:
        element = parents[element]
        tags.append(element.tag)
    blocks = [tag for tag in tags if tag in _BLOCKS]
    return bool(blocks) and blocks[0] in ("p", "li", "dd") and not _CLOSED & set(tags)


def _lines(drawing: DrawnFormula, limit: float) -> list[list[int]]:
    """The pieces of a displayed formula by the lines they fit into; [] if one is too wide."""
    pieces = drawing.pieces
    if not pieces or any(piece.width_em > limit for piece in pieces):
        return []
    lines: list[list[int]] = [[0]]
    for number in range(1, len(pieces)):
        line = [*lines[-1], number]
        if _width(drawing, line) <= limit:
            lines[-1] = line
            continue
        lines.append([number])
        # Between two formulas rather than before a relation, if what is cut off fits.
        best = [n for n in line[:-1] if pieces[n].penalty == 0]
        rest = line[line.index(best[-1]) + 1 :] if best else []
        if rest and _width(drawing, rest) <= limit:
            lines[-2:] = [line[: -len(rest)], rest]
    return lines


def _width(drawing: DrawnFormula, numbers: list[int]) -> float:
    """How wide these pieces of a formula are beside each other, in em."""
    inner = sum(drawing.pieces[n].width_em + drawing.pieces[n].gap_em for n in numbers)
    return inner - drawing.pieces[numbers[-1]].gap_em


def _break_display(
    image: Element, drawing: DrawnFormula, lines: list[list[int]], parents: dict[Element, Element]
) -> None:
    """Put the pieces of a displayed formula on several lines."""
    key = image.get("src", "")
    parent, tail = parents[image], image.tail
    at = list(parent).index(image)
    for row, numbers in enumerate(lines):
        for place, number in enumerate(numbers):
            piece = drawing.pieces[number]
            gap = piece.gap_em if place < len(numbers) - 1 else 0.0
            part = image if number == 0 else Element("img", dict(image.attrib))
            part.tail = None
            part.set("src", f"{key}/{number}")
            part.set("data-em", f"{piece.width_em:.2f}")
            above = ";margin-top:.5em" if row else ""
            part.set("style", f"{drawing.css};margin-right:{gap:.4f}em{above}")
            if number:
                part.set("class", f"{image.get('class', '')} more")
                at += 1
                parent.insert(at, part)
                parents[part] = parent
        if row < len(lines) - 1:
            at += 1
            turn = Element("br")
            parent.insert(at, turn)
            parents[turn] = parent
    parent[at].tail = tail


def _break_inline(image: Element, drawing: DrawnFormula, parents: dict[Element, Element]) -> None:
    """Put the pieces of a formula beside each other; lines may end at the zero-width spaces."""
    key = image.get("src", "")
    parent, tail = parents[image], image.tail
    at = list(parent).index(image)
    for number, piece in enumerate(drawing.pieces):
        part = image if number == 0 else Element("img", dict(image.attrib))
        part.set("src", f"{key}/{number}")
        part.set("data-em", f"{piece.width_em:.2f}")
        part.set("data-penalty", f"{piece.penalty:.0f}")
        part.set("style", f"{drawing.css};margin-right:{piece.gap_em:.4f}em")
        part.tail = "\u200b"
        if number:
            part.set("class", f"{image.get('class', '')} more")
            parent.insert(at + number, part)
            parents[part] = parent
    parent[at + len(drawing.pieces) - 1].tail = tail
