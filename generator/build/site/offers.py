"""What the pages of a site offer besides their text: PDFs, notebooks, scripts, numbers, data."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.build.pages import colophon_for
from generator.build.site.leaves import kept_file
from generator.digest import digest_bytes
from generator.model import Report, Study, Week
from generator.plan.labels import Inputs
from generator.plan.staleness import pdf_path
from generator.site.addresses import file_name
from generator.site.whole import Download
from generator.site.words import site_words
from generator.store.cache import Cache
from generator.store.record import load_record

Files = dict[str, bytes | Path]  # path on the site → its bytes, or the file to copy
Offers = dict[tuple[str, str], tuple[Download, ...]]


def offers(inputs: Inputs, study: Study, store: Cache, files: Files) -> Offers:
    """(report, language) → what its page offers; the files themselves go to `files`."""
    found: Offers = {}
    for week, report in study.reports():
        for language in report.languages():
            said = site_words(language)
            listed = [
                _download("PDF", inputs, report, pdf_path(study, week, report, language), files)
            ]
            if report.script:
                place = f"files/{report.id}/{_stem(study, week, report, language)}.ipynb"
                content = _notebook(inputs, study, week, report, language, store)
                files[place] = content
                listed += [
                    Download(said.notebook, place, size_said(len(content))),
                    _download(said.script_file, inputs, report, report.script, files),
                    _download(
                        said.results, inputs, report, f"figures/{report.id}/results.json", files
                    ),
                ]
            listed += [
                _download(name, inputs, report, f"{report.folder}/data/{name}", files)
                for name in _data(inputs.root, report)
            ]
            found[report.id, language] = tuple(listed)
    return found


def _stem(study: Study, week: Week, report: Report, language: str) -> str:
    """What a report's PDF is called, without its ending."""
    return pdf_path(study, week, report, language).rpartition("/")[2].removesuffix(".pdf")


def _download(name: str, inputs: Inputs, report: Report, path: str, files: Files) -> Download:
    source = inputs.root / path
    place = file_name(report, path)
    files[place] = source
    return Download(name, place, size_said(source.stat().st_size))


def _data(root: Path, report: Report) -> Iterable[str]:
    """The plain files in a report's data/, by name; links stay at home."""
    folder = root / report.folder / "data"
    if not report.folder or not folder.is_dir() or folder.is_symlink():
        return ()
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".")
        )


def _notebook(
    inputs: Inputs, study: Study, week: Week, report: Report, language: str, store: Cache
) -> bytes:
    from generator.build import notebook

    record = load_record(inputs.root, report.id)
    pdf = record.pdfs.get(language)
    made_of = {
        **(pdf.inputs if pdf else {}),
        "script": inputs.file(report.script or "") or "",
        "study.toml": inputs.file("study.toml") or "",
        "notebook": f"{report.id} {language}",
        "module": digest_bytes(Path(notebook.__file__).read_bytes()),
    }
    return kept_file(
        store, made_of, lambda: notebook.notebook(inputs.root, study, week, report, language)
    )


def size_said(count: int) -> str:
    """Bytes for a person: "286 KB"."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1000))} KB"


def colophons(inputs: Inputs, study: Study) -> dict[tuple[str, str], Mapping[str, str]]:
    """(report, language) → labels and texts of the small print at the end of its page."""
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for _, report in study.reports():
        record = load_record(inputs.root, report.id)
        versions = [label for label in record.inputs if label.startswith("version:")]
        for language in report.languages():
            found[report.id, language] = colophon_for(inputs, record, report, language, versions)
    return found
