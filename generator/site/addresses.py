"""Where everything of a site is: all pages in one folder, so that every address is a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from generator.errors import StudyError, Where, raise_all
from generator.model import Report, Study

SCHEDULE, READING, GLOSSARY, SOURCES = "index", "reading", "glossary", "sources"
KINDS = (SCHEDULE, READING, GLOSSARY, SOURCES)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The names of a study's pages. main: the language whose pages have plain names."""

    main: str
    reports: Mapping[str, tuple[str, ...]]

    def name(self, page: str, language: str) -> str:
        """The file of a page: "index.html", "week-07.ko.html"."""
        return f"{page}.html" if language == self.main else f"{page}.{language}.html"

    def page(self, page: str, language: str) -> str:
        """The address of a page of our own."""
        return quote(self.name(page, language))

    def feed(self, language: str) -> str:
        """The address of the feed in `language`."""
        return "feed.xml" if language == self.main else f"feed.{quote(language)}.xml"

    def report(self, report: str, language: str) -> str:
        """The address of a report, in its main language if it has no text in this one; "" if it
        has no text."""
        languages = self.reports.get(report, ())
        if not languages:
            return ""
        return self.page(report, language if language in languages else languages[0])


def addresses_of(study: Study) -> Addresses:
    """The addresses of `study`. Raises StudyError for a report that is called as a page of ours."""
    written = {report.id: report.languages() for _, report in study.reports() if report.texts}
    raise_all(
        [
            StudyError(
                f"a report called '{name}' would take the place of a page of the site",
                Where(f"reports/{name}"),
                f"call its folder otherwise; taken are {', '.join(KINDS)}",
            )
            for name in written
            if name in KINDS
        ]
    )
    return Addresses(study.languages[0], written)


def file_name(report: Report, path: str) -> str:
    """Where the site keeps a file of `report`: below its id, as below the report's own folder."""
    for folder in (report.folder, f"figures/{report.id}"):
        if folder and path.startswith(f"{folder}/"):
            return f"files/{report.id}/{path.removeprefix(f'{folder}/')}"
    return f"files/{report.id}/{path.rpartition('/')[2]}"
