"""`study site`: leaves kept by content, pages made of them, the folder replaced as a whole."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.build.pages import colophon_for, pdf_labels, undrawable
from generator.digest import digest_bytes
from generator.errors import StudyError, Where, problems_in, raise_all
from generator.machine.shipped import template_text
from generator.model import Report, Study, Week
from generator.plan.labels import Inputs
from generator.plan.staleness import pdf_path, plan
from generator.publish.schedule import next_week
from generator.site.addresses import Addresses, addresses_of, file_name
from generator.site.leaf import Leaf, leaf, unpacked_leaf
from generator.site.pages import Download, Site, pages
from generator.site.search import search_script
from generator.site.strict import page_problems
from generator.store.cache import Cache, write_whole
from generator.store.record import load_record, load_results
from generator.store.replace import replace_folder
from generator.web.fonts import web_fonts

MARK = ".studypress-site"  # says that a folder is ours to replace
_STATE = ".study/site.json"


@dataclass(slots=True)
class _Kept:
    """What earlier runs made: "week-07 ko" → labels with their digests, and the leaf's digest."""

    path: Path
    leaves: dict[str, tuple[dict[str, str], str]]

    @classmethod
    def load(cls, root: Path) -> "_Kept":
        path = root / _STATE
        try:
            known = json.loads(path.read_bytes())
            return cls(path, {name: (item[0], item[1]) for name, item in known.items()})
        except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
            return cls(path, {})

    def save(self) -> None:
        try:
            self.path.parent.mkdir(exist_ok=True)
            content = json.dumps(self.leaves, separators=(",", ":")).encode()
            if not self.path.is_file() or self.path.read_bytes() != content:
                write_whole(self.path, content, durable=False)
        except OSError:
            return  # it only costs time


def build_site(
    root: Path,
    study: Study,
    out: Path,
    *,
    today: dt.date,
) -> list[str]:
    """Bring the site in `out` up to date; return the names of the files that changed.

    today: decides which meeting is the next, where weeks have dates.

    Raises all problems together, before anything is written: what is out of date, whatever is
    wrong with a text or a page.
    """
    inputs = Inputs.load(root, study)
    _check_fresh(inputs)
    addresses = addresses_of(study)
    store = Cache(root / ".study" / "cache")
    kept = _Kept.load(root)
    leaves: dict[tuple[str, str], Leaf] = {}
    problems: list[StudyError] = []
    for week, report in study.reports():
        for language in report.languages():
            try:
                found = _leaf(inputs, study, week, report, language, addresses, kept, store)
            except (StudyError, ExceptionGroup) as error:
                problems += problems_in(error)
                continue
            leaves[report.id, language] = found
    raise_all(problems, "site")
    files: dict[str, bytes | Path] = {}
    site = Site(
        root,
        study,
        addresses,
        leaves,
        _downloads(root, study, files),
        _colophons(inputs, study),
        next_week(study, today),
    )
    made = pages(site)
    for found in leaves.values():
        files |= {place: root / path for place, path in found.files.items()}
    files |= dict(_assets(site, made, store))
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


def _check_fresh(inputs: Inputs) -> None:
    """Raise StudyError for every report whose numbers or PDFs are not those of its sources."""
    raise_all(
        [
            StudyError(
                f"{stale.report.id} is out of date, and its page would not say what its PDF says",
                Where(stale.report.folder),
                "run `study build` first; `study why` says what changed",
            )
            for stale in plan(inputs)
            if stale
        ],
        "site",
    )


def _leaf(
    inputs: Inputs,
    study: Study,
    week: Week,
    report: Report,
    language: str,
    addresses: Addresses,
    kept: _Kept,
    store: Cache,
) -> Leaf:
    """The leaf of a text, the kept one where nothing that it was made from is another now."""
    name = f"{report.id} {language}"
    pages = {other: addresses.report(other, language) for other in addresses.reports}
    made_of, digest = kept.leaves.get(name, ({}, ""))
    making = digest_bytes(json.dumps([_sources(), sorted(pages.items())]).encode())
    if made_of.get("site") == making and all(
        inputs.present(label, report.id) == before
        for label, before in made_of.items()
        if label != "site"
    ):
        content = store.get("leaf", digest)
        if content is not None:
            return unpacked_leaf(content)
    from generator.text.report import render_report

    results = load_results(inputs.root, report.id)
    document = render_report(
        inputs.root, study, week, report, language, results, store=store, undrawable=undrawable
    )
    content = leaf(inputs.root, report, document, pages, store).packed()
    digest = digest_bytes(content)
    store.put("leaf", digest, content)
    labels = pdf_labels(report, document.inputs, document.images, {}, ())
    seen = {
        label: now
        for label in labels
        if not label.startswith("template:") and (now := inputs.present(label, report.id))
    }
    kept.leaves[name] = (seen | {"site": making}, digest)
    return unpacked_leaf(content)  # as every later run will see it


_OURS = ("web", "site", "text", "maths", "drawing")


def _sources() -> str:
    """A digest of the modules that make leaves: what they make is not what others made."""
    folder = Path(__file__).parents[1]
    found = sorted(path for room in _OURS for path in (folder / room).rglob("*.py"))
    return digest_bytes(b"\0".join(path.read_bytes() for path in found))


def _downloads(
    root: Path, study: Study, files: dict[str, bytes | Path]
) -> dict[tuple[str, str], tuple[Download, ...]]:
    """What each page offers; the files themselves go to `files`."""
    from generator.site.words import site_words

    found: dict[tuple[str, str], tuple[Download, ...]] = {}
    for week, report in study.reports():
        for language in report.languages():
            said = site_words(language)
            offered = [("PDF", pdf_path(study, week, report, language))]
            if report.script:
                offered.append((said.script_file, report.script))
                offered.append((said.results, f"figures/{report.id}/results.json"))
            listed = []
            for name, path in offered:
                if (root / path).is_file():
                    place = file_name(report, path)
                    files[place] = root / path
                    listed.append(Download(name, place, _size((root / path).stat().st_size)))
            found[report.id, language] = tuple(listed)
    return found


def _size(count: int) -> str:
    """Bytes for a person: "286 KB"."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1000))} KB"


def _colophons(inputs: Inputs, study: Study) -> dict[tuple[str, str], Mapping[str, str]]:
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for _, report in study.reports():
        record = load_record(inputs.root, report.id)
        versions = [label for label in record.inputs if label.startswith("version:")]
        for language in report.languages():
            found[report.id, language] = colophon_for(inputs, record, report, language, versions)
    return found


def _assets(site: Site, made: Mapping[str, str], store: Cache) -> Iterator[tuple[str, bytes]]:
    """Style sheet, script, fonts and what can be searched."""
    root, study = site.root, site.study
    first = [site.addresses.name("index", language) for language in reversed(study.languages)]
    ordered = [*first, *(name for name in made if name not in first)]
    scripts = {
        f"assets/search.{language}.js": search_script(
            (
                site.leaves[report.id, language],
                site.addresses.report(report.id, language),
                f"{study.unit_label(week, language)} {report.title.text(language)}",
            )
            for week, report in study.reports()
            if language in report.languages()
        )
        for language in study.languages
    }
    # Results of a search and words that the script says are shown as well.
    fonts = web_fonts([made[name] for name in ordered], store)
    files = {f"assets/fonts/{name}": content for name, content in fonts.files.items()}
    files["assets/site.css"] = (fonts.css + template_text(root, "site/site.css")).encode()
    files["assets/site.js"] = template_text(root, "site/site.js").encode()
    files |= {name: text.encode() for name, text in scripts.items()}
    files[".nojekyll"] = b""
    return iter(files.items())
