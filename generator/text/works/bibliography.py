"""reports/references.bib → entries with plain Unicode fields, or every mistake with its line."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.addresses import RULE, is_allowed
from generator.digest import digest_bytes
from generator.errors import StudyError, Where, raise_all, unreadable
from generator.store.cache import Cache
from generator.store.files import read_study_file
from generator.text.source import decoded

if TYPE_CHECKING:
    from pybtex.database import Person

BIBLIOGRAPHY = "reports/references.bib"
_FORMAT = "2"  # raise when `Entry` changes, so that stored ones are read again
_ENTRY = re.compile(r"^[ \t]*@([A-Za-z]+)[ \t]*[{(][ \t]*([^,\s]+)[ \t]*,", re.MULTILINE)
_MOST_LETTERS = 1_000_000
_KEY = re.compile(r"[A-Za-z0-9]+(?:[_:.+/-]+[A-Za-z0-9]+)*")
_HANGUL = re.compile("[\uac00-\ud7a3]+")
_LONG_FAMILY_NAMES = ("남궁", "황보", "제갈", "선우", "독고", "사공", "서문", "동방")


@dataclass(frozen=True, slots=True)
class Name:
    """A person's or a body's name; given is "" for a body. korean: family name first, no space."""

    family: str
    given: str = ""
    korean: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A work. kind: "article", "book", …; fields by lower-case name; line: where it stands."""

    key: str
    kind: str
    line: int
    fields: Mapping[str, str]
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()


def load_bibliography(root: Path, store: Cache | None = None) -> dict[str, Entry]:
    """The entries of the study's bibliography by key; empty if there is no such file.

    store: where parsed entries are kept by content, since pybtex takes a while.
    Raises StudyError, several in a group, for each mistake in the file.
    """
    try:
        content = read_study_file(root, BIBLIOGRAPHY)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise unreadable(error, Where(BIBLIOGRAPHY)) from error
    if not content.strip():
        return {}
    key = digest_bytes(_FORMAT.encode() + content)
    kept = store.get("bibliography", key) if store else None
    if kept is not None:
        return {item["key"]: _entry(item) for item in json.loads(kept)}
    entries = read_bibliography(decoded(content, BIBLIOGRAPHY))
    if store:
        data = [asdict(entry) for entry in entries.values()]
        store.put("bibliography", key, json.dumps(data).encode())
    return entries


def unread_entry(key: str) -> Entry:
    """Stands for `key` where the bibliography can't be read, so that only that is reported."""
    return Entry(key, "misc", 1, {"title": key}, (Name(key),))


def _entry(data: dict[str, Any]) -> Entry:
    names = {kind: tuple(Name(**name) for name in data[kind]) for kind in ("authors", "editors")}
    return Entry(data["key"], data["kind"], data["line"], data["fields"], **names)


def read_bibliography(text: str) -> dict[str, Entry]:
    """The entries of `text`. Raises StudyError, several in a group."""
    import pybtex.errors
    from pybtex.database.input.bibtex import LowLevelParser, Parser

    lines: dict[str, int] = {}
    problems: list[StudyError] = []
    for match in _ENTRY.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        key = match[2]
        if match[1].lower() in ("string", "comment", "preamble"):
            continue
        if key in lines:
            _add(problems, line, f"the key {key} stands twice", f"first in line {lines[key]}")
        elif not _KEY.fullmatch(key):
            _add(problems, line, f"'{key}' can't be cited", "use letters A-Z, digits and -_:.+/")
        lines.setdefault(key, line)
    with pybtex.errors.capture() as captured, _strings_short(LowLevelParser):
        data = Parser().parse_string(text)
    for error in captured:
        message = str(error)
        if "repeated bibliography entry" not in message:
            place, message = _place(text, lines, error, message)
            _add(problems, place, message, "a field is name = {text}, and commas stand between")
    for key, entry in data.entries.items():
        for name, value in entry.fields.items():
            if name.lower() in ("url", "howpublished", "link") and not is_allowed(value):
                _add(problems, lines.get(key), f"{name} of {key} is '{value[:60]}'", RULE)
    raise_all(problems, BIBLIOGRAPHY)
    return {
        key: Entry(
            key,
            entry.type.lower(),
            lines.get(key, 1),
            {name.lower(): plain_text(value) for name, value in entry.fields.items()},
            tuple(_name(person) for person in entry.persons.get("author", ())),
            tuple(_name(person) for person in entry.persons.get("editor", ())),
        )
        for key, entry in data.entries.items()
    }


@contextmanager
def _strings_short(parser: Any) -> Iterator[None]:
    """While this lasts, all that `parser` puts together from @string stays within a limit.

    Raises StudyError with the line: each @string may double the last, and forty fill any memory.
    """
    known = parser.substitute_macro
    letters = 0

    def substitute(self: Any, name: str) -> str:
        nonlocal letters
        value = str(known(self, name))
        letters += len(value)
        if letters > _MOST_LETTERS:
            raise StudyError(
                f"its strings put into one another come to more than {_MOST_LETTERS} letters",
                Where(BIBLIOGRAPHY, self.lineno),
                "write out what @string repeats",
            )
        return value

    parser.substitute_macro = substitute
    try:
        yield
    finally:
        parser.substitute_macro = known


def _add(problems: list[StudyError], line: int | None, message: str, hint: str) -> None:
    problems.append(StudyError(message, Where(BIBLIOGRAPHY, line), hint))


def _place(
    text: str, lines: Mapping[str, int], error: Exception, message: str
) -> tuple[int | None, str]:
    """Line and words of an error that pybtex found."""
    line = getattr(error, "lineno", None)
    message = re.sub(r"^(syntax error|undefined string) in line \d+: ", r"\1: ", message)
    if line is None:
        for key, place in lines.items():
            if re.search(rf"\bkey {re.escape(key)}\b", message):
                line = place
        quoted = re.search(r"'(.+)'", message)
        if line is None and quoted and quoted[1] in text:
            line = text.count("\n", 0, text.index(quoted[1])) + 1
    return line, message


def plain_text(field: str) -> str:
    """A field without TeX: accents as letters, no braces, -- as a dash, spaces folded."""
    import latexcodec  # noqa: F401  (registers the codec)

    if "\\" in field or "~" in field:
        field = field.encode("utf-8").decode("latex+utf-8")
    field = re.sub(r"(?<!\\)[{}]", "", field).replace("\\{", "{").replace("\\}", "}")
    field = re.sub(r"(?<!-)---?(?!-)", lambda dash: "–" if len(dash[0]) == 2 else "—", field)
    return " ".join(field.split())


def _name(person: "Person") -> Name:
    given = " ".join([*person.first_names, *person.middle_names])
    family = " ".join([*person.prelast_names, *person.last_names])
    lineage = " ".join(person.lineage_names)
    given, family = plain_text(given), plain_text(family)
    if _HANGUL.fullmatch(family + given):
        # "김, 철수", "김 철수" and "김철수" are the same person: the short part is the family's.
        if _is_family(given) and not _is_family(family):
            family, given = given, family
        return Name(family, given, korean=True)
    return Name(f"{family}, {lineage}" if lineage else family, given)


def _is_family(name: str) -> bool:
    return len(name) == 1 or name in _LONG_FAMILY_NAMES
