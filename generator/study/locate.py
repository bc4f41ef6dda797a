"""The line of every key of a TOML file that is known to be valid, for messages about it."""

import re

from generator.study.mistakes import KeyPath

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEY = re.compile(rf"[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*=")
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*\]")
_SPLIT = re.compile(_PART)
# What a value is made of: texts (longest quotes first), comments, brackets, line ends, the rest.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}]"
    r"|\n"
    r"|[^\"'\#\[\]{}\n]+",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Key path → line of each table header and key; ("week", 6, "title") is in the 7th [[week]].

    Keys inside inline tables are not told apart: they stand where the table begins.
    text: valid TOML with LF line ends.
    """
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position, line = 0, 1
    while position < len(text):
        header = _HEADER.match(text, position)
        if header:
            table = _opened(_parts(header.group(2)), counts, array=header.group(1) == "[[")
            for depth in range(1, len(table) + 1):  # [a.b] opens a too
                lines.setdefault(table[:depth], line)
            end = _line_end(text, header.end())
        else:
            key = _KEY.match(text, position)
            if key:
                path = table
                for part in _parts(key.group(1)):
                    path = (*path, part)
                    lines.setdefault(path, line)
                end, elements = _value_end(text, key.end())
                for number, at in enumerate(elements):
                    lines.setdefault((*path, number), line + text.count("\n", position, at))
            else:
                end = _line_end(text, position)
        line += text.count("\n", position, end)
        position = end
    return lines


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _SPLIT.findall(key))


def _opened(names: tuple[str, ...], counts: dict[KeyPath, int], *, array: bool) -> KeyPath:
    """The path of the table that a header opens: the latest element of each array of tables."""
    path: KeyPath = ()
    for depth, name in enumerate(names):
        path = (*path, name)
        last = depth == len(names) - 1
        if last and array:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _value_end(text: str, position: int) -> tuple[int, list[int]]:
    """Where the value that begins at `position` ends: after its line, brackets closed.

    And where each inline table or array begins that is an element of the value itself.
    """
    opened: list[str] = []
    elements: list[int] = []
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:  # cannot be in valid TOML
            return _line_end(text, position), elements
        found = token.group()
        if found in ("[", "{"):
            if opened == ["["]:
                elements.append(position)
            opened.append(found)
        elif found in ("]", "}"):
            del opened[-1:]
        elif found == "\n" and not opened:
            return token.end(), elements
        position = token.end()
    return position, elements
