from generator.compute.script import Run


def compute(run: Run) -> None:
    lines = run.file("data/periods.csv").read_text().splitlines()
    run.value("count", len(lines))
