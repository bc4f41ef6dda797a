"""What every PDF of ours must hold, as functions that name what is wrong; nothing wrong is ()."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.pdf_reading import Piece, links, page_sizes, pieces, structure, targets

_SIDE = 30 / 25.4 * 72  # points
_SIDEWAYS = 27 / 25.4 * 72  # on a landscape page
_SLACK = 1.0  # a letter's own overhang, and half a point of justification
_LEAST_FILL = 1 / 3
_HEADINGS = frozenset(("H1", "H2", "H3", "H4", "H5", "H6"))


def everything_wrong(content: bytes) -> list[str]:
    """All findings of all checks below."""
    found = pieces(content)
    return [
        *outside_margins(content, found),
        *stranded_headings(found),
        *empty_pages(content, found),
        *distant_figures(content),
        *foreign_fonts(found),
        *silent_pictures(content),
        *failed_rules(content),
        *broken_syntax(content),
    ]


def outside_margins(content: bytes, found: Iterable[Piece]) -> list[str]:
    """Text and pictures that stick out of the side margins, or off the page."""
    sizes = page_sizes(content)
    wrong = []
    for piece in found:
        width, height = sizes[piece.page]
        side = (_SIDEWAYS if width > height else _SIDE) - _SLACK
        left, bottom, right, top = piece.box
        # The box of a drawing's form has room for what may hang over; its place is its figure's.
        if piece.kind == "form":
            continue
        if left < side or right > width - side or bottom < 20 or top > height - 20:
            what = piece.text[:40] or piece.kind
            wrong.append(f"page {piece.page + 1}: {what!r} at {left:.0f}–{right:.0f} pt")
    return wrong


def stranded_headings(found: Iterable[Piece]) -> list[str]:
    """Headings with no text of theirs below them on the page."""
    lowest: dict[int, Piece] = {}
    for piece in found:
        if not piece.tags or "Note" in piece.tags:
            continue
        before = lowest.get(piece.page)
        if before is None or piece.box[1] < before.box[1]:
            lowest[piece.page] = piece
    return [
        f"page {page + 1} ends with the heading {piece.text!r}"
        for page, piece in lowest.items()
        if _HEADINGS & set(piece.tags)
    ]


def empty_pages(content: bytes, found: Iterable[Piece]) -> list[str]:
    """Pages but the last whose text ends in the upper third."""
    sizes = page_sizes(content)
    lowest = {page: height for page, (_, height) in enumerate(sizes)}
    for piece in found:
        if piece.tags:
            lowest[piece.page] = min(lowest[piece.page], piece.box[1])
    wrong = []
    for page, (_, height) in enumerate(sizes[:-1]):
        margins = 27 / 25.4 * 72, 30 / 25.4 * 72
        filled = (height - margins[0] - lowest[page]) / (height - sum(margins))
        if filled < _LEAST_FILL:
            wrong.append(f"page {page + 1} is filled to {filled:.0%}")
    return wrong


def distant_figures(content: bytes) -> list[str]:
    """Figures and tables that are more than a page from where the text first names them."""
    places = targets(content)
    first: dict[str, int] = {}
    for page, name in links(content):
        first[name] = min(page, first.get(name, page))
    return [
        f"{name} is on page {page + 1}, first named on page {first[name] + 1}"
        for name, page in places.items()
        if name.startswith(("fig-", "tbl-")) and name in first and abs(page - first[name]) > 1
    ]


def foreign_fonts(found: Iterable[Piece]) -> list[str]:
    """Fonts that are not ours."""
    names = {piece.font for piece in found if piece.kind == "text"}
    return [f"the font {name}" for name in sorted(names) if not name.startswith("Study-")]


def silent_pictures(content: bytes) -> list[str]:
    """Figures and formulas without words."""
    return [
        f"a {path[-1]} has no alternative text"
        for path, entries in structure(content)
        if path[-1] in ("Figure", "Formula") and not str(entries.get("Alt") or "").strip()
    ]


def failed_rules(content: bytes) -> list[str]:
    """Rules of PDF/UA-1 and of PDF/A-3a that page-validation finds broken."""
    import page

    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        path.write_bytes(content)
        profiles = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A)
        results = [page.validate_pdf(str(path), profile=profile) for profile in profiles]
    return [str(failure) for result in results for failure in result.failures]


def broken_syntax(content: bytes) -> list[str]:
    """What `qpdf --check` complains about."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        path.write_bytes(content)
        run = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    return [] if run.returncode == 0 else [run.stderr.strip() or run.stdout.strip()]
