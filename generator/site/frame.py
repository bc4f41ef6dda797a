"""What stands around every page of a site, and how its templates are filled."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

from generator.machine.shipped import template_text
from generator.machine.templates import fill
from generator.model import Report, Study, Week
from generator.publish.readme.escape import ENDONYMS
from generator.site.addresses import SCHEDULE
from generator.site.whole import Site
from generator.site.words import site_words

GENERATOR = "studypress"


def framed(
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
        for place, place_title in site.places(language)
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
        _link("alternate", site.addresses.page(page, other), language=other)
        for other in spoken
        if other != language
    ]
    if site.has_feed:
        feed = site.addresses.feed(language)
        links.append(_link("alternate", feed, type="application/atom+xml"))
    base = study.publishing.site_url.rstrip("/")
    own = f"{base}/{site.addresses.page(page, language)}"
    if base:
        links.append(_link("canonical", own))
    cards = {
        "og:type": "article" if kind == "report" else "website",
        "og:title": title,
        "og:description": description,
        "og:site_name": name,
        "og:locale": language.replace("-", "_"),
        "og:url": own if base else "",
    }
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
        "cards": [pair for pair in cards.items() if pair[1]],
        "search": f"assets/search.{language}.js",
        "fonts": ("serif", "sans", "sans-bold") if kind == "report" else ("sans", "sans-bold"),
        "generator": GENERATOR,
        "licence": study.licence,
        "content": content,
    }
    return filled_part(site, "page", values)


def _link(rel: str, address: str, *, type: str = "", language: str = "") -> dict[str, str]:
    """A <link> of the head."""
    return {"rel": rel, "address": address, "type": type, "language": language}


def filled_part(site: Site, name: str, values: Mapping[str, Any]) -> str:
    """The template `name` of the site filled; what the site's memo has is not filled again."""
    path = f"site/{name}.html.j2"
    source = template_text(site.root, path)
    if site.memo is None:
        return fill(source, f"templates/{path}", values, html=True)
    key = (source, _frozen(values))
    found = site.memo.get(key)
    if found is None:
        found = site.memo[key] = fill(source, f"templates/{path}", values, html=True)
        if len(site.memo) > _MOST_KEPT:
            del site.memo[next(iter(site.memo))]
    return found


_MOST_KEPT = 500  # of templates filled: a study of a year has eighty


def _frozen(value: Any) -> Any:
    """`value` as something that a dictionary can be asked for."""
    if isinstance(value, Mapping):
        return tuple((name, _frozen(inner)) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    return repr(value) if is_dataclass(value) else value  # words hold dictionaries


def unit_of(study: Study, week: Week, report: Report | None, language: str) -> str:
    unit = study.unit_label(week, language)
    label = report.label.text(language) if report else ""
    return f"{unit} · {label}" if label else unit


def other_language(report: Report | None, language: str) -> str:
    """The language of a report that has no text in this one; "" if it has, or has none at all."""
    if report is None or not report.texts or language in report.languages():
        return ""
    return ENDONYMS.get(report.languages()[0], report.languages()[0])
