"""What a page may load: its own figures and pictures, and files of the templates; nothing else.

    figure:NAME.svg     figures/ID/NAME.svg
    image:PATH          reports/ID/PATH
    template:NAME       the study's templates/NAME, else ours (fonts or pictures of a restyle)

A PNG that a figure carries along (its dense parts, as data:) is the figure's own. Everything else
is refused: http:, file:, other data:, a path with "..", a file that a symbolic link leads out of
the study. WeasyPrint swallows what a fetcher raises, so refusals are kept here and
raised by the page in the end, all together.
"""

import base64
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from weasyprint.urls import URLFetcher, URLFetcherResponse

from generator.errors import PageError, Where
from generator.model import Report
from generator.shipped import template_file

_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
}

_CARRIED = "data:image/png;base64,"


class StudyFetcher(URLFetcher):  # type: ignore[misc]
    """Loads for one report. `problems` are the refusals so far."""

    def __init__(self, root: Path, report: Report, where: Where) -> None:
        super().__init__(allowed_protocols=())
        self._root = root
        self._folders = {
            "figure": root / "figures" / report.id,
            "image": root / (report.folder or f"reports/{report.id}"),
        }
        self._where = where
        self.problems: list[PageError] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The file that `url` names. Raises ValueError, which WeasyPrint logs and forgets."""
        try:
            if url.startswith(_CARRIED):
                picture = base64.b64decode(url[len(_CARRIED) :])
                return URLFetcherResponse(url, picture, {"Content-Type": "image/png"})
            path = self._path(url)
            content = path.read_bytes()
        except (ValueError, OSError) as error:
            problem = error.strerror if isinstance(error, OSError) else str(error)
            self.problems.append(PageError(f"{_shown(url)}: {problem}", self._where))
            raise ValueError(problem) from error
        return URLFetcherResponse(url, content, {"Content-Type": _TYPES[path.suffix.lower()]})

    def _path(self, url: str) -> Path:
        scheme, colon, rest = url.partition(":")
        name = unquote(rest)
        parts = PurePosixPath(name).parts
        if not colon or scheme not in (*self._folders, "template"):
            raise ValueError("a page loads nothing but figure:, image: and template:")
        if not parts or ".." in parts or parts[0] == "/" or "\\" in name or "\0" in name:
            raise ValueError("must be a plain path inside of the report's folder")
        if PurePosixPath(name).suffix.lower() not in _TYPES:
            raise ValueError(f"must end in one of {', '.join(sorted(_TYPES))}")
        if scheme == "template":
            return template_file(self._root, name)
        path = self._folders[scheme] / name
        if not path.is_file():
            raise ValueError("there is no such file")
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise ValueError("a symbolic link leads out of the study")
        return path


def _shown(url: str) -> str:
    return url if len(url) <= 80 else f"{url[:77]}…"
