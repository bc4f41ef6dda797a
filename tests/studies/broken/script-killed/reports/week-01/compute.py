"""As if the machine had run out of memory."""

import os
import signal

from generator.compute.script import Run


def compute(run: Run) -> None:
    print("filling the memory")
    os.kill(os.getpid(), signal.SIGKILL)
    run.value("period_90", 1.18)
