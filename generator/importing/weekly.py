"""A README with a schedule in tables, and the two lists beside it."""

from collections.abc import Iterator, Sequence

from generator.errors import Where
from generator.importing.blocks import Block, Entry, Inline, inline_blocks
from generator.importing.dates import year_in
from generator.importing.draft import Draft
from generator.importing.forms.index import is_index
from generator.importing.forms.lists import list_kind, read_progress, read_resources
from generator.importing.forms.rows import number_by_days, read_schedule, units_of, whole_table
from generator.importing.forms.tables import Schedule, schedule_in
from generator.importing.phrases import unit_of
from generator.importing.round_trip import Text


def read_weekly(text: Text, draft: Draft) -> None:
    """The schedule and the two lists, the schedule first wherever it stands."""
    found: Schedule | None = None
    for table in _schedules(text):
        block = table.blocks[0]
        if found is None:
            found = table
        elif found.goes_on(table):
            found.extend(table)
            said = f"its rows stand in the one schedule now, at line {found.blocks[0].line}"
            draft.remark("mended", said, Where(text.path, block.line))
        else:
            said = "is a second schedule; a study has one, and this table stays as it is"
            draft.remark("by hand", said, Where(text.path, block.line))
    if found is not None:
        text.taken += read_schedule(found, draft, text.path)
        text.sources["schedule"] = whole_table(found)
    number_by_days(draft)
    # Without a schedule the progress list says what the units are called.
    orders = ("resources", "progress") if draft.units else ("progress", "resources")
    for wanted in orders:
        _lists(text, draft, wanted)


def _schedules(text: Text) -> Iterator[Schedule]:
    """The tables of a text that are schedules, but for those that a single unit holds."""
    over: dict[int, str] = {}
    for block in text.blocks:
        if block.kind == "heading":
            over = {level: said for level, said in over.items() if level < block.level}
            over[block.level] = block.inline.text
            continue
        within = [said for level, said in sorted(over.items(), reverse=True) if level > 1]
        years = map(year_in, (*within, over.get(1, "")))
        year = next((year for year in years if year), None)
        table = None if is_index(block) else schedule_in(block, within[0] if within else "", year)
        inside = any(unit_of(said) for said in within)
        if table and not (inside and len(units_of(table)) < 2):
            yield table


def _lists(text: Text, draft: Draft, wanted: str) -> None:
    """The list of that kind, the first that there is."""
    heading = ""
    for block in text.blocks:
        if block.kind == "heading":
            heading = block.inline.text
        listed = _as_list(block, text.lines)
        kind = list_kind(heading, listed) if listed else ""
        if listed is None or kind != wanted:
            continue
        if kind == "progress" and not any(entry.inline.text for entry in listed.entries):
            continue
        if kind in text.sources:
            said = f"is a second list of {kind}; a study has one, and this one stays as it is"
            draft.remark("by hand", said, Where(text.path, block.line))
            continue
        text.sources[kind] = listed
        reader = read_resources if kind == "resources" else read_progress
        stretch = reader(listed, draft, text.path)
        text.taken += [stretch] if stretch else []


def _as_list(block: Block, lines: Sequence[str]) -> Block | None:
    """A list, or a paragraph of several lines as one."""
    if block.kind == "list":
        return block
    if block.kind != "paragraph":
        return None
    entries = tuple(
        Entry(inline, number, number + 1)
        for number in range(block.line, block.end)
        if (inline := _line_inline(lines[number - 1])).text
    )
    return Block("list", block.line, block.end, entries=entries)


def _line_inline(line: str) -> Inline:
    return inline_blocks(line)
