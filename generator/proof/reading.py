"""What a PDF of ours carries: its files, and the drawings of its figures as objects of the page."""

import json
import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from generator.drawing.parts import Part, Picture, Rows, SvgDrawing, Tile, shown_digest
from generator.errors import StudyError, Where
from generator.machine.packages import pip_install
from generator.typeset.page import DRAWINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pikepdf

_SAID = re.compile(rb"<((?:[0-9A-F]{4})+)> Tj\b")
_MOST_BYTES = 256 << 20  # that a damaged file may claim to hold


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure on the page. url: what the page calls it. id: under which the PDF keeps it.

    sha256: of what it should be, as the build noted it.
    """

    url: str
    id: str
    drawing: SvgDrawing
    sha256: str

    @property
    def is_as_noted(self) -> bool:
        """Whether it is the drawing that the build noted."""
        return shown_digest(self.drawing.content) == self.sha256


@dataclass(frozen=True, slots=True)
class Carried:
    """What a PDF carries: path → content of its files, and the figures on its pages.

    problems: sentences on what is not as a build would have left it.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    drawings: tuple[Drawing, ...] = ()
    problems: tuple[str, ...] = ()


@contextmanager
def opened(content: bytes, name: str) -> "Iterator[pikepdf.Pdf]":
    """The PDF `content`, never repaired. Raises StudyError where it is none, or is damaged."""
    try:
        import pikepdf
    except ModuleNotFoundError as error:
        raise StudyError(
            "pikepdf, which reads PDFs, is not installed",
            None,
            f"type `{pip_install(['pikepdf'])}`",
        ) from error
    try:
        with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
            yield pdf
    except pikepdf.PasswordError as error:
        raise StudyError("is locked with a password", Where(name)) from error
    except pikepdf.PdfError as error:
        # It names what holds the bytes.
        said = re.sub(r"^stream <[^>]*>: ", "", str(error).splitlines()[0])
        raise StudyError(f"is no whole PDF: {said}", Where(name)) from error


def carried(pdf: "pikepdf.Pdf") -> Carried:
    """What `pdf` carries; no files, if it was made without."""
    import pikepdf

    files: dict[str, bytes] = {}
    problems: list[str] = []
    total = 0
    for path, attached in pdf.attachments.items():
        if not _is_plain(path):
            problems.append(f"carries a file under the name {path!r}, which is no path of a study")
            continue
        try:
            content = attached.get_file().read_bytes()
        except (pikepdf.PdfError, ValueError, TypeError, AttributeError, RuntimeError) as error:
            problems.append(f"the file {path} in it can't be read: {error}")
            continue
        total += len(content)
        if total > _MOST_BYTES:
            raise StudyError(f"carries more than {_MOST_BYTES >> 20} MB")
        files[path] = content
    drawings: list[Drawing] = []
    if DRAWINGS in files:
        objects = _objects(pdf)
        for url, told in sorted(_told(files[DRAWINGS], problems).items()):
            try:
                drawings.append(_drawing(url, told, objects))
            except (KeyError, ValueError, TypeError, AttributeError):
                problems.append(f"{_figure(url)} is not on its pages as the build left it")
    return Carried(files, tuple(drawings), tuple(problems))


def _is_plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    hidden = any(part.startswith(".") for part in parts)  # our own cache, and the way out
    return bool(parts) and not path.startswith("/") and not hidden and "\\" not in path


def _figure(url: str) -> str:
    return f"the figure {url.removeprefix('figure:').removesuffix('.svg')}"


def _told(content: bytes, problems: list[str]) -> dict[str, Any]:
    try:
        said = json.loads(content)
        return {str(url): told for url, told in said.items()}
    except (ValueError, AttributeError):
        problems.append(f"{DRAWINGS} in it is damaged")
        return {}


def _objects(pdf: "pikepdf.Pdf") -> dict[str, Any]:
    """Name → object of every XObject that a page names."""
    found: dict[str, Any] = {}
    for page in pdf.pages:
        resources: Any = page.obj.get("/Resources", {})
        for name, thing in resources.get("/XObject", {}).items():
            found[name.removeprefix("/")] = thing
    return found


def _drawing(url: str, told: dict[str, Any], objects: Mapping[str, Any]) -> Drawing:
    """The figure `url` as its pages draw it, its measures as `told`.

    Raises KeyError, ValueError, TypeError or AttributeError where it is not as we write drawings.
    """
    name = told["name"]
    part = _part(objects[name])
    left, top, right, bottom = (float(edge) for edge in told["box"])
    part.box = (left, top, right, bottom)
    width, height = (float(side) for side in told["size"])
    identity = name.removeprefix("i").removesuffix("0")
    return Drawing(url, identity, SvgDrawing(width, height, part), str(told["sha256"]))


def _part(form: Any) -> Part:
    """A Form XObject as the drawing it was written from; the opposite of `weasy.forms.form`."""
    resources = form.Resources
    part = Part(box=_numbers(form.BBox, 4), stream=bytes(form.read_raw_bytes()))
    # Where words lie over a drawing, it has a font of its own, of just these letters.
    said = b"".join(_SAID.findall(form.read_bytes()))
    part.letters = "".join(sorted(set(bytes.fromhex(said.decode()).decode("utf-16-be"))))
    part.alphas = {_bare(name) for name in resources.get("/ExtGState", {})}
    for name, thing in resources.get("/XObject", {}).items():
        if thing.Subtype == "/Image":
            part.pictures[_bare(name)] = _picture(thing)
        else:
            part.groups[_bare(name)] = _part(thing)
    for name, tile in resources.get("/Pattern", {}).items():
        part.patterns[_bare(name)] = Tile(_part(tile), _numbers(tile.Matrix, 6))
    return part


def _picture(image: Any) -> Picture:
    alpha = image.get("/SMask")
    return Picture(
        int(image.Width),
        int(image.Height),
        _rows(image),
        None if alpha is None else _rows(alpha),
        smooth=False,  # an archive's readers invent no pixels
    )


def _rows(image: Any) -> Rows:
    import pikepdf

    space = image.ColorSpace
    indexed = isinstance(space, pikepdf.Array) and space[0] == "/Indexed"
    return Rows(
        bytes(image.read_raw_bytes()),
        int(image.BitsPerComponent),
        int(image.DecodeParms.Colors),
        bytes(space[3]) if indexed else b"",
    )


def _bare(name: str) -> str:
    return name.removeprefix("/")


def _numbers(values: Any, count: int) -> Any:
    found = tuple(float(value) for value in values)
    if len(found) != count:
        raise ValueError(found)
    return found
