"""Rebuild on every save, with everything that is slow to start kept running."""

import re
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator.build.pages import prepare_pages
from generator.build.stages import build, refresh_readme
from generator.build.state import Notice, Runner, job_for
from generator.errors import StudyError, problems_in
from generator.plan.labels import Inputs
from generator.plan.staleness import chosen
from generator.study.load import load_study

if TYPE_CHECKING:
    from generator.build.live import Live
    from generator.weasy.layouts import Layouts

# What a build writes itself must not start the next one.
WRITTEN = ("README.md", ".pdf", "results.json", "record.json", ".tmp", ".pyc", "~", ".swp")
# What editors write beside a file and take away again: sed's and vim's.
_FLEETING = re.compile(r"sed\w{6}|4913|.*\.bak")
PASSED_OVER = {"figures", ".study", ".git", "__pycache__", ".venv", "node_modules", "trials"}

Warm = tuple[Executor, Runner]
Remark = Callable[[str], None]
Said = Callable[[str, list[str], list[StudyError]], None]


def watch(
    root: Path,
    wanted: tuple[str, ...],
    notice: Notice,
    said: Said,
    remark: Remark = lambda t: None,
    live: "Live | None" = None,
) -> None:
    """Build what `wanted` names now and after every save, until the process is ended.

    live: a site to bring up to date as well, and to show problems on.

    said(reason, written, problems) is called after each build. Problems stay the author's to
    mend: the next save builds again, and the last good PDF stays where it is.
    """
    from watchfiles import watch as changes

    from generator.weasy.layouts import Layouts

    with ExitStack() as stack:
        warm = _warm(stack, root, wanted)
        build_now = partial(_once, root, wanted, warm, Layouts(), notice, remark, live)
        said("", *build_now())
        caught_up = False
        for batch in changes(root, watch_filter=lambda _, path: ours(root, path), debounce=40,
                             step=10, rust_timeout=500, yield_on_timeout=True):  # fmt: skip
            names = sorted({Path(path).relative_to(root).as_posix() for _, path in batch})
            if names:
                said(", ".join(names), *build_now())
            elif not caught_up:
                # Nobody looked while the first build ran: it may have missed a save.
                written, problems = build_now()
                if written:
                    said("saved meanwhile", written, problems)
            caught_up = True


def ours(root: Path, path: str) -> bool:
    """Whether a save of `path` may change a product."""
    parts = Path(path).relative_to(root).parts
    if not parts or PASSED_OVER & set(parts):
        return False
    name = parts[-1]
    return not (name.endswith(WRITTEN) or name.startswith(".") or _FLEETING.fullmatch(name))


def _warm(stack: ExitStack, root: Path, wanted: tuple[str, ...]) -> Warm | None:
    """What computes, kept running; pages are prepared while it starts. None if nothing does."""
    from generator.compute.jobs.pool import executor_for

    try:
        study = load_study(root)
        jobs = [job_for(study, report) for _, report in chosen(study, wanted) if report.script]
    except (StudyError, ExceptionGroup):
        return None  # the first build tells
    pair = None
    if jobs:
        pair = stack.enter_context(executor_for(root, jobs, workers=2, keep=True))
    prepare_pages(Inputs.load(root, study))
    return pair


def _once(
    root: Path,
    wanted: tuple[str, ...],
    warm: Warm | None,
    layouts: "Layouts",
    notice: Notice,
    remark: Remark,
    live: "Live | None",
) -> tuple[list[str], list[StudyError]]:
    """What one build wrote, and its problems."""
    written: list[str] = []
    try:
        study = load_study(root)
        if live:
            live.preview(study)
        build(root, study, wanted, workers=1, wait_s=10, warm=warm, layouts=layouts,
              notice=notice, wrote=written.append, remark=remark)  # fmt: skip
        written += refresh_readme(root, study)
        if live:
            live.bring(study)
    except (StudyError, ExceptionGroup) as error:
        problems = list(problems_in(error))
        if live:
            live.server.tell(problems)
        return written, problems
    return written, []
