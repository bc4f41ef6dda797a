"""Whether two runs agree: the same words, and numbers equal to 1e-5."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.digest import digest_source

# Another processor family rounds differently in the last bits; what a report shows is coarser.
RELATIVE = 1e-5
# A drawing's coordinates are in points; a thousandth of one cannot be seen.
POINTS = 1e-3

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def keep_agreeing(
    folder: Path, committed: Mapping[str, str], files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """`files`, or the committed ones if all of them are whole and agree with all of `files`.

    All or nothing: a drawing and the numbers beside it always come from one run.
    """
    if set(committed) != set(files):
        return dict(files)
    old: dict[str, bytes] = {}
    for name, digest in committed.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            return dict(files)
        if digest_source(content) != digest:
            return dict(files)
        agrees = results_agree if name == "results.json" else drawings_agree
        if not agrees(content, files[name]):
            return dict(files)
        old[name] = content
    return old


def results_agree(one: bytes, other: bytes) -> bool:
    """Whether two results.json hold the same names and words, the same numbers to 1e-5 relative,
    and the same digits where digits are given."""
    return _same(json.loads(one), json.loads(other))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        if "value" in one and isinstance(one["value"], int | float):
            digits = one.get("digits")
            if (
                digits is not None
                and f"{one['value']:.{digits}f}" != f"{other['value']:.{digits}f}"
            ):
                return False
        return all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-12)
    return bool(one == other)


def drawings_agree(one: bytes, other: bytes) -> bool:
    """Whether two SVGs have the same structure and coordinates to a thousandth of a point."""
    if one == other:
        return True
    first, second = one.decode("utf-8", "replace"), other.decode("utf-8", "replace")
    if _NUMBER.sub("#", first) != _NUMBER.sub("#", second):
        return False
    return all(
        math.isclose(float(a), float(b), rel_tol=RELATIVE, abs_tol=POINTS)
        for a, b in zip(_NUMBER.findall(first), _NUMBER.findall(second), strict=True)
    )
