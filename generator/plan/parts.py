"""Parts of a file that a product may depend on alone: a function, an entry of a bibliography."""

import ast
import re
import tomllib
from collections.abc import Mapping

from generator.digest import canonical_json

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def function_source(text: str, name: str) -> str | None:
    """The source of the function or class `name` ("f" or "Class.f"), decorators included."""
    try:
        body: list[ast.stmt] = ast.parse(text).body
    except SyntaxError:
        return None
    found: ast.stmt | None = None
    for part in name.split("."):
        found = None
        for node in body:
            if isinstance(node, _DEFINITIONS) and node.name == part:
                found, body = node, node.body
        if found is None:
            return None
    assert isinstance(found, _DEFINITIONS)
    first = min([found.lineno, *(decorator.lineno for decorator in found.decorator_list)])
    return "\n".join(text.splitlines()[first - 1 : found.end_lineno])


_ENTRY = re.compile(r"^[ \t]*@[A-Za-z]+[ \t]*[{(][ \t]*([^,\s]+)[ \t]*,", re.MULTILINE)


def bib_entries(text: str) -> Mapping[str, str]:
    """Key → source text of each entry of a BibTeX file, up to the next entry."""
    starts = list(_ENTRY.finditer(text))
    ends = [*(match.start() for match in starts[1:]), len(text)]
    return {
        match.group(1): text[match.start() : ends[number]].strip()
        for number, match in enumerate(starts)
    }


def toml_entries(text: str) -> Mapping[str, str]:
    """Key → content of each table of a TOML file; empty where it is none, which is told by who
    reads it for its sense."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    return {key: canonical_json(value).decode() for key, value in data.items()}


_MACRO = re.compile(r"^[ \t]*\\[A-Za-z]+\*?[ \t]*\{?[ \t]*\\([A-Za-z]+)", re.MULTILINE)


def tex_entries(text: str) -> Mapping[str, str]:
    """Command → source text of its definition in a file of TeX, up to the next one."""
    starts = list(_MACRO.finditer(text))
    ends = [*(match.start() for match in starts[1:]), len(text)]
    return {
        match.group(1): text[match.start() : ends[number]].strip()
        for number, match in enumerate(starts)
    }
