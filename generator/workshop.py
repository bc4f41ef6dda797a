"""Where pages are set: in this process when there is one to set, else in several others."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from generator.errors import StudyError

if TYPE_CHECKING:
    from generator.press import Press


class Inline:
    """Runs each call at once in the calling thread.

    prepare: called once, before the first; what it returns is every call's first argument.
    """

    def __init__(self, prepare: Callable[[], object]) -> None:
        self._prepare = prepare
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
            future.set_result(fn(self.prepare(), *args, **kwargs))
        except (StudyError, ExceptionGroup) as error:
            future.set_exception(error)
        return future


@contextmanager
def typesetters(workers: int, prepare: Callable[[], object]) -> "Iterator[Inline | Press]":
    """Takes calls whose first argument is what `prepare` returns over there."""
    if workers <= 1:
        yield Inline(prepare)
        return
    from generator.press import Press  # 30 ms that a build of nothing does not need

    press = Press(workers, prepare)
    try:
        yield press
    except BaseException:
        press.shutdown(cancel_futures=True)
        raise
    press.shutdown()
