"""A figure's SVG as PDF operators: shapes, lines, clips, uses, pictures, hatches, opacity.

What it has no word for raises SvgError, and the caller lets WeasyPrint draw the figure; so a
figure looks right, only slower.
"""

import base64
import re
from collections.abc import Mapping
from xml.etree import ElementTree

from generator.drawing.parts import Part, SvgDrawing, Tile
from generator.drawing.path import IDENTITY, Matrix, SvgError, change, multiply, number
from generator.drawing.path import transform as parse_transform
from generator.drawing.picture import picture_of_png
from generator.drawing.shapes import shape
from generator.drawing.style import (
    INITIAL,
    KNOWN,
    Style,
    colour,
    computed,
    length,
    line_state,
    rules,
)
from generator.drawing.words import laid_over, words_over

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_SHAPES = frozenset(["path", "rect", "circle", "ellipse", "line", "polyline", "polygon"])
_SILENT = frozenset(["defs", "metadata", "title", "desc", "style", "clipPath", "pattern", "symbol"])
_REFUSED = frozenset(
    ["filter", "mask", "marker", "marker-start", "marker-mid", "marker-end", "transform-origin"]
)
_MAX_DEPTH = 40


def svg_drawing(svg: bytes) -> SvgDrawing:
    """The drawing of an SVG. Raises SvgError on whatever can't be drawn exactly as it says."""
    try:
        # With its comments: in them matplotlib says what its outlines of letters say.
        parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
        root = ElementTree.fromstring(svg, parser)
    except ElementTree.ParseError as error:
        raise SvgError(f"not well-formed XML: {error}") from error
    if root.tag != f"{_SVG}svg":
        raise SvgError(f"the document is a <{root.tag}>")
    if root.get("preserveAspectRatio", "xMidYMid") not in ("xMidYMid", "xMidYMid meet"):
        raise SvgError("preserveAspectRatio")
    width, height = (length(root.get(name, "100%")) for name in ("width", "height"))
    view = [float(item) for item in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if item]
    if not view:
        view = [0.0, 0.0, width, height]
    if len(view) != 4 or min(view[2:]) <= 0:
        raise SvgError("viewBox")
    left, top, across, down = view
    part = Part((left, top, left + across, top + down))
    _Converter(root).fill(part, root, IDENTITY)
    return SvgDrawing(width, height, part)


