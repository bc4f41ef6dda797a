"""What machines read of a site: an Atom feed (RFC 4287), a site map, a table of contents as text.

Nothing here asks the clock: a feed holds what study.toml gives a date, and nothing else.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from generator.site.addresses import SCHEDULE
from generator.site.frame import GENERATOR
from generator.site.whole import Site

_NAMESPACE = uuid.UUID("7d1f9a52-1c0e-5c86-9d7e-3a6f0b6d8a11")  # ours, drawn once


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the feed. key: what stays when its words change."""

    key: str
    title: str
    date: dt.date
    address: str
    summary: str
    authors: tuple[str, ...] = ()


def address_of(site: Site, page: str) -> str:
    """`page` as an address of its own, where the study says where its site is; else relative."""
    base = site.study.publishing.site_url.rstrip("/")
    if not base:
        return page
    return f"{base}/" if page == "index.html" else f"{base}/{page}"


def atom(site: Site, language: str) -> str:
    """The feed of finished reports and updates in `language`, newest first; "" if none is dated."""
    study = site.study
    entries = sorted(
        _entries(site, language), key=lambda entry: (entry.date, entry.key), reverse=True
    )
    if not entries:
        return ""
    title, home = study.title.text(language), site.addresses.page(SCHEDULE, language)
    feed = site.addresses.feed(language)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(language)}">',
        f"<title>{escape(title)}</title>",
        f"<id>{_id(study.title.texts, language)}</id>",
        f"<updated>{_moment(entries[0].date)}</updated>",
        f"<author><name>{escape(title)}</name></author>",
        f'<link href="{escape(address_of(site, home))}"/>',
        f'<link rel="self" href="{escape(address_of(site, feed))}"/>',
        f"<generator>{GENERATOR}</generator>",
    ]
    for entry in entries:
        parts += [
            "<entry>",
            f"<title>{escape(entry.title)}</title>",
            f"<id>{_id(study.title.texts, language, entry.key)}</id>",
            f"<updated>{_moment(entry.date)}</updated>",
            *(f"<author><name>{escape(name)}</name></author>" for name in entry.authors),
            f'<link href="{escape(address_of(site, entry.address))}"/>',
            f"<summary>{escape(entry.summary)}</summary>",
            "</entry>",
        ]
    return "\n".join([*parts, "</feed>", ""])


def _entries(site: Site, language: str) -> Iterator[_Entry]:
    study = site.study
    for week, report in study.reports():
        day = report.date or week.date
        if day and week.status == "done" and report.texts:
            yield _Entry(
                report.id,
                f"{study.unit_label(week, language)}: {report.title.text(language)}",
                day,
                site.addresses.report(report.id, language),
                report.abstract.text(language) or report.objective.text(language),
                report.authors,
            )
    for update in study.updates:
        if update.date:
            text = update.text.text(language)
            home = site.addresses.page(SCHEDULE, language)
            yield _Entry(f"{update.date} {update.text.texts}", text, update.date, home, text)


def _id(*parts: object) -> str:
    return uuid.uuid5(_NAMESPACE, repr(parts)).urn


def _moment(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def sitemap(site: Site, made: Iterable[str]) -> str:
    """The map of the site (sitemaps.org), for a study that says where its site is."""
    lines = [f"<url><loc>{escape(address_of(site, page))}</loc></url>" for page in sorted(made)]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *lines,
            "</urlset>",
            "",
        ]
    )


def llms(site: Site) -> str:
    """The site's contents as Markdown for programs that read (llmstxt.org)."""
    study, language = site.study, site.study.languages[0]
    lines = [f"# {study.title.text(language)}", ""]
    if study.description:
        lines += [f"> {study.description.text(language)}", ""]
    lines += ["## Reports", ""]
    for week, report in study.reports():
        for other in report.languages():
            address = address_of(site, site.addresses.report(report.id, other))
            said = f"{study.unit_label(week, other)}: {report.title.text(other)}"
            objective = report.objective.text(other)
            lines.append(f"- [{said}]({address})" + (f": {objective}" if objective else ""))
    lines += ["", "## Study", ""]
    for page, title in site.places(language):
        lines.append(f"- [{title}]({address_of(site, site.addresses.page(page, language))})")
    return "\n".join([*lines, ""])
