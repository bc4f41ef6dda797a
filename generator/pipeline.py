"""The stages wired: load → plan → compute → text → typeset → publish, and the final writes."""

import os
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING, Any, Literal

from generator.errors import StudyError, Where, problems_in, raise_all
from generator.inputs import Inputs, installed_version
from generator.install import large, pip_install
from generator.lock import build_lock
from generator.model import Job, Outcome, Report, Study
from generator.pipeline_pages import (
    prepare_pages,
    set_pdf,
)
from generator.pipeline_texts import text_problems
from generator.pipeline_writes import write_outcome, write_pdf
from generator.plan import (
    Staleness,
    chosen,
    in_order,
    staleness,
)
from generator.times import last_times
from generator.workshop import Inline, in_turn, nothing, typesetters

if TYPE_CHECKING:
    from generator.press import Press
    from generator.typeset.page_kept import Layouts

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
class Task:
    """Work on a report: its script (language "") or a page. started: when its turn came."""

    stale: Staleness
    language: str
    notice: Notice
    started: float = 0.0

    def wait(self) -> None:
        """Say that it will be worked at."""
        self.notice(Event(self.stale.report.id, self._stage, "waiting", self.language))

    def begin(self) -> None:
        """Say that its turn has come. Called from the thread that works at it."""
        self.started = time.perf_counter()
        self.notice(Event(self.stale.report.id, self._stage, "started", self.language))

    def end(self, state: State, seconds: float | None = None) -> None:
        """Say what became of it. seconds: how long the work took, if that is known better."""
        if seconds is None:
            seconds = time.perf_counter() - self.started if self.started else 0.0
        self.notice(Event(self.stale.report.id, self._stage, state, self.language, seconds))

    @property
    def _stage(self) -> Stage:
        return "typeset" if self.language else "compute"


# Each future under way; None for the check of a text whose script has failed.
Waiting = dict[Future[Any], Task | None]


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
    problems: list[StudyError] = field(default_factory=list)
    recorded: set[str] = field(default_factory=set)


def plan(inputs: Inputs, wanted: Iterable[str] = (), *, force: bool = False) -> list[Staleness]:
    """What is stale of the reports that `wanted` names (all if none), fresh ones included."""
    pairs = chosen(inputs.study, wanted)
    return [staleness(inputs, week, report, force=force) for week, report in pairs]


def build(
    root: Path,
    study: Study,
    wanted: Iterable[str] = (),
    *,
    workers: int = 2,
    executor: str = "",
    force: bool = False,
    verify: bool = False,
    wait_s: float = 0.0,
    warm: tuple[Executor, Runner] | None = None,
    layouts: "Layouts | None" = None,
    notice: Notice = lambda event: None,
    wrote: Callable[[str], None] = lambda path: None,
    remark: Callable[[str], None] = lambda text: None,
) -> None:
    """Bring the reports that `wanted` names up to date; wrote(path) for what really changed.

    remark(text): what else a person may want to know, what became of a memo for instance.
    executor: "" for this machine, or "dask:ADDRESS". wait_s: how long to wait for another build.
    warm, layouts: what computes, already running, and pages that were laid out in this process,
    for a watch that builds again and again.
    Raises all problems together after everything that could be finished was finished.
    """
    inputs = Inputs.load(root, study, verify=verify)
    todo = in_order((s for s in plan(inputs, wanted, force=force) if s), last_times(root))
    if not todo:
        inputs.save()
        return
    with build_lock(root, wait_s):
        _sweep(root, {report.id for _, report in study.reports()})
        work = Build(root, study, inputs, notice, wrote, force, layouts, remark)
        _run(work, todo, workers, executor, warm)
        inputs.save()
    raise_all(work.problems, "build")


def _run(
    work: Build,
    todo: list[Staleness],
    workers: int,
    executor: str,
    warm: tuple[Executor, Runner] | None,
) -> None:
    """Compute and typeset at once: a PDF is set as soon as its own results are there."""
    todo = [stale for stale in todo if not _refused(work, stale)]
    jobs = [job_for(work.study, stale.report) for stale in todo if stale.compute]
    to_set = sum(len(stale.report.texts) if stale.compute else len(stale.pdfs) for stale in todo)
    slots = Semaphore(workers)
    with ExitStack() as stack:
        setter = stack.enter_context(
            typesetters(min(workers, to_set), partial(prepare_pages, work.inputs), slots)
        )
        waiting: Waiting = {}
        if jobs:
            # Imported here: a build that only sets pages needs nothing that computes.
            from generator.compute.pool import executor_for

            computer, run = warm or stack.enter_context(
                executor_for(work.root, jobs, workers=workers, where=executor, remark=work.remark)
            )
            tasks = {s.report.id: Task(s, "", work.notice) for s in todo if s.compute}
            if not executor:
                run = in_turn(slots, run, lambda job: tasks[job.report].begin())
            for task in tasks.values():
                task.wait()
            for task in tasks.values():
                if executor:
                    task.begin()  # what a cluster works at first is not known here
                waiting[computer.submit(run, job_for(work.study, task.stale.report))] = task
            if isinstance(setter, Inline):
                setter.prepare_meanwhile(_rehearsal(work, todo, workers))
        for stale in todo:
            if not stale.compute:
                _submit_pdfs(work, setter, stale, waiting)
        while waiting:
            if isinstance(setter, Inline):
                setter.work()
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                _settle(work, setter, waiting.pop(future), future, waiting)


