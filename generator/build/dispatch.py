"""Who works where: pages in this process when there is one to set, else in several others.

Scripts and pages share as many slots as the caller wants to work on at once. Scripts come first
where both wait, so that in the end pages are left, which several workers share evenly.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from generator.errors import StudyError

if TYPE_CHECKING:
    from generator.build.workers import Press

T = TypeVar("T")
R = TypeVar("R")


_Call = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], Callable[[], None]]


def nothing(*_: object) -> None:
    """Does nothing: for who need not know when a call's turn has come."""


class Inline:
    """Runs calls one by one in the thread that calls `work`.

    prepare: called once, before the first; what it returns is every call's first argument.
    slots: one is held while a call runs.
    """

    def __init__(self, prepare: Callable[[], object], slots: threading.Semaphore) -> None:
        self._prepare = prepare
        self._slots = slots
        self._prepared: list[object] = []
        self._lock = threading.Lock()
        self._calls: deque[_Call] = deque()
        self._left = False

    def prepare(self) -> object:
        """What `prepare` returned; called now if it was not before."""
        with self._lock:
            if not self._prepared:
                self._prepared.append(self._prepare())
        return self._prepared[0]

    def prepare_meanwhile(self, rehearse: Callable[[], object] = nothing) -> None:
        """Call `prepare` and then `rehearse` in another thread; calls wait until both have ended.

        The caller meanwhile hears of what else ends.
        """

        def prepare() -> None:
            try:
                with self._lock, suppress(StudyError, ExceptionGroup):  # a call will say it again
                    if not self._prepared:
                        self._prepared.append(self._prepare())
                    if not self._left:
                        rehearse()
            except RuntimeError:
                # Nothing was left to set, and Python starts no thread for who is still importing
                # while it ends.
                if not self._left:
                    raise

        threading.Thread(target=prepare, name="prepare").start()

    def leave(self) -> None:
        """Say that no call will come any more: what is still prepared is for nobody."""
        self._left = True

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, begun: Callable[[], None] = nothing
    ) -> Future[Any]:
        """The future of `fn(prepared, *args)`, which `work` will run.

        begun: called when the turn of this call has come.
        """
        future: Future[Any] = Future()
        self._calls.append((future, fn, args, begun))
        return future

    def work(self) -> None:
        """Run the next call, if there is one and a slot is free for it.

        A bug of ours is raised here, with its traceback.
        """
        # Who waited for a slot here would not hear of the scripts that end meanwhile.
        if not self._calls or not self._slots.acquire(blocking=False):
            return
        future, fn, args, begun = self._calls.popleft()
        try:
            begun()
            future.set_result(fn(self.prepare(), *args))
        except (StudyError, ExceptionGroup) as error:
            future.set_exception(error)
        finally:
            self._slots.release()


def in_turn(
    slots: threading.Semaphore, run: Callable[[T], R], begun: Callable[[T], None] = nothing
) -> Callable[[T], R]:
    """`run`, holding one of `slots` meanwhile; begun(job) is called when its turn has come."""

    def held(job: T) -> R:
        with slots:
            begun(job)
            return run(job)

    return held


@contextmanager
def typesetters(
    workers: int, prepare: Callable[[], object], slots: threading.Semaphore
) -> "Iterator[Inline | Press]":
    """Takes calls whose first argument is what `prepare` returns over there."""
    if workers <= 1:
        inline = Inline(prepare, slots)
        try:
            yield inline
        finally:
            inline.leave()
        return
    from generator.build.workers import Press  # 30 ms that a build of nothing does not need

    press = Press(workers, prepare, slots)
    try:
        yield press
    except BaseException:
        press.shutdown(cancel_futures=True)
        raise
    press.shutdown()
