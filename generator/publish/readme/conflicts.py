"""Merge conflicts inside generated blocks: both sides were generated, so either will do.

Two members who each add a week meet in the same block, sums in the end markers included. Such a
conflict is resolved by generating the block anew; one that holds anybody's own words is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from generator.errors import StudyError, Where
from generator.publish.readme.markers import Block, find_blocks


@dataclass(frozen=True, slots=True)
class _Hunk:
    """A conflict: the lines [start, end) of the file, and what each side has there."""

    start: int
    end: int
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def without_block_conflicts(text: str, path: str, known: Sequence[str]) -> str:
    """`text` with each conflict that lies inside a block replaced by our side of it.

    Conflicts elsewhere stay. Raises StudyError where a conflict reaches out of a block, or where
    one side of the block was edited by hand.
    """
    lines = text.splitlines(keepends=True)
    hunks = _hunks(lines)
    if not hunks:
        return text
    ours, theirs = (_side(lines, hunks, side) for side in ("ours", "theirs"))
    our_blocks, their_blocks = (_blocks(side[0], path, known, hunks[0]) for side in (ours, theirs))
    result: list[str] = []
    done = 0
    for number, hunk in enumerate(hunks):
        result += lines[done : hunk.start]
        where = Where(path, hunk.start + 1)
        inside = _holding(our_blocks, ours[1][number], where)
        same = _holding(their_blocks, theirs[1][number], where)
        if inside is None and same is None:
            result += lines[hunk.start : hunk.end]
        else:
            _refuse_unless_generated(inside, same, where)
            result += hunk.ours
        done = hunk.end
    return "".join([*result, *lines[done:]])


def _hunks(lines: Sequence[str]) -> list[_Hunk]:
    """The conflicts that git left, in its usual form or with the common ancestor (diff3)."""
    hunks = []
    start: int | None = None
    parts: dict[str, list[str]] = {}
    part = ""
    for index, line in enumerate(lines):
        sign = line[:7]
        if sign == "<<<<<<<":
            start, part, parts = index, "ours", {"ours": [], "base": [], "theirs": []}
        elif start is not None and sign == "|||||||":
            part = "base"
        elif start is not None and line.rstrip() == "=======":
            part = "theirs"
        elif start is not None and sign == ">>>>>>>":
            hunks.append(_Hunk(start, index + 1, tuple(parts["ours"]), tuple(parts["theirs"])))
            start = None
        elif start is not None:
            parts[part].append(line)
    return hunks


def _side(
    lines: Sequence[str], hunks: Sequence[_Hunk], side: str
) -> tuple[str, list[tuple[int, int]]]:
    """The file as one side has it, and the lines that each conflict takes in it."""
    result: list[str] = []
    spans = []
    done = 0
    for hunk in hunks:
        result += lines[done : hunk.start]
        chosen = hunk.ours if side == "ours" else hunk.theirs
        spans.append((len(result), len(result) + len(chosen)))
        result += chosen
        done = hunk.end
    return "".join([*result, *lines[done:]]), spans


def _blocks(text: str, path: str, known: Sequence[str], first: _Hunk) -> list[Block]:
    try:
        return find_blocks(text, path, known)
    except ExceptionGroup as error:
        raise StudyError(
            "is in a merge conflict, and one side of it has broken blocks",
            Where(path, first.start + 1),
            "resolve the conflict by hand; a block needs its begin and its end marker",
        ) from error


def _holding(blocks: Sequence[Block], span: tuple[int, int], where: Where) -> Block | None:
    """The block that holds the lines [start, end), its end marker maybe among them; None if they
    are outside of all. Raises StudyError if they reach out of a block.
    """
    start, end = span
    for block in blocks:
        if block.begin < start and end <= block.end + 1 and start <= block.end:
            return block
        if start <= block.end and end > block.begin:
            raise _reaching_out(where)
    return None


def _reaching_out(where: Where) -> StudyError:
    return StudyError(
        "a merge conflict holds a block and words around it",
        where,
        "resolve it by hand: keep either side of the block, `study readme` mends it",
    )


def _refuse_unless_generated(ours: Block | None, theirs: Block | None, where: Where) -> None:
    if ours is None or theirs is None or ours.name != theirs.name:
        raise _reaching_out(where)
    if ours.edited or theirs.edited:
        raise StudyError(
            f"a merge conflict in the block '{ours.name}', which one side edited by hand",
            where,
            "resolve it by hand, or take one side and run `study readme --force`",
        )
