"""The keys of study.toml: kinds and defaults from the readers' code, purposes from keys.toml."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs.make_reference.code import Code, Scope, name_of

PURPOSES = Path(__file__).with_name("keys.toml")
KINDS = {
    "phrase": "text",
    "phrases": "list of texts",
    "paragraphs": "list of texts",
    "text": "plain text",
    "address": "plain text",
    "words": "list of plain texts",
    "choice": "",
    "whole": "whole number",
    "number": "number",
    "date": "date",
    "dates": "list of dates",
    "time": "time of day",
    "flag": "true or false",
    "table": "table",
    "tables": "tables",
    "listing": "list",
    "markdown": "Markdown, or a list of it",
}
READERS = ("fields", "top", "table", "inner")  # what the readers call a table of study.toml
# Functions that read one key of the table they are given, which is their caller's.
PASSED_KEYS = {
    "read_columns": "column",
    "read_reading": "reading",
    "read_tables": "table",
    "read_updates": "update",
}
# Functions that read the key that they are told, and what it may hold.
TOLD_KEYS = {
    "read_items": "reading items",
    "_links": "address or path, or a list",
    "_names": "name, or a list of names",
    "_notes": "list",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key as the code reads it. default: as TOML, "" if it has none to name."""

    name: str
    kind: str
    default: str = ""


def keys_read(code: Code) -> dict[str, dict[str, Key]]:
    """Function → the keys that it reads, in its order."""
    found: dict[str, dict[str, Key]] = {}
    for path in code.trees:
        if not path.startswith("generator/study/"):
            continue
        for scope in code.functions(path):
            if scope.owner:
                continue
            for key in _keys(scope, code):
                found.setdefault(scope.function.name, {}).setdefault(key.name, key)
    return found


def _keys(scope: Scope, code: Code) -> Iterator[Key]:
    calls = [node for node in ast.walk(scope.function) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = name_of(call.func)
        if name in PASSED_KEYS and scope.function.name in ("read_study", "_week"):
            yield Key(PASSED_KEYS[name], "tables")
        texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
        key = next((text for text in texts if isinstance(text, str)), "")
        if name in TOLD_KEYS and key:
            yield Key(key, TOLD_KEYS[name])
        elif (
            isinstance(call.func, ast.Attribute)
            and name_of(call.func.value) in READERS
            and name in KINDS
            and key
            and PASSED_KEYS.get(scope.function.name) != key
        ):
            yield _key(key, name, call, scope, code)


def _key(key: str, method: str, call: ast.Call, scope: Scope, code: Code) -> Key:
    rest = call.args[1:]
    if method == "choice":
        choices = rest[0]
        if isinstance(choices, ast.Name):
            choices = code.constant(choices.id, scope.path) or choices
        kind = _choices(choices)
        default = ast.literal_eval(rest[1]) or ""
        return Key(key, kind, f'"{default}"' if default else "")
    default = ""
    if rest and isinstance(rest[0], ast.Constant) and rest[0].value:
        value = rest[0].value
        default = f'"{value}"' if isinstance(value, str) else str(value)
    return Key(key, KINDS[method], default)


def _choices(node: ast.expr) -> str:
    if isinstance(node, ast.Tuple):
        return " or ".join(f'`"{e.value!s}"`' for e in node.elts if isinstance(e, ast.Constant))
    from generator.study.reading_list import KINDS as READING_KINDS

    return " or ".join(f'`"{kind}"`' for kind in READING_KINDS)


def purposes() -> list[dict[str, Any]]:
    """The tables of keys.toml."""
    tables: list[dict[str, Any]] = tomllib.loads(PURPOSES.read_text("utf-8"))["table"]
    return tables


def gaps(code: Code) -> list[str]:
    """Keys that only the code or only keys.toml knows."""
    read = keys_read(code)
    said: dict[str, set[str]] = {}
    problems = []
    for table in purposes():
        known = {key for reader in table["readers"] for key in read.get(reader, {})}
        problems += [
            f"{table['name']} {key}: nobody reads it" for key in table["keys"] if key not in known
        ]
        for reader in table["readers"]:
            said.setdefault(reader, set()).update(table["keys"])
    for reader, keys in read.items():
        problems += [
            f"{reader} reads {key}: keys.toml has no word on it"
            for key in keys
            if key not in said.get(reader, set())
        ]
    return problems


def _readme_words() -> Iterator[str]:
    """The words of the README's blocks, in the languages that have them."""
    from generator.study.readme import WORDS

    yield "Words of `[readme.words]`, and what a block says without them:\n"
    yield "| word | English | Korean |"
    yield "|---|---|---|"
    for word, texts in WORDS.items():
        yield f"| `{word}` | {texts['en']} | {texts['ko']} |"
    yield ""


def keys_text(code: Code) -> Iterator[str]:
    """The chapter on study.toml, with what [readme.words] may change."""
    read = keys_read(code)
    for table in purposes():
        name = table["name"]
        heading = f"`{name}`: {lowered(table['title'])}" if name.startswith("[") else table["title"]
        if name and not name.startswith("["):
            heading = f"{name[0].upper()}{name[1:]}: {lowered(table['title'])}"
        yield f"### {heading}\n"
        yield "| key | kind | what it is for |"
        yield "|---|---|---|"
        merged: Mapping[str, Key] = {
            key: found
            for reader in reversed(table["readers"])
            for key, found in read.get(reader, {}).items()
        }
        for key, purpose in table["keys"].items():
            found = merged[key]
            default = ""
            if found.default and "default" not in purpose:
                default = f" Default `{found.default}`."
            yield f"| `{key}` | {found.kind} | {purpose}{default} |"
        if "note" in table:
            yield f"\n{table['note']}"
        yield ""
        if name == "[readme]":
            yield from _readme_words()


def lowered(title: str) -> str:
    """`title` to stand behind a colon."""
    return title[0].lower() + title[1:]
