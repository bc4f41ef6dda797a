"""The fonts of every page and plot: files from installed packages, found without importing them.

Roles are kept apart from files, so that nothing else names a font. Latin families are variable
fonts; `static_font` pins their axes with HarfBuzz (15 ms a face, where fontTools takes 11 s),
because a page set from variable fonts pays for the pinning in every single PDF.
"""

import ctypes
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from generator.digest import digest_bytes
from generator.errors import StudyError
from generator.store.cache import make_way, write_whole


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a family: where its file is and what its axes are pinned to.

    package: name of the distribution. file: inside of the import package. axes: (tag, value).
    """

    package: str
    file: str
    axes: tuple[tuple[str, float], ...] = ()


_SERIF = ("fontpkg-source-serif-4", "files/SourceSerif4[opsz,wght].ttf")
_SERIF_ITALIC = ("fontpkg-source-serif-4", "files/SourceSerif4-Italic[opsz,wght].ttf")
_SANS = ("fontpkg-source-sans-3", "files/SourceSans3[wght].ttf")
_SANS_ITALIC = ("fontpkg-source-sans-3", "files/SourceSans3-Italic[wght].ttf")
_MONO = ("fontpkg-source-code-pro", "files/SourceCodePro[wght].ttf")
_MONO_ITALIC = ("fontpkg-source-code-pro", "files/SourceCodePro-Italic[wght].ttf")

# Optical sizes in points: text near 10 pt, titles near 30 pt. Korean has no italic, and its bold
# is a gothic beside the myeongjo of the text, as Korean books do.
FACES: dict[str, Face] = {
    "serif": Face(*_SERIF, (("opsz", 10), ("wght", 400))),
    "serif-italic": Face(*_SERIF_ITALIC, (("opsz", 10), ("wght", 400))),
    "serif-bold": Face(*_SERIF, (("opsz", 10), ("wght", 680))),
    "serif-bold-italic": Face(*_SERIF_ITALIC, (("opsz", 10), ("wght", 680))),
    "serif-display": Face(*_SERIF, (("opsz", 32), ("wght", 600))),
    "sans": Face(*_SANS, (("wght", 400),)),
    "sans-italic": Face(*_SANS_ITALIC, (("wght", 400),)),
    "sans-bold": Face(*_SANS, (("wght", 650),)),
    "mono": Face(*_MONO, (("wght", 400),)),
    "mono-italic": Face(*_MONO_ITALIC, (("wght", 400),)),
    "mono-bold": Face(*_MONO, (("wght", 650),)),
    "korean-serif": Face("pylopdf-fonts-ko", "NotoSerifKR-Regular.otf"),
    "korean-sans": Face("pylopdf-fonts-ko", "NotoSansKR-Regular.otf"),
    "korean-bold": Face("noto-cjk-sans-jp-bold", "NotoSansCJKjp-Bold.otf"),
}

_LIBRARIES = {
    "linux": ("libharfbuzz.so.0", "libharfbuzz-subset.so.0"),
    "darwin": ("libharfbuzz.0.dylib", "libharfbuzz-subset.0.dylib"),
    "win32": ("libharfbuzz-0.dll", "libharfbuzz-subset-0.dll"),
}
_ADVICE = "Debian and Ubuntu: apt-get install libharfbuzz-subset0; macOS: brew install harfbuzz"


def font_file(role: str) -> Path:
    """The file of `role` (a key of FACES) as its package ships it: for Latin, a variable font.

    Raises StudyError if the package is not installed, KeyError for an unknown role.
    """
    face = FACES[role]
    found = find_spec(face.package.replace("-", "_"))
    folder = Path(found.origin).parent if found and found.origin else None
    if folder is None or not (folder / face.file).is_file():
        raise StudyError(
            f"the font package {face.package} is not installed",
            hint=f"pip install {face.package}",
        )
    return folder / face.file


def font_versions() -> dict[str, str]:
    """Version of each distribution that a font comes from, by name. Raises PackageNotFoundError."""
    from importlib.metadata import version  # 40 ms

    return {name: version(name) for name in sorted({face.package for face in FACES.values()})}


@cache
def static_font(role: str) -> bytes:
    """The font of `role` with every axis pinned, as bytes.

    Outlines (to one unit), widths and kerning are those of fontTools' instancer, compared for
    four roles. Raises StudyError if HarfBuzz is missing or older than 6.
    """
    content = font_file(role).read_bytes()
    axes = FACES[role].axes
    return _pinned(content, axes) if axes else content


def static_font_file(role: str, folder: Path) -> Path:
    """A file with `static_font(role)`: the package's own if it has no axes, else one in `folder`.

    The name holds what the face was made from, so a file that is there and whole (its digest
    stands beside it) is never made again.
    """
    source = font_file(role)
    face = FACES[role]
    if not face.axes:
        return source
    made_from = f"{digest_bytes(source.read_bytes())} {face.axes} {_harfbuzz_version()}"
    path = folder / f"{role}-{digest_bytes(made_from.encode())[:16]}{source.suffix}"
    seal = path.with_name(f"{path.name}.sha256")
    if not (path.is_file() and seal.is_file() and _sealed(path, seal)):
        content = static_font(role)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file, what in ((path, content), (seal, digest_bytes(content).encode())):
                make_way(file)
                write_whole(file, what, durable=False)
        except OSError as error:
            raise StudyError(
                f"fonts can't be kept: {error.strerror}: {folder}",
                hint="free some space there, or let it be written to",
            ) from error
    return path


def _sealed(path: Path, seal: Path) -> bool:
    return seal.read_bytes() == digest_bytes(path.read_bytes()).encode()


@cache
def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """HarfBuzz and its subsetter, which WeasyPrint needs as well."""
    names = _LIBRARIES.get(sys.platform, _LIBRARIES["linux"])
    try:
        base, subset = (ctypes.CDLL(name) for name in names)
    except OSError as error:
        raise StudyError(f"HarfBuzz is not installed: {error}", hint=_ADVICE) from error
    if not base.hb_version_atleast(6, 0, 0):
        raise StudyError("HarfBuzz is older than 6.0", hint=_ADVICE)
    pointer = ctypes.c_void_p
    base.hb_version_string.restype = ctypes.c_char_p
    for library, name, result, arguments in (
        (
            base,
            "hb_blob_create",
            pointer,
            [ctypes.c_char_p, ctypes.c_uint, ctypes.c_int] + 2 * [pointer],
        ),
        (base, "hb_blob_get_data", pointer, [pointer, pointer]),
        (base, "hb_blob_destroy", None, [pointer]),
        (base, "hb_face_create", pointer, [pointer, ctypes.c_uint]),
        (base, "hb_face_reference_blob", pointer, [pointer]),
        (base, "hb_face_destroy", None, [pointer]),
        (base, "hb_set_clear", None, [pointer]),
        (base, "hb_set_invert", None, [pointer]),
        (base, "hb_set_add", None, [pointer, ctypes.c_uint]),
        (subset, "hb_subset_input_create_or_fail", pointer, []),
        (subset, "hb_subset_input_destroy", None, [pointer]),
        (subset, "hb_subset_input_set", pointer, [pointer, ctypes.c_int]),
        (subset, "hb_subset_input_set_flags", None, [pointer, ctypes.c_uint]),
        (
            subset,
            "hb_subset_input_pin_axis_location",
            ctypes.c_int,
            [pointer, pointer, ctypes.c_uint32, ctypes.c_float],
        ),
        (subset, "hb_subset_or_fail", pointer, [pointer, pointer]),
    ):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return base, subset


def _harfbuzz_version() -> str:
    text: bytes = _libraries()[0].hb_version_string()
    return text.decode()


# Sets of the subsetter that are opened wide, so that pinning loses nothing: glyphs, characters,
# names, their languages, layout features and scripts (hb_subset_sets_t).
_KEPT_WHOLE = (0, 1, 4, 5, 6, 7)
_FLAGS = 0x10 | 0x20 | 0x40 | 0x80  # overlaps marked, unknown tables, .notdef and names kept


def _pinned(content: bytes, axes: tuple[tuple[str, float], ...]) -> bytes:
    """The variable font `content` as a static one at `axes`."""
    base, subset = _libraries()

    def wishes(wish: int, face: int) -> None:
        for number in _KEPT_WHOLE:
            members = subset.hb_subset_input_set(wish, number)
            base.hb_set_clear(members)
            base.hb_set_invert(members)
        subset.hb_subset_input_set_flags(wish, _FLAGS)
        for tag, value in axes:
            if not subset.hb_subset_input_pin_axis_location(
                wish, face, int.from_bytes(tag.encode(), "big"), value
            ):
                raise ValueError(f"the font has no axis {tag}")

    return _reduced(content, wishes)


_UNICODES, _FEATURES = 1, 6  # sets of the subsetter
_NO_HINTS = 0x1


def reduced_font(content: bytes, characters: Iterable[str], features: Iterable[str]) -> bytes:
    """The static font `content` with no more than `characters` and layout `features` ("kern").

    Characters that it lacks are passed over. Hints go: no screen of today needs them.
    """
    base, subset = _libraries()

    def wishes(wish: int, face: int) -> None:
        letters = subset.hb_subset_input_set(wish, _UNICODES)
        for character in characters:
            base.hb_set_add(letters, ord(character))
        tags = subset.hb_subset_input_set(wish, _FEATURES)
        base.hb_set_clear(tags)
        for feature in features:
            base.hb_set_add(tags, int.from_bytes(feature.encode(), "big"))
        subset.hb_subset_input_set_flags(wish, _NO_HINTS)

    return _reduced(content, wishes)


def _reduced(content: bytes, wishes: Callable[[int, int], None]) -> bytes:
    """What HarfBuzz makes of `content`. wishes(input, face) tells it what is wanted."""
    base, subset = _libraries()
    with _face_of(content) as face:
        wish = subset.hb_subset_input_create_or_fail()
        try:
            wishes(wish, face)
            made = subset.hb_subset_or_fail(face, wish)
        finally:
            subset.hb_subset_input_destroy(wish)
    if not made:
        raise StudyError("HarfBuzz could not reduce a font", hint=_ADVICE)
    blob = base.hb_face_reference_blob(made)
    length = ctypes.c_uint()
    start = base.hb_blob_get_data(blob, ctypes.byref(length))
    result = ctypes.string_at(start, length.value)
    base.hb_blob_destroy(blob)
    base.hb_face_destroy(made)
    return result


@contextmanager
def _face_of(content: bytes) -> Iterator[int]:
    """A HarfBuzz face over `content`, which stays alive as long as the face."""
    base, _ = _libraries()
    blob = base.hb_blob_create(content, len(content), 1, None, None)
    face = base.hb_face_create(blob, 0)
    try:
        yield face
    finally:
        base.hb_face_destroy(face)
        base.hb_blob_destroy(blob)
