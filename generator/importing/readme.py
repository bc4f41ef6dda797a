"""The imported README: the group's own words, with markers where tables and lists became data."""

import re
from collections.abc import Sequence

from generator.errors import Where
from generator.importing.blocks import Block
from generator.importing.draft import Draft
from generator.importing.forms.tables import Taken


def with_markers(lines: Sequence[str], taken: Sequence[Taken], blank_before: set[int]) -> str:
    """The lines with one empty block where the first stretch of each name was, the others gone.

    blank_before: numbers of lines that get a blank line before them.
    """
    begins = {stretch.line: stretch for stretch in sorted(taken, key=lambda s: s.line)}
    gone = {n for s in taken for n in range(s.line, s.end) if lines[n - 1 : n]}
    out: list[str] = []
    opened: set[str] = set()
    after_gap = False
    for number, line in enumerate(lines, 1):
        stretch = begins.get(number)
        if stretch and stretch.name not in opened:
            opened.add(stretch.name)
            if out and out[-1].strip():
                out.append("")
            out += [
                f"<!-- study:begin {stretch.name} -->",
                f"<!-- study:end {stretch.name} -->",
                "",
            ]
        if number in gone:
            after_gap = True
        elif line.strip() or not after_gap or (out and out[-1].strip()):
            if number in blank_before and out and out[-1].strip():
                out.append("")
            out.append(line)
            after_gap = after_gap and not line.strip()
    return "\n".join(out).strip("\n") + "\n"


def mended(text: str, blocks: Sequence[Block], draft: Draft, path: str) -> list[str]:
    """The lines of `text` without trailing spaces that have no effect; each is listed."""
    lines = text.split("\n")
    breaks = _hard_breaks(lines, blocks)
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() and number not in breaks:
            draft.remark("mended", "spaces at the end of the line have no effect and are gone",
                         Where(path, number))  # fmt: skip
            lines[number - 1] = line.rstrip()
    return lines


def with_blank_lines(lines: Sequence[str], blocks: Sequence[Block]) -> set[int]:
    """The numbers of the heading lines that need a blank line before them."""
    return {
        block.line
        for block in blocks
        if block.kind == "heading"
        and block.line > 1
        and lines[block.line - 1].startswith("#")
        and lines[block.line - 2].strip()
    }


def _hard_breaks(lines: Sequence[str], blocks: Sequence[Block]) -> set[int]:
    """The lines whose two spaces at the end are a line break, or stand in code."""
    kept: set[int] = set()
    for block in blocks:
        if block.kind == "paragraph":
            kept |= {n for n in range(block.line, block.end - 1) if lines[n - 1].endswith("  ")}
        elif block.kind == "other":
            kept |= set(range(block.line, block.end))
    return kept


def anchors_mended(text: str, slugs: dict[str, str], draft: Draft, path: str) -> str:
    """Links to headings that moved into a block, led to where they are now; each is listed."""
    lines = text.split("\n")
    for number, line in enumerate(lines):

        def led(found: re.Match[str], place: int = number) -> str:
            slug = slugs.get(found.group(2).strip("-"))
            if slug is None or slug == found.group(2):
                return found.group()
            draft.remark(
                "mended", f"the link #{found.group(2)} leads to #{slug}, where its heading is now",
                Where(path, place + 1),
            )  # fmt: skip
            return f"{found.group(1)}{slug})"

        lines[number] = re.sub(r"(\]\(#)([^)\s]+)\)", led, line)
    return "\n".join(lines)
