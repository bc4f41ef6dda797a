"""What a drawing by an author must not hold: links to the outside, scripts, entities."""

import base64
import re
import warnings
from functools import cache
from io import BytesIO
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from generator.errors import PageError, StudyError, Where

_INSIDE = re.compile(r"#|data:image/(?:png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)
_URL = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)", re.IGNORECASE | re.DOTALL)
_LOST = frozenset(
    ("script", "foreignObject", "iframe", "audio", "video", "animate", "set", "textPath")
)
_KEPT_FILTERS = frozenset(("feOffset", "feBlend", "feFlood"))
_DRAWN = frozenset(
    ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "image", "use")
)
_LENGTH = re.compile(
    r"\s*(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*(px|pt|pc|mm|cm|in|em|ex|rem|Q|%)?\s*", re.I
)
_NO_PATH = re.compile(r"[^MmLlHhVvCcSsQqTtAaZz0-9eE.,+\-\s]+")
_MAX_DEPTH = 3
_DEEPEST = 100  # parts in parts
_MOST_DRAWN = 20_000  # parts that <use> draws again
_MOST_PARTS = 100_000
_MOST_LINKS = 2_000  # url(…) in one text
_MOST_PIXELS = 50_000_000


_PLAIN = "save the drawing as plain SVG (Inkscape calls it that), or as PNG"


