"""The pages of a site: each from what the study says and from its texts' leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from generator.machine.shipped import template_text
from generator.machine.templates import fill
from generator.model import Heading, Report, Study, Week
from generator.publish.meeting_time import meeting_times
from generator.publish.readme.escape import ENDONYMS, fragment, sentence
from generator.site.addresses import GLOSSARY, READING, SCHEDULE, SOURCES, Addresses
from generator.site.leaf import Leaf
from generator.site.words import SiteWords, site_words
from generator.typeset.aims import aims
from generator.typeset.reading_list import reading_list
from generator.typeset.title_block import title_block
from generator.typeset.words import long_date
from generator.typeset.words import words as page_words
from generator.web.formulas import letters_html

GENERATOR = "studypress"


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a page offers. address: relative to the site. remark: its size, or ""."""

    name: str
    address: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """All that pages are made from.

    leaves: (report, language) → its text. downloads: (report, language) → files; ("", language):
    of the whole study. colophons: (report, language) → labels and texts of the small print.
    coming: the week that comes next. links: of <link> in the head of every page, language → each.
    """

    root: Path
    study: Study
    addresses: Addresses
    leaves: Mapping[tuple[str, str], Leaf]
    downloads: Mapping[tuple[str, str], Sequence[Download]] = field(default_factory=dict)
    colophons: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    coming: Week | None = None

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


@dataclass(frozen=True, slots=True)
class _Part:
    """A line of the contents, with the lines below it."""

    heading: Heading
    parts: tuple[Heading, ...]


def pages(site: Site) -> dict[str, str]:
    """Every page of the site: its name → HTML. Raises StudyError where a template fails."""
    made: dict[str, str] = {}
    for language in site.study.languages:
        for page, make in (
            (SCHEDULE, _schedule),
            (READING, _reading),
            (GLOSSARY, _glossary),
            (SOURCES, _sources),
        ):
            if site.has(page, language):
                made[site.addresses.name(page, language)] = make(site, language)
    ordered = [pair for pair in site.study.reports() if pair[1].texts]
    for place, (week, report) in enumerate(ordered):
        for language in report.languages():
            before = ordered[place - 1] if place else None
            after = ordered[place + 1] if place + 1 < len(ordered) else None
            name = site.addresses.name(report.id, language)
            made[name] = _report(site, week, report, language, before, after)
    return made


def _page(
    site: Site, page: str, language: str, kind: str, title: str, description: str, content: str
) -> str:
    """A whole page around `content`."""
    study, said = site.study, site_words(language)
    name = study.title.text(language)
    places = [
        {
            "title": place_title,
            "address": site.addresses.page(place, language),
            "here": place == page,
        }
        for place, place_title in (
            (SCHEDULE, said.schedule),
            (READING, said.reading),
            (GLOSSARY, said.glossary),
            (SOURCES, said.sources),
        )
        if site.has(place, language)
    ]
    spoken = [
        other
        for other in site.languages(page)
        if page in site.addresses.reports or site.has(page, other)
    ]
    languages = [
        {
            "code": other,
            "name": ENDONYMS.get(other.split("-")[0], other),
            "address": site.addresses.page(page, other),
            "here": other == language,
        }
        for other in spoken
    ]
    links = [
        {
            "rel": "alternate",
            "address": site.addresses.page(page, other),
            "type": "",
            "language": other,
        }
        for other in spoken
        if other != language
    ]
    values = {
        "language": language,
        "kind": kind,
        "words": said,
        "document_title": f"{title} – {name}" if title != name else name,
        "description": description,
        "study": name,
        "home": site.addresses.page(SCHEDULE, language),
        "places": places,
        "languages": languages,
        "links": links,
        "cards": [],
        "search": f"assets/search.{language}.js",
        "generator": GENERATOR,
        "licence": study.licence,
        "content": content,
    }
    return _filled(site.root, "page", values)


def _filled(root: Path, name: str, values: Mapping[str, Any]) -> str:
    path = f"site/{name}.html.j2"
    return fill(template_text(root, path), f"templates/{path}", values, html=True)


def _report(
    site: Site,
    week: Week,
    report: Report,
    language: str,
    before: tuple[Week, Report] | None,
    after: tuple[Week, Report] | None,
) -> str:
    study, leaf = site.study, site.leaves[report.id, language]
    block = title_block(study, week, report, language)
    named = page_words(language).colophon
    facts = site.colophons.get((report.id, language), {})
    values = {
        **block,
        "words": site_words(language),
        "page_words": page_words(language),
        "study": study.title.text(language),
        "aims": aims(language, (), report.prerequisites, report.outcomes),
        "contents": _contents(leaf.headings),
        "body": letters_html(leaf.letters) + leaf.html,
        "reading": reading_list(week, language),
        "colophon": tuple((named.get(fact, fact), text) for fact, text in facts.items()),
        "downloads": site.downloads.get((report.id, language), ()),
        "before": _neighbour(site, before, language),
        "after": _neighbour(site, after, language),
    }
    content = _filled(site.root, "report", values)
    description = block["abstract"] or block["objective"]
    return _page(site, report.id, language, "report", block["title"], description, content)


def _neighbour(
    site: Site, pair: tuple[Week, Report] | None, language: str
) -> dict[str, str] | None:
    if pair is None:
        return None
    week, report = pair
    return {
        "unit": _unit(site.study, week, report, language),
        "title": report.title.text(language),
        "address": site.addresses.report(report.id, language),
    }


def _unit(study: Study, week: Week, report: Report | None, language: str) -> str:
    unit = study.unit_label(week, language)
    label = report.label.text(language) if report else ""
    return f"{unit} · {label}" if label else unit


