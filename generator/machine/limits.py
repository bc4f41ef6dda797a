"""How long and how much memory reading or setting one file may take: past that, one clear error.

Most of what could run for hours is refused by its size before it starts. This is for the rest.
"""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from generator.errors import StudyError, Where

_MEMORY = 1500 << 20  # bytes besides what the process has: a page of many pictures takes 300 MB
_ADVICE = "take back what was changed last; a list, a picture or a rule may be far too large"


class _Late(BaseException):
    """The time is over. Not an Exception, so that no library mends it."""


@contextmanager
def limited(where: Where, seconds: float) -> Iterator[None]:
    """Inside, this process may use `seconds` of its processors and 1.5 GB more than now.

    In the main thread a signal interrupts when the time is over; in another one, another thread
    does, by that thread's own processor time. The memory is watched on Linux. A limit inside
    another one is the outer one's. Raises StudyError at `where`.
    """
    if threading.current_thread() is not threading.main_thread():
        with _told_in(where, seconds), _thread_limited(seconds):
            yield
        return
    # Only whoever has no timer yet may set one: pytest and debuggers have theirs.
    timed = hasattr(signal, "SIGPROF") and signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
    if timed:
        signal.signal(signal.SIGPROF, _late)
        # Again and again: Python ignores what is raised while an object is being deleted.
        signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    with _told_in(where, seconds):
        try:
            yield
        finally:
            if timed:
                signal.setitimer(signal.ITIMER_PROF, 0)
                signal.signal(signal.SIGPROF, signal.SIG_DFL)


@contextmanager
def _told_in(where: Where, seconds: float) -> Iterator[None]:
    """Limits the memory; what goes over it, or over the time, is an error at `where`."""
    before = _lower_memory()
    try:
        yield
    except _Late:
        raise StudyError(
            f"takes more than {seconds:.0f} s of computing to read and set", where, _ADVICE
        ) from None
    except MemoryError:
        raise StudyError(
            f"takes more than {_MEMORY / 1e9:.1f} GB of memory", where, _ADVICE
        ) from None
    finally:
        if before is not None:
            _set_memory(*before)


_inside = threading.local()


@contextmanager
def _thread_limited(seconds: float) -> Iterator[None]:
    """Raises _Late in this thread, which is not the main one, when its time is over."""
    if getattr(_inside, "limit", False):
        yield
        return
    ended = threading.Event()
    here = threading.get_ident()
    watcher = threading.Thread(
        target=_watch, args=(here, seconds, ended), name="limit", daemon=True
    )
    _inside.limit = True
    watcher.start()
    try:
        yield
    finally:
        _inside.limit = False
        # What was done in time is not late because of a word that came meanwhile.
        for _ in range(2):
            with suppress(_Late):
                ended.set()
                watcher.join()
                _interrupt(here, None)
                break


def _watch(thread: int, seconds: float, ended: threading.Event) -> None:
    """Interrupt `thread` once it has used so many seconds, until `ended`."""
    clock = time.pthread_getcpuclockid(thread) if sys.platform == "linux" else time.CLOCK_MONOTONIC
    end = time.clock_gettime(clock) + seconds
    while not ended.wait(0.5):
        if time.clock_gettime(clock) > end:
            _interrupt(thread, _Late)


def _interrupt(thread: int, error: type[BaseException] | None) -> None:
    """Let `error` be raised in `thread` at its next step in Python; None takes that back."""
    import ctypes

    what = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)


def _late(number: int, frame: FrameType | None) -> None:
    raise _Late


def _lower_memory() -> tuple[int, int] | None:
    """Let this process have `_MEMORY` more than now; the limits before, None if they stay."""
    if sys.platform != "linux":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft != resource.RLIM_INFINITY:  # an outer limit, or the machine's
        return None
    with open("/proc/self/statm", encoding="ascii") as file:
        data = int(file.read().split()[5]) * resource.getpagesize()
    _set_memory(data + _MEMORY, hard)
    return soft, hard


def _set_memory(soft: int, hard: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
