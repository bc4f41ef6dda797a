"""Jobs go to an executor and come back as outcomes: here, in processes, and on a cluster."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.compute.jobs.pool import Runner, compute_all, executor_for, run_job
from generator.errors import StudyError, problems_in
from generator.model import Job, Outcome
from tests.script_study import ScriptStudy

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ("a", "b", "c", "d")


@pytest.fixture
def study(tmp_path: Path) -> ScriptStudy:
    """Four reports that share a module, read a file, draw, and take a moment each."""
    study = ScriptStudy(tmp_path / "study")
    study.write("common/__init__.py", "")
    study.write("common/number.py", "N = 3\n")
    for name in REPORTS:
        study.write(f"{name}/data/x.txt", f"of {name}")
        study.write(f"{name}/{name}.pdf", "is not sent")
        study.body(
            """
            print("working")
            time.sleep(0.2)
            run.value("x", np.random.rand() * number.N)
            run.string("data", run.file("data/x.txt").read_text())
            run.value("files", len(os.listdir(Path(__file__).parent)))
            figure = run.new_figure(30)
            figure.add_subplot().plot(np.random.rand(5))
            run.figure("plot", figure)
            """,
            name,
            before="import os, time\nfrom pathlib import Path\nimport numpy as np\n"
            "from common import number\n",
        )
    return study


def jobs(study: ScriptStudy) -> list[Job]:
    return [study.job(name) for name in REPORTS]


def computed(study: ScriptStudy, pair: tuple[Executor, Runner]) -> dict[str, Outcome]:
    executor, run = pair
    return {job.report: outcome for job, outcome in compute_all(jobs(study), executor, run)}


def same(one: dict[str, Outcome], other: dict[str, Outcome]) -> bool:
    """Whether all but the times is equal."""
    return {name: (o.results, o.files, o.inputs, o.log) for name, o in one.items()} == {
        name: (o.results, o.files, o.inputs, o.log) for name, o in other.items()
    }


def test_one_worker_and_two_give_the_same(study: ScriptStudy) -> None:
    with executor_for(study.root, jobs(study), workers=1) as pair:
        one = computed(study, pair)
    with executor_for(study.root, jobs(study), workers=2) as pair:
        two = computed(study, pair)
    assert same(one, two)
    assert set(one) == set(REPORTS)


class Inline(Executor):
    """Runs at once: what the seam needs is a Future and nothing more."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future: Future[Outcome] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except (StudyError, ExceptionGroup) as error:
            future.set_exception(error)
        return future