def svg_problems(svg: bytes, where: Where, depth: int = 0) -> list[StudyError]:
    """What the SVG at `where` may not do: reach files or the net, hold what would be lost."""
    try:
        text = svg.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    # In another encoding, words that are looked for below would be spelled in other bytes.
    declared = re.match(r"\s*<\?xml[^>]*\bencoding\s*=\s*[\"']([^\"']*)", text)
    if "\0" in text or (declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii")):
        return [PageError("the drawing is not saved as UTF-8", where, "save it again as UTF-8")]
    if b"<!ENTITY" in svg or depth > _MAX_DEPTH:
        return [
            PageError("the drawing defines entities or nests drawings too deeply", where, _PLAIN)
        ]
    if b"<?xml-stylesheet" in svg:
        return [PageError("the drawing names a style sheet outside of it", where, _PLAIN)]
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        return [PageError(f"the drawing is not well-formed: {error}", where, _PLAIN)]
    if too_large := _too_large(root):
        return [PageError(too_large, where, _PLAIN)]
    if _local(root.tag) != "svg":
        return [PageError(f"the drawing is a <{_local(root.tag)}>, expected <svg>", where, _PLAIN)]
    problems: list[StudyError] = _size_problems(root, where)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = _local(element.tag)
        if name in _LOST or (name.startswith("fe") and name not in _KEPT_FILTERS):
            problems.append(
                PageError(f"the drawing has a <{name}>, which would be lost", where, _PLAIN)
            )
        if name == "style":
            problems += _style_problems(element.text or "", where)
        if wrong := _NO_PATH.search(element.get("d", "")):
            problems.append(
                PageError(f"the drawing has a path with {wrong[0][:20]!r} in it", where, _PLAIN)
            )
        for attribute, value in element.attrib.items():
            if _local(attribute) in ("href", "src", "base") and name not in ("a", "metadata"):
                problems += _link_problems(value, where, depth)
            elif "(" in value or "\\" in value:
                problems += _style_problems(value, where)
    if not problems and not any(_local(element.tag) in _DRAWN for element in root.iter()):
        problems.append(PageError("the drawing draws nothing", where, _PLAIN))
    return problems


def _too_large(root: ElementTree.Element) -> str:
    """What of the drawing would take hours to draw; empty if nothing would.

    Each <use> draws what it names again, and that may use others: ten times ten times ten.
    """
    if any(number >= _MOST_PARTS for number, _ in enumerate(root.iter())):
        return f"the drawing has more than {_MOST_PARTS} parts"
    depths = [(root, 1)]
    named: dict[str, ElementTree.Element] = {}
    for element, depth in depths:
        if depth > _DEEPEST:
            return f"the drawing nests its parts more than {_DEEPEST} deep"
        named.setdefault(element.get("id", ""), element)
        depths += [(child, depth + 1) for child in element]
    drawn: dict[int, int] = {}
    for element, _ in reversed(depths):  # whoever is inside comes first
        drawn[id(element)] = 1 + sum(drawn[id(child)] for child in element)
    own = drawn[id(root)]

    @cache
    def used(name: str, above: int) -> int:
        """How many parts are drawn for the element called `name`."""
        if above > _DEEPEST or name not in named:
            return _MOST_DRAWN if name in named else 0
        total = 0
        for part in named[name].iter():
            total += 1
            if _local(part.tag) == "use":
                total += used(_target(part), above + 1)
            if total > _MOST_DRAWN:
                break
        return total

    for element, _ in depths:
        if _local(element.tag) == "use":
            own += used(_target(element), 0)
        if own > _MOST_DRAWN + drawn[id(root)]:
            return f"the drawing repeats its parts more than {_MOST_DRAWN} times by <use>"
    return ""


def _target(element: ElementTree.Element) -> str:
    """The id that a <use> names."""
    found = [value for name, value in element.attrib.items() if _local(name) == "href"]
    return found[0].strip().removeprefix("#") if found else ""


def drawn_words(svg: bytes) -> str:
    """All that the drawing `svg`, which has no problems, writes."""
    texts = [e for e in ElementTree.fromstring(svg).iter() if _local(e.tag) == "text"]
    return "".join(word for text in texts for word in text.itertext())


def _size_problems(root: ElementTree.Element, where: Where) -> list[StudyError]:
    """A size that is none would make the whole page unreadable."""
    problems: list[StudyError] = []
    for name in ("width", "height"):
        value = root.get(name, "auto").strip()
        match = _LENGTH.fullmatch(value)
        if value != "auto" and not (match and float(match[1]) > 0):
            problems.append(
                PageError(
                    f"the drawing's {name} is {value[:20]!r}, expected a length above 0",
                    where,
                    f'such as {name}="120mm"',
                )
            )
    box = root.get("viewBox")
    if box is not None:
        numbers = re.fullmatch(
            r"\s*(-?[\d.]+(?:e[-+]?\d+)?[\s,]+){3}-?[\d.]+(?:e[-+]?\d+)?\s*", box
        )
        if not numbers or any(float(size) <= 0 for size in re.split(r"[\s,]+", box.strip())[2:]):
            problems.append(
                PageError(
                    f"the drawing's viewBox is {box[:40]!r}, expected four numbers",
                    where,
                    'such as viewBox="0 0 120 80"',
                )
            )
    return problems


def _link_problems(link: str, where: Where, depth: int) -> list[StudyError]:
    link = link.strip()
    if not _INSIDE.match(link):
        return [
            PageError(
                f"the drawing names {link[:60]!r}, which is outside of it",
                where,
                "put the picture into the drawing as data: or draw it in place",
            )
        ]
    if link.lower().startswith("data:image/svg"):
        head, _, data = link.partition(",")
        content = unquote_to_bytes(data)
        if head.endswith(";base64"):
            try:
                content = base64.b64decode(content)
            except ValueError as error:
                message = f"the drawing carries another one that can't be decoded: {error}"
                return [PageError(message, where, _PLAIN)]
        return svg_problems(content, where, depth + 1)
    if link.lower().startswith("data:"):
        return _carried_problems(link, where)
    return []


def _carried_problems(link: str, where: Where) -> list[StudyError]:
    """What is wrong with the raster picture in a data: address."""
    from PIL import Image

    head, _, data = link.partition(",")
    try:
        content = unquote_to_bytes(data)
        if head.lower().rstrip().endswith(";base64"):
            content = base64.b64decode(content)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            width, height = Image.open(BytesIO(content)).size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        width = height = _MOST_PIXELS
    except (OSError, SyntaxError, ValueError):
        return [PageError("the drawing carries a picture that can't be read", where, _PLAIN)]
    if width * height > _MOST_PIXELS:
        message = "the drawing carries a picture of too many pixels"
        return [PageError(message, where, "make it smaller: 1800 across fill the page")]
    return []


def _style_problems(text: str, where: Where) -> list[StudyError]:
    problems: list[StudyError] = []
    # A backslash could spell url( or @import in a way that this search does not see.
    if "\\" in text or "@import" in text.lower() or "@font-face" in text.lower():
        problems.append(PageError("the drawing's style reaches outside of it", where, _PLAIN))
    if text.lower().count("url(") > _MOST_LINKS:
        message = f"the drawing's style names more than {_MOST_LINKS} addresses"
        return [PageError(message, where, _PLAIN)]
    for _, link in _URL.findall(text):
        problems += _link_problems(link, where, 0)
    return problems


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
