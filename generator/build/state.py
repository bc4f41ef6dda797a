"""What the modules of a build hand to each other: its state, and what is told about it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from generator.errors import StudyError
from generator.model import Job, Outcome, Report, Study
from generator.plan.labels import Inputs

if TYPE_CHECKING:
    from generator.weasy.layouts import Layouts

Stage = Literal["compute", "typeset"]
State = Literal["waiting", "started", "done", "same", "failed"]


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to a report while building. seconds: how long it was worked at."""

    report: str
    stage: Stage
    state: State
    language: str = ""
    seconds: float = 0.0


Notice = Callable[[Event], None]
Runner = Callable[[Job], Outcome]


@dataclass(slots=True)
class Build:
    """One run of `build`: what it works on and what it has found so far."""

    root: Path
    study: Study
    inputs: Inputs
    notice: Notice
    wrote: Callable[[str], None]
    force: bool = False
    layouts: "Layouts | None" = None
    remark: Callable[[str], None] = lambda text: None
    scripts: bool = True
    problems: list[StudyError] = field(default_factory=list)
    recorded: set[str] = field(default_factory=set)


def job_for(study: Study, report: Report) -> Job:
    """The job that runs the script of `report`, which must have one."""
    assert report.script is not None
    parameters = tuple(sorted(study.parameters_of(report).items()))
    return Job(
        report.id, report.script, study.seed, study.timeout_s, parameters, report.accelerator
    )
