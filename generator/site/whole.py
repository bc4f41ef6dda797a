"""All that the pages of a site are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.model import Study, Week
from generator.publish.standing import Standing
from generator.site.addresses import GLOSSARY, READING, SCHEDULE, SOURCES, Addresses
from generator.site.leaf import Leaf
from generator.site.words import site_words


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a page offers. address: relative to the site. remark: its size, or ""."""

    name: str
    address: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """All that pages are made from.

    leaves: (report, language) → its text. standing: how each week stands. downloads: (report,
    language) → files. colophons: (report, language) → labels and texts of the small print.
    calendar: its address, or "". memo: filled templates of earlier sites of this process.
    """

    root: Path
    study: Study
    addresses: Addresses
    leaves: Mapping[tuple[str, str], Leaf]
    standing: Sequence[Standing]
    downloads: Mapping[tuple[str, str], Sequence[Download]] = field(default_factory=dict)
    colophons: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    calendar: str = ""
    memo: dict[Any, str] | None = None

    @property
    def coming(self) -> Week | None:
        """The week that comes next."""
        for week, standing in zip(self.study.weeks, self.standing, strict=True):
            if standing == "next":
                return week
        return None

    @property
    def has_feed(self) -> bool:
        """Whether anything has the date that a feed needs."""
        return any(update.date for update in self.study.updates) or any(
            (report.date or week.date) and week.status == "done" and report.texts
            for week, report in self.study.reports()
        )

    def places(self, language: str) -> list[tuple[str, str]]:
        """Our own pages in `language`: name and title."""
        said = site_words(language)
        known = (
            (SCHEDULE, said.schedule),
            (READING, said.reading),
            (GLOSSARY, said.glossary),
            (SOURCES, said.sources),
        )
        return [(page, title) for page, title in known if self.has(page, language)]

    def languages(self, page: str) -> tuple[str, ...]:
        """The languages in which there is a page of this name."""
        return self.addresses.reports.get(page, self.study.languages)

    def has(self, page: str, language: str) -> bool:
        """Whether there is anything to say on a page of ours."""
        if page == READING:
            return any(week.reading for week in self.study.weeks)
        kind = {GLOSSARY: "terms", SOURCES: "references"}.get(page)
        return kind is None or any(
            leaf.lists.get(kind) for (_, other), leaf in self.leaves.items() if other == language
        )
