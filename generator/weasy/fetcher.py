"""What WeasyPrint may load while it sets a page: files that `page_file` allows, nothing else.

A PNG that a figure carries along (its dense parts, as data:) is the figure's own. All else is
refused: http:, file:, other data:. WeasyPrint swallows what a fetcher raises, so refusals are kept
here and raised by the page in the end, all together.
"""

import base64
from collections.abc import Mapping
from pathlib import Path

from weasyprint.urls import URLFetcher, URLFetcherResponse

from generator.drawing.safety import svg_problems
from generator.errors import PageError, StudyError, Where, problems_in, raise_all
from generator.model import Report
from generator.store.files import read_study_file
from generator.weasy.files import MEDIA_TYPES, page_file

_CARRIED = "data:image/png;base64,"


class StudyFetcher(URLFetcher):  # type: ignore[misc]
    """Loads for one report, or for a style sheet alone. `problems` are the refusals so far.

    sheet: the text of templates/report.css, where what it names is looked up.
    """

    def __init__(self, root: Path, report: Report | None, where: Where, sheet: str = "") -> None:
        super().__init__(allowed_protocols=())
        self.root = root
        self._report, self._where, self._sheet = report, where, sheet
        self.problems: list[StudyError] = []

    def find(self, url: str) -> Path:
        """The file that `url` names. Raises ValueError for what a page may not load."""
        return page_file(self.root, self._report, url)

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The file that `url` names. Raises ValueError, which WeasyPrint logs and forgets."""
        try:
            if url.startswith(_CARRIED):
                picture = base64.b64decode(url[len(_CARRIED) :])
                return URLFetcherResponse(url, picture, {"Content-Type": "image/png"})
            path = self.find(url)
            content = self._content(path)
        except (ValueError, OSError) as error:
            problem = getattr(error, "strerror", None) or str(error)
            self.problems.append(PageError(f"{_shown(url)}: {problem}", self._place(url)))
            raise ValueError(problem) from error
        except (StudyError, ExceptionGroup) as error:
            self.problems += problems_in(error)
            raise ValueError(str(error)) from error
        return URLFetcherResponse(url, content, {"Content-Type": MEDIA_TYPES[path.suffix.lower()]})

    def _content(self, path: Path) -> bytes:
        """What the file at `path` holds; a drawing only if it is safe. Raises StudyErrors."""
        if not path.is_relative_to(self.root):
            return path.read_bytes()  # ours
        shown = path.relative_to(self.root).as_posix()
        content = read_study_file(self.root, shown)
        if path.suffix.lower() == ".svg":
            raise_all(svg_problems(content, Where(shown)), "drawing")
        return content

    def _place(self, url: str) -> Where:
        """Where `url` stands."""
        at = self._sheet.find(url)
        if at < 0:
            return self._where
        return Where("templates/report.css", self._sheet.count("\n", 0, at) + 1)


class BookFetcher(StudyFetcher):
    """Loads for a book, whose pictures are named with their report: figure:week-07/map.svg."""

    def __init__(self, root: Path, reports: Mapping[str, Report], where: Where) -> None:
        super().__init__(root, None, where)
        self._reports = reports

    def find(self, url: str) -> Path:
        """The file that `url` names. Raises ValueError for what a page may not load."""
        kind, _, rest = url.partition(":")
        name, slash, path = rest.partition("/")
        report = self._reports.get(name) if slash else None
        return page_file(self.root, report, f"{kind}:{path}" if report else url)


def _shown(url: str) -> str:
    return url if len(url) <= 80 else f"{url[:77]}…"
