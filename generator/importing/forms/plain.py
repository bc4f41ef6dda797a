"""A README that was copied off a page as plain text: tables by tabs or a cell a line, no marks."""

import re
from collections.abc import Sequence

from generator.importing.blocks import Block, Entry, plain_inline
from generator.importing.forms.tables import heads_of
from generator.importing.phrases import label_of, unit_of

_BULLET = re.compile(r"^\s*(?:[-*+•·‣◦▪–]|\d{1,2}[.)])\s+")
_HEADING = re.compile(
    r"^(?:#+\s*)?(?:schedule|curriculum|timetable|resource lists?|resources?|materials?"
    r"|progress(?: reports?)?|audience|who .*|methodolog(?:y|ies)|method|how we .*|about"
    r"|introduction|index|contents|updates?(?: info| log)?|change ?log|news"
    r"|일정|자료|진행 상황|대상|방법)\s*:?$",
    re.IGNORECASE,
)


def looks_plain(text: str) -> bool:
    """Whether `text` has none of Markdown's headings, tables with rules, or links."""
    return not re.search(
        r"^ {0,3}#{1,6}\s|^\s*\|?\s*:?-{3,}:?\s*\|.*$|\]\(|^(?:=+|-{3,})\s*$", text, re.MULTILINE
    )


def plain_blocks(text: str) -> list[Block]:
    """The blocks of a plain text: headings that READMEs have, tables, lists, paragraphs."""
    lines = text.split("\n")
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        line = lines[index].strip()
        if not line:
            index += 1
            continue
        table, after = _table(lines, index)
        if table:
            blocks.append(table)
            index = after
        elif _HEADING.match(line) or not blocks or _unit_heading(lines, index):
            level = 1 if not blocks else 2
            blocks.append(
                Block("heading", index + 1, index + 2, plain_inline(line.lstrip("# ")), level)
            )
            index += 1
        elif label_of(line):
            blocks.append(Block("paragraph", index + 1, index + 2, plain_inline(line)))
            index += 1
        else:
            block, index = _lines(lines, index, blocks)
            blocks.append(block)
    return blocks


def _unit_heading(lines: Sequence[str], index: int) -> bool:
    """Whether a line is "Day 3: Title" over something else, not one line of a list of them."""
    if not unit_of(lines[index]) or len(lines[index]) > 90:
        return False
    following = [line.strip() for line in lines[index + 1 :] if line.strip()][:1]
    return bool(following) and not unit_of(following[0])


def _starts_other(lines: Sequence[str], index: int) -> bool:
    line = lines[index].strip()
    return bool(_HEADING.match(line) or label_of(line) or _table(lines, index)[0])


def _lines(lines: Sequence[str], index: int, before: Sequence[Block]) -> tuple[Block, int]:
    """The list or paragraph that begins at `index`. Lines with bullets or units are a list."""
    start = index
    labelled = bool(before) and bool(label_of(before[-1].inline.text))
    listed = bool(_BULLET.match(lines[index]) or unit_of(lines[index]) or labelled) or (
        bool(before) and before[-1].kind == "heading" and before[-1].level > 1
    )
    taken: list[int] = []
    while index < len(lines):
        line = lines[index].strip()
        if not line:
            following = next((n for n in range(index, len(lines)) if lines[n].strip()), None)
            same = following is not None and (
                bool(_BULLET.match(lines[following])) and bool(_BULLET.match(lines[start]))
            )
            if not (listed and same):
                break
        elif taken and (_starts_other(lines, index) or _unit_heading(lines, index)):
            break
        else:
            taken.append(index)
        index += 1
    if not listed:
        words = " ".join(lines[n].strip() for n in taken)
        return Block("paragraph", start + 1, index + 1, plain_inline(words)), index
    return Block("list", start + 1, taken[-1] + 2, entries=tuple(_nested(lines, taken))), index


def _nested(lines: Sequence[str], taken: Sequence[int]) -> list[Entry]:
    """Lines as entries, deeper ones below the entry before them."""
    entries: list[Entry] = []
    place = 0
    while place < len(taken):
        depth = _indent(lines[taken[place]])
        below = place + 1
        while below < len(taken) and _indent(lines[taken[below]]) > depth:
            below += 1
        number = taken[place]
        entries.append(
            Entry(
                plain_inline(_BULLET.sub("", lines[number], count=1).strip()),
                number + 1,
                taken[below - 1] + 2,
                tuple(_nested(lines, taken[place + 1 : below])),
            )
        )
        place = below
    return entries


def _indent(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _table(lines: Sequence[str], index: int) -> tuple[Block | None, int]:
    """The table that begins at `index` and the line after it: by tabs, bars or a cell a line."""
    head = _cells(lines[index])
    if len(head) >= 3 and _is_head(head):
        rows, numbers = [head], [index]
        after = index + 1
        while after < len(lines) and (not lines[after].strip() or len(_cells(lines[after])) > 1):
            cells = _cells(lines[after])
            if len(cells) > 1 and not re.fullmatch(r"[-:|\s]+", lines[after]):
                spare = len(head) - len(cells)
                if spare < 0:  # a bar inside a cell: nothing of it is lost
                    cells = [*cells[: len(head) - 1], " | ".join(cells[len(head) - 1 :])]
                rows.append([*cells, *[""] * spare])
                numbers.append(after)
            after += 1
        if len(rows) > 1:
            return _made(rows, numbers, after), after
    return _stacked(lines, index)


def _stacked(lines: Sequence[str], index: int) -> tuple[Block | None, int]:
    """A table whose cells stand one a line, blank lines aside."""
    filled = [n for n in range(index, len(lines)) if lines[n].strip()]
    for width in (6, 5, 4, 3):
        head = [lines[n].strip() for n in filled[:width]]
        if len(head) < width or not _is_head(head) or not all(heads_of(head)):
            continue
        rows, numbers, at = [head], [index], width
        while at + width <= len(filled) and unit_of(lines[filled[at]].strip()):
            row = filled[at : at + width]
            if any(_HEADING.match(lines[n].strip()) for n in row):
                break
            rows.append([lines[n].strip() for n in row])
            numbers.append(row[0])
            at += width
        if len(rows) > 1:
            after = filled[at - 1] + 1
            return _made(rows, numbers, after), after
    return None, index


def _is_head(cells: Sequence[str]) -> bool:
    columns = heads_of(cells)
    return columns[0] == "week" and sum(map(bool, columns)) >= 3 and not unit_of(cells[0])


def _cells(line: str) -> list[str]:
    stripped = line.strip()
    if "\t" in stripped:
        cells = stripped.split("\t")
    elif stripped.count("|") >= 2:
        cells = stripped.strip("|").split("|")
    else:
        cells = re.split(r" {2,}", stripped)
    return [cell.strip() for cell in cells]


def _made(rows: Sequence[Sequence[str]], numbers: Sequence[int], after: int) -> Block:
    return Block(
        "table",
        numbers[0] + 1,
        after + 1,
        rows=tuple(tuple(plain_inline(cell) for cell in row) for row in rows),
        row_lines=tuple(number + 1 for number in numbers),
    )
