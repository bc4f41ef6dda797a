"""Numbers of a column below each other by their decimal point.

A cell that has less behind its whole digits than others of its column gets what it lacks as an
attribute. The style sheet sets that invisibly behind the number, in the cell's own face, so the
points meet to the hair without any width being guessed. The cell's text stays the plain number:
what is copied, searched or read aloud has nothing in it that isn't seen.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass

_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[dh])\b([^>]*)>(.*?)</\1>", re.DOTALL)
_NOTE = re.compile(r'<span class="footnote".*|<a class="note-again".*', re.DOTALL)
_RAISED = re.compile(r"<sup>([^<]*)</sup>")
_TAG = re.compile(r"<[^>]*>")
# What may stand before the first digit, then the whole digits, in groups of three or not.
_WHOLE = re.compile(
    r"[\s(\[]*(?:[≈~<>≤≥±]\s?)?[-+−]?"
    r"(?:\d+(?:[ \u2009\u202f\u00a0]\d{3}(?!\d)|,\d{3}(?!\d))*|(?=\.\d))"
)
_WORD = re.compile(r"[^\W\d_]+")
_RANGE_WORDS = ("to", "에서")
_REMARK = re.compile(r"[(\[][^\W\d_]")
_MOST_EM = 2.0  # a column may grow by so much beyond its widest number
_RAISED_EM = 0.7


@dataclass(frozen=True, slots=True)
class _Tail:
    """The signs behind a number's whole digits: on the line and raised.

    All digits are as wide as each other, so each counts as a 0, and a plus as a minus.
    """

    plain: Counter[str]
    raised: Counter[str]

    def __or__(self, other: "_Tail") -> "_Tail":
        return _Tail(self.plain | other.plain, self.raised | other.raised)

    def __sub__(self, other: "_Tail") -> "_Tail":
        return _Tail(self.plain - other.plain, self.raised - other.raised)

    @property
    def em(self) -> float:
        """About how wide it is."""
        return _em(self.plain) + _RAISED_EM * _em(self.raised)


_NONE = _Tail(Counter(), Counter())


def aligned_numbers(table: str) -> str:
    """`table`, the HTML of a whole one, with what its number cells lack behind their points."""
    if "colspan=" in table:
        return table
    rows = [list(_CELL.finditer(row[0])) for row in _ROW.finditer(table)]
    columns: dict[int, list[str]] = {}
    for row in rows:
        for column, cell in enumerate(row):
            if _is_number(cell):
                columns.setdefault(column, []).append(cell[3])
    widest = {column: _widest(contents) for column, contents in columns.items()}

    def in_row(row: re.Match[str]) -> str:
        column = -1

        def in_cell(cell: re.Match[str]) -> str:
            nonlocal column
            column += 1
            most = widest.get(column)
            own = _tail(cell[3]) if most is not None and _is_number(cell) else None
            return cell[0] if most is None or own is None else _padded(cell, most - own)

        return _CELL.sub(in_cell, row[0])

    return _ROW.sub(in_row, table)


def _is_number(cell: re.Match[str]) -> bool:
    return cell[1] == "td" and ' class="number"' in cell[2]


def _tail(content: str) -> _Tail | None:
    """What stands behind the whole digits; None if `content` is not a number, maybe with its unit.

    The call of a note counts as one raised digit.
    """
    if "<img" in content or "<br" in content:
        return None
    number, notes = _NOTE.subn("", content)
    raised = Counter("0" * notes)
    raised.update(_signs("".join(_RAISED.findall(number))))
    plain = html.unescape(_TAG.sub("", _RAISED.sub("", number))).rstrip()
    whole = _WHOLE.match(plain)
    if whole is None or not _is_unit(plain[whole.end() :]):
        return None
    return _Tail(_signs(plain[whole.end() :]), raised)


def _is_unit(tail: str) -> bool:
    """Whether the words of `tail` are at most a unit: "ms", "billion", no remark in brackets."""
    words = [word for word in _WORD.findall(tail) if word not in _RANGE_WORDS]
    return not _REMARK.search(tail) and len(words) <= 1


def _widest(contents: list[str]) -> _Tail | None:
    """The least that has room for each number's tail; None where the column stays as it is.

    That is one whose numbers all have the same, one with numbers that can't be compared (formulas,
    several lines, numbers with remarks), and one that would become much wider.
    """
    tails = [_tail(content) for content in contents]
    if any(
        tail is None and ("<img" in content or any(map(str.isdigit, content)))
        for tail, content in zip(tails, contents, strict=True)
    ):
        return None
    known = [tail for tail in tails if tail is not None]
    most = _NONE
    for tail in known:
        most |= tail
    if not known or all(tail == most for tail in known):
        return None
    return most if min((most - tail).em for tail in known) <= _MOST_EM else None


def _padded(cell: re.Match[str], lack: _Tail) -> str:
    plain, raised = (
        "".join(signs.elements()).replace(" ", "\u00a0") for signs in (lack.plain, lack.raised)
    )
    attribute = f' data-pad="{html.escape(plain)}"' if plain else ""
    behind = f'<span class="pad" data-pad="{html.escape(raised)}"></span>' if raised else ""
    return f"<{cell[1]}{cell[2]}{attribute}>{cell[3]}{behind}</{cell[1]}>"


def _signs(text: str) -> Counter[str]:
    return Counter("0" if sign.isdigit() else "−" if sign == "+" else sign for sign in text)


def _em(signs: Counter[str]) -> float:
    return sum((0.27 if sign in ".,:;()[] \u00a0\u202f" else 0.53) * n for sign, n in signs.items())
