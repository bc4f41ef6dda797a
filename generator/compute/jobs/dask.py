"""The same jobs on a Dask cluster, through its `concurrent.futures` executor.

The study's files travel with every job, models are verified by their pins where they are
installed, and drawings come back in the results: no disk is shared.
"""

import logging
import os
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from distributed import Client, KilledWorker

from generator.compute.jobs.remote import (
    Fingerprint,
    Returned,
    differences,
    fingerprint,
    parcel,
    refusal,
    run_remote,
)
from generator.compute.memo.calls import keep_memos, memos_of
from generator.errors import StudyError, Where, raise_all
from generator.model import Job, Outcome
from generator.plan.labels import ABSENT, installed_version, locked_versions
from generator.store.files import ANY_SIZE, read_study_file

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_S = 15.0
IDLE_S = 30.0  # how long a cluster may be without a single worker
_WATCH_S = 1.0

# Where no lock says what is due: the libraries that decide what a script gives.
_DECIDING = ("torch", "numpy", "matplotlib", "kiwisolver", "contourpy", "pillow")
_BESIDE = ("study.toml", "models.toml")
# What scripts do not read is sent as a name only, so that folders list the same.
_NAME_ONLY = (".pdf",)
_LEFT_OUT = ("__pycache__",)


@contextmanager
def dask_executor(
    root: Path,
    address: str,
    *,
    connect_s: float = CONNECT_S,
    remark: Callable[[str], None] = lambda text: None,
) -> Iterator[tuple[Executor, Callable[[Job], Outcome]]]:
    """The cluster whose scheduler is at `address`, and what to submit to it with each job.

    remark: called with what a person who waits wants to know.
    Raises StudyError if it cannot be reached, has no worker, or a worker differs from this
    machine in code or locked versions.
    """
    remark(f"connecting to the scheduler at {address}, for up to {connect_s:.0f} s")
    with _quiet(), _client(address, connect_s, remark) as client:
        due = fingerprint(_versions_due(root))
        _check_workers(client, due)
        files = study_files(root)
        run = partial(run_remote, due, parcel(files))
        executor = ClusterExecutor(client, address, root, frozenset(files))
        try:
            # The executor turns what comes back into outcomes and errors.
            yield executor, cast(Callable[[Job], Outcome], run)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            for text in executor.shares():
                remark(text)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's threads log whole tracebacks of what is told here in one sentence."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


