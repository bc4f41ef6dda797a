from generator.compute.script import Run


async def compute(run: Run) -> None:
    run.value("period_90", 1.18)
