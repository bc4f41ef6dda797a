"""The first page of a site: what the group does when, and what came of it."""

from collections.abc import Sequence
from html import escape
from typing import Any

from generator.addresses import scheme
from generator.model import Link, Phrase, Report, Study, Week
from generator.publish.meeting_time import meeting_times
from generator.publish.readme.escape import fragment, sentence
from generator.publish.standing import Standing
from generator.site.addresses import SCHEDULE
from generator.site.frame import filled_part, framed, other_language
from generator.site.whole import Download, Site
from generator.site.words import SiteWords, site_words
from generator.study.readme import WORDS
from generator.typeset.words import long_date
from generator.typeset.words import words as page_words


def schedule_page(site: Site, language: str) -> str:
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
        "weeks": [
            _week(site, week, standing, language)
            for week, standing in zip(study.weeks, site.standing, strict=True)
        ],
        "files": _study_files(site, said, language),
    }
    content = filled_part(site, "schedule", values)
    return framed(site, SCHEDULE, language, "schedule", title, description, content)


def _study_files(site: Site, said: SiteWords, language: str) -> list[Download]:
    """What the first page offers of the whole study."""
    found = []
    if site.calendar:
        found.append(Download(said.calendar, site.calendar))
    if site.has_feed:
        found.append(Download(said.feed, site.addresses.feed(language)))
    return found


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


def _week(site: Site, week: Week, standing: Standing, language: str) -> dict[str, Any]:
    study = site.study
    progress = week.progress.text(language) if standing == "done" else ""
    marks = {word: _readme_word(study, word, language) for word in ("next", "late", "cancelled")}
    marks["planned"] = site_words(language).planned
    return {
        "unit": study.unit_label(week, language),
        "date": long_date(week.date, language) if week.date else "",
        "standing": standing,
        "mark": marks.get(standing, ""),
        "progress": sentence(progress) if progress else "",
        "reports": [_entry(site, week, report, language) for report in week.reports or (None,)],
        "meeting": _session(study, week, language),
    }


def _session(study: Study, week: Week, language: str) -> list[tuple[str, str]]:
    """What there is to say of a week's meeting: pairs of what it is and HTML."""
    session = week.session
    links = {"slides": session.slides, "recording": session.recording}
    words = {"notes": session.notes, "discussion": session.discussion}
    words |= {"homework": session.homework}
    found = [
        ("presenter", escape(", ".join(session.presenters))),
        ("place", escape(session.place.text(language))),
        *((kind, _links_html(kind, named, study, language)) for kind, named in links.items()),
        *((kind, _markdown(said, language)) for kind, said in words.items()),
    ]
    told = [(_readme_word(study, kind, language), html) for kind, html in found if html]
    own = dict(session.columns)
    for column in study.columns:
        if own.get(column.id):
            told.append((column.title.text(language), _markdown(own[column.id], language)))
    return told


def _links_html(kind: str, links: Sequence[Link], study: Study, language: str) -> str:
    """Links to elsewhere; a file of the study is in its repository, not on the site."""
    word = _readme_word(study, kind, language)
    return ", ".join(
        f'<a href="{escape(link.url)}">{escape(link.name.text(language) or word)}</a>'
        if scheme(link.url)
        else escape(link.name.text(language) or link.url)
        for link in links
    )


def _markdown(said: Sequence[Phrase], language: str) -> str:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False})
    return "".join(str(reader.render(phrase.text(language))) for phrase in said)


def _readme_word(study: Study, word: str, language: str) -> str:
    """A word as the README has it, in the study's own words where it says them."""
    own = dict(study.readme.words).get(word)
    texts = WORDS[word]
    return (own.text(language) if own else "") or texts.get(language, texts["en"])


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
        "other": other_language(report, language),
        "downloads": site.downloads.get((report.id, language), ())[:1] if report else (),
    }
