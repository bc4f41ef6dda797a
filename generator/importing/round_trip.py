"""The way there and back: the README's blocks as generated, against the lines they replace."""

import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import Where
from generator.importing.blocks import Block
from generator.importing.compare import (
    Difference,
    list_differences,
    lost_lines,
    respelt,
    table_differences,
    word_list,
)
from generator.importing.draft import Draft
from generator.importing.forms.tables import Taken
from generator.importing.readme import with_markers
from generator.importing.study_toml import study_toml
from generator.model import Study
from generator.publish.readme.change import readme_change
from generator.study.load import load_study

_KEPT = "kept as words, not read"


@dataclass(slots=True)
class Text:
    """The README on its way: its lines, what of them became data, and from which blocks.

    others: the texts of units' folders as (path, lines, blocks, taken).
    """

    path: str
    lines: list[str]
    blocks: list[Block]
    blank_before: set[int] = field(default_factory=set)
    taken: list[Taken] = field(default_factory=list)
    others: list[tuple[str, list[str], list[Block], list[Taken]]] = field(default_factory=list)
    sources: dict[str, Block] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    outlined: bool = False


def toml_of(draft: Draft, origin: str) -> bytes:
    """study.toml as it would be written."""
    return study_toml(draft.study(), origin).encode()


def staged(draft: Draft, text: Text, files: dict[str, bytes], origin: str) -> tuple[Study, str]:
    """The study as it loads from what would be written, and its README with the blocks filled."""
    names = [stretch.name for stretch in sorted(text.taken, key=lambda stretch: stretch.line)]
    if any(unit.blocks or unit.tables or unit.intro for unit in draft.units):
        names.append("reading")
    if draft.updates:
        names.append("updates")
    if not text.lines or text.outlined or not (names or text.sources):
        names = ["schedule", *names]
        draft.columns = draft.columns or _telling_columns(draft)
    draft.blocks = list(dict.fromkeys(names))
    readme = with_markers(text.lines, text.taken, text.blank_before) if text.lines else ""
    readme = readme if readme.strip() else f"# {draft.title}\n"
    for name in draft.blocks:
        if f"study:begin {name} -->" not in readme:
            word = {"schedule": "일정"}.get(name) if draft.language == "ko" else None
            readme += f"\n## {word or name.capitalize()}\n\n<!-- study:begin {name} -->\n"
            readme += f"<!-- study:end {name} -->\n"
    with tempfile.TemporaryDirectory(prefix="study-import-") as folder:
        stage = Path(folder)
        for path, content in {
            **files,
            draft.readme: readme.encode(),
            "study.toml": toml_of(draft, origin),
        }.items():
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / path).write_bytes(content)
        study = load_study(stage)
        made = readme_change(stage, study).after.decode()
    return study, made


def _telling_columns(draft: Draft) -> tuple[str, ...]:
    """The columns of a schedule that no table gave: those for which there is something to say."""
    units = draft.units
    told = {
        "week": True,
        "date": any(unit.date for unit in units),
        "content": any(unit.title for unit in units),
        "presenter": any(unit.presenters for unit in units),
        "resource": True,
    }
    return tuple(column for column, said in told.items() if said)


def _block_of(made: str, name: str) -> str:
    begin, end = f"<!-- study:begin {name} -->", f"<!-- study:end {name} "
    return made.partition(begin)[2].partition(end)[0]


def _differences(text: Text, made: str, name: str, moved: dict[str, str]) -> list[Difference]:
    block = text.sources[name]
    compare = table_differences if block.kind == "table" else list_differences
    return compare(block, _block_of(made, name), moved)


def losses(text: Text, made: str, told: str, draft: Draft, moved: dict[str, str]) -> set[str]:
    """The blocks that would lose a word, which are left as they were; reading keeps its lines."""
    dropped: set[str] = set()
    names = {stretch.name for stretch in text.taken}
    for name in sorted(names & set(text.sources)):
        for difference in _differences(text, made, name, moved | draft.same):
            if difference.loss and not _only_name(difference):
                dropped.add(name)
                draft.remark(
                    "by hand",
                    f"would be lost in the generated {name}, which stays by hand: "
                    f"'{difference.before}'",
                    Where(text.path, difference.line),
                )
    dropped |= _keep_lost(text, told, draft)
    return dropped


def _only_name(difference: Difference) -> bool:
    """Whether no more than the name of a link differs: a report is called the same everywhere."""
    return bool(
        re.fullmatch(r"(?:\w+ ){0,2}\w*[\d-]*", difference.before)
        and re.fullmatch(r"(?:\w+ ){0,2}\w*[\d-]+", difference.after)
    )


def _keep_lost(text: Text, made: str, draft: Draft) -> set[str]:
    """List each line of a reading part of which a word is nowhere in what became of it.

    The line is kept as words of its unit; what belongs to no unit goes back by hand.
    """
    dropped: set[str] = set()
    for path, lines, blocks, taken in (
        (text.path, text.lines, text.blocks, text.taken),
        *text.others,
    ):
        stretches = {s.line: s for s in taken if s.name in ("reading", "updates")}
        read = [block for block in blocks if block.line in stretches]
        back: Counter[str] = Counter()
        for line, lost in lost_lines(read, made):
            stretch = max((s for s in stretches.values() if s.line <= line), key=lambda s: s.line)
            where = Where(path, line)
            known = any(r.where == where and r.text.startswith(_KEPT) for r in draft.remarks)
            if stretch.name != "reading" or stretch.unit is None:
                dropped.add(stretch.name)
            elif not known:  # once: a line that is there whole has no more to lose
                # A word may be missed here only because an earlier line, now kept, used it up.
                if not Counter(lost) - back:
                    dropped.add("")
                    continue
                back += Counter(word_list(lines[line - 1]))
                stretch.unit.intro.append(_as_words(lines[line - 1]))
                dropped.add("")
            if not known:
                draft.remark("by hand", f"{_KEPT}: {', '.join(lost)}", where)
    return dropped


def _as_words(line: str) -> str:
    """A line as a paragraph: a heading would stand above what it belongs to."""
    return re.sub(r"^#+\s*(.*?)[\s#]*$", r"**\1**", line.strip())


def list_mended(text: Text, made: str, draft: Draft, moved: dict[str, str]) -> None:
    """List, one by one, what the generated blocks say otherwise than the README did."""
    for name in text.sources:
        if name not in {stretch.name for stretch in text.taken}:
            continue
        for difference in _differences(text, made, name, moved | draft.same):
            where = Where(text.path, difference.line)
            if difference.before:
                said = f"'{difference.before}' is now '{difference.after}'"
            else:
                said = f"the line '{difference.after}' is new"
            draft.remark("mended", said, where)
    for path, _, blocks, taken in ((text.path, text.lines, text.blocks, text.taken), *text.others):
        starts = {stretch.line for stretch in taken if stretch.name in ("reading", "updates")}
        for line, said in respelt([block for block in blocks if block.line in starts]):
            draft.remark("mended", said, Where(path, line))
    for number in sorted(text.blank_before):
        draft.remark(
            "mended", "a blank line now stands before the heading", Where(text.path, number)
        )
