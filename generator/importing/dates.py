"""Days as people write them: in numbers or words, with a year or without, in either order."""

import datetime as dt
import re
from dataclasses import dataclass

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_D = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_Y = r"(?P<y>20\d\d)(?!\d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
        rf"{_Y}\s*[-./년]\s*(?P<m>\d{{1,2}})\s*[-./월]\s*(?P<d>\d{{1,2}})일?\.?(?!\d)",
        # Two digits for the year, year first: how a log in Korea is dated.
        r"(?P<y>\d\d)[.](?P<m>\d{1,2})[.](?P<d>\d{1,2})\.?(?!\d)",
        rf"{_NAME}\s*{_D}(?:(?:,\s*|\s+){_Y})?",
        rf"{_D}\s+(?:of\s+)?{_NAME}(?:(?:,\s*|\s+){_Y})?",
        r"(?:(?P<y>(?:20)?\d\d)년\s*)?(?P<m>\d{1,2})월\s*(?P<d>\d{1,2})일",
        # Which of the two is the month, the other days of the column may tell.
        rf"(?P<a>\d{{1,2}})\s*[-./]\s*(?P<b>\d{{1,2}})\.?\s*(?:[-./,]\s*|\s+){_Y}",
        r"(?P<a>\d{1,2})\s*[-./]\s*(?P<b>\d{1,2})(?![\d./-])",
    )
)
_BEFORE = re.compile(
    r"^[^\w가-힣]*(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]*\s*)?",
    re.I,
)
# A weekday or a time of day behind a date says no more than the date.
_AFTER = re.compile(
    r"^[\s,]*(?:[(\[]?\s*(?:[월화수목금토일](?:요일)?|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)"
    r"\s*[)\]]?)?[\s.,`*_]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it is written. year: None if unsaid. either: month and day may be swapped.

    rest: what follows, "" where that is only a weekday.
    """

    year: int | None
    month: int
    day: int
    rest: str = ""
    either: bool = False

    def date(self, year: int | None = None) -> dt.date | None:
        """The date, in `year` where it names none; None if there is none such."""
        said = self.year or year
        try:
            return dt.date(said, self.month, self.day) if said else None
        except ValueError:
            return None


def day_of(text: str, *, day_first: bool = False) -> Day | None:
    """The day that `text` begins with; day_first: 4/3 is the fourth of March."""
    text = _BEFORE.sub("", text, count=1)
    for form in _FORMS:
        found = form.match(text)
        if not found:
            continue
        groups = found.groupdict()
        year = int(groups["y"]) if groups.get("y") else None
        if year is not None and year < 100:
            year += 2000
        if groups.get("a"):
            one, other = int(groups["a"]), int(groups["b"])
            month, day = (other, one) if day_first or one > 12 else (one, other)
            either = one <= 12 and other <= 12 and one != other
        else:
            name = groups.get("name")
            month = _MONTHS.index(name[:3].lower()) + 1 if name else int(groups["m"])
            day, either = int(groups["d"]), False
        if not (1 <= month <= 12 and 1 <= day <= 31):
            continue
        rest = text[found.end() :]
        return Day(year, month, day, "" if _AFTER.match(rest) else rest.strip(), either)
    return None


def date_of(text: str) -> tuple[dt.date | None, str]:
    """The date that `text` begins with, and what follows; None and `text` if it has none."""
    day = day_of(text)
    date = None if day is None or day.either else day.date()
    if day is None or date is None:
        return None, text
    return date, re.sub(r"^[\s`*_\])]*[:\-–—.|]*\s*", "", day.rest)


def days_of(texts: list[str], year: int | None) -> list[Day | None]:
    """The days of a column, read in one order: the one that all of them allow.

    A day of no year is in `year` if that keeps the days of the column in order, else unsaid.
    """
    first = [day_of(text) for text in texts]
    swapped = any(
        re.match(r"\D*(1[3-9]|2\d|3[01])\s*[-./]\s*\d{1,2}(?!\d*[-./])", text)
        and day and day.day > 12
        for text, day in zip(texts, first, strict=True)
    )  # fmt: skip
    told = any(day and not day.either for day in first)
    days = [day_of(text, day_first=swapped) for text in texts]
    named = [day for day in days if day]
    order = [(day.month, day.day) for day in named]
    steady = order in (sorted(order), sorted(order, reverse=True))
    return [
        Day(
            day.year or (year if steady else None),
            day.month, day.day, day.rest,
            # A run of months that only grows is no chance: 3/25, 4/1.
            day.either and not (told or steady),
        ) if day else None
        for day in days
    ]  # fmt: skip


def year_in(text: str) -> int | None:
    """The only year that `text` names."""
    years = {int(found) for found in re.findall(r"(?<!\d)(20[0-4]\d)(?!\d)", text)}
    return years.pop() if len(years) == 1 else None
