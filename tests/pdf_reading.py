"""What stands where in a PDF of ours: its content streams read back, each piece with its tag.

Knows what WeasyPrint and our drawings write: text in CID fonts, Form XObjects, pictures, marked
content with MCIDs. All places in points from the lower left corner of the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text or a drawing. tags: structure types from the outside in; none: an artifact.

    kind: "text", "form" or "image". size: of the type, in points.
    """

    page: int
    kind: str
    tags: tuple[str, ...]
    box: Box
    text: str = ""
    font: str = ""
    size: float = 0.0


def pieces(content: bytes) -> list[Piece]:
    """Every piece of the PDF, page by page, in the order in which it is drawn."""
    with pikepdf.open(BytesIO(content)) as pdf:
        owners = _owners(pdf)
        return [
            piece
            for number, page in enumerate(pdf.pages)
            for piece in _Reader(number, page, owners.get(number, {})).read()
        ]


def page_sizes(content: bytes) -> list[tuple[float, float]]:
    """Width and height of every page."""
    with pikepdf.open(BytesIO(content)) as pdf:
        boxes = [[float(edge) for edge in page.mediabox] for page in pdf.pages]
    return [(right - left, top - bottom) for left, bottom, right, top in boxes]


def targets(content: bytes) -> dict[str, int]:
    """The page, from 0, of every place that a link may lead to, by name."""
    with pikepdf.open(BytesIO(content)) as pdf:
        pages: dict[Any, int] = {page.objgen: n for n, page in enumerate(pdf.pages)}
        names: Any = (
            pdf.Root.get("/Names", Dictionary()).get("/Dests", Dictionary()).get("/Names", [])
        )
        entries: list[Any] = list(names)
        return {
            str(name): pages[place[0].objgen]
            for name, place in zip(entries[::2], entries[1::2], strict=True)
        }


def links(content: bytes) -> list[tuple[int, str]]:
    """Page, from 0, and target's name of every link inside of the document."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return [
            (number, str(note.Dest))
            for number, page in enumerate(pdf.pages)
            for note in page.get("/Annots", Array())
            if "/Dest" in note
        ]


def structure(content: bytes) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every structure element, in order: its path of types and its own entries."""
    found: list[tuple[tuple[str, ...], dict[str, Any]]] = []

    def walk(element: Any, path: tuple[str, ...]) -> None:
        path = (*path, str(element.S)[1:])
        found.append((path, {str(key)[1:]: value for key, value in element.items()}))
        for kid in _kids(element):
            if isinstance(kid, Dictionary) and "/S" in kid:
                walk(kid, path)

    with pikepdf.open(BytesIO(content)) as pdf:
        for kid in _kids(pdf.Root.StructTreeRoot):
            walk(kid, ())
        return [
            (path, {key: _plain(value) for key, value in entries.items()})
            for path, entries in found
        ]


def _plain(value: Any) -> Any:
    if isinstance(value, pikepdf.String | Name):
        return str(value)
    if isinstance(value, Dictionary) and "/O" in value:
        return {str(key)[1:]: str(entry) for key, entry in value.items()}
    return None


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", Array())
    return list(kids) if isinstance(kids, Array) else [kids]


def _owners(pdf: Pdf) -> dict[int, dict[int, tuple[str, ...]]]:
    """For each page and MCID the path of structure types that owns the content."""
    pages: dict[Any, int] = {page.objgen: n for n, page in enumerate(pdf.pages)}
    owners: dict[int, dict[int, tuple[str, ...]]] = {}

    def walk(element: Any, path: tuple[str, ...]) -> None:
        path = (*path, str(element.S)[1:])
        for kid in _kids(element):
            if isinstance(kid, int):
                owners.setdefault(pages[element.Pg.objgen], {})[kid] = path
            elif isinstance(kid, Dictionary) and "/MCID" in kid:
                owners.setdefault(pages[kid.Pg.objgen], {})[int(kid.MCID)] = path
            elif isinstance(kid, Dictionary) and "/S" in kid:
                walk(kid, path)

    for kid in _kids(pdf.Root.StructTreeRoot):
        walk(kid, ())
    return owners


