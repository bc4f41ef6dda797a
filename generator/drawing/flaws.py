"""What is wrong with a plot, from the drawing itself: words that nobody can read, or trust.

Read from the SVG that matplotlib writes, whose groups say what they are: `axes_1`, `xtick_2`,
`text_3`, `legend_1`, `line2d_4`. A drawing of another program has no such groups, and no flaws.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from xml.etree import ElementTree

from generator.drawing.path import IDENTITY, Matrix, SvgError, multiply, transform
from generator.drawing.words import EM, reach, words_over

SMALLEST_PT = 7.0
_EDGE = 1.0  # points by which a text may leave the drawing: the side bearing of a letter
_OVER = 0.2  # of the smaller of two texts may lie under the other
_ASCENT, _DESCENT = 0.72, 0.02  # of what is compared, em: a line below may touch a descender
_NUMBER = re.compile(r"[-+−–.,\d\s%×^{}\\]*\d[-+−–.,\d\s%×^{}\\]*")
_POINT = re.compile(r"[ML] (-?[\d.e]+) (-?[\d.e]+)")
_HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a drawing, and what to write instead. grave: it cannot be read."""

    rule: str
    message: str
    hint: str

    @property
    def grave(self) -> bool:
        """Whether something is lost or covered, and not only hard to read."""
        return self.rule in ("unprintable", "cut", "overlap", "legend")


@dataclass(frozen=True, slots=True)
class Box:
    """left, top, right, bottom in points, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def area(self) -> float:
        """In square points."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def common(self, other: "Box") -> "Box":
        """What two boxes share; of no area if they are apart."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def around(self, other: "Box") -> "Box":
        """The box around two."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A text of a drawing. size: in points; upright or turned by a right angle: straight."""

    text: str
    box: Box
    size: float
    straight: bool
    path: tuple[str, ...]  # the ids of the groups around it, outermost first


@dataclass(slots=True)
class _Plot:
    labels: list[Label] = field(default_factory=list)
    # Points of lines, by the ids of the groups around them.
    lines: list[tuple[tuple[str, ...], list[tuple[float, float]]]] = field(default_factory=list)
    # Id of a path → its shape: a mark has another id in each colour.
    shapes: dict[str, str] = field(default_factory=dict)
    # Legend → how its lines are drawn: (without colour, colour).
    handles: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def flaws(svg: bytes) -> list[Flaw]:
    """What is wrong with the plot `svg`, the worst first. Not well-formed: nothing to be told."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    try:
        root = ElementTree.fromstring(svg, parser)
        view = [float(item) for item in root.get("viewBox", "").split()]
        plot = _Plot()
        plot.shapes = {name: e.get("d", "") for e in root.iter() if (name := e.get("id"))}
        _read(root, IDENTITY, (), plot)
    except (ElementTree.ParseError, SvgError, ValueError):
        return []  # said where the drawing is set
    if len(view) != 4:
        return []
    edge = Box(view[0], view[1], view[0] + view[2], view[1] + view[3])
    found = [
        *_unprintable(plot),
        *_cut(plot, edge),
        *_overlapping(plot),
        *_legends(plot),
        *_small(plot),
        *_nameless(plot),
        *_by_colour(plot),
    ]
    return list(dict.fromkeys(found))


def _read(parent: ElementTree.Element, matrix: Matrix, path: tuple[str, ...], plot: _Plot) -> None:
    said = ""
    for child in parent:
        if not isinstance(child.tag, str):
            said = child.text or ""
            continue
        own = multiply(transform(child.get("transform", "")), matrix)
        name = child.tag.rpartition("}")[2]
        if text := words_over(said, parent, child) if said else "":
            plot.labels.append(_label(text, child, own, path))
        elif name == "g":
            _read(child, own, (*path, child.get("id", "")), plot)
        elif name == "path" and path and path[-1].startswith("line2d_"):
            points = _POINT.findall(child.get("d", ""))
            plot.lines.append((path, [(float(x), float(y)) for x, y in points]))
            _handle(parent, child, path, plot)
        said = ""


def _handle(
    parent: ElementTree.Element, line: ElementTree.Element, path: tuple[str, ...], plot: _Plot
) -> None:
    """Note how a line of a legend is drawn."""
    legend = next((each for each in path if each.startswith("legend_")), "")
    if not legend:
        return
    style = dict(
        part.strip().split(": ", 1) for part in line.get("style", "").split(";") if ": " in part
    )
    uses = (use.get(_HREF, "") for use in parent.iter() if str(use.tag).endswith("}use"))
    marks = [plot.shapes.get(link.removeprefix("#"), link) for link in uses]
    form = f"{style.get('stroke-dasharray')} {style.get('stroke-width')} {marks}"
    plot.handles.setdefault(legend, []).append((form, style.get("stroke", "")))


def _label(text: str, letters: ElementTree.Element, matrix: Matrix, path: tuple[str, ...]) -> Label:
    a, b, c, d, e, f = matrix
    across = reach(letters)
    corners = [
        (a * x + c * y + e, b * x + d * y + f)
        for x in (0.0, across)
        for y in (-_DESCENT * EM, _ASCENT * EM)
    ]
    box = Box(*map(min, zip(*corners, strict=True)), *map(max, zip(*corners, strict=True)))
    size = abs(a * d - b * c) ** 0.5 * EM
    return Label(text, box, size, min(abs(a), abs(b)) < 1e-6, path)


def _unprintable(plot: _Plot) -> Iterator[Flaw]:
    for label in plot.labels:
        if "\ufffd" in label.text:
            yield Flaw(
                "unprintable",
                f"the text “{label.text}” holds a sign that no character is (�)",
                "cut texts between characters, decode bytes whole",
            )


def _cut(plot: _Plot, edge: Box) -> Iterator[Flaw]:
    for label in plot.labels:
        box = label.box
        sides = {
            "left": edge.left - box.left,
            "top": edge.top - box.top,
            "right": box.right - edge.right,
            "bottom": box.bottom - edge.bottom,
        }
        side, beyond = max(sides.items(), key=lambda pair: pair[1])
        if beyond > _EDGE:
            yield Flaw(
                "cut",
                f"the text “{label.text}” is cut off at the {side}",
                "shorten the words, or make room with fig.subplots_adjust",
            )


def _overlapping(plot: _Plot) -> Iterator[Flaw]:
    straight = [label for label in plot.labels if label.straight and label.box.area() > 0]
    for one, other in combinations(straight, 2):
        smaller = min(one.box.area(), other.box.area())
        if one.box.common(other.box).area() > _OVER * smaller and one.text != other.text:
            yield Flaw(
                "overlap",
                f"the texts “{one.text}” and “{other.text}” lie over each other",
                "fewer ticks, shorter words, or a larger figure: run.new_figure(height_mm)",
            )


def _legends(plot: _Plot) -> Iterator[Flaw]:
    for axes, box in _legend_boxes(plot).items():
        for path, points in plot.lines:
            inside = path[:-1] and path[:-1] == axes[:-1]
            if inside and any(_crosses(box, *pair) for pair in pairwise(points)):
                yield Flaw(
                    "legend",
                    f"the legend of {axes[-2] if len(axes) > 1 else 'the figure'} lies over a line",
                    'axes.legend(loc="…") where there is room, or outside of the axes',
                )
                break


def _legend_boxes(plot: _Plot) -> dict[tuple[str, ...], Box]:
    """Groups down to a legend → the box around its words and lines."""
    boxes: dict[tuple[str, ...], Box] = {}
    for label in plot.labels:
        at = next((i for i, each in enumerate(label.path) if each.startswith("legend_")), None)
        if at is not None:
            key = label.path[: at + 1]
            boxes[key] = boxes[key].around(label.box) if key in boxes else label.box
    for path, points in plot.lines:
        for key, box in boxes.items():
            if path[: len(key)] == key and points:
                across, down = zip(*points, strict=True)
                line = Box(min(across), min(down), max(across), max(down))
                boxes[key] = box.around(line)
    return boxes


def _crosses(box: Box, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether a line from `one` to `other` has a point inside of `box` (Liang and Barsky 1984)."""
    first, last = 0.0, 1.0
    for start, end, low, high in (
        (one[0], other[0], box.left, box.right),
        (one[1], other[1], box.top, box.bottom),
    ):
        step = end - start
        if step == 0:
            if not low < start < high:
                return False
            continue
        near, far = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, near), min(last, far)
    return first < last


