"""What an import tells: the listing by kinds, and the study in one line."""

import json
import re
from collections.abc import Mapping, Sequence
from difflib import unified_diff

from generator.importing.importer import Imported
from generator.model import Study
from generator.study.totals import papers, study_sums

# What is said about many lines is said once, with the first of them.
_SHOWN = 4
_MOST = 48  # lines, what a terminal or a page shows at once


def listing_text(imported: Imported, heads: Mapping[str, str]) -> str:
    """The remarks, kind by kind, those that say the same together; a page at most."""
    groups: list[tuple[str, list[list[str]]]] = []
    for kind, head in heads.items():
        alike: dict[str, list[str]] = {}
        for remark in imported.remarks:
            if remark.kind == kind:
                place = f"{remark.where}" if remark.where else ""
                alike.setdefault(_pattern(remark.text), []).append(
                    f"{place}: {remark.text}" if place else remark.text
                )
        if alike:
            groups.append((head, list(alike.values())))
    if imported.kept:
        groups.append(("there already, not touched", [list(imported.kept)]))
    shown = _SHOWN
    while shown > 1 and _height(groups, shown) > _MOST:
        shown -= 1
    fair = max(2, (_MOST - 2 * len(groups)) // max(1, len(groups)))
    lines: list[str] = []
    for head, said in groups:
        lines.append(f"{head}:")
        own = [line for together in said for line in _some(together, shown)]
        tight = _height(groups, shown) > _MOST and len(own) > fair
        lines += own[:fair] if tight else own
        if tight:
            lines.append(f"  … and {len(own) - fair} lines more: --json lists all")
    return "\n".join(lines) + "\n" if lines else ""


def _pattern(text: str) -> str:
    """What a remark says, whatever it says it of."""
    return re.sub(r"'[^']*'|\S*[/.]\S*|\d+|[A-Z]\w* \{?N", "…", text)


def _height(groups: Sequence[tuple[str, list[list[str]]]], shown: int) -> int:
    return sum(1 + sum(len(_some(together, shown)) for together in said) for _, said in groups)


def _some(together: Sequence[str], shown: int) -> list[str]:
    lines = [f"  {line if len(line) <= 160 else line[:159] + '…'}" for line in together[:shown]]
    more = len(together) - shown
    return [*lines, f"  … and {more} more like it"] if more > 0 else lines


def as_json(imported: Imported) -> str:
    """All that an import found, for a program: files, kept, remarks with path and line, weeks."""
    language = imported.study.languages[0]
    found = {
        "format": 1,
        "files": sorted(imported.files),
        "kept": list(imported.kept),
        "remarks": [
            {
                "kind": remark.kind,
                "text": remark.text,
                "path": remark.where.path if remark.where else None,
                "line": remark.where.line if remark.where else None,
            }
            for remark in imported.remarks
        ],
        "weeks": [
            {
                "unit": imported.study.unit_label(week, language),
                "title": week.title.text(language),
                "date": week.date.isoformat() if week.date else None,
                "reports": [report.id for report in week.reports],
            }
            for week in imported.study.weeks
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=2)


def readme_diff(imported: Imported) -> str:
    """What becomes of the README, as a unified diff."""
    before, after = (text.splitlines() for text in imported.readme)
    if not before:
        return ""
    lines = unified_diff(before, after, "README.md, as it is", "README.md, imported", lineterm="")
    return "".join(f"{line}\n" for line in lines)


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
