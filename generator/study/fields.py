"""Reading one table of study.toml key by key, noting every mistake instead of stopping."""

import re
from collections.abc import Sequence

from generator.addresses import RULE, is_allowed
from generator.study.dates import Dates
from generator.study.mistakes import did_you_mean, listed, shown, tidy
from generator.study.phrases import Phrases

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
REPORT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")  # a file's name ends at 255 bytes
MOST = 1_000_000  # seconds, KB, MiB: what is larger was not meant


class Fields(Phrases, Dates):
    """One table of study.toml. Each method reads one key, checks it and gives a typed value.

    A wrong value is noted in `mistakes` and read as if it were absent; `finish` then notes the
    keys that nobody asked for. languages: those in which a phrase may be written.
    """

    __slots__ = ()

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
        return self.cleaned(key, value)

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
