from week_02.compute import friction
from common.nowhere import something

from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("period_90", friction() + something())
