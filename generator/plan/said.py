"""What the study says of a report that shows in its PDF."""

from dataclasses import asdict

from generator.model import Phrase, Report, Study, Week


def said(study: Study, week: Week, report: Report) -> list[object]:
    """All that the study says that shows in a report's PDF, for its digest."""

    def texts(phrase: Phrase) -> list[list[str]]:
        return [list(pair) for pair in phrase.texts]

    return [
        texts(study.title),
        texts(week.unit or study.unit),
        week.number,
        texts(week.title),
        texts(report.title),
        texts(report.label),
        texts(report.objective or week.objective),
        list(report.authors),
        week.date.isoformat() if week.date else "",
        list(study.languages),
        study.numbers,
        # Only where there is some: a study without reading keeps its PDFs' keys.
        *([asdict(block) for block in week.reading]),
        *_aims(study, report),
        *_declared(study, report),
    ]


def _declared(study: Study, report: Report) -> list[object]:
    """What a report declares of itself, and what lines that cite it or refer to it say besides."""
    address = study.publishing.base_url
    declared = {
        "date": report.date.isoformat() if report.date else "",
        "version": report.version,
        "abstract": [list(pair) for pair in report.abstract.texts],
        "keywords": [[list(pair) for pair in phrase.texts] for phrase in report.keywords],
        "address": [address, study.publishing.pdf_name] if report.authors or address else [],
    }
    if not study.publishing.attach_sources:
        declared["sources"] = "left out"
    if study.words:
        declared["words"] = [[language, *map(list, own)] for language, own in study.words]
    return [[name, value] for name, value in declared.items() if value]


def _aims(study: Study, report: Report) -> list[object]:
    """For whom a report is, what they need and what they will be able to do, where it is said."""
    said = {
        "audience": study.audience,
        "prerequisites": report.prerequisites,
        "outcomes": report.outcomes,
    }
    return [
        [name, [[list(pair) for pair in phrase.texts] for phrase in phrases]]
        for name, phrases in said.items()
        if phrases
    ]