class _Reader:
    """Follows the operators of one page."""

    def __init__(self, number: int, page: Any, owners: dict[int, tuple[str, ...]]) -> None:
        self._number, self._page, self._owners = number, page, owners
        self._fonts = {
            name: _Font(font) for name, font in page.Resources.get("/Font", Dictionary()).items()
        }

    def read(self) -> Iterator[Piece]:
        """The pieces of the page."""
        matrix: Matrix = (1, 0, 0, 1, 0, 0)
        text: Matrix = matrix
        saved: list[Matrix] = []
        marks: list[tuple[str, ...]] = []
        font, size, pen = "", 0.0, 0.0
        instructions: Any = pikepdf.parse_content_stream(self._page)
        for operands, operator in instructions:
            match str(operator):
                case "q":
                    saved.append(matrix)
                case "Q":
                    matrix = saved.pop()
                case "cm":
                    matrix = _times(_matrix(operands), matrix)
                case "BDC" | "BMC":
                    marks.append(self._tags(operands, marks))
                case "EMC":
                    marks.pop()
                case "Tf":
                    font, size = str(operands[0]), float(operands[1])
                case "Tm":
                    text, pen = _matrix(operands), 0.0
                case "TJ":
                    start = pen
                    words, ink, pen = self._fonts[font].run(operands[0], size, pen)
                    if words.strip():
                        box = (start, -0.2 * size, ink, 0.7 * size)
                        yield Piece(
                            self._number, "text", marks[-1] if marks else (),
                            _placed(box, _times(text, matrix)), words, self._fonts[font].name,
                            size * abs(matrix[3]) * abs(text[3]),
                        )  # fmt: skip
                case "Do":
                    drawing = self._page.Resources.XObject[operands[0]]
                    is_form = drawing.get("/Subtype") == Name("/Form")
                    shape = [float(edge) for edge in drawing.get("/BBox", [0, 0, 1, 1])]
                    box = (shape[0], shape[1], shape[2], shape[3])
                    yield Piece(
                        self._number, "form" if is_form else "image", marks[-1] if marks else (),
                        _placed(box, matrix),
                    )  # fmt: skip

    def _tags(self, operands: Any, marks: list[tuple[str, ...]]) -> tuple[str, ...]:
        """The structure types of a marked content; inside of others theirs; () for an artifact."""
        if len(operands) > 1 and isinstance(operands[1], Dictionary) and "/MCID" in operands[1]:
            return self._owners[int(operands[1].MCID)]
        if str(operands[0]) == "/Artifact":
            return ()
        return marks[-1] if marks else ()


class _Font:
    """Widths and characters of a CID font."""

    def __init__(self, font: Any) -> None:
        self.name = str(font.BaseFont).partition("+")[2]
        self._widths: dict[int, float] = {}
        entries = list(font.DescendantFonts[0].W)
        for first, row in zip(entries[::2], entries[1::2], strict=True):
            self._widths |= {int(first) + place: float(width) for place, width in enumerate(row)}
        self._letters: dict[int, str] = {}
        for line in font.ToUnicode.read_bytes().decode("ascii").splitlines():
            if line.startswith("<") and line.count("<") == 2 and " <" in line:
                code, letters = line.strip("<>").split("> <")
                self._letters[int(code, 16)] = bytes.fromhex(letters).decode("utf-16-be")

    def run(self, parts: Any, size: float, pen: float) -> tuple[str, float, float]:
        """The text of a TJ, where its last letter ends, and where the pen is behind it."""
        words, ink = "", pen
        for part in parts:
            if isinstance(part, pikepdf.String):
                codes = bytes(part)
                for place in range(0, len(codes), 2):
                    code = int.from_bytes(codes[place : place + 2], "big")
                    letter = self._letters.get(code, "\ufffd")
                    words += letter
                    pen += self._widths.get(code, 1000.0) / 1000 * size
                    ink = ink if letter.isspace() else pen
            else:
                pen -= float(part) / 1000 * size
        return words, ink, pen


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = (float(operand) for operand in operands)
    return a, b, c, d, e, f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s,
        e * p + f * r + t, e * q + f * s + u,
    )  # fmt: skip


def _placed(box: Box, matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
