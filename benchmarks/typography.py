"""Measure how evenly and how darkly PDFs are set: strokes, word gaps, white at the foot.

    python benchmarks/typography.py [PDF]... [--em POINTS] [--foreign] [--each]

Without a name, every committed PDF. Words come from `pdftotext -bbox`, so that other tools' PDFs
can be measured too; the darkness of formulas and the white at the foot need the tags of ours. Needs
Poppler. All lengths in em are of the body's type (`--em`, in points).
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.pdf_reading import page_sizes, pieces  # noqa: E402

MM = 72 / 25.4
FOOT_MM = 30.0  # the lower margin of our pages
NOTE_MM = 6.0  # what stands over the footnotes: a gap, a rule, a gap
DPI = 600
FORMULA_EM = 1.05  # of a formula's letters beside those of the text
_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in points from the upper left corner of its page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(slots=True)
class Found:
    """What was measured; lengths in em, white in mm, each with its page."""

    gaps: list[float] = field(default_factory=list)
    lines: list[tuple[float, str]] = field(default_factory=list)  # widest gap of a line
    short: list[str] = field(default_factory=list)
    ragged: list[str] = field(default_factory=list)
    white: list[tuple[float, str]] = field(default_factory=list)
    strokes: list[tuple[float, float]] = field(default_factory=list)  # formulas, text
    pages: int = 0


def words_of(path: Path) -> list[list[Word]]:
    """The words of each page."""
    run = subprocess.run(
        ["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True
    )
    pages = run.stdout.split("<page ")[1:]
    return [
        [
            Word(*map(float, found.groups()[:4]), unescape(found[5]))
            for found in _WORD.finditer(page)
        ]
        for page in pages
    ]


def height_of(pages: Sequence[Sequence[Word]]) -> float:
    """The height of most words: those of the body's type."""
    heights = Counter(round(word.bottom - word.top, 1) for page in pages for word in page)
    return heights.most_common(1)[0][0]


def lines_of(words: Sequence[Word], height: float) -> Iterator[tuple[list[Word], list[Word]]]:
    """Lines of the body's type: their words, and all that stands on each, from left to right."""
    body = [word for word in words if abs(word.bottom - word.top - height) < 0.15]
    other = [word for word in words if abs(word.bottom - word.top - height) >= 0.15]
    rows: dict[int, list[Word]] = {}
    for word in body:
        near = (round(word.bottom * 2) + step for step in (0, -1, 1))
        key = next((k for k in near if k in rows), round(word.bottom * 2))
        rows.setdefault(key, []).append(word)
    for key in sorted(rows):
        row = sorted(rows[key], key=lambda word: word.left)
        top, bottom = row[0].top + 0.3 * height, row[0].bottom - 0.1 * height
        beside = [word for word in other if word.top < bottom and word.bottom > top]
        yield row, sorted([*row, *beside], key=lambda word: word.left)


def measure_lines(path: Path, em: float, found: Found) -> None:
    """Word gaps of justified lines, short last lines, stretched lines that miss the margin."""
    pages = words_of(path)
    height = height_of(pages)
    for number, words in enumerate(pages, 1):
        lines = list(lines_of(words, height))
        if not lines:
            continue
        edges = Counter(round(everything[-1].right) for _, everything in lines)
        right = max((edge for edge, count in edges.items() if count >= 3), default=0)
        before: list[Word] | None = None
        for row, everything in lines:
            if sum(word.text == "." for word in row) > 3:
                continue  # the dots of a table of contents
            name = f"{path.stem} p{number} “{' '.join(w.text for w in everything)[:48]}”"
            body = set(map(id, row))
            gaps = [
                (b.left - a.right) / em
                for a, b in pairwise(everything)
                if id(a) in body
                and id(b) in body
                and a.text != "•"
                and 0 < b.left - a.right < 4 * em
            ]
            full = abs(everything[-1].right - right) < 0.08 * em + 1.5
            if full and len(gaps) >= 3:
                found.gaps += gaps
                found.lines.append((max(gaps), name))
            if (
                not full
                and gaps
                and statistics.median(gaps) > 0.38
                and right - everything[-1].right < 4 * em
            ):
                found.ragged.append(name)
            leading = everything[-1].bottom - before[-1].bottom if before else 99.0
            starts = abs(everything[0].left - before[0].left) < 1.0 if before else False
            if (
                before
                and starts
                and 0 < leading < 2 * em
                and before[-1].right > right - 3 * em
                and everything[-1].right - everything[0].left < 4 * em
            ):
                found.short.append(name)
            before = everything


def measure_foot(path: Path, content: bytes, em: float, found: Found) -> None:
    """White between the lowest line or picture and the foot of each page but the last."""
    sizes = page_sizes(content)
    lowest = {page: height for page, (_, height) in enumerate(sizes)}
    notes = dict.fromkeys(lowest, FOOT_MM * MM)
    for piece in pieces(content):
        if not piece.tags:
            continue
        bottom = piece.box[1]
        if "Note" in piece.tags:
            notes[piece.page] = max(notes[piece.page], piece.box[3] + NOTE_MM * MM)
            continue
        if piece.tags[-1] == "Formula":
            bottom += 0.5 * FORMULA_EM * em
        lowest[piece.page] = min(lowest[piece.page], bottom)
    found.pages += len(sizes)
    for page in range(len(sizes) - 1):
        white = (lowest[page] - notes[page]) / MM
        found.white.append((white, f"{path.stem} p{page + 1}"))


