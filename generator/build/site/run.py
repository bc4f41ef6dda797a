"""The stages of `study site`: leaves, pages, what goes with them, one check, one write."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.build.site.leaves import Kept, leaf_of
from generator.build.site.offers import Files, colophons, offers
from generator.errors import StudyError, Where, problems_in, raise_all
from generator.machine.shipped import template_text
from generator.model import Study
from generator.plan.labels import Inputs
from generator.plan.staleness import Staleness, pdf_path, plan
from generator.publish.calendar.file import calendar
from generator.publish.standing import standings
from generator.site.addresses import SCHEDULE, addresses_of
from generator.site.feeds import atom, llms, sitemap
from generator.site.leaf import Leaf
from generator.site.pages import pages
from generator.site.search import search_script
from generator.site.strict import page_problems
from generator.site.whole import Site
from generator.store.cache import Cache
from generator.store.replace import replace_folder
from generator.web.fonts import web_fonts

MARK = ".studypress-site"  # says that a folder is ours to replace


def build_site(
    root: Path,
    study: Study,
    out: Path,
    *,
    preview: bool = False,
    memo: dict[Any, str] | None = None,
) -> list[str]:
    """Bring the site in `out` up to date; return the names of the files that changed.

    preview: PDFs may be older than their texts. memo: pages of earlier calls in this process.
    Raises all problems together, before anything is written: what is out of date, whatever is
    wrong with a text or a page.
    """
    inputs = Inputs.load(root, study)
    _check_fresh(inputs, preview=preview)
    store = Cache(root / ".study" / "cache")
    kept = Kept.load(root)
    files: Files = {}
    addresses = addresses_of(study)
    leaves: dict[tuple[str, str], Leaf] = {}
    problems: list[StudyError] = []
    for week, report in study.reports():
        for language in report.languages():
            try:
                found = leaf_of(inputs, study, week, report, language, addresses, kept, store)
            except (StudyError, ExceptionGroup) as error:
                problems += problems_in(error)
                continue
            leaves[report.id, language] = found
            files |= {place: root / path for place, path in found.files.items()}
    raise_all(problems, "site")
    site = Site(
        root,
        study,
        addresses,
        leaves,
        standings(study),
        offers(inputs, study, store, files),
        colophons(inputs, study),
        _calendar(study, files),
        memo,
    )
    made = pages(site)
    files |= _beside(site, made)
    files |= _assets(site, made, store)
    places = {
        addresses.name(report.id, language): Where(path)
        for _, report in study.reports()
        for language, path in report.texts
    }
    raise_all(page_problems(made, files, places), "site")
    files |= {name: text.encode() for name, text in made.items()}
    changed = replace_folder(out, files, MARK)
    kept.save()
    inputs.save()
    return changed


def _check_fresh(inputs: Inputs, *, preview: bool) -> None:
    """Raise StudyError for every report whose numbers or PDFs are not those of its sources.

    preview: numbers alone are looked at, and that there is a PDF.
    """
    raise_all(
        [
            StudyError(
                f"{stale.report.id} is out of date, and its page would not say what its PDF says",
                Where(stale.report.folder),
                "run `study build` first; `study why` says what changed",
            )
            for stale in plan(inputs)
            if (stale.compute if preview else stale) or not _has_pdfs(inputs, stale)
        ],
        "site",
    )


def _has_pdfs(inputs: Inputs, stale: Staleness) -> bool:
    report = stale.report
    return all(
        (inputs.root / pdf_path(inputs.study, stale.week, report, language)).is_file()
        for language in report.languages()
    )


def _calendar(study: Study, files: Files) -> str:
    """The address of the calendar, which goes to `files`; "" where no date is known."""
    meeting = study.meeting
    if meeting is None or not (meeting.dates or meeting.first):
        return ""
    files["calendar.ics"] = calendar(study)
    return "calendar.ics"


def _beside(site: Site, made: Mapping[str, str]) -> Files:
    """What machines read: feeds, the map of the site."""
    files: Files = {"llms.txt": llms(site).encode(), ".nojekyll": b""}
    for language in site.study.languages:
        feed = atom(site, language)
        if feed:
            files[site.addresses.feed(language)] = feed.encode()
    if site.study.publishing.site_url:
        files["sitemap.xml"] = sitemap(site, made).encode()
    return files


def _assets(site: Site, made: Mapping[str, str], store: Cache) -> Files:
    """Style sheet, script, fonts and what can be searched."""
    root, study = site.root, site.study
    # What a reader meets first decides which Korean letters come together.
    first = [site.addresses.name(SCHEDULE, language) for language in reversed(study.languages)]
    ordered = [*first, *(name for name in made if name not in first)]
    fonts = web_fonts([made[name] for name in ordered], store)
    files: Files = {f"assets/fonts/{name}": content for name, content in fonts.files.items()}
    files["assets/site.css"] = (fonts.css + template_text(root, "site/site.css")).encode()
    files["assets/site.js"] = template_text(root, "site/site.js").encode()
    for language in study.languages:
        texts = search_script(
            (
                site.leaves[report.id, language],
                site.addresses.report(report.id, language),
                f"{study.unit_label(week, language)} {report.title.text(language)}",
            )
            for week, report in study.reports()
            if language in report.languages()
        )
        files[f"assets/search.{language}.js"] = texts.encode()
    return files
