"""What stands under the title of a report and how it is cited; nothing that nobody declared."""

from typing import Any

from generator.model import Report, Study, Week
from generator.plan.staleness import pdf_path
from generator.typeset.words import listed_names, long_date, words


def title_block(study: Study, week: Week, report: Report, language: str) -> dict[str, Any]:
    """What the template of a page or of a book's chapter prints of a report."""
    day, own = report.date or week.date, study.own_words(language)
    return {
        "unit": study.unit_label(week, language),
        "label": report.label.text(language),
        "title": report.title.text(language),
        "objective": report.objective.text(language),
        "authors": report.authors,
        "date": long_date(day, language, own) if day else "",
        "created": report.date.isoformat() if report.date else "",
        "version": words(language, own).version.format(report.version) if report.version else "",
        "abstract": report.abstract.text(language),
        "keywords": tuple(keyword.text(language) for keyword in report.keywords),
        "citation": citation(study, week, report, language),
    }


def citation(study: Study, week: Week, report: Report, language: str) -> str:
    """ "A. Walker (2025). Random walks. Heat and Chance, Week 3. Version 1.2. https://…"; "" for a
    report that names no author."""
    if not report.authors:
        return ""
    day, own = report.date or week.date, study.own_words(language)
    year = f" ({day.year})" if day else ""
    label = report.label.text(language)
    place = ", ".join(
        filter(None, (study.title.text(language), study.unit_label(week, language), label))
    )
    parts = [
        f"{listed_names(report.authors, language, own)}{year}",
        report.title.text(language),
        place,
    ]
    if report.version:
        parts.append(words(language, own).version.format(report.version))
    said = " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts)
    base = study.publishing.base_url.rstrip("/")
    return f"{said} {base}/{pdf_path(study, week, report, language)}" if base else said
