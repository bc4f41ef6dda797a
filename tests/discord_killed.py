"""`study post` in a process of its own that can be killed at any line of its way.

Run as `python -m tests.discord_killed`, it imports everything once and then, for each order on
standard input, forks a child that runs the command: a kill costs milliseconds, not a start.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any

ROOT = Path(__file__).parent.parent
# The steps of a post: every line of these is a place to be killed at. What happens between the
# first and the last byte of a request is the server's to play (kill-headers … kill-answer).
WATCHED = (
    "discord/post.py",
    "discord/journal.py",
    "discord/steps.py",
    "discord/state.py",
    "store/cache.py",
)
# Imported once, for all children.
PRELOADED = (
    "anyio._backends._asyncio", "generator.cli.post", "generator.publish.discord.weeks",
    "generator.study.load",
    "httpx", "jinja2.sandbox",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended. killed: by SIGKILL; lines: how many different ones it had reached."""

    killed: bool
    code: int
    output: str
    lines: int


class Killable:
    """A process that runs `study` commands and kills them: a context manager."""

    def __enter__(self) -> "Killable":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.discord_killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def run(
        self, words: Sequence[str], address: str, output: Path, *, at: int = 0, seen: Any = None
    ) -> End:
        """Run `study WORDS`; kill it when it reaches its `at`-th different line (0: never).

        seen: called with the child's process id before the command begins.
        """
        order = {"words": list(words), "address": address, "output": str(output), "at": at}
        child = int(self._ask(order))
        if seen is not None:
            seen(child)
        status, lines = json.loads(self._ask({"go": child}))
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        code = os.waitstatus_to_exitcode(status)
        return End(killed, code, output.read_text("utf-8"), lines)

    def _ask(self, order: Any) -> str:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        return stdout.readline()


# ---------------------------------------------------------------- in the other process


def serve(orders: IO[str], answers: IO[str]) -> None:
    """Fork a child for each order; tell its number, wait for the word, tell how it ended."""
    for name in PRELOADED:
        importlib.import_module(name)

    while order := orders.readline():
        wanted = json.loads(order)
        start_out, start_in = os.pipe()
        count_out, count_in = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(start_in)
                os.read(start_out, 1)
                run_watched(wanted, count_in)
            finally:
                os._exit(99)
        os.close(start_out)
        os.close(count_in)
        answers.write(f"{child}\n")
        answers.flush()
        orders.readline()
        os.close(start_in)
        _, status = os.waitpid(child, 0)
        lines = len(os.read(count_out, 100_000))
        os.close(count_out)
        answers.write(json.dumps([status, lines]) + "\n")
        answers.flush()


def run_watched(wanted: dict[str, Any], count: int) -> None:
    """Run the command with every watched line counted; never returns."""
    from generator.cli import main

    seen: set[tuple[str, int]] = set()

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.endswith(WATCHED):
            return None
        if event == "line" and (name, frame.f_lineno) not in seen:
            seen.add((name, frame.f_lineno))
            os.write(count, b".")
            if len(seen) == wanted["at"]:
                os.kill(os.getpid(), signal.SIGKILL)
        return watch

    file = os.open(wanted["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ["DISCORD_WEBHOOK_URL"] = wanted["address"]
    code = 1
    try:
        sys.settrace(watch)
        main(wanted["words"], prog_name="study")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.settrace(None)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
