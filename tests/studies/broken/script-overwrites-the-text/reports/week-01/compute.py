from pathlib import Path

from generator.compute.script import Run


def compute(run: Run) -> None:
    (Path(__file__).parent / "report.md").write_text("Nothing.\n")
    run.value("period_90", 1.18)
