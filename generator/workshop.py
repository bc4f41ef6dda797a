"""Where work is done: which processes compute scripts and set pages, and how long they stay."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from generator.errors import StudyError

P = ParamSpec("P")
T = TypeVar("T")


class InlineExecutor(Executor):
    """Runs each call at once in the calling thread."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """A future that has ended. A bug of ours is raised here, with its traceback."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except (StudyError, ExceptionGroup) as error:
            future.set_exception(error)
        return future


@contextmanager
def typesetters(workers: int) -> Iterator[Executor]:
    """Where pages are set: in this process when there is one to set, else in `workers` others."""
    if workers <= 1:
        with InlineExecutor() as executor:
            yield executor
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # A fork server that has imported the page once: each worker starts in milliseconds, and none
    # is forked from a process with threads.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["generator.typeset.page_preload", "generator.text.report"])
    pool = ProcessPoolExecutor(workers, mp_context=context)
    try:
        yield pool
    finally:
        # On Ctrl-C what waits is dropped; what runs ends by itself within a second or two.
        pool.shutdown(cancel_futures=True)
