"""One build at a time in one folder; a second one waits or says who is at work."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import StudyError, Where


@contextmanager
def build_lock(root: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the study's lock. The system gives it back when this process ends, however it ends.

    Raises StudyError if another process still holds it after `wait_s` seconds, naming it, or
    if the folder cannot be written to.
    """
    import fcntl  # POSIX only, as is everything that computes

    path = root / ".study" / "lock"
    try:
        path.parent.mkdir(exist_ok=True)
        # "a+": opening must not wipe the holder's name before the lock is ours.
        file = open(path, "a+")  # noqa: SIM115 (closed below, after the lock was given back)
    except OSError as error:
        raise StudyError(
            f"cannot write here: {error.strerror}",
            Where(".study"),
            "build in a folder that you may write to, or free some space",
        ) from error
    try:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    file.seek(0)
                    holder = file.read().strip() or "an unknown process"
                    raise StudyError(
                        f"another build is at work in this folder ({holder})",
                        Where(".study/lock"),
                        "wait for it to end, or give --wait SECONDS",
                    ) from None
                time.sleep(0.1)
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield
        file.truncate(0)
    finally:
        file.close()
