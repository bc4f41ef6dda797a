"""The child's side of a supervised run: takes a request, runs the script, answers by a pipe."""

import contextlib
import faulthandler
import os
import pickle
import resource
import signal
import struct
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from generator.compute.child.run import run_script
from generator.errors import StudyError, problems_in
from generator.model import Job, Outcome

LENGTH = struct.Struct(">Q")
MOST_WRITTEN_BYTES = 1 << 30  # a script that prints for ever must not fill the disk
_PR_SET_PDEATHSIG = 1
_NOTED_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a child is asked. parent: the process without which it must not live on."""

    root: Path
    job: Job
    scratch: Path
    memory_mb: int
    parent: int


Answer = Outcome | tuple[StudyError, ...]


def main() -> NoReturn:
    """Take one request from standard input; the file numbers are in the arguments."""
    answer_fd, crash_fd = (int(argument) for argument in sys.argv[-2:])
    request: Request = pickle.load(sys.stdin.buffer)
    serve(request, answer_fd, crash_fd)


def serve(request: Request, answer_fd: int, crash_fd: int) -> NoReturn:
    """Run the script, write the answer, and end this process."""
    leave = os._exit
    end_with(request.parent)
    _limit(request.memory_mb)
    os.chdir(request.scratch)
    # Where the script is: on a fatal signal, on request, and once a second, so that even a
    # child that is killed from outside leaves its last known line. The alarm comes to the main
    # thread itself: dump_traceback_later reads the frames from another thread while they change,
    # and that crashed two runs of three once torch was at work (Python 3.11).
    faulthandler.enable(crash_fd)
    for request_signal in (signal.SIGUSR1, signal.SIGALRM):
        faulthandler.register(request_signal, crash_fd, all_threads=False)
    signal.setitimer(signal.ITIMER_REAL, _NOTED_EVERY_S, _NOTED_EVERY_S)
    _guard_exit()
    # Whatever ends this process at once leaves the author's line behind.
    killing = partial(faulthandler.dump_traceback, crash_fd, all_threads=False)
    answer: Answer
    try:
        answer = run_script(request.root, request.job, request.scratch, killing)
    except (StudyError, ExceptionGroup) as error:
        answer = tuple(problems_in(error))
    signal.setitimer(signal.ITIMER_REAL, 0)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    content = pickle.dumps(answer)
    with os.fdopen(answer_fd, "wb") as pipe:
        pipe.write(LENGTH.pack(len(content)) + content)
    # No exit handlers, no waiting for the script's threads: the answer is all that was wanted.
    leave(0)


def end_with(parent: int) -> None:
    """Let this process end when `parent` ends, however that ends."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


def _limit(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN_BYTES, MOST_WRITTEN_BYTES))
    if memory_mb and sys.platform == "linux":
        # Private writable memory. The address space (RLIMIT_AS) would count libraries and
        # mapped models too, several GB with torch.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))


def _guard_exit() -> None:
    """Make the quickest way to end a process an exception, which has a line."""

    def refuse(status: int = 0) -> NoReturn:
        raise SystemExit(status)

    os._exit = refuse
