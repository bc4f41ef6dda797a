"""Processes that set pages: the first imports everything, then forks the others.

    build ──a pair of sockets for each──▶ first worker (imports, then forks) ──▶ the others

It imports while scripts still compute, so that a page's second of imports is paid once, and mostly
while nothing else could be done. Each worker takes one call after the other from a connection of
its own, and ends when the other end is closed, however that happens.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

from generator.errors import StudyError

_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.build.workers import main; sys.path.pop(0); main()"
)


class Press:
    """Runs calls in `workers` other processes.

    prepare: called once over there, before anything else; what it returns is every call's first
    argument. Arguments and results are pickled. What a call raises besides StudyErrors is a bug
    of ours: the worker prints it and ends.
    slots: one is held while a call runs.
    """

    def __init__(
        self, workers: int, prepare: Callable[[], object], slots: threading.Semaphore
    ) -> None:
        self._slots = slots
        self._free: SimpleQueue[Connection | None] = SimpleQueue()
        self._living = workers
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="typeset")
        pairs = [socket.socketpair() for _ in range(workers)]
        theirs = [their.fileno() for _, their in pairs]
        # Without a safe fork (macOS) each worker imports for itself.
        groups = [theirs] if sys.platform == "linux" else [[each] for each in theirs]
        self._processes = [_started(group) for group in groups]
        for number, (ours, their) in enumerate(pairs):
            their.close()
            connection = Connection(ours.detach())
            if number < len(groups):
                with suppress(BrokenPipeError):  # it died at once: the first call will tell
                    connection.send(prepare)
            self._free.put(connection)

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, begun: Callable[[], None] = lambda: None
    ) -> Future[Any]:
        """The future of `fn(prepared, *args)` in one of the workers.

        begun: called, in another thread, when the turn of this call has come.
        """
        return self._pool.submit(self._call, fn, args, begun)

    def _call(self, fn: Callable[..., Any], args: Any, begun: Callable[[], None]) -> Any:
        connection = self._free.get()
        if connection is None:
            self._free.put(None)
            raise _dead()
        try:
            with self._slots:
                begun()
                connection.send((fn, args))
                succeeded, result = connection.recv()
        except (EOFError, OSError):
            with self._lock:
                self._living -= 1
                if not self._living:
                    self._free.put(None)
            raise _dead() from None
        self._free.put(connection)
        if succeeded:
            return result
        raise result

    def shutdown(self, *, cancel_futures: bool = False) -> None:
        """Let what was submitted end, or drop it all at once; then end every worker."""
        if cancel_futures:
            self._kill()
        self._pool.shutdown(cancel_futures=cancel_futures)
        self._kill()
        for process in self._processes:
            process.wait()
        while not self._free.empty():
            if connection := self._free.get():
                connection.close()

    def _kill(self) -> None:
        for process in self._processes:
            # Its forks are of its group, also when it has ended itself.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def _started(descriptors: Sequence[int]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-P", "-c", _BOOT, str(Path(__file__).resolve().parents[2])),
            *map(str, descriptors),
        ],
        stdin=subprocess.DEVNULL,
        pass_fds=tuple(descriptors),
        # Ctrl-C reaches the build alone, which ends the workers in its own way.
        start_new_session=True,
    )


def _dead() -> StudyError:
    return StudyError(
        "a process that sets pages was killed, most likely because the machine ran out of memory",
        None,
        "build again with -j 1",
    )


# ---------------------------------------------------------------- the workers' side


def main() -> NoReturn:
    """Prepare, become as many processes as the arguments name descriptors, and serve."""
    connections = [Connection(int(argument)) for argument in sys.argv[2:]]
    own, *others = connections
    try:
        prepare = own.recv()
    except EOFError:
        os._exit(0)
    prepared = prepare()
    # What lives now lives for ever: workers need not look at it, nor copy its pages.
    gc.collect()
    gc.freeze()
    for other in others:
        if os.fork() == 0:
            own = other
            break
    for connection in connections:
        if connection is not own:
            connection.close()
    answer: tuple[bool, object]
    while True:
        try:
            function, args = own.recv()
        except EOFError:
            os._exit(0)
        try:
            answer = True, function(prepared, *args)
        except (StudyError, ExceptionGroup) as error:
            answer = False, error
        try:
            own.send(answer)
        except BrokenPipeError:
            os._exit(0)
