"""What a build says while it works: live lines on a terminal, plain ones in a log."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generator.build.state import Event
from generator.machine.stdio import Styled, say, styled, tell_product
from generator.store.times import keep_times, last_times

WORDS = {"compute": "computing", "typeset": "setting"}
ENDED = {"done": "done", "same": "unchanged", "failed": "failed"}


@contextmanager
def talk(root: Path, *, quiet: bool) -> Iterator["Teller"]:
    """Tells events on stderr and products on stdout; times are kept for the next estimate."""
    teller = Teller(last_times(root), live=sys.stderr.isatty() and not quiet, quiet=quiet)
    ticking = threading.Thread(target=teller.tick, daemon=True)
    if teller.live:
        ticking.start()
    try:
        yield teller
    finally:
        teller.stop()
        keep_times(root, teller.took)


@dataclass(slots=True)
class Teller:
    """Prints events; on a terminal, one line below them shows what runs and for how long."""

    known: dict[str, float]
    live: bool
    quiet: bool
    took: dict[str, float] = field(default_factory=dict)
    running: dict[str, tuple[Event, float]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    shown: bool = False

    def tell(self, event: Event) -> None:
        """Print what happened; remember how long it took."""
        key = f"{event.stage} {event.report} {event.language}".strip()
        with self.lock:
            if event.state == "waiting":
                self.waiting.add(key)
                return
            self.waiting.discard(key)
            if event.state == "started":
                self.running[key] = (event, time.monotonic())
                if not self.quiet and not self.live:
                    say(f"{WORDS[event.stage]} {_name(event)}", err=True)
                return
            self.running.pop(key, None)
            if event.state != "failed":
                self.took[key] = event.seconds
            if not self.quiet:
                self._wipe()
                color = "red" if event.state == "failed" else "green"
                word = styled(ENDED[event.state], fg=color)
                what = f"{WORDS[event.stage]} {_name(event)}"
                say(f"{what}: ", word, f", {event.seconds:.1f} s", err=True)

    def remark(self, text: str) -> None:
        """Print what else a person may want to know."""
        if not self.quiet:
            with self.lock:
                self._wipe()
                say(text, err=True)

    def product(self, path: str) -> None:
        """Print the path of a file that really changed."""
        with self.lock:
            self._wipe()
            tell_product(path)

    def tick(self) -> None:
        """Redraw the line of what runs, five times a second, until stopped."""
        while not self.ended.wait(0.2):
            with self.lock:
                self._wipe()
                now = time.monotonic()
                parts = [self._running(e, now - since) for e, since in self.running.values()]
                if self.waiting:
                    parts.append(f"{len(self.waiting)} waiting")
                if parts:
                    width = shutil.get_terminal_size().columns
                    say(" · ".join(parts)[: width - 1], err=True, nl=False)
                    self.shown = True

    def _running(self, event: Event, elapsed: float) -> str:
        key = f"{event.stage} {event.report} {event.language}".strip()
        last = f" of about {self.known[key]:.0f}" if self.known.get(key, 0) >= 1 else ""
        return f"{WORDS[event.stage]} {_name(event)} {elapsed:.0f}{last} s"

    def _wipe(self) -> None:
        if self.shown:
            say(Styled("\r\x1b[2K"), err=True, nl=False)
            self.shown = False

    def stop(self) -> None:
        """End the live line."""
        self.ended.set()
        with self.lock:
            self._wipe()


def _name(event: Event) -> str:
    return f"{event.report} ({event.language})" if event.language else event.report