def _contents(headings: Iterable[Heading]) -> tuple[_Part, ...]:
    """Two levels of headings; none for a text that has hardly any."""
    parts: list[tuple[Heading, list[Heading]]] = []
    for heading in headings:
        if heading.level == 2:
            parts.append((heading, []))
        elif heading.level == 3 and parts:
            parts[-1][1].append(heading)
    return tuple(_Part(heading, tuple(inner)) for heading, inner in parts) if len(parts) > 2 else ()


# ---------------------------------------------------------------- pages of the whole study


def _schedule(site: Site, language: str) -> str:
    study, said = site.study, site_words(language)
    title, description = study.title.text(language), study.description.text(language)
    values = {
        "words": said,
        "study": title,
        "description": description,
        "audience": [line.text(language) for line in study.audience],
        "audience_label": page_words(language).audience,
        "methodology": [line.text(language) for line in study.methodology],
        "meeting": _meeting(study, said, language),
        "next": _coming(site, language),
        "weeks": [_week(site, week, language) for week in study.weeks],
        "files": site.downloads.get(("", language), ()),
    }
    content = _filled(site.root, "schedule", values)
    return _page(site, SCHEDULE, language, "schedule", title, description, content)


def _meeting(study: Study, said: SiteWords, language: str) -> dict[str, Any] | None:
    if study.meeting is None:
        return None
    weekday = said.weekdays[study.meeting.weekday]
    return {
        "every": said.every.replace("{weekday}", weekday),
        "times": meeting_times(study.meeting, said.weekdays),
        "place": study.meeting.place.text(language),
    }


def _coming(site: Site, language: str) -> dict[str, str] | None:
    week = site.coming
    if week is None:
        return None
    written = [report.id for report in week.reports if report.texts]
    return {
        "unit": site.study.unit_label(week, language),
        "title": week.title.text(language),
        "date": long_date(week.date, language) if week.date else "",
        "address": site.addresses.report(written[0], language) if written else "",
    }


def _week(site: Site, week: Week, language: str) -> dict[str, Any]:
    study = site.study
    progress = week.progress.text(language) if week.status == "done" else ""
    return {
        "unit": study.unit_label(week, language),
        "date": long_date(week.date, language) if week.date else "",
        "done": week.status == "done",
        "next": week is site.coming,
        "progress": sentence(progress) if progress else "",
        "reports": [_entry(site, week, report, language) for report in week.reports or (None,)],
    }


def _entry(site: Site, week: Week, report: Report | None, language: str) -> dict[str, Any]:
    objective = (report.objective if report else week.objective).text(language)
    return {
        "label": report.label.text(language) if report else "",
        "title": (report.title if report else week.title).text(language),
        "objective": sentence(objective) if objective else "",
        "resource": sentence(fragment(report.resource.text(language)))
        if report and report.resource
        else "",
        "address": site.addresses.report(report.id, language) if report else "",
        "downloads": site.downloads.get((report.id, language), ())[:1] if report else (),
    }


def _reading(site: Site, language: str) -> str:
    said = site_words(language)
    weeks = []
    for number, week in enumerate(site.study.weeks, 1):
        parts = reading_list(week, language).parts
        if not parts:
            continue
        written = [report.id for report in week.reports if report.texts]
        weeks.append(
            {
                "id": f"week-{number}",
                "unit": site.study.unit_label(week, language),
                "title": week.title.text(language),
                "address": site.addresses.report(written[0], language) if written else "",
                "parts": [
                    {
                        "title": part.title,
                        "time": part.time,
                        "lines": [
                            {
                                "title": line.title,
                                "url": line.url,
                                "by": line.by,
                                "remarks": line.remarks,
                                # The same in every language, as long as it leads to the same place.
                                "key": line.url or f"{number}: {line.title}",
                            }
                            for line in part.lines
                        ],
                    }
                    for part in parts
                ],
            }
        )
    content = _filled(site.root, "reading", {"words": said, "title": said.reading, "weeks": weeks})
    return _page(site, READING, language, "reading", said.reading, said.reading_about, content)


def _glossary(site: Site, language: str) -> str:
    said = site_words(language)
    title, about = said.glossary, said.glossary_about
    return _list(site, GLOSSARY, "terms", language, title, about)


def _sources(site: Site, language: str) -> str:
    said = site_words(language)
    return _list(site, SOURCES, "references", language, said.sources, said.sources_about)


def _list(site: Site, page: str, kind: str, language: str, title: str, about: str) -> str:
    """The entries of one kind of all texts, sorted by their words, each with who uses it."""
    entries: dict[str, str] = {}
    uses: dict[str, list[dict[str, str]]] = {}
    letters: dict[str, str] = {}
    for week, report in site.study.reports():
        leaf = site.leaves.get((report.id, language))
        if leaf is None:
            continue
        for anchor, entry in leaf.lists.get(kind, {}).items():
            entries.setdefault(anchor, entry)
            letters |= {name: path for name, path in leaf.letters.items() if f"#{name}" in entry}
            uses.setdefault(anchor, []).append(
                {
                    "unit": _unit(site.study, week, report, language),
                    "address": f"{site.addresses.report(report.id, language)}#{quote(anchor)}",
                }
            )
    values = {
        "words": site_words(language),
        "kind": page,
        "title": title,
        "about": about,
        "letters": letters_html(letters),
        "entries": [
            {"anchor": anchor, "html": entry, "uses": uses[anchor]}
            for anchor, entry in sorted(entries.items(), key=lambda item: _sorted_by(item[1]))
        ],
    }
    content = _filled(site.root, "list", values)
    return _page(site, page, language, "list", title, about, content)


def _sorted_by(entry: str) -> str:
    import re

    return re.sub(r"<[^>]*>", "", entry).casefold()