class _Converter:
    """Walks the elements of one document.

    Every list of operators that it returns is the caller's own. Styles are shared by elements
    that say the same below the same parent, so they are told apart by identity and never changed.
    """

    def __init__(self, root: ElementTree.Element) -> None:
        sheets = [element.text or "" for element in root.iter(f"{_SVG}style")]
        self._everywhere = rules("\n".join(sheets))
        self._by_id = {name: element for element in root.iter() if (name := element.get("id"))}
        self._styles: dict[tuple[int, str, tuple[tuple[str, str], ...]], Style] = {}
        self._coats: dict[tuple[int, int], tuple[Style, list[str], str]] = {}

    def fill(self, part: Part, root: ElementTree.Element, matrix: Matrix) -> None:
        """Put the drawing of `root`'s children into `part`."""
        inherited = computed(root.attrib, self._everywhere, INITIAL)
        # PDF's own mitre limit is 10.
        written = ["4 M"]
        for child in root:
            written += self._element(child, inherited, matrix, part, 0)
        part.operators = "\n".join(written)

    def _element(
        self, element: ElementTree.Element, inherited: Style, matrix: Matrix, part: Part, depth: int
    ) -> list[str]:
        """The operators of one element. matrix: from its parent's space to that of `part`."""
        name = _name(element)
        if name in _SILENT:
            return []
        if depth > _MAX_DEPTH:
            raise SvgError("elements nested without end")
        style = self._style(element.attrib, inherited)
        if style["display"] == "none":
            return []
        _check_known(element)
        own = parse_transform(element.get("transform", ""))
        opacity = _fraction(style["opacity"])
        inside = multiply(own, matrix) if own != IDENTITY else matrix
        target, base = part, inside
        if opacity < 1 and not (name in _SHAPES and _paints(style) == 1):
            # Overlapping parts must shine through as one: a transparency group.
            target, base = Part(_everything(part.box, inside)), IDENTITY
        elif opacity < 1:
            style = dict(style) | {
                f"{paint}-opacity": f"{_fraction(style[f'{paint}-opacity']) * opacity:.6g}"
                for paint in ("fill", "stroke")
            }
        clip = self._clip(style["clip-path"])
        drawn = self._content(name, element, style, base, target, depth)
        if not drawn:
            return []
        written = ["q"]
        if own != IDENTITY:
            written.append(change(own))
        if clip:
            written.append(clip)
        if target is not part:
            target.operators = "4 M\n" + "\n".join(drawn)
            group = f"g{len(part.groups)}"
            part.groups[group] = target
            drawn = [f"{_alpha(part, 'a', opacity)}/{group} Do"]
        written += drawn
        written.append("Q")
        return written

    def _style(self, attributes: Mapping[str, str], inherited: Style) -> Style:
        """The style of an element with `attributes`; the same object for the same words."""
        said = tuple((name, value) for name, value in attributes.items() if name in KNOWN)
        key = (id(inherited), attributes.get("style", ""), said)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = computed(attributes, self._everywhere, inherited)
        return style

    def _content(
        self,
        name: str,
        element: ElementTree.Element,
        style: Style,
        matrix: Matrix,
        part: Part,
        depth: int,
    ) -> list[str]:
        """The operators of an element in its own space."""
        if name == "g":
            return self._group(element, style, matrix, part, depth)
        if name == "use":
            return self._use(element, style, matrix, part, depth)
        if name in _SHAPES:
            if style["visibility"] != "visible":
                return []
            return self._shape(shape(name, element.attrib), style, matrix, part)
        if name == "image":
            return self._picture(element, style, part) if style["visibility"] == "visible" else []
        raise SvgError(f"element <{name}>")

    def _group(
        self, element: ElementTree.Element, style: Style, matrix: Matrix, part: Part, depth: int
    ) -> list[str]:
        drawn: list[str] = []
        said = ""
        for child in element:
            if not isinstance(child.tag, str):  # a comment
                said = child.text or ""
                continue
            written = self._element(child, style, matrix, part, depth + 1)
            text = words_over(said, element, child) if said and written else ""
            if text and (over := laid_over(text, child)):
                written.insert(-1, over)
                part.letters = "".join(sorted({*part.letters, *text}))
            drawn += written
            said = ""
        return drawn

    def _use(
        self, element: ElementTree.Element, style: Style, matrix: Matrix, part: Part, depth: int
    ) -> list[str]:
        target = self._target(element)
        if _name(target) not in _SHAPES and _name(target) != "g":
            raise SvgError(f"<use> of <{_name(target)}>")
        x, y = (length(element.get(key, "0")) for key in ("x", "y"))
        shift: Matrix = (1, 0, 0, 1, x, y)
        drawn = self._element(target, style, multiply(shift, matrix), part, depth + 1)
        if drawn and shift != IDENTITY:
            drawn.insert(0, change(shift))
        return drawn

    def _target(self, element: ElementTree.Element) -> ElementTree.Element:
        link = element.get(_HREF) or element.get("href") or ""
        target = self._by_id.get(link.removeprefix("#")) if link.startswith("#") else None
        if target is None:
            raise SvgError(f"link {link[:40]!r}")
        return target

    def _clip(self, value: str) -> str:
        """The operators that clip to a <clipPath> of shapes; "" for none."""
        if value == "none":
            return ""
        found = re.fullmatch(r"url\(\s*['\"]?#([^'\")]+)['\"]?\s*\)", value)
        target = self._by_id.get(found[1]) if found else None
        if target is None or _name(target) != "clipPath" or target.attrib.keys() - {"id"}:
            raise SvgError(f"clip-path {value[:40]!r}")
        paths = []
        for child in target:
            style = computed(child.attrib, self._everywhere, INITIAL)
            plain = not child.get("transform") and style["clip-path"] == "none"
            if _name(child) not in _SHAPES or not plain or style["clip-rule"] != "nonzero":
                raise SvgError("a clip path of more than shapes")
            paths.append(shape(_name(child), child.attrib))
        if len(paths) != 1:
            raise SvgError("a clip path of several shapes")
        return f"{paths[0] or '0 0 0 0 re'} W n"

    def _shape(self, path: str, style: Style, matrix: Matrix, part: Part) -> list[str]:
        """`path` painted as `style` says."""
        if not path:
            return []
        kept = self._coats.get((id(style), id(part)))
        if kept is None:
            before, after = self._coat(style, matrix, part)
            if style["fill"].startswith("url("):  # each place has a pattern of its own
                return [*before, path, after] if after else []
            # With the style itself: its number must not become another's.
            kept = self._coats[id(style), id(part)] = (style, before, after)
        _, before, after = kept
        return [*before, path, after] if after else []

    def _coat(self, style: Style, matrix: Matrix, part: Part) -> tuple[list[str], str]:
        """The operators before a path and the one after it; none where nothing is painted."""
        filled, stroked = _filled(style), _stroked(style)
        if not (filled or stroked):
            return [], ""
        before = []
        if filled:
            before.append(self._paint(style["fill"], "fill", style, matrix, part))
        if stroked:
            before.append(self._paint(style["stroke"], "stroke", style, matrix, part))
            before.append(line_state(style))
        even_odd = "*" if filled and style["fill-rule"] == "evenodd" else ""
        return before, f"{'B' if filled and stroked else 'f' if filled else 'S'}{even_odd}"

    def _paint(self, value: str, use: str, style: Style, matrix: Matrix, part: Part) -> str:
        """The operators that choose a colour or a hatch for filling or for lines."""
        opacity = _fraction(style[f"{use}-opacity"])
        letter, operator = ("a", "rg") if use == "fill" else ("A", "RG")
        if value.startswith("url("):
            if use == "stroke" or opacity < 1:
                raise SvgError("a pattern for lines, or one that shines through")
            name = self._pattern(value, matrix, part)
            return f"/Pattern cs /{name} scn"
        channels, alpha = colour(value)
        return f"{_alpha(part, letter, alpha * opacity)}{channels} {operator}"

    def _pattern(self, value: str, matrix: Matrix, part: Part) -> str:
        """The name in `part` of a <pattern> in units of the user: matplotlib's hatches."""
        found = re.fullmatch(r"url\(\s*['\"]?#([^'\")]+)['\"]?\s*\)", value)
        target = self._by_id.get(found[1]) if found else None
        known = {"id", "patternUnits", "x", "y", "width", "height"}
        if (
            target is None
            or _name(target) != "pattern"
            or target.get("patternUnits") != "userSpaceOnUse"
            or target.attrib.keys() - known
        ):
            raise SvgError(f"paint {value[:40]!r}")
        x, y, width, height = (
            length(target.get(key, "0")) for key in ("x", "y", "width", "height")
        )
        cell = Part((0, 0, width, height))
        self.fill(cell, target, IDENTITY)
        name = f"p{len(part.patterns)}"
        part.patterns[name] = Tile(cell, multiply((1, 0, 0, 1, x, y), matrix))
        return name

    def _picture(self, element: ElementTree.Element, style: Style, part: Part) -> list[str]:
        x, y, width, height = (
            length(element.get(key, "0")) for key in ("x", "y", "width", "height")
        )
        link = element.get(_HREF) or element.get("href") or ""
        head, comma, data = link.partition(",")
        if head.replace(" ", "") != "data:image/png;base64" or not comma:
            raise SvgError(f"picture {head[:40]!r}")
        if element.get("preserveAspectRatio") or width <= 0 or height <= 0:
            raise SvgError("a picture's size")
        picture = picture_of_png(base64.b64decode(data), smooth=style["image-rendering"] == "auto")
        name = f"i{len(part.pictures)}"
        part.pictures[name] = picture
        # The picture keeps its proportions inside of its box: "xMidYMid meet".
        scale = min(width / picture.width, height / picture.height)
        across, down = picture.width * scale, picture.height * scale
        left, bottom = x + (width - across) / 2, y + (height + down) / 2
        return [f"{change((across, 0, 0, -down, left, bottom))} /{name} Do"]


