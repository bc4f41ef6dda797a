"""A worker's side of a cluster: is it the same compiler, and what does a script give there."""

import hashlib
import os
import pickle
import platform
import sys
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.compute.jobs.supervise import Family, cold, run_child
from generator.compute.memo.calls import Kept, keep_memos, memos_of
from generator.digest import digest_bytes, digest_source
from generator.errors import StudyError, problems_in
from generator.model import Job, Outcome
from generator.plan.labels import installed_version


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What must be equal for equal bytes. versions: pairs of distribution and version."""

    code: str
    python: str
    machine: str
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A study's content on its way to workers. files: zlib over pickled path → bytes."""

    digest: str
    files: bytes


@dataclass(frozen=True, slots=True)
class Returned:
    """What comes back from a worker: an outcome or problems, and the memos that ran there."""

    answer: Outcome | tuple[StudyError, ...]
    memos: Kept
    worker: str


def fingerprint(versions: Mapping[str, str]) -> Fingerprint:
    """The fingerprint of this process, where `versions` are due."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Fingerprint(code_digest(), python, platform.machine(), tuple(sorted(versions.items())))


def code_digest() -> str:
    """Digest of all that computes: the compiler's own modules up to this room."""
    package = Path(__file__).resolve().parents[2]
    rooms = ("compute", "machine", "plan", "store", "study")
    files = sorted(
        [*package.glob("*.py"), *(f for r in rooms for f in (package / r).rglob("*.py"))]
    )
    names = [
        f"{path.relative_to(package).as_posix()} {digest_source(path.read_bytes())}"
        for path in files
    ]
    return digest_bytes("\n".join(names).encode())


def differences(due: Fingerprint) -> tuple[str, ...]:
    """What differs here from what is due, in words; empty if nothing does.

    A distribution that is not installed here differs only for a script that imports it, and
    that import says so.
    """
    here = fingerprint({})
    found = []
    if here.code != due.code:
        found.append("another version of the compiler")
    if here.python != due.python:
        found.append(f"Python {here.python}, expected {due.python}")
    if here.machine != due.machine:
        found.append(f"a {here.machine} processor, expected {due.machine}")
    for name, version in due.versions:
        installed = installed_version(name)
        if installed not in (None, version):
            found.append(f"{name} {installed}, expected {version}")
    return tuple(found)


def parcel(files: Mapping[str, bytes]) -> Parcel:
    """`files` (path below the study's root → content), packed."""
    content = pickle.dumps(sorted(files.items()))
    return Parcel(hashlib.sha256(content).hexdigest(), zlib.compress(content, 1))


def unpacked_in(sent: Parcel, folder: Path) -> Path:
    """A study's root below `folder` that holds what was sent; made once for all jobs.

    Raises StudyError if it arrived damaged.
    """
    root = folder / f"study-{sent.digest[:32]}"
    if root.is_dir():
        return root
    content = zlib.decompress(sent.files)
    if hashlib.sha256(content).hexdigest() != sent.digest:
        raise StudyError("the study's files arrived damaged on a worker")
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder))
    for name, body in pickle.loads(content):
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    try:
        os.rename(made, root)
    except OSError:
        if not root.is_dir():  # another thread was first: its copy is as good
            raise
    return root


def run_remote(due: Fingerprint, sent: Parcel, job: Job, memos: Kept) -> Returned:
    """What the script gives on this worker; the child has a process of its own.

    memos: those that were kept of its last run, wherever that was.
    """
    name = worker_name()
    other = differences(due)
    if other:
        return Returned((refusal(name, other),), Kept(), name)
    try:
        root = unpacked_in(sent, worker_folder())
        keep_memos(root, memos)
        answer: Outcome | tuple[StudyError, ...]
        try:
            answer = run_child(cold, Family(), root, job)
        except (StudyError, ExceptionGroup) as error:
            answer = tuple(problems_in(error))
        # Those of a script that failed, too: the mended one will want them.
        return Returned(answer, memos_of(root, job.report, without=memos), name)
    except StudyError as error:
        return Returned((error,), Kept(), name)


def refusal(worker: str, other: Iterable[str]) -> StudyError:
    """Why a worker may not compute for this study."""
    return StudyError(
        f"the worker {worker} is refused, it has {'; '.join(other)}",
        None,
        "install there what this machine has, or stop that worker",
    )


def worker_name() -> str:
    """The address of the worker that runs this."""
    from distributed import get_worker

    return str(get_worker().address)


def worker_folder() -> Path:
    """A folder of the worker's own, which goes when it ends."""
    from distributed import get_worker

    return Path(get_worker().local_directory) / "studies"