def _rehearsal(work: Build, todo: list[Staleness], workers: int) -> Callable[[], object]:
    """What sets a page with the last results while its script computes the next.

    Most edits of a script change drawings alone, which then only need to be put in their places.
    """
    (only, *others) = todo
    if others or workers < 2 or (os.cpu_count() or 1) < 2 or not only.record.outputs:
        return nothing
    from generator.typeset.page_kept import Layouts

    layouts = work.layouts = work.layouts or Layouts()
    ((language, _),) = only.report.texts

    def rehearse() -> None:
        # With inputs of its own: what it hashes is about to change.
        set_pdf(Inputs.load(work.root, work.study), only.week, only.report, language, layouts)

    return rehearse


def _settle(
    work: Build,
    setter: "Inline | Press",
    task: Task | None,
    future: Future[Any],
    waiting: Waiting,
) -> None:
    """Write what `future` gave and say so; a script that has ended lets its pages be set."""
    if task is None:
        work.problems += future.result()
        return
    stale, seconds = task.stale, None
    try:
        result = future.result()
        if isinstance(result, Outcome):
            seconds = result.seconds
            changed = write_outcome(work, result)
        else:
            changed = write_pdf(work, stale.week, stale.report, task.language, result)
    except (StudyError, ExceptionGroup) as error:
        work.problems += problems_in(error)
        task.end("failed", seconds)
        if not task.language:
            for language, _ in stale.report.texts:  # its mistakes are told at once with these
                waiting[setter.submit(text_problems, stale.week, stale.report, language)] = None
        return
    task.end("done" if changed else "same", seconds)
    if not task.language:
        again = staleness(work.inputs, stale.week, stale.report, force=work.force)
        _submit_pdfs(work, setter, again, waiting)


def _refused(work: Build, stale: Staleness) -> bool:
    """Whether the script of `stale` cannot run here; the problem is noted, the outputs stay."""
    if not stale.compute:
        return False
    locked = work.inputs.locked
    used = [label.removeprefix("version:") for label in stale.record.inputs if "version:" in label]
    wrong = {}
    for name in used:
        installed, pinned = installed_version(name), locked.get(name)
        if installed is None:
            wrong[name] = f"{name} is not installed"
        elif pinned and installed != pinned:
            wrong[name] = f"{name} {installed} is installed, the lock says {pinned}"
    if not wrong:
        return False
    work.problems.append(
        StudyError(
            f"is out of date ({'; '.join(stale.compute)}), but {', '.join(wrong.values())}",
            Where(stale.report.script or stale.report.folder),
            f"type `{pip_install(wrong, locked)}`{large(wrong)}; the committed results stay",
        )
    )
    work.notice(Event(stale.report.id, "compute", "failed"))
    return True


def _sweep(root: Path, reports: set[str]) -> None:
    """Delete what a killed build left half-written under its temporary names.

    reports: the ids; a script that is run by hand has a scratch folder of that very name.
    """
    for folder in (root / ".study" / "scratch").glob("*-????????"):
        if folder.name not in reports and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
    for pattern in (".*.tmp", "figures/*/.*.tmp", "reports/*/.*.tmp"):
        for path in root.glob(pattern):
            path.unlink(missing_ok=True)


def _submit_pdfs(
    work: Build,
    setter: "Inline | Press",
    stale: Staleness,
    waiting: Waiting,
) -> None:
    # What was laid out stays in this process.
    kept = (work.layouts,) if isinstance(setter, Inline) else ()
    for language, _ in stale.pdfs:
        task = Task(stale, language, work.notice)
        task.wait()
        page = (stale.week, stale.report, language)
        waiting[setter.submit(set_pdf, *page, *kept, begun=task.begin)] = task


def job_for(study: Study, report: Report) -> Job:
    """The job that runs the script of `report`, which must have one."""
    assert report.script is not None
    return Job(report.id, report.script, study.seed, study.timeout_s)


def refresh_readme(root: Path, study: Study) -> list[str]:
    """Bring the README's blocks up to date; return the paths that changed."""
    from generator.publish.readme import readme_change

    return readme_change(root, study).write(root)
