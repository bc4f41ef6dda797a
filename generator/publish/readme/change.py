"""The README's generated blocks: what they should say, and the file with them in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.digest import digest_bytes
from generator.errors import StudyError, Where, problems_in, raise_all, unreadable
from generator.machine.shipped import template_file, template_text
from generator.model import Study
from generator.publish.readme.conflicts import without_block_conflicts
from generator.publish.readme.editions import editions
from generator.publish.readme.markers import (
    Block,
    find_blocks,
    marker_in,
    normalised,
    replace_blocks,
)
from generator.publish.readme.rows import block_data
from generator.store.cache import Cache
from generator.store.files import read_study_file, write_study_file
from generator.study.readme import BLOCKS

_BOM = b"\xef\xbb\xbf"
# Part of the key of a kept block; raise when rendering itself changes.
_RENDERING = 1


@dataclass(frozen=True, slots=True)
class ReadmeChange:
    """The README before and after. lost: the lines of hand edits that `after` no longer has."""

    path: str
    before: bytes
    after: bytes
    lost: str = ""

    @property
    def diff(self) -> str:
        """The change as a unified diff; "" if there is none."""
        if self.before == self.after:
            return ""
        # Imported only where there is something to show.
        from difflib import unified_diff

        before, after = (
            content.decode("utf-8").splitlines(keepends=True)
            for content in (self.before, self.after)
        )
        lines = unified_diff(before, after, f"a/{self.path}", f"b/{self.path}")
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def write(self, root: Path) -> list[str]:
        """Write the README if it changed; return the paths written. Raises OSError."""
        if self.before == self.after:
            return []
        write_study_file(root, self.path, self.after)
        return [self.path]


def readme_changes(root: Path, study: Study, *, force: bool = False) -> list[ReadmeChange]:
    """`readme_change` of the README in each language, the main one first.

    Raises StudyErrors, of all of them together, before anything is written.
    """
    changes: list[ReadmeChange] = []
    problems: list[StudyError] = []
    for edition in editions(root, study):
        try:
            changes.append(readme_change(root, edition, force=force))
        except (StudyError, ExceptionGroup) as error:
            problems += problems_in(error)
    raise_all(problems, study.readme.file)
    return changes


def readme_change(root: Path, study: Study, *, force: bool = False) -> ReadmeChange:
    """What bringing the README's blocks up to date changes; nothing is written.

    A study without README.md has nothing to bring up to date. force: hand edits inside blocks
    are overwritten, and reported in `lost`.
    Raises StudyError, or a group, for markers and templates that are wrong and for hand edits.
    """
    path = study.readme.file
    try:
        before = read_study_file(root, path)
    except FileNotFoundError:
        if path == "README.md":
            return ReadmeChange(path, b"", b"")
        raise StudyError("is missing", Where(path), "study.toml names it: readme.file") from None
    except OSError as error:
        raise unreadable(error, Where(path)) from error
    text = without_block_conflicts(readme_text(before, path), path, BLOCKS)
    blocks = readme_blocks(text, study)
    kept = Cache(root / ".study" / "cache")
    contents = {block.name: block_text(root, study, block.name, kept) for block in blocks}
    problems, lost = _hand_edits(path, blocks, contents, force=force)
    raise_all(problems, path)
    after = replace_blocks(text, blocks, contents)
    bom = _BOM if before.startswith(_BOM) else b""
    return ReadmeChange(path, before, bom + after.encode(), lost)


def readme_text(content: bytes, path: str) -> str:
    """The README's text, its line ends kept. Raises StudyError if it is not UTF-8."""
    try:
        return content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError("is not UTF-8", Where(path, line), "save it as UTF-8") from error


def readme_blocks(text: str, study: Study) -> list[Block]:
    """The README's blocks. Raises a group of StudyErrors if any is wrong or missing."""
    path = study.readme.file
    blocks = find_blocks(text, path, BLOCKS)
    present = {block.name for block in blocks}
    raise_all(
        [
            StudyError(
                f"the block '{name}' is missing",
                Where(path),
                f"put <!-- study:begin {name} --> and <!-- study:end {name} --> where it belongs,"
                " or leave it out of readme.blocks in study.toml",
            )
            for name in study.readme.blocks
            if name not in present
        ],
        path,
    )
    return blocks


def block_text(root: Path, study: Study, block: str, kept: Cache | None = None) -> str:
    """What `block` should say. kept: where earlier renderings are found by all that they depend on.

    Raises StudyError at the line of a template that fails.
    """
    data = block_data(study, block)
    name = f"readme/{block}.md.j2"
    file = template_file(root, name)
    source = template_text(root, name)
    # Without indentation JSON is written by C, ten times as fast for a thousand weeks.
    known_by = json.dumps([_RENDERING, block, data, source], sort_keys=True)
    key = digest_bytes(known_by.encode())
    # Jinja takes longer to import than everything else that an up-to-date README needs.
    known = kept.get("readme", key) if kept else None
    if known is not None:
        return known.decode()
    from generator.machine.templates import fill

    shown = file.relative_to(root).as_posix() if file.is_relative_to(root) else f"templates/{name}"
    text = fill(source, shown, data).strip("\n") + "\n"
    marker = marker_in(text)
    if marker:
        raise StudyError(
            f"the block '{block}' would hold a marker, and could never be read again: {marker}",
            Where(shown),
            "take it out of the template, or out of what study.toml says for this block",
        )
    if kept:
        kept.put("readme", key, text.encode())
    return text


def _hand_edits(
    path: str, blocks: Sequence[Block], contents: dict[str, str], *, force: bool
) -> tuple[list[StudyError], str]:
    """The hand edits that would be overwritten: as problems, or with `force` as what is lost."""
    problems: list[StudyError] = []
    lost: list[str] = []
    for block in blocks:
        if block.says(contents[block.name]) or not block.edited:
            continue
        if normalised(block.content) == normalised(contents[block.name]):
            continue
        ours = set(normalised(contents[block.name]).splitlines())
        lines = [
            (number, line.strip())
            for number, line in enumerate(block.content.splitlines(), block.begin + 2)
            if normalised(line) and normalised(line) not in ours
        ]
        if force:
            lost += [f"{path}:{number}: lost: {line}\n" for number, line in lines]
            continue
        first, example = lines[0] if lines else (block.begin + 1, "a line was taken out")
        what = "was edited by hand" if block.recorded else "holds text that was not generated"
        problems.append(
            StudyError(
                f"the block '{block.name}' {what}: {_shortened(example)}",
                Where(path, first),
                "say it in study.toml or in templates/readme/, or overwrite it with"
                " `study readme --force`",
            )
        )
    return problems, "".join(lost)


def _shortened(line: str) -> str:
    return line if len(line) <= 60 else f"{line[:57]}…"
