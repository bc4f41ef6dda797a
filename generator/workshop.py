"""Who works where: pages in this process when there is one to set, else in several others.

Scripts and pages share as many slots as the caller wants to work on at once. Scripts come first
where both wait, so that in the end pages are left, which several workers share evenly.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from generator.errors import StudyError

if TYPE_CHECKING:
    from generator.press import Press

T = TypeVar("T")
R = TypeVar("R")


class Inline:
    """Runs each call at once in the calling thread.

    prepare: called once, before the first; what it returns is every call's first argument.
    slots: one is held while a call runs.
    """

    def __init__(self, prepare: Callable[[], object], slots: threading.Semaphore) -> None:
        self._prepare = prepare
        self._slots = slots
        self._prepared: list[object] = []

    def prepare(self) -> object:
        """What `prepare` returned; called now if it was not before."""
        if not self._prepared:
            self._prepared.append(self._prepare())
        return self._prepared[0]

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that has ended. A bug of ours is raised here, with its traceback."""
        future: Future[Any] = Future()
        try:
            with self._slots:
                future.set_result(fn(self.prepare(), *args, **kwargs))
        except (StudyError, ExceptionGroup) as error:
            future.set_exception(error)
        return future


def in_turn(slots: threading.Semaphore, run: Callable[[T], R]) -> Callable[[T], R]:
    """`run`, holding one of `slots` meanwhile."""

    def held(job: T) -> R:
        with slots:
            return run(job)

    return held


@contextmanager
def typesetters(
    workers: int, prepare: Callable[[], object], slots: threading.Semaphore
) -> "Iterator[Inline | Press]":
    """Takes calls whose first argument is what `prepare` returns over there."""
    if workers <= 1:
        yield Inline(prepare, slots)
        return
    from generator.press import Press  # 30 ms that a build of nothing does not need

    press = Press(workers, prepare, slots)
    try:
        yield press
    except BaseException:
        press.shutdown(cancel_futures=True)
        raise
    press.shutdown()