def stroke(darkness: np.ndarray) -> tuple[float, float]:
    """Area and half the length of the edges: their ratio is the mean width of a stroke.

    A bar of width w and length l has the area wl and edges of 2l, whose darkness changes by 1.
    """
    across, down = np.diff(darkness, axis=1)[:-1], np.diff(darkness, axis=0)[:, :-1]
    return float(darkness.sum()), float(np.hypot(across, down).sum() / 2)


def measure_strokes(path: Path, content: bytes, em: float, found: Found) -> None:
    """The mean stroke of inline formulas and of the words of body text, in 1/1000 em."""
    sizes = page_sizes(content)
    areas = {"formula": [0.0, 0.0], "text": [0.0, 0.0]}
    every = pieces(content)
    pages = sorted({p.page for p in every if p.tags[-2:] == ("P", "Formula")})[:3]
    for page in pages:
        with tempfile.TemporaryDirectory() as folder:
            name = Path(folder) / "page"
            subprocess.run(
                ["pdftoppm", "-r", str(DPI), "-gray", "-f", str(page + 1), "-l", str(page + 1),
                 "-singlefile", path, name],
                check=True,
            )  # fmt: skip
            image = 1 - np.asarray(Image.open(name.with_suffix(".pgm")), dtype=float) / 255
        for piece in every:
            if piece.page != page:
                continue
            left, bottom, right, top = piece.box
            if piece.tags[-2:] == ("P", "Formula"):
                hang = 0.5 * FORMULA_EM * em
                left, bottom, right, top = left + hang, bottom + hang, right - hang, top - hang
                kind = "formula"
            elif (
                piece.tags[-1:] == ("P",) and abs(piece.size - em) < 0.05 and "Serif" in piece.font
            ):
                kind = "text"
            else:
                continue
            scale, height = DPI / 72, sizes[page][1]
            cut = image[
                int((height - top) * scale) - 2 : int((height - bottom) * scale) + 3,
                int(left * scale) - 1 : int(right * scale) + 2,
            ]
            if cut.size:
                area, edges = stroke(cut)
                areas[kind][0] += area
                areas[kind][1] += edges
    if areas["formula"][1] and areas["text"][1]:
        unit = 1000 / (em * DPI / 72)
        found.strokes.append(
            (
                areas["formula"][0] / areas["formula"][1] * unit,
                areas["text"][0] / areas["text"][1] * unit,
            )
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pdfs", nargs="*", type=Path)
    parser.add_argument("--em", type=float, default=10.1, help="the body's type, in points")
    parser.add_argument(
        "--foreign", action="store_true", help="not ours: word gaps and last lines only"
    )
    parser.add_argument(
        "--each", action="store_true", help="name the lines and pages that miss a goal"
    )
    parser.add_argument("--quick", action="store_true", help="no strokes: they take half a minute")
    options = parser.parse_args()
    found = Found()
    for path in options.pdfs or sorted((ROOT / "reports").glob("*/*.pdf")):
        measure_lines(path, options.em, found)
        if not options.foreign:
            content = path.read_bytes()
            measure_foot(path, content, options.em, found)
            if not options.quick:
                measure_strokes(path, content, options.em, found)
    wide = [(gap, name) for gap, name in found.lines if gap > 0.5]
    white = sorted((item for item in found.white if item[0] > 12), reverse=True)
    gap, spread = statistics.mean(found.gaps), statistics.pstdev(found.gaps)
    rows = [
        (
            "word gap, standard deviation",
            f"{spread:.3f} em   (mean {gap:.3f}, {len(found.gaps)} gaps)",
        ),
        ("widest word gap", f"{max(gap for gap, _ in found.lines):.2f} em"),
        ("lines with a gap over 0.5 em", f"{len(wide)} of {len(found.lines)}"),
        ("stretched but short of margin", str(len(found.ragged))),
        ("paragraphs ending under 4 em", str(len(found.short))),
    ]
    if found.strokes:
        formulas, text = (statistics.mean(column) for column in zip(*found.strokes, strict=True))
        value = f"{formulas / text:.2f}   ({formulas:.1f} / {text:.1f} of 1/1000 em)"
        rows.append(("stroke of formulas / of text", value))
    if found.white:
        value = f"{len(white)} of {len(found.white)}, worst {max(found.white)[0]:.0f} mm"
        rows.append(("pages with over 12 mm white", value))
    for name, value in rows:
        print(f"{name:32}{value}")
    if options.each:
        for gap, name in sorted(found.lines, reverse=True):
            if gap > 0.45:
                print(f"  gap {gap:.2f} em: {name}")
        for name in found.ragged:
            print(f"  short of the margin: {name}")
        for name in found.short:
            print(f"  short last line: {name}")
        for mm, name in white:
            print(f"  {mm:.0f} mm white: {name}")


if __name__ == "__main__":
    main()
