"""The house style of plots, and figures as SVG: the same drawing gives the same bytes.

matplotlib is imported inside the functions: a script that draws nothing does not pay for it.
We never draw with pyplot, whose state outlives a script; a script may.
"""

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.compute.figures.faces import FAMILIES, use_fonts
from generator.machine.unwritten import BRING, from_right, unwritten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MM_PER_INCH = 25.4
FONT_SIZE_PT = 8.5

# Okabe & Ito, "Color Universal Design" (2008): told apart with any colour vision. Their yellow
# is left out, since a thin yellow line is lost on white paper.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

# Beyond these counts a viewer is slow and the file large, so the artist becomes a picture.
DENSE_POINTS = 3000
DENSE_CELLS = 2500
RASTER_DPI = 300
LARGE_BYTES = 150_000  # more makes a report slow to show and its repository heavy

_PARAMS: dict[Any, Any] = {
    "font.family": list(FAMILIES),
    "font.size": FONT_SIZE_PT,
    "axes.titlesize": FONT_SIZE_PT,
    "axes.labelsize": FONT_SIZE_PT,
    "figure.titlesize": FONT_SIZE_PT + 0.5,
    "xtick.labelsize": FONT_SIZE_PT - 1,
    "ytick.labelsize": FONT_SIZE_PT - 1,
    "legend.fontsize": FONT_SIZE_PT - 1,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.w_pad": 0.03,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": "#444444",
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
    "patch.linewidth": 0.6,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.pad": 1.5,
    "ytick.major.pad": 2,
    "axes.labelpad": 2,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "image.cmap": "cividis",
    "mathtext.fontset": "stix",
    "svg.fonttype": "path",
    # Without the salt every id in the file differs from run to run.
    "svg.hashsalt": "study",
    "path.simplify": True,
    "path.simplify_threshold": 0.1,
}


def load() -> None:
    """Import matplotlib, if no import of the script's did."""
    import matplotlib  # noqa: F401


def settle(folder: Path) -> None:
    """Put the house style into matplotlib's parameters. folder: where fonts are kept."""
    import matplotlib
    from cycler import cycler

    use_fonts(folder)
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(_PARAMS)
    matplotlib.rcParams["axes.prop_cycle"] = cycler(color=COLOURS)


def new_figure(width_mm: float, height_mm: float) -> "Figure":
    """An empty figure of that size, constrained layout."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH))


def is_figure(thing: object) -> bool:
    """Whether `thing` is a matplotlib figure."""
    from matplotlib.figure import Figure

    return isinstance(thing, Figure)


def size_mm(figure: "Figure") -> tuple[float, float]:
    """Width and height in mm, to a hundredth."""
    width, height = figure.get_size_inches()
    return round(float(width) * MM_PER_INCH, 2), round(float(height) * MM_PER_INCH, 2)


def is_empty(figure: "Figure") -> bool:
    """Whether nothing is drawn: no axes with data or words in them, nothing beside them."""
    titles = [getattr(figure, name, None) for name in ("_suptitle", "_supxlabel", "_supylabel")]
    words = [text for text in figure.texts if text not in titles]
    if words or figure.lines or figure.patches or figure.images:
        return False
    if any(not is_empty_part(part) for part in figure.subfigs):
        return False
    return all(_is_blank(axes) for axes in figure.axes)


def is_empty_part(part: Any) -> bool:
    """`is_empty` of a sub-figure."""
    return not part.texts and all(_is_blank(axes) for axes in part.axes)


def _is_blank(axes: "Axes") -> bool:
    import numpy

    if axes.texts or axes.tables or axes.artists or axes.images or axes.patches:
        return False
    for line in axes.lines:
        points = numpy.asarray(line.get_xydata(), dtype=float)
        if len(points) and numpy.isfinite(points).all(axis=1).any():
            return False
    return not axes.collections


def svg_bytes(figure: "Figure") -> tuple[bytes, list[tuple[str, str]]]:
    """`figure` as SVG, dense parts as pictures, and what is wrong with it (missing glyphs):
    messages and hints."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    for axes in figure.axes:
        _rasterise_dense(axes)
        if axes.images or any(hasattr(part, "get_coordinates") for part in axes.collections):
            axes.grid(visible=False)  # lines would cross the picture's own cells
    buffer = BytesIO()
    with warnings.catch_warnings(record=True) as caught, _matplotlib_log() as logged:
        warnings.simplefilter("always")
        # Without these the header holds the time of day and matplotlib's version.
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        with rc_context(_PARAMS):
            canvas: Any = FigureCanvasSVG(figure)
            figure.dpi = RASTER_DPI  # of the dense parts; all else is in points
            # savefig would draw everything twice, the first time for the layout only, which
            # drawing once does as well.
            canvas.print_svg(buffer, metadata=nothing)
    remarks = {str(item.message) for item in caught if issubclass(item.category, UserWarning)}
    from matplotlib.text import Text

    words = "".join(part.get_text() for part in figure.findobj(Text))
    return compact_svg(buffer.getvalue()), [*_remarks(remarks | logged), *from_right(words)]


