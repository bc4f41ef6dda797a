"""A build that has something to do: scripts and pages at once, each written as it ends."""

import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Semaphore
from typing import TYPE_CHECKING, Any

from generator.build.dispatch import Inline, in_turn, nothing, typesetters
from generator.build.pages import prepare_pages, set_pdf
from generator.build.state import Build, Event, Notice, Runner, Stage, State, job_for
from generator.build.text_problems import text_problems
from generator.build.writes import write_outcome, write_pdf
from generator.errors import StudyError, Where, problems_in
from generator.machine.packages import large, pip_install
from generator.model import Outcome
from generator.plan.committed import set_from, unset_without_script
from generator.plan.labels import Inputs, installed_version
from generator.plan.staleness import Staleness, staleness

if TYPE_CHECKING:
    from generator.build.workers import Press


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


def run_all(
    work: Build,
    todo: list[Staleness],
    workers: int,
    executor: str,
    warm: tuple[Executor, Runner] | None,
) -> None:
    """Compute and typeset at once: a PDF is set as soon as its own results are there."""
    todo = [stale for stale in todo if not _refused(work, stale)]
    for stale in () if work.scripts else todo:
        work.remark(set_from(stale))
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
            from generator.compute.jobs.pool import executor_for

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
    from generator.weasy.layouts import Layouts

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
    if not work.scripts:
        work.problems += filter(None, [unset_without_script(work.root, stale)])
        return True
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
