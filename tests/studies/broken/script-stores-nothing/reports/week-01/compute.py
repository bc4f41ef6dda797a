from generator.compute.script import Run


def compute(run: Run) -> None:
    return {"period_90": 1.18}
