"""A mistake in study.toml, and the words that messages about it are made of."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at a key of study.toml: ("week", 6, "status") is that of the seventh week."""

    path: KeyPath
    message: str
    hint: str = ""


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
