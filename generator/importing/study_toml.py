"""A study of the model as the text of study.toml, which reads back as the same study."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from generator.importing.draft import ANY
from generator.model import (
    Link,
    LinkTable,
    Meeting,
    Note,
    Phrase,
    ReadingBlock,
    ReadingItem,
    Report,
    Study,
    Week,
)
from generator.study.meeting import WEEKDAYS

_WIDE = 96


def study_toml(study: Study, origin: str) -> str:
    """The text of study.toml. origin: what it was read from, for its first line."""
    lines = [
        f"# Read from {origin} by `study import`. The README's blocks are generated from here.",
        "",
    ]
    lines += _pairs(
        [
            ("title", _phrase(study.title)),
            ("description", _phrase(study.description)),
            ("languages", list(study.languages)),
            ("unit", _phrase(study.unit)),
        ]
    )
    lines += ['numbers = "warn"  # "strict" once the texts quote their numbers from the scripts']
    lines += _phrases("audience", study.audience)
    lines += _phrases("methodology", study.methodology)
    for column in study.columns:
        lines += ["", "[[column]]", f"id = {_value(column.id)}"]
        lines += _pairs([("title", _phrase(column.title))])
    lines += _meeting(study.meeting)
    lines += _readme(study)
    for week in study.weeks:
        lines += ["", *_week(week)]
    for item in study.sources:
        lines += ["", "[[source]]", *_pairs(_item_pairs(item))]
    for update in study.updates:
        lines += ["", "[[update]]"]
        lines += [f"date = {update.date.isoformat()}"] if update.date else []
        lines += _pairs([("text", _phrase(update.text))])
        lines += _phrases("plans", update.plans)
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """A value as TOML on one line, or over several where it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # JSON's escapes are TOML's; DEL is the one character that only TOML forbids.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}"
    assert isinstance(value, list)
    flat = f"[{', '.join(map(_value, value))}]"
    if len(flat) <= _WIDE or not value:
        return flat
    return "[\n" + "".join(f"    {_value(item)},\n" for item in value) + "]"


def _pairs(pairs: Sequence[tuple[str, Any]]) -> list[str]:
    """`key = value` for each value that is there."""
    return [f"{key} = {_value(value)}" for key, value in pairs if value not in ("", None, [], {})]


def _phrase(phrase: Phrase) -> Any:
    if len(phrase.texts) == 1 and phrase.texts[0][0] == ANY:
        return phrase.texts[0][1]
    return dict(phrase.texts)


def _phrases(key: str, phrases: Sequence[Phrase]) -> list[str]:
    return _pairs([(key, [_phrase(phrase) for phrase in phrases])])


def _meeting(meeting: Meeting | None) -> Iterator[str]:
    if meeting is None:
        return
    yield ""
    yield "[meeting]"
    yield f'weekday = "{WEEKDAYS[meeting.weekday]}"'
    yield f'start = "{meeting.start:%H:%M}"'
    yield f'end = "{meeting.end:%H:%M}"'
    yield f'timezone = "{meeting.timezone}"'
    yield from _pairs([("place", _phrase(meeting.place))])


def _readme(study: Study) -> Iterator[str]:
    style = study.readme
    yield ""
    yield "[readme]"
    if style.file != "README.md":
        yield f"file = {_value(style.file)}"
    yield f"blocks = {_value(list(style.blocks))}"
    if style.columns:
        yield ""
        yield "[readme.columns]"
        for block, columns in style.columns:
            yield f"{block} = {_value(list(columns))}"
    if style.words:
        yield ""
        yield "[readme.words]"
        for word, phrase in style.words:
            yield f"{word} = {_value(_phrase(phrase))}"


