"""The pages of a site: each from what the study says and from its texts' leaves."""

from collections.abc import Iterable
from dataclasses import dataclass

from generator.model import Heading, Report, Week
from generator.site.addresses import GLOSSARY, READING, SCHEDULE, SOURCES
from generator.site.frame import filled_part, framed, unit_of
from generator.site.lists import glossary_page, reading_page, sources_page
from generator.site.schedule import schedule_page
from generator.site.whole import Site
from generator.site.words import site_words
from generator.typeset.aims import aims
from generator.typeset.reading_list import reading_list
from generator.typeset.title_block import title_block
from generator.typeset.words import words as page_words
from generator.web.formulas import letters_html


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
            (SCHEDULE, schedule_page),
            (READING, reading_page),
            (GLOSSARY, glossary_page),
            (SOURCES, sources_page),
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
        "plain": 'class="noted"' not in leaf.html,
        "reading": reading_list(week, language),
        "colophon": tuple((named.get(fact, fact), text) for fact, text in facts.items()),
        "downloads": site.downloads.get((report.id, language), ()),
        "before": _neighbour(site, before, language),
        "after": _neighbour(site, after, language),
    }
    content = filled_part(site, "report", values)
    description = block["abstract"] or block["objective"]
    return framed(site, report.id, language, "report", block["title"], description, content)


def _neighbour(
    site: Site, pair: tuple[Week, Report] | None, language: str
) -> dict[str, str] | None:
    if pair is None:
        return None
    week, report = pair
    return {
        "unit": unit_of(site.study, week, report, language),
        "title": report.title.text(language),
        "address": site.addresses.report(report.id, language),
    }


def _contents(headings: Iterable[Heading]) -> tuple[_Part, ...]:
    """Two levels of headings; none for a text that has hardly any."""
    parts: list[tuple[Heading, list[Heading]]] = []
    for heading in headings:
        if heading.level == 2:
            parts.append((heading, []))
        elif heading.level == 3 and parts:
            parts[-1][1].append(heading)
    return tuple(_Part(heading, tuple(inner)) for heading, inner in parts) if len(parts) > 2 else ()
