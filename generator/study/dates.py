"""Days and times in a table of study.toml."""

import datetime as dt
import re
from typing import Any

from generator.study.mistakes import shown
from generator.study.table import Table


class Dates(Table):
    """The keys of a table that hold dates or times of day."""

    __slots__ = ()

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