def _week(week: Week) -> Iterator[str]:
    yield "[[week]]"
    yield from _pairs([("number", week.number), ("unit", _phrase(week.unit))])
    yield from _pairs([("section", _phrase(week.section)), ("title", _phrase(week.title))])
    for key in ("objective", "progress", "topic", "topic_label"):
        yield from _pairs([(key, _phrase(getattr(week, key)))])
    if week.date:
        yield f"date = {week.date.isoformat()}"
    if week.status == "done":
        yield 'status = "done"'
    yield from _phrases("intro", week.intro)
    yield from _session(week)
    single = len(week.reports) == 1 and not week.reports[0].label
    if not week.reports:
        yield "report = []"
    elif single:
        yield from _pairs(_report_pairs(week.reports[0], week, whole=False))
    if week.session.columns:
        yield ""
        yield "[week.columns]"
        yield from _pairs([(id_, _pieces(cell)) for id_, cell in week.session.columns])
    for report in () if single else week.reports:
        yield ""
        yield "[[week.report]]"
        yield from _pairs(_report_pairs(report, week, whole=True))
    for block in week.reading:
        yield ""
        yield from _block(block)
    for table in week.tables:
        yield ""
        yield from _table(table)


def _session(week: Week) -> list[str]:
    """The keys of the week's meeting."""
    said = week.session
    return _pairs(
        [
            (
                "presenter",
                said.presenters[0] if len(said.presenters) == 1 else list(said.presenters),
            ),
            ("place", _phrase(said.place) if said.place else ""),
            ("slides", [_linked(link) for link in said.slides]),
            ("recording", [_linked(link) for link in said.recording]),
            ("notes", _pieces(said.notes)),
            ("discussion", _pieces(said.discussion)),
            ("homework", _pieces(said.homework)),
        ]
    )


def _linked(link: Link) -> Any:
    return {"title": _phrase(link.name), "url": link.url} if link.name else link.url


def _pieces(pieces: Sequence[Phrase]) -> Any:
    said = [_phrase(piece) for piece in pieces]
    return said[0] if len(said) == 1 else said


def _report_pairs(report: Report, week: Week, *, whole: bool) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    if whole:
        pairs = [("label", _phrase(report.label)), ("title", _phrase(report.title))]
        if report.objective != week.objective:
            pairs.append(("objective", _phrase(report.objective)))
    return [
        *([("id", report.id)] if report.id else []),
        *pairs,
        ("resource", _phrase(report.resource)),
        ("name", report.name),
        ("link", report.link),
        ("code", report.code),
        ("authors", list(report.authors)),
    ]


def _block(block: ReadingBlock) -> Iterator[str]:
    yield "[[week.reading]]"
    yield from _pairs([("title", _phrase(block.title)), ("minutes", block.minutes)])
    yield "items = ["
    for item in block.items:
        yield f"    {_value(_item(item))},"
    yield "]"


def _item(item: ReadingItem) -> dict[str, Any]:
    return {
        key: value for key, value in _item_pairs(item) if value not in ("", None, [], {}, False)
    }


def _item_pairs(item: ReadingItem) -> list[tuple[str, Any]]:
    return [
        ("kind", item.kind),
        ("short", item.short),
        ("title", _phrase(item.title)),
        ("by", item.by),
        ("by_url", item.by_url),
        ("url", item.url),
        ("minutes", item.minutes),
        ("level", item.level),
        *([("optional", True)] if item.optional else []),
        ("notes", [_note(note) for note in item.notes]),
        ("more", _phrase(item.more)),
        ("children", [_item(child) for child in item.children]),
    ]


def _note(note: Note) -> Any:
    if not note.notes and len(note.text.texts) == 1:
        return _phrase(note.text)
    return {"text": _phrase(note.text), "notes": [_note(inner) for inner in note.notes]}


def _table(table: LinkTable) -> Iterator[str]:
    yield "[[week.table]]"
    yield from _pairs([("title", _phrase(table.title))])
    yield from _phrases("columns", table.columns)
    yield "rows = ["
    for row in table.rows:
        cells = [
            {"text": _phrase(text), "url": url} if url else _phrase(text) or "" for text, url in row
        ]
        yield f"    [{', '.join(map(_value, cells))}],"
    yield "]"
