"""The parent's side of a run: starts a child, waits, ends it, and says what became of it."""

import os
import pickle
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from generator.compute.child.faults import IN_FULL
from generator.compute.child.seeds import environment
from generator.compute.child.worker import LENGTH, MOST_WRITTEN_BYTES, Answer, Request
from generator.compute.figures.faces import spare_font_search
from generator.compute.jobs.answers import read_answer
from generator.errors import ScriptError, StudyError, Where
from generator.model import Job, Outcome

_HUNG = "did not end within"
_FORGED = "wrote its results past run.value, run.table and run.figure"
LOG_BYTES = 64 * 1024
MEMORY_MB = 8192
MOST_ANSWERED_BYTES = 1 << 30
_GRACE_S = 0.5  # for a child to note where it hangs, before it is killed
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.compute.child.worker import main; sys.path.pop(0); main()"
)


@dataclass(frozen=True, slots=True)
class Child:
    """A running child, the leader of its own process group.

    reap: waits for its end; returns its exit status, or minus the signal that ended it.
    """

    pid: int
    reap: Callable[[], int]


class Start(Protocol):
    """How a child comes to life: a new interpreter, or a fork of a warm one."""

    def __call__(self, request: Request, answer_fd: int, crash_fd: int, log_fd: int) -> Child:
        """Start a child that serves `request`; the descriptors stay the caller's."""


@dataclass(slots=True)
class Family:
    """The children that are alive, so that all can be ended at once.

    statuses: what `reap` said of each one that has ended.
    """

    statuses: dict[int, int] = field(default_factory=dict)
    _pids: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    ended: bool = False

    @contextmanager
    def member(self, born: Callable[[], Child]) -> Iterator[Child]:
        """The child that `born` starts. It is dead and reaped at the end, whatever happens."""
        with self._lock:
            if self.ended:
                raise StudyError("was not run: the build was interrupted")
            child = born()
            self._pids.add(child.pid)
        try:
            yield child
        finally:
            with self._lock:
                self._pids.discard(child.pid)
            # Until it is reaped its number cannot belong to another process. A child that has
            # ended by itself keeps the status that it ended with.
            kill_group(child.pid)
            self.statuses[child.pid] = child.reap()

    def end(self) -> None:
        """Kill every child, and start no more."""
        with self._lock:
            self.ended = True
            for pid in self._pids:
                kill_group(pid)


def kill_group(pid: int) -> None:
    """Kill the process group that `pid` leads; nothing if it has gone."""
    for kill in (os.killpg, os.kill):  # it may not have made its group yet
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def cold(request: Request, answer_fd: int, crash_fd: int, log_fd: int) -> Child:
    """A child in a new interpreter."""
    plots = plots_folder(request.root)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _BOOT, *boot_arguments(answer_fd, crash_fd)],
        stdin=subprocess.PIPE,
        stdout=log_fd,
        stderr=log_fd,
        cwd=request.scratch,
        env=environment(request.scratch, plots, accelerator=request.job.accelerator),
        pass_fds=(answer_fd, crash_fd),
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        with process.stdin as pipe:
            pickle.dump(request, pipe)
    except BrokenPipeError:
        pass  # it died at once: what became of it is told by its status
    return Child(process.pid, process.wait)


def boot_arguments(*descriptors: int) -> list[str]:
    """Where the compiler lies, and the descriptors that a child inherits."""
    return [str(Path(__file__).resolve().parents[2]), *map(str, descriptors)]


def plots_folder(root: Path) -> Path:
    """Where matplotlib keeps what it knows of fonts, prepared."""
    folder = root / ".study" / "plots"
    spare_font_search(folder)
    return folder


def run_child(start: Start, family: Family, root: Path, job: Job) -> Outcome:
    """What the script of `job` gives in a child of its own; its log is kept in .study/logs/.

    Raises ScriptError, or a group of them, with the log.
    """
    scratch, log_path = _places(root / ".study", job.report)
    try:
        with open(log_path, "w+b") as log, tempfile.TemporaryFile(dir=scratch) as crash:
            request = Request(root, job, scratch, memory_limit_mb(), os.getpid())
            ending = _converse(start, family, request, log, crash)
            text = _tail(log)
            if isinstance(ending, Outcome):
                return replace(ending, log=text)
            if isinstance(ending, str):
                where = last_line(crash, root) or Where(job.script)
                hint = ""
                if ending.startswith(_HUNG):
                    hint = "keep an expensive step with run.memo, or raise timeout_s in study.toml"
                raise ScriptError(ending, where, hint, text)
            # The message says where it failed; the traceback stays in the log.
            text, failed, _ = text.partition(IN_FULL)
            full = f"the whole traceback is in .study/logs/{job.report}.log"
            errors = []
            for e in ending:
                raised = failed and e.message.startswith("raised ")
                errors.append(ScriptError(e.message, e.where, e.hint or full * bool(raised), text))
            if len(errors) == 1:
                raise errors[0]
            raise ExceptionGroup(job.report, errors)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _places(work: Path, report: str) -> tuple[Path, Path]:
    """A new scratch folder and the path of the log, both below `work`."""
    try:
        (work / "scratch").mkdir(parents=True, exist_ok=True)
        (work / "logs").mkdir(exist_ok=True)
        scratch = tempfile.mkdtemp(prefix=f"{report}-", dir=work / "scratch")
    except OSError as error:
        raise StudyError(
            f"cannot write here: {error.strerror}",
            Where(".study"),
            "build in a folder that you may write to, or free some space",
        ) from error
    return Path(scratch), work / "logs" / f"{report}.log"


