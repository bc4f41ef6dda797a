"""Which memos a script called, kept from run to run: what ran, why, and what a cluster needs."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from generator.digest import canonical_json, digest_bytes
from generator.plan.labels import ABSENT
from generator.plan.staleness import change_sentence
from generator.store.cache import Cache

MEMO = "memo"  # the kind of the results in the cache
CALLS = "memo-calls"  # and of what is noted here
_LONG_S = 1.0
_SHOWN = 2  # reasons in a sentence
NOT_YET = "nothing was kept yet"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a memo. reach: label → digest of all that its key is made of.

    seconds: how long it ran; None if its result had been kept. because: why it ran.
    """

    function: str
    key: str
    reach: Mapping[str, str]
    seconds: float | None = None
    because: str = ""


class Calls:
    """The calls of this run beside those of the last run of the same report."""

    def __init__(self, cache: Cache, report: str) -> None:
        self._cache = cache
        self._report = report
        self._before = calls_kept(cache, report)
        self._now: list[Call] = []

    def before(self, function: str) -> Call | None:
        """What the last run called where this run is now about to call `function`."""
        place = sum(call.function == function for call in self._now)
        same = [call for call in self._before if call.function == function]
        return same[min(place, len(same) - 1)] if same else None

    def add(self, call: Call) -> None:
        """Note a call that has ended."""
        self._now.append(call)
        if call.seconds is not None and call.seconds >= _LONG_S:
            self.keep(whole=False)  # the run may be ended before its end

    def keep(self, *, whole: bool) -> None:
        """Note the calls for the next run. whole: the run got to its end."""
        called = {call.function for call in self._now}
        # What did not run may contain, or may have come before, what was called the last time.
        unsure = not whole or any(call.seconds is None for call in self._now)
        old = [call for call in self._before if unsure and call.function not in called]
        content = [[c.function, c.key, dict(c.reach)] for c in (*self._now, *old)]
        with suppress(OSError):  # it only costs an explanation
            self._cache.put(CALLS, _place(self._report), canonical_json(content))

    def sentences(self) -> tuple[str, ...]:
        """A sentence for each function: "train() ran, 5.0 s (scale changed)"."""
        found: dict[str, list[Call]] = {}
        for call in self._now:
            found.setdefault(call.function, []).append(call)
        return tuple(_sentence(function, calls) for function, calls in found.items())


def _sentence(function: str, calls: Sequence[Call]) -> str:
    ran = [call for call in calls if call.seconds is not None]
    many = len(calls) > 1
    if not ran:
        return f"{function}() kept" + f", {len(calls)} calls" * many
    times = f" {len(ran)} times of {len(calls)}" * many
    seconds = sum(call.seconds or 0.0 for call in ran)
    reasons = "; ".join(dict.fromkeys(call.because for call in ran))
    return f"{function}() ran{times}, {seconds:.1f} s ({reasons})"


def why_other(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Why a call with the reach `now` is not the call that had the reach `before`."""
    other = [label for label in sorted({*before, *now}) if before.get(label) != now.get(label)]
    # Other code reaches other things: the code is the reason, not those.
    code = [label for label in other if label.startswith("::")]
    return in_short(_change(label, before.get(label), now.get(label)) for label in code or other)


def in_short(reasons: Iterable[str]) -> str:
    """The first few of `reasons` in a line."""
    all_of_them = list(reasons)
    return ", ".join(all_of_them[:_SHOWN]) + ", …" * (len(all_of_them) > _SHOWN)


def _change(label: str, before: str | None, now: str | None) -> str:
    if label.startswith("::"):
        return f"the code of {label[2:]} changed"
    if label.startswith("="):
        return f"{label[1:]} changed"
    return change_sentence(label, before or ABSENT, now, "")


def calls_kept(cache: Cache, report: str) -> list[Call]:
    """The calls of the last run of `report`; none if nothing is known."""
    try:
        content = cache.get(CALLS, _place(report)) or b"[]"
        return [Call(function, key, reach) for function, key, reach in json.loads(content)]
    except (OSError, ValueError, TypeError):
        return []


def _place(report: str) -> str:
    return digest_bytes(report.encode())


# ---------------------------------------------------------------- to a cluster and back


@dataclass(frozen=True, slots=True)
class Kept:
    """Objects of the cache on their way: kind, key and content, packed by zlib."""

    objects: tuple[tuple[str, str, bytes], ...] = ()


def memos_of(root: Path, report: str, without: Kept | None = None) -> Kept:
    """What the last run of `report` called, with the results that are kept of it.

    without: what the other side has already.
    """
    cache = Cache(root / ".study" / "cache")
    there = {(kind, key) for kind, key, _ in without.objects} if without else set()
    wanted = [(MEMO, call.key) for call in calls_kept(cache, report)]
    found = []
    for kind, key in dict.fromkeys([(CALLS, _place(report)), *wanted]):
        if kind == MEMO and (kind, key) in there:
            continue
        with suppress(OSError):  # unreadable: it is computed again
            content = cache.get(kind, key)
            if content is not None:
                # The quickest level: numbers hardly get smaller, and it is a network's time.
                found.append((kind, key, zlib.compress(content, 1)))
    return Kept(tuple(found))


def keep_memos(root: Path, kept: Kept) -> None:
    """Put what came from elsewhere into the cache of the study at `root`."""
    cache = Cache(root / ".study" / "cache")
    for kind, key, content in kept.objects:
        cache.put(kind, key, zlib.decompress(content))
