"""Jobs and an executor → outcomes as they end. The executor is the one seam for parallel work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from generator.compute.jobs.supervise import Family, Start, cold, run_child
from generator.compute.jobs.warm import fork_is_safe, libraries, warm_server
from generator.errors import StudyError
from generator.machine.packages import pip_install
from generator.model import Job, Outcome

Runner = Callable[[Job], Outcome]


def run_job(root: Path, job: Job) -> Outcome:
    """What the script of `job` gives in a new child process.

    Raises ScriptError, or a group of them, for all that is wrong with the script.
    """
    return run_child(cold, Family(), root, job)


def compute_all(
    jobs: Iterable[Job], executor: Executor, run: Runner
) -> Iterator[tuple[Job, Outcome]]:
    """Yield each job with its outcome as it ends; raise all failures together at the end.

    Failures come in the order of the jobs, whichever ended first.
    """
    waiting = {executor.submit(run, job): job for job in jobs}
    failures: dict[Future[Outcome], Exception] = {}
    for done in as_completed(waiting):
        try:
            outcome = done.result()
        except (StudyError, ExceptionGroup) as error:
            failures[done] = error
        else:
            yield waiting[done], outcome
    if failures:
        raise ExceptionGroup("compute", [failures[each] for each in waiting if each in failures])


@contextmanager
def executor_for(
    root: Path,
    jobs: Sequence[Job],
    *,
    workers: int,
    where: str = "",
    keep: bool = False,
    remark: Callable[[str], None] = lambda text: None,
) -> Iterator[tuple[Executor, Runner]]:
    """An executor and what to submit to it with each job; every child has ended at the end.

    where: "" for this machine, or "dask:ADDRESS". keep: the same jobs will run again and again.
    remark: called with what a person who waits wants to know.
    A warm process is started where it pays: it costs what one script's imports cost.
    Raises StudyError for another `where`, or a cluster that cannot be used.
    """
    if where:
        kind, _, address = where.partition(":")
        if kind != "dask" or not address:
            raise StudyError(
                f"--executor is {where!r}, expected dask:ADDRESS",
                None,
                "--executor dask:tcp://host:8786",
            )
        try:
            from generator.compute.jobs.dask import dask_executor
        except ModuleNotFoundError as error:
            if error.name != "distributed":
                raise
            raise StudyError(
                "--executor dask:… needs distributed, which is not installed",
                None,
                f"type `{pip_install(['distributed'])}`",
            ) from None
        with dask_executor(root, address, remark=remark) as pair:
            yield pair
    elif (keep or len(jobs) > 1) and fork_is_safe():
        with (
            warm_server(root, libraries(root, jobs)) as server,
            local_executor(root, workers, server.start) as pair,
        ):
            yield pair
    else:
        with local_executor(root, workers, cold) as pair:
            yield pair


@contextmanager
def local_executor(root: Path, workers: int, start: Start) -> Iterator[tuple[Executor, Runner]]:
    """Threads of this process, each of which waits for one child."""
    family = Family()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="compute")
    try:
        yield pool, partial(run_child, start, family, root)
    except BaseException:
        family.end()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
