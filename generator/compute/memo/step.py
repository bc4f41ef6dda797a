"""Expensive steps of a script, kept by content: `run.memo(function, *args)`."""

import inspect
import struct
import sys
import time
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, TypeVar

from generator.compute.child.seeds import Seeds
from generator.compute.child.trace import Trace
from generator.compute.memo.calls import MEMO, NOT_YET, Call, Calls, in_short, why_other
from generator.compute.memo.contents import NotPlain, packed, unpacked
from generator.compute.memo.reach import Reach
from generator.digest import canonical_json, digest_bytes
from generator.errors import StudyError
from generator.machine.models import load_models
from generator.plan.labels import ABSENT
from generator.plan.staleness import change_sentence
from generator.store.cache import Cache

T = TypeVar("T")
_LENGTH = struct.Struct(">Q")
_FORMAT = 2  # raise when `packed` or the key changes its meaning


class Memo:
    """Calls functions, or gives what the same call gave before."""

    def __init__(self, trace: Trace, seeds: Seeds, cache: Cache, report: str) -> None:
        self._trace = trace
        self._seeds = seeds
        self._cache = cache
        self._report = report
        self._calls: Calls | None = None

    def call(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        """`function(*args, **kwargs)`, run under its own seed, or kept from an earlier run.

        Both ways the result is a copy made from the same bytes, and the caller's random
        numbers go on as if nothing had been called.
        """
        if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
            raise StudyError(
                f"run.memo takes a function made with def, it got {function!r}",
                None,
                "run.memo(train, 100) calls train(100) and keeps what it returns",
            )
        reach = self._reach(function, args, kwargs)
        key = self._key(function, reach)
        before = self._noted.before(function.__qualname__)
        kept, because = self._kept(key)
        seconds = None
        if kept is None:
            because = because or self._why(before, key, reach)
            started = time.perf_counter()
            kept = self._run(function, args, kwargs)
            seconds = time.perf_counter() - started
            # Its imports may have added to the reach, nothing may have changed in it.
            if reach.items() - self._reach(function, args, kwargs).items():
                raise StudyError(
                    f"{function.__name__}() changed its arguments or a global, which a memo "
                    "cannot repeat",
                    None,
                    "let it work on a copy, and return what it changes",
                )
            with self._trace.aside():
                self._cache.put(MEMO, key, kept)
        known = self._known(reach)
        with self._trace.aside():
            self._noted.add(Call(function.__qualname__, key, known, seconds, because))
        result: T = unpacked(_parts(kept)[1])
        return result

    def end(self, *, whole: bool) -> tuple[str, ...]:
        """Note for the next run what was called; sentences about it. whole: nothing failed."""
        if self._calls is None:
            return ()
        with self._trace.aside():
            self._calls.keep(whole=whole)
        return self._calls.sentences()

    @property
    def _noted(self) -> Calls:
        if self._calls is None:
            with self._trace.aside():
                self._calls = Calls(self._cache, self._report)
        return self._calls

    def _why(self, before: Call | None, key: str, reach: Mapping[str, str]) -> str:
        """Why the call is not the one that the last run of this report made."""
        if before is None:
            return NOT_YET
        if before.key == key:
            return "its result was no longer kept"
        return why_other(before.reach, self._known(reach)) or "it is another function"

    def _known(self, reach: Mapping[str, str]) -> dict[str, str]:
        """All that decides about the key, for a comparison with the next run."""
        return {**reach, "seed": str(self._seeds.seed), "=the default dtype": _dtype()}

    def _reach(
        self, function: FunctionType, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> dict[str, str]:
        reach = Reach(self._trace)
        reach.add(function.__name__, function)
        for number, value in enumerate(args, 1):
            reach.add(f"argument {number} of {function.__name__}()", value)
        for name, value in kwargs.items():
            reach.add(f"argument {name} of {function.__name__}()", value)
        return reach.labels

    def _key(self, function: FunctionType, reach: Mapping[str, str]) -> str:
        return digest_bytes(
            canonical_json(
                {
                    "format": _FORMAT,
                    "function": f"{function.__module__}.{function.__qualname__}",
                    "reach": dict(reach),
                    "seed": self._seeds.seed,
                    "dtype": _dtype(),
                }
            )
        )

    def _run(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> bytes:
        with self._trace.scope() as labels, self._seeds.own():
            result = function(*args, **kwargs)
        if inspect.isgenerator(result):
            raise StudyError(f"{function.__name__}() is a generator, a memo keeps what returns")
        reads = {label: self._trace.labels[label] for label in labels & self._trace.labels.keys()}
        try:
            first, second = packed(reads), packed(result)
        except NotPlain as error:
            raise StudyError(
                f"{function.__name__}() returned what a memo cannot keep: {error}",
                None,
                "return plain data, arrays, tensors or dataclasses",
            ) from None
        return _LENGTH.pack(len(first)) + first + second

    def _kept(self, key: str) -> tuple[bytes | None, str]:
        """What an earlier run of the same call gave, if all that it read is what it was.

        Else None, and what of it is not, if it was there at all.
        """
        with self._trace.aside():
            content = self._cache.get(MEMO, key)
        if content is None:
            return None, ""
        reads: dict[str, str] = unpacked(_parts(content)[0])
        now = {label: self._present(label) for label in reads}
        other = [label for label, digest in reads.items() if now[label] != digest]
        if other:
            return None, in_short(
                change_sentence(
                    label, reads[label], None if now[label] == ABSENT else now[label], ""
                )
                for label in other
            )
        for label, digest in reads.items():
            self._trace.note(label, digest)
        return content, ""

    def _present(self, label: str) -> str:
        """The digest or version of what the function would read now."""
        kind, _, name = label.partition(":")
        if kind == "version":
            return self._trace.installed(name)
        if kind == "model":
            pin = load_models(self._trace.root).get(name)
            return pin.sha256 if pin else ABSENT
        return self._trace.present(label)


def _parts(kept: bytes) -> tuple[bytes, bytes]:
    """What the function read, and its result."""
    length = _LENGTH.unpack(kept[: _LENGTH.size])[0]
    start = _LENGTH.size + length
    return kept[_LENGTH.size : start], kept[start:]


def _dtype() -> str:
    torch = sys.modules.get("torch")
    return str(torch.get_default_dtype()) if torch else ""
