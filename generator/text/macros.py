r"""Commands that the study defines for all its formulas, in reports/macros.tex.

\newcommand{\R}{\mathbb R}
\newcommand{\norm}[1]{\left\lVert #1 \right\rVert}
\DeclareMathOperator*{\argmax}{arg\,max}
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import StudyError, Where, raise_all
from generator.text.source import read_text

MACROS = "reports/macros.tex"
_COMMENT = re.compile(r"(?<!\\)%.*")
_OPENING = re.compile(r"\\(newcommand|DeclareMathOperator)(\*?)\s*")
_NAME = re.compile(r"\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+)")
_COUNT = re.compile(r"\s*(\[\s*[1-9]\s*\](?:\s*\[[^\]]*\])?)?\s*")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_FORM = r"\newcommand{\name}[1]{…} or \DeclareMathOperator{\name}{…}"


@dataclass(frozen=True, slots=True)
class Macro:
    """A command and how it is defined, as one \\newcommand. uses: other commands in it."""

    name: str
    definition: str
    uses: frozenset[str]


def load_macros(root: Path) -> dict[str, Macro]:
    """The commands of reports/macros.tex by name; none if there is no such file.

    Raises StudyError, or several in a group: each definition that can't be read, with its line.
    """
    if not (root / MACROS).is_file():
        return {}
    text = "\n".join(_COMMENT.sub("", line) for line in read_text(root, MACROS).split("\n"))
    found: dict[str, Macro] = {}
    problems: list[StudyError] = []
    for line, macro, problem in _definitions(text):
        if macro is None:
            problems.append(StudyError(problem, Where(MACROS, line), f"write {_FORM}"))
        elif macro.name in found:
            message = f"\\{macro.name} is defined twice"
            problems.append(StudyError(message, Where(MACROS, line), "keep one of them"))
        else:
            found[macro.name] = macro
    raise_all(problems, MACROS)
    return found


def used_macros(tex: str, macros: Mapping[str, Macro]) -> list[Macro]:
    """The macros that `tex` needs, those that others need first."""
    order: list[Macro] = []
    seen: set[str] = set()

    def add(names: Iterator[str]) -> None:
        for name in names:
            if name in macros and name not in seen:
                seen.add(name)
                add(iter(sorted(macros[name].uses)))
                order.append(macros[name])

    add(match[1] for match in _COMMAND.finditer(tex))
    return order


def _definitions(text: str) -> Iterator[tuple[int, Macro | None, str]]:
    """Line, and a macro or what is wrong, for each definition in `text`."""
    position = 0
    while True:
        position = _past_space(text, position)
        if position >= len(text):
            return
        line = text.count("\n", 0, position) + 1
        opening = _OPENING.match(text, position)
        if not opening:
            rest = text[position:].split("\n")[0].strip()
            yield line, None, f"found {rest[:40]}, expected a definition"
            position = text.find("\n", position) % (len(text) + 1)
            continue
        name = _NAME.match(text, opening.end())
        counted = _COUNT.match(text, name.end()) if name else None
        body = _braced(text, counted.end()) if counted else None
        if name is None or counted is None or body is None:
            yield line, None, f"\\{opening[1]} is not complete"
            position = opening.end()
            continue
        content, position = body
        operator = opening[1] == "DeclareMathOperator"
        if operator:
            content = f"\\operatorname{opening[2]}{{{content}}}"
        said, count = name[1] or name[2], "" if operator else (counted[1] or "")
        definition = f"\\newcommand{{\\{said}}}{''.join(count.split())}{{{content}}}"
        yield line, Macro(said, definition, frozenset(_COMMAND.findall(content))), ""


def _past_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _braced(text: str, position: int) -> tuple[str, int] | None:
    """What stands in the braces at `position`, and where they end; None if they don't."""
    if text[position : position + 1] != "{":
        return None
    depth = 0
    for place in range(position, len(text)):
        if text[place - 1] == "\\" and text[place - 2] != "\\":
            continue
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[position + 1 : place], place + 1
    return None