def cut_off(figure: "Figure") -> list[str]:
    """What sticks out of the drawn `figure`, by edge: "3 mm at the left"."""
    dpi, figure.dpi = figure.dpi, 72.0  # SVG's own, which letters are measured in
    try:
        with warnings.catch_warnings():
            # What it says of glyphs is said when the figure is drawn.
            warnings.simplefilter("ignore")
            inside = figure.get_tightbbox()
    finally:
        figure.dpi = dpi
    width, height = figure.get_size_inches()
    edges = {
        "left": -inside.x0,
        "right": inside.x1 - width,
        "bottom": -inside.y0,
        "top": inside.y1 - height,
    }
    return [
        f"{inches * MM_PER_INCH:.0f} mm at the {edge}"
        for edge, inches in edges.items()
        if inches * MM_PER_INCH >= _CUT_MM
    ]


def _remarks(warnings: Iterable[str]) -> list[tuple[str, str]]:
    """What matplotlib says of a drawing, in the words of the page, and hints."""
    found = [(warning, _NO_GLYPH.match(warning)) for warning in sorted(warnings)]
    said = [(warning, "") for warning, glyph in found if glyph is None]
    missing = sorted(chr(int(glyph[1])) for _, glyph in found if glyph)
    other = "use other words or signs: plots are drawn with the fonts of the page alone"
    return said + [
        (message, other if BRING in hint else hint) for _, message, hint in unwritten(missing)
    ]


@contextmanager
def _matplotlib_log() -> Iterator[set[str]]:
    """The warnings that matplotlib only logs, a glyph that a formula lacks among them."""
    messages: set[str] = set()
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.add(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("matplotlib")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


_CUT_MM = 0.5  # less is the empty space around letters
_NO_GLYPH = re.compile(r"Glyph (\d+) \((.+)\) missing from")
_NUMBERS = re.compile(rb"-?\d+\.\d{3,}")
_LONG_ATTRIBUTE = re.compile(rb' (?:d|x|y|width|height|points|transform)="[^"]*"')


def compact_svg(svg: bytes) -> bytes:
    """`svg` with coordinates to 0.001 pt and no document type; it looks the same."""

    def short(number: re.Match[bytes]) -> bytes:
        text = b"%.3f" % float(number[0])
        text = text.rstrip(b"0").rstrip(b".")
        return b"0" if text == b"-0" else text

    def attribute(match: re.Match[bytes]) -> bytes:
        return match[0] if b"scale" in match[0] else _NUMBERS.sub(short, match[0])

    svg = re.sub(rb"<!DOCTYPE[^>]*>\s*", b"", svg)
    return _LONG_ATTRIBUTE.sub(attribute, svg)


def _rasterise_dense(axes: "Axes") -> None:
    """Turn artists with very many parts into pictures."""
    import numpy as np

    for line in axes.lines:
        marked = line.get_marker() not in ("", " ", "None", None)
        if marked and np.size(line.get_xydata()) // 2 > DENSE_POINTS:
            line.set_rasterized(True)
    for collection in axes.collections:
        array = collection.get_array()
        cells = 0 if array is None else array.size
        points = np.size(collection.get_offsets()) // 2
        paths = len(collection.get_paths())
        if cells > DENSE_CELLS or max(points, paths) > DENSE_POINTS:
            collection.set_rasterized(True)
