"""The README's reading path and its log of changes, as plain data for their templates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generator.model import LinkTable, Note, ReadingBlock, ReadingItem, Study, Week
from generator.publish.readme.escape import encoded_address, markdown_text
from generator.study.totals import VIDEO, study_sums

Data = dict[str, Any]
Words = Mapping[str, str]


def reading_data(study: Study, language: str, words: Words) -> Data:
    """What `reading.md.j2` is given: summary, units, sources. Strings are Markdown already."""
    sums = study_sums(study)
    summary = ""
    if sums.minutes:
        summary = (
            words["all_reading"]
            .replace("{videos}", str(sums.videos))
            .replace("{watch}", spelt_time(sums.video_minutes, words))
            .replace("{readings}", str(sums.readings))
            .replace("{read}", spelt_time(sums.reading_minutes, words))
        )
        optional = sums.optional_videos + sums.optional_readings
        if optional:
            said = words["optional_reading"].replace("{optional}", str(optional))
            summary = f"{summary}; {said}"
    units = []
    section = ""
    for week in study.weeks:
        if week.reading or week.tables or week.intro:
            unit = _unit(study, week, language, words)
            unit["section"] = "" if unit["in_section"] == section else unit["in_section"]
            section = unit["in_section"]
            units.append(unit)
    return {
        "summary": markdown_text(summary),
        "units": units,
        "sources": _lines(study.sources, language, words, shown_kind=""),
    }


def _unit(study: Study, week: Week, language: str, words: Words) -> Data:
    title, section = week.title.text(language), week.section.text(language)
    label = study.unit_label(week, language)
    return {
        "heading": markdown_text(label if title == label else f"{label}: {title}"),
        "in_section": "" if section == title else markdown_text(section),
        "intro": [paragraph.text(language) for paragraph in week.intro],
        "blocks": [_block(block, language, words) for block in week.reading],
        "tables": [_table(table, language) for table in week.tables],
    }


def _block(block: ReadingBlock, language: str, words: Words) -> Data:
    kinds = {item.kind for item in block.items}
    # A titled block of videos need not say "video" at each of them.
    kind = next(iter(kinds)) if block.title and kinds == {VIDEO} else ""
    return {
        "title": markdown_text(block.title.text(language)),
        "time": markdown_text(spelt_time(block.budget, words)) if block.budget else "",
        "lines": _lines(block.items, language, words, shown_kind=kind),
    }


def _lines(
    items: Iterable[ReadingItem], language: str, words: Words, depth: int = 0, *, shown_kind: str
) -> list[Data]:
    """The items one a line, each with what hangs below it at a greater depth."""
    lines: list[Data] = []
    for number, item in enumerate(items, 1):
        marker = "-" if depth else f"{number}."
        text = item_text(item, language, words, shown_kind)
        lines.append({"depth": depth, "marker": marker, "text": text})
        lines += _note_lines(item.notes, language, depth + 1)
        below = depth + 1
        if item.more:
            heading = markdown_text(item.more.text(language))
            lines.append({"depth": below, "marker": "-", "text": heading})
            below += 1
        lines += _lines(item.children, language, words, below, shown_kind="")
    return lines


def _note_lines(notes: Sequence[Note], language: str, depth: int) -> list[Data]:
    lines: list[Data] = []
    for note in notes:
        text = _line_text(note.text.text(language))
        lines.append({"depth": depth, "marker": "-", "text": text})
        lines += _note_lines(note.notes, language, depth + 1)
    return lines


def item_text(item: ReadingItem, language: str, words: Words, shown_kind: str = "") -> str:
    """An item on one line: name, author, and in brackets kind, level, minutes.

    shown_kind: the kind that the block's title says already.
    """
    title = markdown_text(item.title.text(language))
    if item.url:
        title = f"[{title}]({encoded_address(item.url)})"
    else:
        title = _line_text(item.title.text(language))
    if item.short:
        title = f"{_line_text(item.short)}: {title}"
    if item.by:
        name = markdown_text(item.by)
        if item.by_url:
            name = f"[{name}]({encoded_address(item.by_url)})"
        title = words["by"].replace("{title}", title).replace("{name}", name)
    remarks = [] if item.kind == shown_kind else [words[item.kind]]
    if item.level == "must":
        remarks.append(f"**{words['must_watch' if item.kind == VIDEO else 'must']}**")
    elif item.level and not item.optional:
        remarks.append(words[item.level])
    if item.optional:
        remarks.append(words["optional"])
    if item.minutes:
        remarks.append(spelt_time(item.minutes, words))
    return f"{title} ({', '.join(remarks)})" if remarks else title


def _line_text(text: str) -> str:
    """Plain words that begin a line: no heading, list or quotation by its first letter."""
    text = markdown_text(text)
    if text[:1] in "#>+-=":
        return f"\\{text}"
    return text


def spelt_time(minutes: int, words: Words) -> str:
    """Minutes in words: "45 min", "1 hour", "1.5 hours", "1 h 10 min"."""
    if minutes == 60:
        return words["hour"]
    hours, rest = divmod(minutes, 60)
    if hours and rest not in (0, 30):
        return words["hours_minutes"].replace("{h}", str(hours)).replace("{n}", str(rest))
    if hours:
        return words["hours"].replace("{n}", f"{minutes / 60:g}")
    return words["minutes"].replace("{n}", str(minutes))


def _table(table: LinkTable, language: str) -> Data:
    rows = []
    for row in table.rows:
        cells = []
        for phrase, url in row:
            text = markdown_text(phrase.text(language))
            cells.append(f"[{text}]({encoded_address(url)})" if url else text)
        rows.append(cells)
    return {
        "title": markdown_text(table.title.text(language)),
        "headings": [markdown_text(column.text(language)) for column in table.columns],
        "rows": rows,
    }


def updates_data(study: Study, language: str) -> Data:
    """What `updates.md.j2` is given: updates with date, text and plans."""
    return {
        "updates": [
            {
                "date": update.date.isoformat() if update.date else "",
                "text": _line_text(update.text.text(language)),
                "plans": [_line_text(plan.text(language)) for plan in update.plans],
            }
            for update in study.updates
        ]
    }
