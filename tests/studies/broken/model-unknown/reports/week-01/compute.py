from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("bytes", run.model("pendulum-7b").stat().st_size)
