"""What an import tells: the listing by kinds, and the study in one line."""

from collections.abc import Mapping

from generator.importing.importer import Imported
from generator.model import Study
from generator.study.totals import papers, study_sums


def listing_text(imported: Imported, heads: Mapping[str, str]) -> str:
    """Every remark with its line, kind by kind; then the files that were there."""
    lines: list[str] = []
    for kind, head in heads.items():
        remarks = [remark for remark in imported.remarks if remark.kind == kind]
        if remarks:
            lines.append(f"{head}:")
            lines += [f"  {remark}" for remark in remarks]
    if imported.kept:
        lines.append("there already, not touched:")
        lines += [f"  {path}" for path in imported.kept]
    return "\n".join(lines) + "\n" if lines else ""


def summary(study: Study) -> str:
    """The study counted: units, reports, reading, tables, updates."""
    counts: dict[str, int] = {}
    for week in study.weeks:
        word = (week.unit or study.unit).text(study.languages[0]).replace("{n}", "")
        counts[word.lower()] = counts.get(word.lower(), 0) + 1
    parts = [_count(number, word) for word, number in counts.items()]
    linked = sum(bool(report.link or report.name) for _, report in study.reports())
    if linked:
        parts.append(_count(linked, "resource"))
    sums = study_sums(study)
    if sums.minutes:
        parts.append(f"{sums.video_minutes} + {sums.reading_minutes} minutes")
    if sums.videos:
        parts.append(_count(sums.videos, "video") + _optional(sums.optional_videos))
    if sums.readings:
        parts.append(_count(sums.readings, "reading") + _optional(sums.optional_readings))
    known = papers(study)
    if known:
        must = sum(paper.level == "must" for paper in known)
        parts.append(_count(len(known), "paper") + (f" ({must} must-read)" if must else ""))
    rows = sum(len(table.rows) for week in study.weeks for table in week.tables)
    if rows:
        parts.append(_count(rows, "table row"))
    if study.updates:
        parts.append(_count(len(study.updates), "update"))
    return ", ".join(parts)


def _count(number: int, word: str) -> str:
    if number == 1 or not word.isascii():
        return f"{number} {word}"
    return (
        f"{number} {word.removesuffix('ix')}ices" if word.endswith("dix") else f"{number} {word}s"
    )


def _optional(number: int) -> str:
    return f" ({number} optional)" if number else ""
