"""Which sections of a report have not followed a change in its other language.

For each section of a report in two languages, `translated.json` beside the texts keeps what both
said when they were last in step. A section that changed in one language alone leaves the other
behind, until that is touched too, or somebody says that it needs nothing.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.digest import canonical_json, digest_bytes
from generator.errors import StudyError, Where
from generator.model import Report
from generator.store.files import read_study_file

FILE = "translated.json"
OPENING = "opening"  # what stands above the first heading
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LABEL = re.compile(r"\{[^{}]*#([A-Za-z][\w-]*)[^{}]*\}\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

# Section → (digest in the main language, digest in the other); one such for each other language.
Kept = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text from one heading to the next. key: its label, else its place ("3")."""

    key: str
    title: str
    line: int
    digest: str


@dataclass(frozen=True, slots=True)
class Behind:
    """A section of the text in `language` that has not followed its other language.

    where: that section, or the whole text if it is not there. since: where the change is.
    """

    report: str
    language: str
    key: str
    title: str
    where: Where
    since: Where


def sections(text: str) -> dict[str, Section]:
    """The sections of `text` by their keys. White space and comments don't count as changes."""
    found: dict[str, Section] = {}
    key, title, first = OPENING, "", 1
    lines: list[str] = []
    fence = ""

    def end() -> None:
        said = " ".join(_COMMENT.sub("", "\n".join(lines)).split())
        found.setdefault(key, Section(key, title, first, digest_bytes(said.encode())[:12]))

    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        marker = _FENCE.match(line)
        if fence:
            if marker and marker[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif marker:
            fence = marker[1]
        elif heading := _HEADING.match(line):
            end()
            label = _LABEL.search(heading[2])
            title = re.sub(r"\s*\{[^{}]*\}\s*$", "", heading[2]).strip(" #")
            key, first = label[1] if label else str(len(found)), number
            lines = []
        lines.append(line)
    end()
    return found


def behind(root: Path, report: Report) -> list[Behind]:
    """The sections of `report` that have not followed; [] where nothing is kept of it yet.

    Raises StudyError where what is kept can't be read.
    """
    if len(report.texts) < 2:
        return []
    every = _kept(root, report)
    if not every:
        return []
    texts = _texts(root, report)
    main, main_path = report.texts[0]
    found = []
    for language, path in report.texts[1:]:
        kept = every.get(language, {})
        for key, ours in texts[main].items():
            theirs = texts[language].get(key)
            if theirs is None or key not in kept:
                continue  # headings that differ are told where a build compares the texts
            old, old_other = kept[key]
            changed, followed = ours.digest != old, theirs.digest != old_other
            one, two = Where(main_path, ours.line), Where(path, theirs.line)
            if changed and not followed:
                found.append(Behind(report.id, language, key, theirs.title, two, one))
            elif followed and not changed:
                found.append(Behind(report.id, main, key, ours.title, one, two))
    return found


def named(section: Behind) -> str:
    """What a person calls the section: #sec-name, or its title in quotation marks."""
    if section.key == OPENING:
        return "the opening"
    return f"'{section.title}'" if section.key.isdigit() else f"#{section.key}"


def in_step(
    root: Path, report: Report, language: str = "", only: Iterable[str] | None = None
) -> bytes | None:
    """The new content of `translated.json`; None if there is to be none.

    A section that both languages have changed is in step again, and so is one that is new.
    language: in that language, sections that are behind need nothing (`only`: those with these
    keys). Raises StudyError where what is kept can't be read.
    """
    if len(report.texts) < 2:
        return None
    every = _kept(root, report)
    texts = _texts(root, report)
    main = report.texts[0][0]
    names = None if only is None else set(only)
    new: dict[str, dict[str, str]] = {}
    for other, _ in report.texts[1:]:
        kept = every.get(other, {})
        pairs = {}
        for key, ours in texts[main].items():
            theirs = texts[other].get(key)
            if theirs is None:
                continue
            now = (ours.digest, theirs.digest)
            old = kept.get(key, now)
            changed, followed = now[0] != old[0], now[1] != old[1]
            late = other if changed and not followed else main if followed and not changed else ""
            needs_nothing = late == language and (names is None or key in names)
            pairs[key] = " ".join(now if not late or needs_nothing else old)
        new[other] = pairs
    return canonical_json(new)


def path_of(report: Report) -> str:
    """Where what is kept of `report` lies, relative to the study."""
    return f"{report.folder}/{FILE}"


def _texts(root: Path, report: Report) -> dict[str, dict[str, Section]]:
    return {
        language: sections(read_study_file(root, path).decode("utf-8", "replace"))
        for language, path in report.texts
    }


def _kept(root: Path, report: Report) -> dict[str, Kept]:
    path = path_of(report)
    try:
        data = json.loads(read_study_file(root, path))
        return {
            str(language): {str(key): _pair(pair) for key, pair in pairs.items()}
            for language, pairs in data.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as error:
        raise StudyError(
            "is damaged: found no record of sections in step",
            Where(path),
            "take it from git, or delete it: the next build begins anew from the texts as they are",
        ) from error


def _pair(text: object) -> tuple[str, str]:
    if not isinstance(text, str):
        raise ValueError
    one, two = text.split(" ")
    return one, two
