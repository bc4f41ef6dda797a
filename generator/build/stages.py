"""The stages wired: load → plan → compute → text → typeset → publish, and the final writes."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from generator.build.state import Build, Notice, Runner
from generator.errors import StudyError, problems_in, raise_all
from generator.model import Study
from generator.plan.labels import Inputs
from generator.plan.staleness import Staleness, in_order, plan
from generator.store.files import is_inside
from generator.store.folder import sound_folder
from generator.store.lock import build_lock
from generator.store.times import last_times

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from generator.weasy.layouts import Layouts


def build(
    root: Path,
    study: Study,
    wanted: Iterable[str] = (),
    *,
    workers: int = 2,
    executor: str = "",
    force: bool = False,
    scripts: bool = True,
    readme: bool = False,
    verify: bool = False,
    wait_s: float = 0.0,
    warm: "tuple[Executor, Runner] | None" = None,
    layouts: "Layouts | None" = None,
    notice: Notice = lambda event: None,
    wrote: Callable[[str], None] = lambda path: None,
    remark: Callable[[str], None] = lambda text: None,
) -> None:
    """Bring the reports that `wanted` names up to date; wrote(path) for what really changed.

    remark(text): what else a person may want to know, what became of a memo for instance.
    scripts: whether scripts may run. If not, pages are set from committed results alone.
    readme: the README will be refreshed afterwards: what is wrong with it is told before anything
    is computed or written, together with what is wrong with the texts.
    executor: "" for this machine, or "dask:ADDRESS". wait_s: how long to wait for another build.
    warm, layouts: what computes, already running, and pages that were laid out in this process,
    for a watch that builds again and again.
    Raises all problems together after everything that could be finished was finished.
    """
    sound_folder(root)
    inputs = Inputs.load(root, study, verify=verify)
    todo = in_order(
        filter(None, plan(inputs, wanted, force=force, scripts=scripts)), last_times(root)
    )
    if not todo:
        inputs.save()
        return
    if readme:
        _check_readme(inputs, todo)
    from generator.build.run import run_all  # what a build of nothing need not import

    with build_lock(root, wait_s):
        _sweep(root, {report.id for _, report in study.reports()})
        work = Build(root, study, inputs, notice, wrote, force, layouts, remark, scripts)
        run_all(work, todo, workers, executor, warm)
        inputs.save()
    raise_all(work.problems, "build")


def _check_readme(inputs: Inputs, todo: Iterable[Staleness]) -> None:
    """Raise what is wrong with the README, and with the texts that are to be set, if it is wrong.

    Otherwise a build would write PDFs, and fail over a template of the README in the end.
    """
    from generator.publish.readme.change import readme_changes

    try:
        readme_changes(inputs.root, inputs.study)
    except (StudyError, ExceptionGroup) as error:
        from generator.build.text_problems import text_problems

        problems = list(problems_in(error))
        for stale in todo:
            for language in stale.report.languages():
                problems += text_problems(inputs, stale.week, stale.report, language)
        raise_all(problems, "build")


def _sweep(root: Path, reports: set[str]) -> None:
    """Delete what a killed build left half-written under its temporary names.

    reports: the ids; a script that is run by hand has a scratch folder of that very name.
    """
    for folder in (root / ".study" / "scratch").glob("*-????????"):
        if folder.name not in reports and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
    for pattern in (".*.tmp", "figures/*/.*.tmp", "reports/*/.*.tmp"):
        for path in root.glob(pattern):
            if is_inside(root, path.relative_to(root).as_posix()):
                path.unlink(missing_ok=True)


def refresh_readme(root: Path, study: Study) -> list[str]:
    """Bring the blocks of the README in each language up to date; return the changed paths."""
    from generator.publish.readme.change import readme_changes

    return [path for change in readme_changes(root, study) for path in change.write(root)]
