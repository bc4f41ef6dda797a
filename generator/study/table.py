"""One table of study.toml as TOML gives it: what it holds, and what is wrong with it."""

import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from generator.study.mistakes import KeyPath, Mistake, did_you_mean


class Table:
    """A table whose keys are asked for by name. A mistake is noted, and reading goes on.

    languages: those in which a phrase may be written.
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

    def cleaned(self, key: str, text: str) -> str:
        """`text`, which stands at `key` or in a list there, in NFC and with nothing around it."""
        return unicodedata.normalize("NFC", self._printable(key, text).strip())

    def values(self, key: str) -> list[Any]:
        """What stands at `key`, yet to be looked at: the items of a list, or the one value."""
        value = self._get(key)
        if value is None:
            return []
        return list(value) if isinstance(value, list) else [value]

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
