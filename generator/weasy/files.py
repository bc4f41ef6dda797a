"""Which file a page means by a URL, and which it may not mean.

figure:NAME.svg     figures/ID/NAME.svg
image:PATH          reports/ID/PATH
template:NAME       the study's templates/NAME, else ours (fonts or pictures of a restyle)
"""

from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from generator.machine.shipped import template_file
from generator.model import Report

MEDIA_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
}


def page_file(root: Path, report: Report | None, url: str) -> Path:
    """The file that `url` names on a page of `report`, or in a style sheet if that is None.

    Raises ValueError for any other URL, a path that leaves its folder by ".." or by a symbolic
    link that leads out of the study, and a file that is not there.
    """
    scheme, colon, rest = url.partition(":")
    folders = {}
    if report is not None:
        folders["figure"] = root / "figures" / report.id
        folders["image"] = root / (report.folder or f"reports/{report.id}")
    if not colon or scheme not in (*folders, "template"):
        raise ValueError("a page loads nothing but figure:, image: and template:")
    name = unquote(rest)
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or parts[0] == "/" or "\\" in name or "\0" in name:
        raise ValueError("must be a plain path inside of the report's folder")
    if PurePosixPath(name).suffix.lower() not in MEDIA_TYPES:
        raise ValueError(f"must end in one of {', '.join(sorted(MEDIA_TYPES))}")
    path = template_file(root, name) if scheme == "template" else folders[scheme] / name
    if not path.is_file():
        raise ValueError("there is no such file")
    if scheme == "template" and not path.is_relative_to(root):
        return path  # ours
    if not path.resolve().is_relative_to(root.resolve()):
        raise ValueError("a symbolic link leads out of the study")
    return path
