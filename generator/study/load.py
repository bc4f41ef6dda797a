"""A study's root, and the whole study: study.toml and the folders under reports/."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from generator.errors import StudyError, Where, raise_all, unreadable
from generator.model import Study
from generator.store.files import read_study_file
from generator.study.folders import Folders
from generator.study.mistakes import Mistake
from generator.study.settings import STUDY, read_study

_BOM = b"\xef\xbb\xbf"


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds study.toml.

    Raises StudyError if there is none.
    """
    start = Path(os.path.abspath(start))  # without .., whose `parents` go down again
    for folder in (start, *start.parents):
        if (folder / STUDY).is_file():
            return folder
    raise StudyError(
        f"found no {STUDY} in {start} or above it",
        None,
        "go into a study's folder, name it with -C DIR, or begin one with `study new DIR`",
    )


def load_study(root: Path) -> Study:
    """The study at `root`: what study.toml says, with each report's texts and script found.

    Raises StudyError, or an ExceptionGroup of them: every mistake at once, each at its line.
    """
    try:
        content = read_study_file(root, STUDY)
    except FileNotFoundError as error:
        raise StudyError("is missing", Where(STUDY), "begin a study with `study new`") from error
    except OSError as error:
        raise unreadable(error, Where(STUDY)) from error
    text = decoded(content)
    data = parsed(text)
    mistakes: list[Mistake] = []
    folders = Folders.of(root, data.get("languages"))
    lines = _week_lines(text, data)
    study = read_study(data, lines, folders.place, mistakes)
    problems = located(text, mistakes)
    raise_all([*problems, *folders.problems], STUDY)
    return study


def decoded(content: bytes) -> str:
    """The text of study.toml, with LF line ends. Raises StudyError if it is not UTF-8."""
    try:
        text = content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"is not UTF-8: found the byte 0x{content[error.start]:02X}",
            Where(STUDY, line),
            "save it as UTF-8",
        ) from error
    return text.replace("\r\n", "\n")


def parsed(text: str) -> dict[str, Any]:
    """The tables of study.toml. Raises StudyError where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
        line = text.count("\n") + 1
        if place:
            line = int(place.group(1)) if place.group(1) else line
            message = message[: place.start()]
        rows = text.split("\n")  # as TOML counts; a terminal obeys some of the other characters
        found = rows[line - 1].strip() if line <= len(rows) else ""
        found = "".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in found)
        raise StudyError(
            f"is not TOML: {message[:1].lower()}{message[1:]}"
            + (f", in: {found}" if found else ""),
            Where(STUDY, line),
            _syntax_hint(str(error), found),
        ) from error
    except (ValueError, RecursionError) as error:
        # Python's own limits.
        deep = isinstance(error, RecursionError)
        what = "lists or tables in one another without end" if deep else "a number without end"
        length = _brackets if deep else _longest_number
        lengths = [length(row) for row in text.split("\n")]
        raise StudyError(
            f"is not TOML that can be read: found {what}",
            Where(STUDY, lengths.index(max(lengths)) + 1),
            "mend this line; the form is: key = value",
        ) from error


def _brackets(row: str) -> int:
    return row.count("[") + row.count("{")


def _longest_number(row: str) -> int:
    return max((len(digits) for digits in re.findall(r"[0-9_]+", row)), default=0)


def _syntax_hint(message: str, found: str) -> str:
    if "overwrite" in message or "twice" in message or "mutate" in message:
        return "the same key or table stands further up; keep one of them"
    if re.match(r"[A-Za-z0-9_.-]+\s*=\s*[^\"'\[{\s\d]", found) and not found.endswith(
        ("true", "false")
    ):
        return "texts stand in quotes"
    if "character '\\n'" in message and found.count('"') % 2:
        return "a text ends with a quote, on its own line"
    if "Invalid date" in message:
        return "there is no such day or time; a date is 2025-03-05, a time 21:00:00"
    if "Unclosed" in message or "(at end of document)" in message:
        return "a bracket or quote is not closed"
    return "the form is: key = value; texts stand in quotes"


_WEEK_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*week[ \t]*\]\]", re.MULTILINE)


def _week_lines(text: str, data: dict[str, Any]) -> list[int | None]:
    """The line of each [[week]]."""
    weeks = data.get("week")
    count = len(weeks) if isinstance(weeks, list) else 0
    lines: list[int | None] = []
    line = 1
    position = 0
    for match in _WEEK_HEADER.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        lines.append(line)
    if len(lines) == count:
        return lines
    # A header inside a multi-line text, or weeks written as one inline array.
    from generator.study.locate import key_lines

    found = key_lines(text)
    return [found.get(("week", index)) for index in range(count)]


def located(text: str, mistakes: list[Mistake], path: str = STUDY) -> list[StudyError]:
    """The mistakes in the TOML `text` of the file at `path`, each at its line, in order."""
    if not mistakes:
        return []
    # Only a wrong study pays for finding its lines.
    from generator.study.locate import key_lines

    lines = key_lines(text)
    problems = []
    for mistake in mistakes:
        key = mistake.path
        while key and key not in lines:
            key = key[:-1]
        name = ".".join(str(part) for part in mistake.path if isinstance(part, str))
        where = Where(path, lines.get(key, 1))
        message = f"{name}: {mistake.message}" if name else mistake.message
        problems.append(StudyError(message, where, mistake.hint))
    problems.sort(key=lambda problem: (problem.where.line or 0) if problem.where else 0)
    return problems