def _check_known(element: ElementTree.Element) -> None:
    """Raise SvgError if an attribute asks for what has no words here."""
    if _REFUSED.isdisjoint(element.attrib):
        return
    for refused in sorted(_REFUSED & element.attrib.keys()):
        if refused == "transform-origin" or element.get(refused) != "none":
            raise SvgError(f"attribute {refused}")


def _name(element: ElementTree.Element) -> str:
    if not isinstance(element.tag, str):
        return "metadata"  # a comment or a processing instruction
    if not element.tag.startswith(_SVG):
        raise SvgError(f"element <{element.tag}>")
    return element.tag.removeprefix(_SVG)


def _fraction(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        raise SvgError(f"opacity {text!r}") from None


def _filled(style: Mapping[str, str]) -> bool:
    return style["fill"] != "none" and _fraction(style["fill-opacity"]) > 0


def _stroked(style: Mapping[str, str]) -> bool:
    return (
        style["stroke"] != "none"
        and _fraction(style["stroke-opacity"]) > 0
        and length(style["stroke-width"]) > 0
    )


def _paints(style: Mapping[str, str]) -> int:
    """How many coats a shape gets; one coat's opacity needs no group."""
    if style["fill"].startswith("url("):
        return 2
    return _filled(style) + _stroked(style)


def _alpha(part: Part, letter: str, value: float) -> str:
    """The operator for an opacity; every element starts out opaque."""
    if value >= 1:
        return ""
    name = f"{letter}{number(value)}"
    part.alphas.add(name)
    return f"/{name} gs\n"


def _everything(
    box: tuple[float, float, float, float], matrix: Matrix
) -> tuple[float, float, float, float]:
    """`box` of a part, seen from inside of the space that `matrix` leads out of."""
    a, b, c, d, e, f = matrix
    determinant = a * d - b * c
    if not determinant:
        raise SvgError("a flat transform")
    back = (d, -b, -c, a, c * f - d * e, b * e - a * f)
    p, q, r, s, t, u = (value / determinant for value in back)
    corners = [(x * p + y * r + t, x * q + y * s + u) for x in box[::2] for y in box[1::2]]
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across), max(down)
