"""Generated blocks in a Markdown file: finding their markers, replacing what stands between.

    <!-- study:begin schedule -->

    | Week | … |

    <!-- study:end schedule sha256=1f0a9c… -->

Each marker stands alone on its line. The sum in the end marker is that of the block as it was
generated, so that a hand edit shows.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.digest import digest_bytes
from generator.errors import StudyError, Where

_MARKER = re.compile(
    r" {0,3}<!--[ \t]*study:(begin|end)[ \t]+(\S+?)(?:[ \t]+sha256=([0-9a-f]+))?[ \t]*-->[ \t]*$"
)
_ATTEMPT = re.compile(r"<!--[ \t]*study[ \t]*:", re.IGNORECASE)
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_SUM_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Block:
    """A block as found: the lines of its markers from 0, what is between, the sum it was left with.

    content is the text between the markers, with the file's own line ends.
    """

    name: str
    begin: int
    end: int
    content: str
    recorded: str = ""

    def says(self, content: str) -> bool:
        """Whether the block holds `content`, blank lines around it and line ends aside."""
        return self.content.replace("\r\n", "\n").strip("\n") == content.strip("\n")

    @property
    def edited(self) -> bool:
        """Whether somebody wrote into the block after it was generated."""
        if not self.recorded:
            return bool(self.content.strip())
        return content_sum(self.content) != self.recorded


def content_sum(content: str) -> str:
    """A checksum of a block that a formatter's padding, bullets and escapes leave as it is."""
    return digest_bytes(normalised(content).encode())[:_SUM_DIGITS]


def normalised(content: str) -> str:
    """`content` without what prettier, mdformat and editors change about a table or a list.

    White space, padding of cells, the length of rules, bullets, and how a letter is escaped.
    """
    lines = []
    for line in content.splitlines():
        line = re.sub(r"^\s*[*+](?=\s)", "-", line)
        if re.fullmatch(r"[\s|:-]+", line) and "-" in line and "|" in line:
            line = re.sub(r"-+", "---", line)
        # Twice: one formatter writes `\\&amp;` where we write `&amp;amp;`.
        line = re.sub(r"\\(?=[^\w\s])", "", html.unescape(html.unescape(line)))
        line = " ".join(re.sub(r"\s*\|\s*", "|", line).split())
        if line:
            lines.append(line)
    return "\n".join(lines)


def marker_in(content: str) -> str:
    """The first line of `content` that would be read as a marker; "" if there is none."""
    lines = content.splitlines(keepends=True)
    return next((line.strip() for _, line in _outside_fences(lines) if _tries(line)), "")


def _tries(line: str) -> bool:
    """Whether a line outside of fences means to be a marker, however it is written."""
    return not line.startswith("    ") and bool(_ATTEMPT.search(_CODE_SPAN.sub("", line)))


def find_blocks(text: str, path: str, known: Sequence[str]) -> list[Block]:
    """Every block of the file, in order. Markers in code are text.

    Raises all problems together: a marker that is unknown, nested, doubled, unclosed, without
    its partner, or not alone on its line.
    """
    lines = text.splitlines(keepends=True)
    blocks: list[Block] = []
    problems: list[StudyError] = []
    opened: tuple[str, int] | None = None
    for index, line in _outside_fences(lines):
        marker = _MARKER.match(line.rstrip("\r\n"))
        where = Where(path, index + 1)
        if not marker:
            if _tries(line):
                problems.append(_bad_marker(line, where))
            continue
        kind, name, recorded = marker.group(1), marker.group(2), marker.group(3) or ""
        if name not in known:
            problems.append(
                StudyError(
                    f"found the block '{name}', which is none of ours",
                    where,
                    f"there are: {', '.join(known)}",
                )
            )
        if kind == "begin":
            if opened:
                problems.append(_unclosed(opened, path))
            elif name in [block.name for block in blocks]:
                first = next(block.begin for block in blocks if block.name == name) + 1
                problems.append(
                    StudyError(
                        f"the block '{name}' begins again, already at line {first}",
                        where,
                        "keep one of them",
                    )
                )
            opened = (name, index)
        elif opened is None:
            problems.append(
                StudyError(
                    f"the block '{name}' ends, but does not begin",
                    where,
                    f"put <!-- study:begin {name} --> above it, or take this line out",
                )
            )
        elif opened[0] != name:
            problems.append(
                StudyError(
                    f"found the end of '{name}' inside the block '{opened[0]}'",
                    where,
                    f"close it with <!-- study:end {opened[0]} --> first",
                )
            )
            opened = None
        else:
            content = "".join(lines[opened[1] + 1 : index])
            blocks.append(Block(name, opened[1], index, content, recorded))
            opened = None
    if opened:
        problems.append(_unclosed(opened, path))
    if problems:
        raise ExceptionGroup(path, problems)
    return blocks


def replace_blocks(text: str, blocks: Sequence[Block], contents: Mapping[str, str]) -> str:
    """`text` with new contents (LF line ends, no blank lines around) in some of its blocks.

    A block that already says the same but for its formatting keeps its bytes, and gets its sum.
    """
    lines = text.splitlines(keepends=True)
    for block in reversed(blocks):
        if block.name not in contents:
            continue
        content = contents[block.name].strip("\n")
        ending = "\r\n" if lines[block.begin].endswith("\r\n") else "\n"
        closing = lines[block.end][len(lines[block.end].rstrip("\r\n")) :]
        total = content_sum(content)
        between = lines[block.begin + 1 : block.end]
        if not between or not (block.says(content) or content_sum(block.content) == total):
            between = [line + ending for line in ["", *content.split("\n"), ""]]
        if block.recorded == total:
            end = lines[block.end]
        else:
            end = f"<!-- study:end {block.name} sha256={total} -->{closing}"
        lines[block.begin + 1 : block.end + 1] = [*between, end]
    return "".join(lines)


def outside_blocks(text: str, blocks: Sequence[Block]) -> str:
    """`text` with the lines of its blocks empty, so that line numbers stay."""
    lines = text.splitlines(keepends=True)
    for block in blocks:
        for index in range(block.begin, block.end + 1):
            lines[index] = "\n"
    return "".join(lines)


def _outside_fences(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each line with its number from 0, without fenced code (CommonMark's rule)."""
    fence = ""
    for index, line in enumerate(lines):
        found = _FENCE.match(line.rstrip("\r\n"))
        if fence:
            closing = line.strip()
            if closing and set(closing) == {fence[0]} and len(closing) >= len(fence):
                fence = ""
        elif found:
            fence = found.group(1)
        else:
            yield index, line


def _bad_marker(line: str, where: Where) -> StudyError:
    if _MARKER.search(line.rstrip("\r\n")) or re.search(r"study:(begin|end)\s+\S+.*-->", line):
        return StudyError("a marker stands with other text on its line", where, "give it its own")
    return StudyError(
        "found a marker that cannot be read",
        where,
        "the form is <!-- study:begin NAME --> … <!-- study:end NAME -->",
    )


def _unclosed(opened: tuple[str, int], path: str) -> StudyError:
    name, index = opened
    return StudyError(
        f"the block '{name}' does not end",
        Where(path, index + 1),
        f"put <!-- study:end {name} --> below it",
    )