def _small(plot: _Plot) -> Iterator[Flaw]:
    small = [label for label in plot.labels if label.size < SMALLEST_PT - 0.05]
    if small:
        least = min(small, key=lambda label: label.size)
        yield Flaw(
            "small",
            f"the text “{least.text}” is {least.size:.1f} pt high, "
            f"expected {SMALLEST_PT:g} or more ({len(small)} of {len(plot.labels)} texts)",
            f"fontsize={SMALLEST_PT:g}, or leave it out",
        )


def _nameless(plot: _Plot) -> Iterator[Flaw]:
    """Directions in which every axis has numbers, and none a name."""
    named: dict[str, dict[tuple[str, ...], bool]] = {"x": {}, "y": {}}
    direction: dict[tuple[str, ...], str] = {}
    names: set[tuple[str, ...]] = set()
    for label in plot.labels:
        at = next((i for i, p in enumerate(label.path) if p.startswith("matplotlib.axis_")), None)
        if at is None:
            continue
        key = label.path[: at + 1]
        tick = re.match(r"([xy])tick_", label.path[at + 1]) if len(label.path) > at + 1 else None
        if tick:
            direction[key] = tick[1]
        if not tick or not _NUMBER.fullmatch(label.text):
            names.add(key)  # words along an axis say what it is, too
    for key, letter in direction.items():
        named[letter][key] = key in names
    for letter, axes in named.items():
        if axes and not any(axes.values()):
            yield Flaw(
                "nameless",
                f"no {letter} axis has a name, and there are numbers along it",
                f'axes.set_{letter}label("…")',
            )


def _by_colour(plot: _Plot) -> Iterator[Flaw]:
    for handles in plot.handles.values():
        for (form, one), (other_form, other) in combinations(handles, 2):
            if form == other_form and one != other:
                yield Flaw(
                    "colour",
                    "two lines of the legend differ by their colour alone",
                    'give them marks or dashes of their own: marker="s", linestyle="--"',
                )
                break
