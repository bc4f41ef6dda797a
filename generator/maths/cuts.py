"""Where a formula may go on in a new line: behind relations, signs and commas; before a relation
and at a wide space, where it is displayed.

Source: Knuth, The TeXbook, chapters 18 and 19.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.drawing.path import SvgError, transform

# MathJax's numbers of TeX's classes of atoms.
_BINARY, _RELATION, _OPEN, _CLOSE, _PUNCTUATION = 2, 3, 4, 5, 6
# Space beside them, 1/1000 em, and how bad a line's end there is; between words it is 0.
_SPACE = {_RELATION: 5000 / 18, _BINARY: 4000 / 18, _PUNCTUATION: 3000 / 18}
RELATION = 100.0
_PENALTY = {_RELATION: RELATION, _BINARY: 220.0, _PUNCTUATION: 300.0}
_WIDE = 900.0  # 1/1000 em: \quad and more

Element = tuple[str, Mapping[str, str], list[Any]]


@dataclass(frozen=True, slots=True)
class Cut:
    """Between the elements `at` - 1 and `at`; 1/1000 em from the formula's left edge.

    end: of what comes before; start: of what goes on.
    """

    at: int
    end: float
    start: float
    penalty: float


def row(picture: Element, meaning: Any) -> tuple[list[Any], list[Any]]:
    """The drawn elements of a formula's outermost row and their meanings; none if they differ."""
    drawn: Any = picture
    while len(drawn[2]) == 1 and not isinstance(drawn[2][0], str):
        if drawn[1].get("data-mml-node") == "math":
            break
        drawn = drawn[2][0]
    if drawn[1].get("data-mml-node") != "math":
        return [], []
    said = meaning
    while said[0] in ("math", "inferredMrow") and len(said[3]) == 1:
        inner = said[3][0]
        if isinstance(inner, str) or inner[0] != "inferredMrow":
            break
        said = inner
    # Spaces and invisible signs draw nothing, but have their places in both.
    return (drawn[2], said[3]) if len(drawn[2]) == len(said[3]) else ([], [])


def cuts(drawn: Sequence[Any], said: Sequence[Any], *, display: bool) -> Iterator[Cut]:
    """The places in the row `drawn`, whose meanings are `said`, in order."""
    depth = 0
    for at in range(1, len(drawn)):
        kind = said[at - 1][1]  # a bracket with an exponent closes, too
        depth += (kind == _OPEN) - (kind == _CLOSE)
        after = said[at][1]
        x = _left(drawn[at])
        if x is None:
            continue
        if display:
            if depth == 0 and _is_space(said[at - 1]) and not _is_space(said[at]):
                before = _left(drawn[at - 1])
                if before is not None and x - before >= _WIDE:
                    yield Cut(at, before, x, 0.0)
            elif depth == 0 and after == _RELATION and kind != _RELATION and at > 1:
                yield Cut(at, x - _SPACE[_RELATION], x, RELATION)
        elif (
            kind in _PENALTY
            and after not in (_RELATION, _PUNCTUATION, _CLOSE)
            and (depth == 0 or (depth == 1 and kind == _PUNCTUATION))
        ):
            yield Cut(at, x - _SPACE[kind], x, _PENALTY[kind])


def _is_space(said: Any) -> bool:
    if said[0] in ("mstyle", "inferredMrow", "TeXAtom") and len(said[3]) == 1:
        return _is_space(said[3][0])
    return bool(said[0] == "mspace")


def _left(element: Any) -> float | None:
    """Where a drawn element begins; None if it is moved in another way."""
    moved = element[1].get("transform", "")
    try:
        a, b, c, d, x, y = transform(moved)
    except SvgError:
        return None
    return x if (a, b, c, d, y) == (1, 0, 0, 1, 0) and moved else None
