"""Whether two runs agree: the same words, and numbers equal to 1e-5; and where they do not."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.digest import digest_source
from generator.errors import StudyError
from generator.store.files import ANY_SIZE, read_study_file

# Another processor family rounds differently in the last bits; what a report shows is coarser.
RELATIVE = 1e-5
# A drawing's coordinates are in points; a thousandth of one cannot be seen.
POINTS = 1e-3

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SHOWN = 3  # differences told of one file; the others are counted


def keep_agreeing(
    folder: Path, committed: Mapping[str, str], files: Mapping[str, bytes]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The committed files if all of them are whole and agree with all of `files`, else `files`.

    All or nothing: a drawing and the numbers beside it always come from one run. With them
    comes a sentence for each thing that does not agree; none, if the committed files stay.
    """
    old: dict[str, bytes] = {}
    found = []
    for name, digest in committed.items():
        try:
            content = read_study_file(folder, name, ANY_SIZE)
        except (OSError, StudyError):
            found.append(f"{name} was missing")
            continue
        if digest_source(content) != digest:
            found.append(f"{name} was not the file that had been computed")
        old[name] = content
    if not found:
        found = differences(old, files)
    return (dict(files), tuple(found)) if found else (old, ())


def differences(
    one: Mapping[str, bytes], other: Mapping[str, bytes], most: int = _SHOWN
) -> list[str]:
    """What does not agree between the files of two runs, and how far apart it is.

    most: so many sentences about one file; of more, their number is told.
    """
    found = [f"{name} is gone" for name in sorted(one.keys() - other.keys())]
    found += [f"{name} is new" for name in sorted(other.keys() - one.keys())]
    both = one.keys() & other.keys()
    if (name := "results.json") in both:
        found += _in_short(results_moved(one[name], other[name]), "", most)
    for name in sorted(both - {"results.json"}):
        found += _in_short(drawing_moved(one[name], other[name]), f"{name}: ", most)
    return found


def _in_short(sentences: Sequence[str], before: str, most: int) -> list[str]:
    more = [f"{before}and {len(sentences) - most} more"] if len(sentences) > most else []
    return [before + sentence for sentence in sentences[:most]] + more


def results_agree(one: bytes, other: bytes) -> bool:
    """Whether two results.json hold the same names and words, the same numbers to 1e-5 relative,
    and the same digits where digits are given."""
    return not results_moved(one, other)


def results_moved(one: bytes, other: bytes) -> list[str]:
    """What differs between two results.json: "value loss: 0.61 → 0.64 (4.9 %)"."""
    if one == other:
        return []
    return [f"{_named(path)}: {what}" for path, what in _moved(json.loads(one), json.loads(other))]


# The keys and positions that lead to a value of results.json.
Place = tuple[str, ...]
_KINDS = {"values": "value", "strings": "string", "tables": "table", "figures": "figure"}


def _named(path: Place) -> str:
    """A place in results.json for a person: "value loss", "table runs, row 2, column 3"."""
    if not path or path[0] not in _KINDS:
        return " ".join(path) or "results.json"
    kind, *rest = path
    words = [" ".join([_KINDS[kind], *rest[:1]])]
    steps = iter(rest[1:])
    for step in steps:
        if step == "rows":
            words += [f"row {next(steps, '?')}"]
            if (column := next(steps, None)) is not None:
                words += [f"column {column}"]
        elif step not in ("value", "files"):
            words += [step]
    return ", ".join(words)


def _moved(
    one: Any, other: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each place where two values do not agree, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if key not in other:
                yield (*path, key), "is gone"
            elif key not in one:
                yield (*path, key), "is new"
            elif key == "value" and _numbers(one[key], other[key]):
                digits = one.get("digits")
                shown = None if digits != other.get("digits") else digits
                yield from _number_moved(one[key], other[key], (*path, key), shown)
            else:
                yield from _moved(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield path, f"{len(one)} → {len(other)} entries"
            return
        for number, (first, second) in enumerate(zip(one, other, strict=True), 1):
            yield from _moved(first, second, (*path, str(number)))
    elif _numbers(one, other):
        yield from _number_moved(one, other, path, None)
    elif one != other or isinstance(one, bool) is not isinstance(other, bool):
        yield path, f"{_quoted(one)} → {_quoted(other)}"


def _numbers(one: Any, other: Any) -> bool:
    return all(isinstance(x, int | float) and not isinstance(x, bool) for x in (one, other))


def _number_moved(
    one: float, other: float, path: Place, digits: int | None
) -> Iterator[tuple[Place, str]]:
    if digits is not None and f"{one:.{digits}f}" != f"{other:.{digits}f}":
        yield path, f"{one:.{digits}f} → {other:.{digits}f} ({_change(one, other)})"
    elif isinstance(one, float) and isinstance(other, float):
        if not math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-12):
            yield path, f"{one:.6g} → {other:.6g} ({_change(one, other)})"
    elif one != other:  # whole numbers are counts: each one matters
        yield path, f"{one} → {other}"


def _change(one: float, other: float) -> str:
    """How far apart two numbers are: relative to the first, in full if that is 0."""
    if one == 0 or not math.isfinite(one) or not math.isfinite(other):
        return f"by {other - one:.2g}"
    return f"by {100 * abs(other / one - 1):.2g} %"


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def drawings_agree(one: bytes, other: bytes) -> bool:
    """Whether two SVGs have the same structure and coordinates to a thousandth of a point."""
    return not drawing_moved(one, other)


def drawing_moved(one: bytes, other: bytes) -> list[str]:
    """What differs between two drawings: "2 of 831 numbers moved, by 0.8 at most"."""
    if one == other:
        return []
    first, second = one.decode("utf-8", "replace"), other.decode("utf-8", "replace")
    if _NUMBER.sub("#", first) != _NUMBER.sub("#", second):
        return ["has other parts or other words"]
    pairs = [
        (float(a), float(b))
        for a, b in zip(_NUMBER.findall(first), _NUMBER.findall(second), strict=True)
    ]
    moved = [
        abs(a - b) for a, b in pairs if not math.isclose(a, b, rel_tol=RELATIVE, abs_tol=POINTS)
    ]
    if not moved:
        return []
    return [f"{len(moved)} of {len(pairs)} numbers moved, by {max(moved):.2g} at most"]