def _converse(
    start: Start, family: Family, request: Request, log: BinaryIO, crash: BinaryIO
) -> Answer | str:
    """The child's answer, or in words what became of it instead."""
    ours, theirs = os.pipe()
    try:
        with family.member(lambda: start(request, theirs, crash.fileno(), log.fileno())) as child:
            os.close(theirs)
            theirs = -1
            limit_s = request.job.timeout_s
            content = _read_answer(ours, limit_s, child.pid)
            if content is None:
                os.kill(child.pid, signal.SIGUSR1)  # it writes down its line
                _await_growth(crash)
                return f"{_HUNG} {limit_s:g} s"
            if _is_whole(content):
                answer = read_answer(content[LENGTH.size :], request.job.report)
                return _FORGED if answer is None else answer
            if len(content) > MOST_ANSWERED_BYTES:
                return f"gave more than {MOST_ANSWERED_BYTES >> 20} MB of results"
        status = family.statuses[child.pid]
        return "was interrupted" if family.ended else ending_words(status)
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)


def _read_answer(descriptor: int, limit_s: float, pid: int) -> bytes | None:
    """What the child writes until the answer is whole or the child has ended.

    None if neither comes within `limit_s` (0: no limit). The end of the pipe is not waited for:
    a process that native code started would hold it open.
    """
    deadline = time.monotonic() + limit_s
    content = bytearray()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    with _life_of(pid) as life:
        if life >= 0:
            poll.register(life, select.POLLIN)
        while not _is_whole(content):
            left_ms = max(0.0, deadline - time.monotonic()) * 1000 if limit_s else None
            ready = [number for number, _ in poll.poll(left_ms)]
            if not ready:
                return None
            if descriptor in ready:
                chunk = os.read(descriptor, 1 << 20)
                if not chunk:
                    break
                content += chunk
                if len(content) > MOST_ANSWERED_BYTES:
                    break
            elif life in ready:
                break
    return bytes(content)


def _is_whole(content: bytes | bytearray) -> bool:
    start = LENGTH.size
    return len(content) >= start and len(content) == start + LENGTH.unpack(content[:start])[0]


@contextmanager
def _life_of(pid: int) -> Iterator[int]:
    """A descriptor that is readable once the process has ended; -1 where there are none."""
    if sys.platform != "linux":
        yield -1
        return
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:  # it has gone already: the pipe tells
        yield -1
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def ending_words(status: int) -> str:
    """What happened to a child that gave no answer."""
    if status == -signal.SIGKILL:
        return "was killed (SIGKILL), most likely because the machine ran out of memory"
    if status < 0:
        name = signal.Signals(-status).name
        return f"crashed ({name}): {signal.strsignal(-status)}"
    return f"ended with exit status {status} before compute() returned"


def _await_growth(file: BinaryIO) -> None:
    """Wait until `file` has grown, at most `_GRACE_S`."""
    size = os.fstat(file.fileno()).st_size
    deadline = time.monotonic() + _GRACE_S
    while os.fstat(file.fileno()).st_size == size and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.02)  # the rest of the dump, written line by line


_DUMPED = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)


def last_line(crash: BinaryIO, root: Path) -> Where | None:
    """The author's innermost line in the last dump of faulthandler that has one."""
    crash.seek(0)
    text = crash.read().decode("ascii", "replace")
    # faulthandler writes other characters as escapes.
    prefix = str(root).encode("ascii", "backslashreplace").decode() + "/reports/"
    for dump in reversed(re.split(r"^(?=Timeout|Fatal|Current|Stack)", text, flags=re.MULTILINE)):
        for path, line in _DUMPED.findall(dump):
            if path.startswith(prefix):
                label = path[len(prefix) :].encode().decode("unicode_escape")
                return Where(f"reports/{label}", int(line))
    return None


def _tail(log: BinaryIO) -> str:
    """What the child printed; only the end of very much."""
    size = os.fstat(log.fileno()).st_size
    log.seek(max(0, size - LOG_BYTES))
    text = log.read().decode("utf-8", "replace")
    if size >= MOST_WRITTEN_BYTES:
        text += "\n[cut: it printed more than a gigabyte]"
    return f"[{size - LOG_BYTES} bytes before this]\n{text}" if size > LOG_BYTES else text


def memory_limit_mb() -> int:
    """How much memory a script may have: 8 GB, but never over 80 % of the machine's."""
    try:
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return MEMORY_MB
    return min(MEMORY_MB, int(pages * page * 0.8) >> 20)