class ClusterExecutor(Executor):
    """The cluster's own executor, whose failures are told as StudyErrors.

    root: the study, whose memos travel with each job and come back. sent: the files that
    workers have.
    """

    def __init__(self, client: Any, address: str, root: Path, sent: frozenset[str]) -> None:
        self._client = client
        self._address = address
        self._root = root
        self._sent = sent
        self._ended_by: list[str] = []  # the worker of each job that ended
        self._inner = client.get_executor(pure=False)
        self._waiting: dict[Future[Any], Where | None] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="cluster watch", daemon=True).start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """A future of `fn(*args)`, which another worker takes over if its worker is killed."""
        outer: Future[T] = Future()
        outer.set_running_or_notify_cancel()
        job = next((each for each in args if isinstance(each, Job)), None)
        luggage = (memos_of(self._root, job.report),) if job else ()
        with self._lock:
            self._waiting[outer] = Where(job.script) if job else None
        with warnings.catch_warnings():
            # The study's files in every job are on purpose: no worker's death can lose them.
            warnings.simplefilter("ignore", UserWarning)
            inner = self._inner.submit(fn, *args, *luggage, **kwargs)
        inner.add_done_callback(lambda done: self._settle(outer, done))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the watch; with cancel_futures, whatever still waits fails."""
        self._ended.set()
        if cancel_futures:
            self._fail_all("was not run: the build has ended")
        self._inner.shutdown(wait=wait)

    def shares(self) -> list[str]:
        """How many jobs each worker has ended, in words."""
        found = Counter(self._ended_by)
        total = f"{len(self._ended_by)} script{'s' * (len(self._ended_by) != 1)} computed by"
        each = ", ".join(f"{worker} ({count})" for worker, count in sorted(found.items()))
        return [f"{total} {len(found)} worker{'s' * (len(found) != 1)}: {each}"] if found else []

    def _settle(self, outer: Future[Any], inner: Future[Any]) -> None:
        if inner.cancelled():
            self._fail_all(
                f"did not end: the scheduler at {self._address} was lost",
                "what had ended is kept; start the cluster and build again",
            )
            return
        error = inner.exception()
        if isinstance(error, KilledWorker):
            self._end(
                outer,
                f"ended every worker that ran it: {error}",
                "run it on this machine, without --executor: the message will say more",
            )
            return
        answer = None if error else inner.result()
        if isinstance(answer, Returned):
            keep_memos(self._root, answer.memos)
            self._ended_by.append(answer.worker)
            answer = answer.answer
        if isinstance(answer, tuple):
            error = answer[0] if len(answer) == 1 else ExceptionGroup("compute", list(answer))
        elif isinstance(answer, Outcome):
            error = _unsent(self._root, self._sent, answer)
        if self._ends(outer):
            if error is None:
                outer.set_result(answer)
            else:
                outer.set_exception(error)

    def _ends(self, outer: Future[Any]) -> bool:
        """Whether `outer` still waited; it no longer does."""
        with self._lock:
            if outer not in self._waiting:
                return False
            del self._waiting[outer]
            return True

    def _end(self, outer: Future[Any], message: str, hint: str = "") -> None:
        where = self._waiting.get(outer)
        if self._ends(outer):
            outer.set_exception(StudyError(message, where, hint))

    def _fail_all(self, message: str, hint: str = "") -> None:
        with self._lock:
            waiting = list(self._waiting)
        for outer in waiting:
            self._end(outer, message, hint)

    def _watch(self) -> None:
        """Fail what waits once no worker has been there for a while: it would wait for ever."""
        idle_s = 0.0
        while not self._ended.wait(_WATCH_S):
            try:
                workers = self._client.nthreads()
            except (OSError, TimeoutError, RuntimeError, CancelledError):
                continue  # a scheduler that is lost, or a client that is closing, ends its futures
            idle_s = 0.0 if workers else idle_s + _WATCH_S
            if idle_s >= IDLE_S:
                self._fail_all(
                    f"did not end: the cluster at {self._address} has no worker left",
                    "what had ended is kept; start a worker and build again",
                )


@contextmanager
def _client(address: str, connect_s: float, remark: Callable[[str], None]) -> Iterator[Any]:
    advice = "start one: dask scheduler, and on each machine: dask worker ADDRESS"
    try:
        client: Any = Client(address, timeout=connect_s, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise StudyError(f"there is no scheduler at {address}", None, advice) from error
    try:
        try:
            if not client.nthreads():
                remark(f"waiting for a worker of {address}, for up to {connect_s:.0f} s")
            client.wait_for_workers(1, timeout=connect_s)
        except TimeoutError as error:
            raise StudyError(f"the cluster at {address} has no worker", None, advice) from error
        yield client
    finally:
        client.close(timeout=2)


def _versions_due(root: Path) -> Mapping[str, str]:
    """Distribution → version that every worker must have, if it has it at all."""
    locked = locked_versions(root)
    if locked:
        return locked
    found = {name: installed_version(name) for name in _DECIDING}
    return {name: version for name, version in found.items() if version is not None}


def _check_workers(client: Any, due: Fingerprint) -> None:
    """Raise StudyErrors for the workers that differ from this machine."""
    problems: list[StudyError] = []
    answers = client.run(differences, due, on_error="return")
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, BaseException):
            # It could not even import the function: it has no compiler, or an old one.
            answer = (f"no such compiler ({type(answer).__name__}: {answer})",)
        if answer:
            problems.append(refusal(worker, answer))
    raise_all(problems, "cluster")


def study_files(root: Path) -> dict[str, bytes]:
    """What scripts may read, path → content: reports/ and the pins; what is built, empty."""
    files: dict[str, bytes] = {}
    for folder, folders, names in os.walk(root / "reports"):
        folders[:] = sorted(f for f in folders if f not in _LEFT_OUT and not f.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            label = path.relative_to(root).as_posix()
            files[label] = (
                b"" if name.endswith(_NAME_ONLY) else read_study_file(root, label, ANY_SIZE)
            )
    for name in _BESIDE:
        if (root / name).is_file():
            files[name] = read_study_file(root, name, ANY_SIZE)
    return files


def _unsent(root: Path, sent: frozenset[str], outcome: Outcome) -> StudyError | None:
    """The problem with an outcome whose script wanted a file that was not sent."""
    for label, digest in outcome.inputs.items():
        wanted = label.endswith(_NAME_ONLY) or (digest == ABSENT and label not in sent)
        if wanted and (root / label).exists():
            return StudyError(
                f"reads {label}, which is not sent to workers",
                Where(f"reports/{outcome.report}"),
                "keep it under reports/, or build without --executor",
            )
    return None
