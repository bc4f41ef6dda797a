"""Reading one table of study.toml key by key, noting every mistake instead of stopping."""

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.addresses import RULE, is_allowed
from generator.model import Phrase

KeyPath = tuple[str | int, ...]

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
REPORT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")  # a file's name ends at 255 bytes
MOST = 1_000_000  # seconds, KB, MiB: what is larger was not meant


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at a key of study.toml: ("week", 6, "status") is that of the seventh week."""

    path: KeyPath
    message: str
    hint: str = ""


class Fields:
    """One table of study.toml. Each method reads one key, checks it and gives a typed value.

    A wrong value is noted in `mistakes` and read as if it were absent; `finish` then notes the
    keys that nobody asked for. languages: those in which a phrase may be written.
    """

    __slots__ = ("_asked", "_table", "languages", "mistakes", "path")

    def __init__(
        self,
        table: Mapping[str, Any],
        path: KeyPath,
        mistakes: list[Mistake],
        languages: Collection[str],
    ) -> None:
        self._table = table
        self._asked: set[str] = set()
        self.path = path
        self.mistakes = mistakes
        self.languages = languages

    def has(self, key: str) -> bool:
        """Whether the table holds `key`; asking does not make it a known key."""
        return key in self._table

    def given(self, key: str, default: Any = None) -> Any:
        """What stands at `key`, whatever it is; asking does not make it a known key."""
        return self._table.get(key, default)

    def unwanted(self, key: str) -> bool:
        """Whether the table holds `key`, which has no place there for a reason yet to be said."""
        self._asked.add(key)
        return key in self._table

    def wrong(self, key: str | None, message: str, hint: str = "") -> None:
        """Note a mistake at `key`, or at the table itself."""
        path = self.path if key is None else (*self.path, key)
        self.mistakes.append(Mistake(path, message, hint))

    def _get(self, key: str) -> Any:
        self._asked.add(key)
        return self._table.get(key)

    def _printable(self, key: str, text: str) -> str:
        """`text`; what no page, file name or terminal can show is noted and left out."""
        if text.isprintable() or (text.isascii() and text.replace("\n", "").isprintable()):
            return text
        kept = text
        for letter in sorted({c for c in text if unicodedata.category(c) == "Cc"} - set("\n\t")):
            self.wrong(key, f"found the control character U+{ord(letter):04X}", "take it out")
            kept = kept.replace(letter, "")
        return kept

    def phrase(self, key: str, *, required: bool = False) -> Phrase:
        """A text, or one text for each language; white space is tidied, letters are NFC."""
        value = self._get(key)
        if value is None:
            if required:
                self.wrong(None, f"{key} is missing", f'write {key} = "…"')
            return Phrase()
        return self._phrase(key, value)

    def _phrase(self, key: str, value: Any) -> Phrase:
        if isinstance(value, str):
            text = tidy(self._printable(key, value))
            if not text:
                self.wrong(key, "found an empty text", "leave the key out instead")
                return Phrase()
            return Phrase((("*", text),))
        if not isinstance(value, dict) or not value:
            hint = f'write {key} = "…"'
            if len(self.languages) > 1:
                shape = ", ".join(f'{language} = "…"' for language in self.languages)
                hint += f", or {key} = {{ {shape} }}"
            self.wrong(key, f"found {shown(value)}, expected a text", hint)
            return Phrase()
        texts = []
        for language, text in value.items():
            if self.languages and language not in self.languages:
                self.wrong(
                    key,
                    f"found the language '{language}', expected one of {listed(self.languages)}",
                    did_you_mean(language, self.languages)
                    or "add it to languages, or take this text out",
                )
            elif not isinstance(text, str) or not tidy(text):
                self.wrong(
                    key,
                    f"found {shown(text)} for '{language}', expected a text",
                    f'write {language} = "…", or leave it out',
                )
            else:
                texts.append((language, tidy(self._printable(key, text))))
        return Phrase(tuple(texts))

    def phrases(self, key: str) -> tuple[Phrase, ...]:
        """A list of texts, or one list of texts for each language, equally long."""
        value = self._get(key)
        if value is None:
            return ()
        if isinstance(value, dict):
            columns = list(value.items())
            if all(isinstance(texts, list) for _, texts in columns):
                if len({len(texts) for _, texts in columns}) > 1:
                    lengths = ", ".join(f"{name}: {len(texts)}" for name, texts in columns)
                    self.wrong(
                        key,
                        f"found lists of different lengths ({lengths})",
                        "give every language as many texts",
                    )
                    return ()
                rows = zip(*(texts for _, texts in columns), strict=True)
                names = [name for name, _ in columns]
                value = [dict(zip(names, row, strict=True)) for row in rows]
        if not isinstance(value, list):
            self.wrong(
                key, f"found {shown(value)}, expected a list of texts", f'{key} = ["…", "…"]'
            )
            return ()
        return tuple(self._phrase(key, item) for item in value)

    def paragraphs(self, key: str) -> tuple[Phrase, ...]:
        """A list of pieces of Markdown, each a text or one for each language, lines as they are."""
        found = []
        for value in self.listing(key):
            texts = value if isinstance(value, dict) else {"*": value}
            pieces = [(language, text) for language, text in texts.items() if isinstance(text, str)]
            if len(pieces) < len(texts) or not pieces:
                self.wrong(key, f"found {shown(value)}, expected a text", "write it in quotes")
            else:
                found.append(
                    Phrase(tuple((a, self._printable(key, b).strip("\n")) for a, b in pieces))
                )
        return tuple(found)

    def one_phrase(self, key: str, value: Any) -> Phrase:
        """`value`, which stands in a list at `key`, as a text or one text for each language."""
        return self._phrase(key, value)

    def listing(self, key: str) -> list[Any]:
        """A list of values yet to be looked at; empty if it is absent."""
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(key, f"found {shown(value)}, expected a list", f"write {key} = [ … ]")
            return []
        return list(value)

    def flag(self, key: str) -> bool:
        """True or false; false if it is absent."""
        value = self._get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.wrong(
            key, f"found {shown(value)}, expected true or false", "without quotes, in small letters"
        )
        return False

    def text(self, key: str, default: str = "") -> str:
        """A text in no language: an address, a name."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self.wrong(key, f"found {shown(value)}, expected a text", f'write {key} = "…"')
            return default
        return unicodedata.normalize("NFC", self._printable(key, value).strip())

    def address(self, key: str) -> str:
        """The address of a page or a path of the study."""
        value = self.text(key)
        if not is_allowed(value):
            self.wrong(key, f"found {shown(value)}, expected an address or a path", RULE)
            return ""
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts in no language: names, codes."""
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(key, f"found {shown(value)}, expected a list of texts", f'{key} = ["…"]')
            return ()
        return tuple(tidy(self._printable(key, item)) for item in value)

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of `choices`."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, str) or value not in choices:
            self.wrong(
                key,
                f"found {shown(value)}, expected {listed(choices, 'or')}",
                did_you_mean(value, choices) if isinstance(value, str) else "",
            )
            return default
        return value

    def whole(self, key: str, *, at_least: int = 0, at_most: int | None = None) -> int | None:
        """A whole number in a range; None if it is absent."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            hint = f"write {key} = {max(at_least, 1)}, without quotes or a point"
            if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value.strip()):
                hint = f"write {key} = {int(value)}, without quotes"
            self.wrong(key, f"found {shown(value)}, expected a whole number", hint)
            return None
        if value < at_least or (at_most is not None and value > at_most):
            if at_most is None:
                span, hint = f"of at least {at_least}", "take a larger one"
            else:
                span, hint = f"from {at_least} to {at_most}", "take one from that range"
            self.wrong(key, f"found {shown(value)}, expected a whole number {span}", hint)
            return None
        return value

    def number(self, key: str, default: float) -> float:
        """A positive number, up to `MOST`."""
        value = self._get(key)
        if value is None:
            return default
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if not numeric or not 0 < value <= MOST:
            self.wrong(
                key,
                f"found {shown(value)}, expected a positive number",
                f"a number above 0 and up to {MOST}, without quotes",
            )
            return default
        return float(value)

    def date(self, key: str) -> dt.date | None:
        """A date such as 2025-03-05, without quotes; None if it is absent."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        self._wrong_kind(key, value, "a date", "2025-03-05")
        return None

    def dates(self, key: str) -> tuple[dt.date, ...]:
        """A list of dates."""
        value = self._get(key)
        if value is None:
            return ()
        plain = isinstance(value, list) and all(
            isinstance(item, dt.date) and not isinstance(item, dt.datetime) for item in value
        )
        if not plain:
            self._wrong_kind(key, value, "a list of dates", "[2025-03-05]")
            return ()
        return tuple(value)

    def time(self, key: str) -> dt.time | None:
        """A time of day such as 21:00:00, with or without quotes; None if it is absent."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, dt.time):
            return value
        if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
            hours, minutes = value.split(":")
            return dt.time(int(hours), int(minutes))
        self.wrong(
            key,
            f"found {shown(value)}, expected a time of day",
            f'write {key} = "21:00" (24 hours)',
        )
        return None

    def _wrong_kind(self, key: str, value: Any, kind: str, example: str) -> None:
        quoted = ", without quotes" if isinstance(value, str) else ""
        self.wrong(
            key, f"found {shown(value)}, expected {kind}", f"write {key} = {example}{quoted}"
        )

    def table(self, key: str) -> "Fields | None":
        """The table at `key` as Fields of its own; None if it is absent."""
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            name = ".".join(str(part) for part in (*self.path, key) if isinstance(part, str))
            self.wrong(key, f"found {shown(value)}, expected a table", f"begin it with [{name}]")
            return None
        return Fields(value, (*self.path, key), self.mistakes, self.languages)

    def tables(self, key: str) -> "list[Fields]":
        """The tables at `key`, written as [[key]]."""
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            name = ".".join(str(part) for part in (*self.path, key) if isinstance(part, str))
            self.wrong(
                key, f"found {shown(value)}, expected [[{name}]]", "two brackets on each side"
            )
            return []
        return [
            Fields(item, (*self.path, key, index), self.mistakes, self.languages)
            for index, item in enumerate(value)
        ]

    def entries(self, key: str) -> list[str]:
        """The keys of the table at `key`, for a table whose keys the author chooses."""
        value = self._table.get(key)
        return list(value) if isinstance(value, dict) else []

    def finish(self) -> None:
        """Note each key that nobody asked for."""
        if len(self._asked) >= len(self._table) and self._asked.issuperset(self._table):
            return
        for key in self._table:
            if key not in self._asked:
                open_keys = [known for known in self._asked if known not in self._table]
                self.wrong(
                    key,
                    "unknown key",
                    did_you_mean(key, open_keys)
                    or did_you_mean(key, self._asked)
                    or f"known here: {', '.join(sorted(self._asked))}",
                )


def tidy(text: str) -> str:
    """`text` in NFC, with each run of white space as one space and none at the ends."""
    if text.isascii() and "  " not in text and text == text.strip() and text.isprintable():
        return text
    return " ".join(unicodedata.normalize("NFC", text).split())


def shown(value: Any) -> str:
    """A short description of a TOML value for a message."""
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 40 else f"'{value[:37]}…'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number of more than 38 digits"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    return str(value)


def listed(words: Collection[str], last: str = "and") -> str:
    """The words as 'a', 'b' and 'c'."""
    quoted = [f"'{word}'" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A hint with the known word that looks most like `word`; "" if none does."""
    # Imported only when there is a mistake to explain.
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(known), 1, 0.6) or get_close_matches(
        word.casefold(), sorted(known), 1, 0.6
    )
    return f"did you mean '{close[0]}'?" if close else ""
