"""A running `study watch` whose rebuilds can be timed from save to new PDF."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType


class Watched:
    """`study watch REPORT` as a process; leave the block to end it."""

    def __init__(
        self, command: str, folder: Path, report: str, environment: Mapping[str, str]
    ) -> None:
        self.pdf = folder / "reports" / report / f"{report}.pdf"
        self.call = [command, "-C", str(folder), "watch", report]
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Watched":
        self.process = subprocess.Popen(
            self.call,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(8)  # it imports and warms what it keeps
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(10)

    def rebuild(self, edit: Callable[[], None], limit_s: float = 30) -> float:
        """Seconds from the save that `edit` makes to the new PDF. Raises TimeoutError."""
        before = self.pdf.stat().st_mtime_ns
        started = time.perf_counter()
        edit()
        while self.pdf.stat().st_mtime_ns == before:
            if time.perf_counter() - started > limit_s:
                raise TimeoutError(f"no new PDF within {limit_s} s")
            time.sleep(0.005)
        took = time.perf_counter() - started
        time.sleep(0.7)
        return took
