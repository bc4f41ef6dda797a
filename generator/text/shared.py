"""Shared text: `{% include "common/notation.md" %}` alone on its line, and where its lines are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from generator.errors import StudyError, Where, problems_in
from generator.model import Document
from generator.text.markdown.lexer import pieces_of
from generator.text.named_files import file_problem, name_on_disk
from generator.text.problems import Problems
from generator.text.source import read_text

_NAMED = re.compile(r"include\s+([\"'])(.+)\1")
_FORM = '{% include "common/notation.md" %}, alone on its line'


@dataclass(frozen=True, slots=True)
class Whole:
    """A text with what it includes in place. places: of each of its lines, (path, line);
    empty where it includes nothing. included: paths of the other files."""

    path: str
    text: str
    places: tuple[tuple[str, int], ...] = ()
    included: tuple[str, ...] = ()

    def where(self, where: Where | None) -> Where | None:
        """The place in its own file of a place in the whole."""
        if where is None or where.path != self.path or not where.line or not self.places:
            return where
        return Where(*self.places[min(where.line, len(self.places)) - 1])

    def moved(self, problems: Iterable[StudyError]) -> list[StudyError]:
        """Problems of the whole, each with the place in its own file."""
        return [
            type(problem)(problem.message, self.where(problem.where), problem.hint)
            if self.places
            else problem
            for problem in problems
        ]

    def document(self, document: Document) -> Document:
        """A document of the whole with the places in their own files."""
        if not self.places:
            return document
        formulas = (replace(f, where=self.where(f.where) or f.where) for f in document.formulas)
        mentions = (replace(m, where=self.where(m.where) or m.where) for m in document.mentions)
        return replace(
            document,
            formulas=tuple(formulas),
            mentions=tuple(mentions),
            inputs=tuple(sorted({*document.inputs, *self.included})),
            warnings=tuple(self.moved(document.warnings)),
        )


def whole_text(root: Path, path: str, text: str | None = None) -> tuple[Whole, list[StudyError]]:
    """The text at `path` (or `text` in its place) with all that it includes, and what is wrong
    with that. Raises StudyError, or several, where the text itself cannot be read."""
    text = read_text(root, path) if text is None else text
    if "include" not in text or "{%" not in text:
        return Whole(path, text), []
    calls = _calls(text, path)
    if not calls:
        return Whole(path, text), []
    problems: list[StudyError] = []
    lines: list[str] = []
    places: list[tuple[str, int]] = []
    included: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        found = calls.get(number)
        if found is None:
            lines.append(line)
            places.append((path, number))
            continue
        name, content, wrong = _content(root, path, found, number)
        problems += wrong
        if name:
            included.append(name)
        for place, part in enumerate(content, 1):
            lines.append(part)
            places.append((name, place))
        if not content:
            lines.append("")
            places.append((path, number))
    return Whole(path, "\n".join(lines), tuple(places), tuple(included)), problems


def _calls(text: str, path: str) -> dict[int, str]:
    """Line → what the include there says; those in code are none."""
    return {
        piece.line: piece.content
        for piece in pieces_of(text, Problems(path))
        if piece.kind == "statement" and re.match(r"include\b", piece.content)
    }


def _content(
    root: Path, path: str, said: str, line: int
) -> tuple[str, list[str], list[StudyError]]:
    """Path and lines of the file that an include names, and what is wrong."""
    where = Where(path, line)
    named = _NAMED.fullmatch(said.strip())
    if named is None:
        return "", [], [StudyError(f"can't be read: {{% {said} %}}", where, f"write {_FORM}")]
    name, folder = named[2], path.rpartition("/")[0]
    problem = file_problem(root, folder, name)
    if problem and not file_problem(root, "reports", name):
        folder, problem = "reports", None
    if problem or not name.endswith(".md"):
        message, hint = problem or (f"{name} is no text", "shared text is a file NAME.md")
        return "", [], [StudyError(message, where, hint)]
    label = f"{folder}/{name_on_disk(root, folder, name)}"
    try:
        text = read_text(root, label)
    except (StudyError, ExceptionGroup) as error:
        return label, [], list(problems_in(error))
    inner = sorted(_calls(text, label)) if "{%" in text else []
    if inner:
        message, hint = "an included text includes another", "include both in the report"
        return label, [], [StudyError(message, Where(label, number), hint) for number in inner]
    lines = text.split("\n")
    return label, lines[:-1] if not lines[-1] else lines, []
