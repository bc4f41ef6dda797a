"""Tables that are too wide for the page: set smaller, else sideways on a page of their own.

Widths are estimated from the letters of the sans, before anything is laid out: WeasyPrint lets a
table stick out of the page without a word.
"""

from collections.abc import Iterator, Mapping
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element

from generator.errors import PageError, Where
from generator.typeset.measure import Measure, TableSetting


def fit_tables(
    root: Element, measure: Measure, where: Where, places: Mapping[str, Where]
) -> list[PageError]:
    """Give every table the class that lets it fit; a problem for each that fits in none.

    places: label → its line in the text at `where`, as far as they are known.
    """
    problems = []
    for figure, table in _tables(root):
        fitting = _first_fitting(table, measure)
        if any(part.get("data-pad") for part in table.iter()):
            # Points below each other are worth no smaller letters and no page of its own.
            padded, fitting = fitting, _first_fitting(table, measure, padded=False)
            if padded != fitting:
                _forget_pads(table)
        if fitting is not None:
            setting, sideways = fitting
            if setting.name:
                _add_class(table, setting.name)
            if sideways:
                _add_class(table if figure is None else figure, "sideways")
        else:
            problems.append(
                PageError(
                    f"{_name(figure, table)} is too wide even for a page of its own",
                    where if figure is None else places.get(figure.get("id", ""), where),
                    "show fewer columns or fewer digits",
                )
            )
    return problems


def _tables(root: Element) -> list[tuple[Element | None, Element]]:
    """Each table with the figure around it, if there is one."""
    framed = {table: figure for figure in root.iter("figure") for table in figure.iter("table")}
    return [(framed.get(table), table) for table in root.iter("table")]


def _first_fitting(
    table: Element, measure: Measure, *, padded: bool = True
) -> tuple[TableSetting, bool] | None:
    """The first way to set `table` that fits, and whether sideways; None if there is none.

    padded: with the room that numbers have behind their points (`data-pad`).
    """
    for width, sideways in ((measure.upright_pt, False), (measure.sideways_pt, True)):
        for setting in measure.tables:
            if _least_width_pt(table, setting, padded) <= width:
                return setting, sideways
    return None


def _forget_pads(table: Element) -> None:
    for part in table.iter():
        part.attrib.pop("data-pad", None)


def _least_width_pt(table: Element, setting: TableSetting, padded: bool) -> float:
    """The width below which `table` can't go: the longest thing of each column that stays whole."""
    columns: dict[int, float] = {}
    for row in table.iter("tr"):
        number = 0
        for cell in row:
            span = int(cell.get("colspan", "1"))
            if span == 1:
                bold = 1.06 if any(part.tag == "thead" for part in table if row in part) else 1.0
                width = (_cell_em(cell) + padded * _pad_em(cell)) * setting.size_pt * bold
                columns[number] = max(columns.get(number, 0.0), width)
            number += span
    return sum(columns.values()) + setting.padding_pt * len(columns)


def _cell_em(cell: Element) -> float:
    """The width in em of the longest part of `cell` that can't be broken."""
    text = " ".join("".join(_words(cell)).split())
    drawn = sum(float(part.get("data-em", "0")) for part in _parts(cell) if part.tag == "img")
    whole = "number" in cell.get("class", "").split()
    parts = [text] if whole else text.replace("-", "- ").replace("/", "/ ").split()
    return max([drawn, *(sum(_letter_em(letter) for letter in part) for part in parts)])


def _pad_em(cell: Element) -> float:
    """The width in em of what a number cell lacks behind its point."""
    return sum(_letter_em(letter) for part in cell.iter() for letter in part.get("data-pad", ""))


def _parts(cell: Element) -> Iterator[Element]:
    """`cell` and all in it but its notes, which stand at the foot of the page."""
    if "footnote" not in cell.get("class", "").split():
        yield cell
        for part in cell:
            yield from _parts(part)


def _words(cell: Element) -> Iterator[str]:
    """The text of `cell` without its notes."""
    if "footnote" not in cell.get("class", "").split():
        yield cell.text or ""
        for part in cell:
            yield from _words(part)
            yield part.tail or ""


def _letter_em(letter: str) -> float:
    if east_asian_width(letter) in "WF":
        return 0.95
    if letter in "mwMW@—%":
        return 0.82
    return 0.27 if letter in " .,:;'|!ijltI()[]-" else 0.51


def _name(figure: Element | None, table: Element) -> str:
    caption = figure.find("figcaption") if figure is not None else None
    text = " ".join("".join(caption.itertext()).split()) if caption is not None else ""
    if not text:
        text = " ".join("".join(table.itertext()).split())
    return f"the table “{text if len(text) <= 60 else text[:59] + '…'}”"


def _add_class(element: Element, name: str) -> None:
    element.set("class", " ".join([*element.get("class", "").split(), name]))
