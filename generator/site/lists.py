"""The reading path, the glossary and the sources: what all weeks have together."""

from urllib.parse import quote

from generator.site.addresses import GLOSSARY, READING, SOURCES
from generator.site.frame import filled_part, framed, unit_of
from generator.site.whole import Site
from generator.site.words import site_words
from generator.typeset.reading_list import reading_list
from generator.web.formulas import letters_html


def reading_page(site: Site, language: str) -> str:
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
    content = filled_part(site, "reading", {"words": said, "title": said.reading, "weeks": weeks})
    return framed(site, READING, language, "reading", said.reading, said.reading_about, content)


def glossary_page(site: Site, language: str) -> str:
    said = site_words(language)
    title, about = said.glossary, said.glossary_about
    return _list(site, GLOSSARY, "terms", language, title, about)


def sources_page(site: Site, language: str) -> str:
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
                    "unit": unit_of(site.study, week, report, language),
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
    content = filled_part(site, "list", values)
    return framed(site, page, language, "list", title, about, content)


def _sorted_by(entry: str) -> str:
    import re

    return re.sub(r"<[^>]*>", "", entry).casefold()
