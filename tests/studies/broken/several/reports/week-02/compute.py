from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("Friction", float("nan"))
    run.value("Friction", 1)
    raise ValueError("no friction")
