"""A warm process that is forked for each script: its imports are done, its random state is not.

    build ──requests──▶ server (torch, numpy, matplotlib; one thread) ──fork──▶ child

The server never imports the study's code, opens no font and keeps to one thread: a fork of a
process with threads can hang. It ends when its parent does. Linux only: on macOS the system's
libraries do not survive a fork.
"""

import array
import gc
import importlib
import os
import pickle
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from generator.compute.child.seeds import environment
from generator.compute.child.worker import Request, serve
from generator.compute.jobs.supervise import (
    Child,
    boot_arguments,
    cold,
    kill_group,
    plots_folder,
)
from generator.model import Job
from generator.store.files import read_study_file

_SIZE = struct.Struct(">Q")
_ANSWER = struct.Struct(">q")
_UNSAFE = -1  # the server has more than one thread: it must not be forked
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.compute.jobs.warm import main; sys.path.pop(0); main()"
)

# What is imported ahead for a library that scripts use: the parts that drawing and training
# import on first use too. Modules alone: a font or a file that the server opened would share
# its position with every child.
_AHEAD = {
    "numpy": ("numpy", "numpy.random", "numpy.linalg", "numpy.fft"),
    "matplotlib": (
        "matplotlib.figure",
        "matplotlib.backends.backend_svg",
        "matplotlib.backends.backend_agg",
        "matplotlib.mathtext",
        "matplotlib.colors",
        "PIL.PngImagePlugin",
    ),
    "torch": ("torch", "torch.nn.functional", "torch.optim"),
    "optim": ("torch._dynamo",),  # torch imports it when the first optimiser is made: 2 s
    "safetensors": ("safetensors", "safetensors.torch"),
}
_USES = {
    "numpy": rb"\bnumpy\b|\bdefault_rng\b",
    "matplotlib": rb"\bmatplotlib\b|\bnew_figure\b",
    "torch": rb"\btorch\b",
    "optim": rb"\boptim\b",
    "safetensors": rb"\bsafetensors\b",
}


def fork_is_safe() -> bool:
    """Whether a process that has imported numerical libraries may be forked here."""
    return sys.platform == "linux"


def libraries(root: Path, jobs: Iterable[Job]) -> tuple[str, ...]:
    """What to import ahead for these scripts and the modules that they share."""
    text = b"".join(
        read_study_file(root, job.script) for job in jobs if (root / job.script).is_file()
    )
    if b"common" in text:
        shared = sorted((root / "reports" / "common").rglob("*.py"))
        paths = (path.relative_to(root).as_posix() for path in shared)
        text += b"".join(read_study_file(root, path) for path in paths)
    return tuple(name for name, use in _USES.items() if re.search(use, text))


class WarmServer:
    """The parent's end of a running server. Its `start` makes children, from any thread."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self.pid = process.pid
        self._process = process
        self._control = control
        self._lock = threading.Lock()

    def start(self, request: Request, answer_fd: int, crash_fd: int, log_fd: int) -> Child:
        """Fork a child that serves `request`; start a cold one if no fork can be had.

        One that may see a GPU is cold: what the server imported believes that there is none.
        """
        if request.job.accelerator:
            return cold(request, answer_fd, crash_fd, log_fd)
        content = pickle.dumps(request)
        with self._lock:
            pid = self._ask(b"F", content, (answer_fd, crash_fd, log_fd))
        if pid is None or pid == _UNSAFE:
            return cold(request, answer_fd, crash_fd, log_fd)
        return Child(pid, lambda: self._reap(pid))

    def _reap(self, pid: int) -> int:
        with self._lock:
            status = self._ask(b"R", _ANSWER.pack(pid))
        # Its children die with the server.
        return -signal.SIGKILL if status is None else status

    def _ask(self, what: bytes, content: bytes, descriptors: tuple[int, ...] = ()) -> int | None:
        """The server's answer; None if it has died."""
        try:
            head = what + _SIZE.pack(len(content))
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
            self._control.sendmsg([head], rights if descriptors else [])
            self._control.sendall(content)
            return int(_ANSWER.unpack(_receive(self._control, _ANSWER.size))[0])
        except (OSError, EOFError):
            return None

    def close(self) -> None:
        """End the server, and with it whatever child is left."""
        self._control.close()
        kill_group(self._process.pid)
        self._process.wait()


@contextmanager
def warm_server(root: Path, ahead: Iterable[str]) -> Iterator[WarmServer]:
    """A server that imports `ahead` (names that `libraries` gives) while the caller goes on."""
    scratch = root / ".study" / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    log_path = root / ".study" / "logs" / "warm.log"
    log_path.parent.mkdir(exist_ok=True)
    ours, theirs = socket.socketpair()
    with ours, theirs, open(log_path, "wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-c", _BOOT),
                *(*boot_arguments(theirs.fileno()), *ahead),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=scratch,
            env=environment(scratch, plots_folder(root)),
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        server = WarmServer(process, ours)
        try:
            yield server
        finally:
            server.close()


# ---------------------------------------------------------------- the server's side


def main() -> NoReturn:
    """Import ahead, then fork a child for each request until the parent has gone."""
    descriptor, *ahead = sys.argv[2:]
    control = socket.socket(fileno=int(descriptor))
    for name in ahead:
        for module in _AHEAD[name]:
            with suppress(ImportError):  # the script's own import will say what is missing
                importlib.import_module(module)
    # What lives now lives for ever: children need not look at it, nor copy its pages.
    gc.collect()
    gc.freeze()
    children: set[int] = set()
    try:
        while True:
            try:
                head, descriptors = _receive_head(control)
            except (EOFError, OSError):
                break
            content = _receive(control, _SIZE.unpack(head[1:])[0])
            if head[:1] == b"F":
                answer = _fork(control, content, descriptors)
                if answer != _UNSAFE:
                    children.add(answer)
            else:
                pid = int(_ANSWER.unpack(content)[0])
                answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                children.discard(pid)
            control.sendall(_ANSWER.pack(answer))
    finally:
        for pid in children:
            kill_group(pid)
        os._exit(0)


def _fork(control: socket.socket, content: bytes, descriptors: list[int]) -> int:
    """In the server, the child's process id; the child never returns."""
    server = os.getpid()
    pid = os.fork() if len(os.listdir("/proc/self/task")) == 1 else _UNSAFE
    if pid == 0:
        control.close()
        _serve(pickle.loads(content), server, *descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    return pid


def _serve(request: Request, server: int, answer_fd: int, crash_fd: int, log_fd: int) -> NoReturn:
    os.setsid()
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)
    os.close(log_fd)
    os.environ.update(environment(request.scratch, request.root / ".study" / "plots"))
    tempfile.tempdir = None  # it was found in the server's environment
    serve(replace(request, parent=server), answer_fd, crash_fd)


def _receive_head(control: socket.socket) -> tuple[bytes, list[int]]:
    size = 1 + _SIZE.size
    head, descriptors, _, _ = socket.recv_fds(control, size, 3)
    if not head:
        raise EOFError
    return head + (_receive(control, size - len(head)) if len(head) < size else b""), descriptors


def _receive(control: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        part = control.recv(size - len(content))
        if not part:
            raise EOFError
        content += part
    return bytes(content)
