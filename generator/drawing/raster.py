"""What a photograph or screenshot by an author must be: whole, still, and of the kind it says."""

import warnings
from io import BytesIO
from pathlib import PurePosixPath

from generator.errors import PageError, StudyError, Where

_KINDS = {".png": ("PNG",), ".jpg": ("JPEG", "MPO"), ".jpeg": ("JPEG", "MPO")}
_ENDINGS = {"PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg"}
# What WeasyPrint sets or turns into what it sets without a loss.
_MODES = frozenset(("1", "L", "LA", "P", "RGB", "RGBA", "CMYK"))
_AGAIN = "save it again, as PNG or JPEG"
_JPEG_END = b"\xff\xd9"


def picture_problems(content: bytes, where: Where) -> list[StudyError]:
    """What is wrong with the picture at `where`, which WeasyPrint would set all the same."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(content))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return [
            PageError("has too many pixels", where, "make it smaller: 1800 across fill the page")
        ]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return [PageError("is no picture that can be read", where, _AGAIN)]
    ending = PurePosixPath(where.path).suffix.lower()
    kind = image.format or "unknown"
    if kind not in _KINDS[ending]:
        name = PurePosixPath(where.path).stem + _ENDINGS.get(kind, "")
        hint = f"name it {name}" if kind in _ENDINGS else _AGAIN
        return [PageError(f"ends in {ending}, but holds {_a(kind)}", where, hint)]
    if image.mode not in _MODES:
        return [
            PageError(
                f"has pixels of the kind {image.mode}, which no page can show",
                where,
                "save it with 8 bits for each colour",
            )
        ]
    if kind == "PNG" and getattr(image, "is_animated", False):
        return [
            PageError(
                "is animated, and a page would show its first picture alone",
                where,
                "save the picture that is meant",
            )
        ]
    if _is_cut(content, kind):
        return [PageError("is cut short or damaged", where, "put the whole file there")]
    return []


def _is_cut(content: bytes, kind: str) -> bool:
    """Whether the end of a picture is missing, or a part of it was changed."""
    from PIL import Image

    if kind != "PNG":
        # Cameras put bytes of their own behind the end.
        return _JPEG_END not in content[len(content) // 2 :]
    try:
        Image.open(BytesIO(content)).verify()  # the checksum of every chunk
    except (OSError, SyntaxError, ValueError):
        return True
    return b"IEND" not in content[-16:]


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOM' else 'a'} {kind}"
