from pathlib import Path

from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("period_90", len(Path("/home/somebody/periods.txt").read_text()))
