"""How long and how much memory reading or setting one file may take: past that, one clear error.

Most of what could run for hours is refused by its size before it starts. This is for the rest.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from generator.errors import StudyError, Where

_MEMORY = 1500 << 20  # bytes besides what the process has: a page of many pictures takes 300 MB
_ADVICE = "take back what was changed last; a list, a picture or a rule may be far too large"


class _Late(BaseException):
    """The time is over. Not an Exception, so that no library mends it."""


@contextmanager
def limited(where: Where, seconds: float) -> Iterator[None]:
    """Inside, this process may use `seconds` of its processors and 1.5 GB more than now.

    The time is watched in the main thread alone, where a signal can interrupt; the memory on
    Linux. A limit inside another one is the outer one's. Raises StudyError at `where`.
    """
    # Only whoever has no timer yet may set one: pytest and debuggers have theirs.
    timed = (
        threading.current_thread() is threading.main_thread()
        and hasattr(signal, "SIGPROF")
        and signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
    )
    if timed:
        signal.signal(signal.SIGPROF, _late)
        # Again and again: Python ignores what is raised while an object is being deleted.
        signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
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
        if timed:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
        if before is not None:
            _set_memory(*before)


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