def test_all_failures_come_together_after_everything_that_could_end(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    study.body("run.value('a', 1)", "a")
    study.body("1 / 0", "b")
    study.body("run.value('A', 1)\nrun.value('B', 2)", "c")
    study.body("run.value('d', 1)", "d")
    ended: list[str] = []

    def compute() -> None:
        for job, _ in compute_all(jobs(study), Inline(), lambda job: run_job(study.root, job)):
            ended.append(job.report)

    with pytest.raises(ExceptionGroup) as caught:
        compute()
    assert sorted(ended) == ["a", "d"]
    assert [str(problem).partition(": ")[0] for problem in problems_in(caught.value)] == [
        "reports/b/compute.py:2",
        "reports/c/compute.py:2",
        "reports/c/compute.py:3",
    ]


def test_another_executor_is_refused(study: ScriptStudy) -> None:
    with (
        pytest.raises(StudyError, match="--executor is 'spark:x', expected dask:ADDRESS"),
        executor_for(study.root, [], workers=1, where="spark:x"),
    ):
        pass


# ---------------------------------------------------------------- a cluster of two workers


@dataclass
class Cluster:
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    where: Path

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


def start_cluster(where: Path, compiler: Path = ROOT) -> Cluster:
    """A scheduler and two workers of one thread, without nannies, far from the study."""
    where.mkdir(exist_ok=True)
    found = where / "scheduler.json"
    env = {**os.environ, "PYTHONPATH": str(compiler), "OMP_NUM_THREADS": "1"}
    quiet = {"cwd": where, "env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    file = ("--scheduler-file", str(found))
    python = (sys.executable, "-m")
    local = ("--host", "127.0.0.1", "--no-dashboard")
    scheduler = subprocess.Popen(
        [*python, "distributed.cli.dask_scheduler", *file, *local, "--port", "0"],
        **quiet,  # type: ignore[call-overload]
    )
    workers = [
        subprocess.Popen(
            [*python, "distributed.cli.dask_worker", *file, *local, "--no-nanny", "--nthreads=1"],
            **quiet,  # type: ignore[call-overload]
        )
        for _ in range(2)
    ]
    import json

    deadline = time.monotonic() + 30
    while not found.exists() or not found.stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    cluster = Cluster(json.loads(found.read_text())["address"], scheduler, workers, where)
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2, timeout=30)
    return cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    started = start_cluster(tmp_path / "elsewhere")
    yield started
    started.end()


def on(cluster: Cluster, study: ScriptStudy) -> dict[str, Outcome]:
    with executor_for(study.root, jobs(study), workers=2, where=f"dask:{cluster.address}") as pair:
        return computed(study, pair)


def test_a_cluster_gives_what_this_machine_gives_also_with_a_worker_killed(
    study: ScriptStudy, cluster: Cluster
) -> None:
    with executor_for(study.root, jobs(study), workers=2) as pair:
        local = computed(study, pair)
    assert same(on(cluster, study), local)

    study.body("1 / 0", "d")
    with pytest.raises(ExceptionGroup) as caught:
        on(cluster, study)
    assert [str(problem) for problem in problems_in(caught.value)] == [
        "reports/d/compute.py:2: raised ZeroDivisionError: division by zero"
    ]
    shutil.copy(study.root / "reports/a/compute.py", study.root / "reports/d/compute.py")
    with executor_for(study.root, jobs(study), workers=2) as pair:
        local = computed(study, pair)

    where = f"dask:{cluster.address}"
    with executor_for(study.root, jobs(study), workers=2, where=where) as (executor, run):
        found = {}
        for job, outcome in compute_all(jobs(study), executor, run):
            found[job.report] = outcome
            if len(found) == 1:
                cluster.workers[0].send_signal(signal.SIGKILL)
    assert same(found, local)


SLOW = """
import numpy as np


def drawn(count):
    print("drawn runs")
    return np.random.rand(count)


def compute(run):
    run.value("sum", run.memo(drawn, 100_000).sum())
"""


def test_memos_travel_to_a_cluster_and_come_home(
    tmp_path: Path, cluster: Cluster, study: ScriptStudy
) -> None:
    where = f"dask:{cluster.address}"
    told: list[str] = []

    def there(text: str, of: ScriptStudy) -> Outcome:
        job = of.script(text, "slow")
        with executor_for(of.root, [job], workers=1, where=where, remark=told.append) as pair:
            return next(outcome for _, outcome in compute_all([job], *pair))

    # Computed here: used there, with another value beside it.
    here = study.run(study.script(SLOW, "slow"))
    assert re.fullmatch(r"drawn\(\) ran, \d\.\d s \(nothing was kept yet\)", here.memos[0])
    used = there(SLOW + "    run.value('one', 1)\n", study)
    assert used.memos == ("drawn() kept",)
    assert used.results.values["sum"] == here.results.values["sum"]
    assert "drawn runs" not in used.log
    assert told[0].startswith(f"connecting to the scheduler at {cluster.address}")
    assert re.fullmatch(r"1 script computed by 1 worker: tcp://127\.0\.0\.1:\d+ \(1\)", told[1])

    # Computed there, on whichever worker, by a script that fails: used here, and there again.
    other = ScriptStudy(tmp_path / "other")
    with pytest.raises(ExceptionGroup, match="compute"):
        there(SLOW + "    1 / 0\n", other)
    home = other.run(other.script(SLOW, "slow"))
    assert home.memos == ("drawn() kept",)
    assert home.results == here.results
    for number in range(3):
        again = there(SLOW + f"    run.value('n', {number})\n", other)
        assert again.memos == ("drawn() kept",)
    changed = there(SLOW.replace("100_000", "50_000"), other).memos[0]
    assert re.fullmatch(r"drawn\(\) ran, \d\.\d s \(argument 1 of drawn\(\) changed\)", changed)


def test_a_lost_scheduler_is_told_and_what_ended_is_kept(
    study: ScriptStudy, cluster: Cluster
) -> None:
    where = f"dask:{cluster.address}"
    kept: list[str] = []

    def compute() -> None:
        with executor_for(study.root, jobs(study), workers=2, where=where) as (executor, run):
            for job, _ in compute_all(jobs(study), executor, run):
                kept.append(job.report)
                cluster.scheduler.kill()

    with pytest.raises(ExceptionGroup) as caught:
        compute()
    assert kept
    problems = list(problems_in(caught.value))
    assert len(problems) == len(REPORTS) - len(kept)
    for problem in problems:
        assert f"did not end: the scheduler at {cluster.address} was lost" in str(problem)
        assert str(problem).startswith("reports/")


def test_a_worker_with_other_code_is_refused(study: ScriptStudy, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    other = tmp_path / "other compiler"
    shutil.copytree(ROOT / "generator", other / "generator")
    (other / "generator/errors.py").write_text(
        (ROOT / "generator/errors.py").read_text() + "\nCHANGED = 1\n"
    )
    cluster = start_cluster(tmp_path / "elsewhere", other)
    try:
        with pytest.raises((StudyError, ExceptionGroup)) as caught:
            on(cluster, study)
        for problem in problems_in(caught.value):
            assert "is refused, it has another version of the compiler" in problem.message
        (study.root / "locks").mkdir()
        (study.root / "locks/all.txt").write_text("numpy==1.0.0\n")
        with pytest.raises((StudyError, ExceptionGroup)) as caught:
            on(cluster, study)
        assert "expected 1.0.0" in str(next(problems_in(caught.value)))
    finally:
        cluster.end()


def test_no_scheduler_is_told_with_how_to_start_one(study: ScriptStudy) -> None:
    pytest.importorskip("distributed")
    from generator.compute.jobs import dask

    with (
        pytest.raises(StudyError, match=r"there is no scheduler at tcp://127.0.0.1:9"),
        dask.dask_executor(study.root, "tcp://127.0.0.1:9", connect_s=0.5),
    ):
        pass
