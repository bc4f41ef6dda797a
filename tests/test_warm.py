"""A fork of a warm process gives what a cold process gives, sooner, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.compute.jobs.pool import executor_for
from generator.compute.jobs.supervise import Family, run_child
from generator.compute.jobs.warm import WarmServer, fork_is_safe, libraries, warm_server
from generator.errors import StudyError
from tests.script_study import ScriptStudy

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not fork_is_safe(), reason="forking is safe on Linux only")

EVERYTHING = """
import random
import numpy as np
import torch
from common import number


def fit():
    weights = torch.randn(4, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.1)
    for _ in range(20):
        optimiser.zero_grad()
        (weights**2).sum().backward()
        optimiser.step()
    return weights.detach()


def compute(run):
    run.value("shared", number.N)
    run.value("random", random.random() + np.random.rand() + torch.rand(1).item())
    run.value("fit", fit().sum().item())
    figure = run.new_figure(50)
    figure.add_subplot().plot(np.random.rand(9), label="$x_i$ 값")
    figure.axes[0].legend()
    run.figure("plot", figure)
"""


@pytest.fixture
def study(tmp_path: Path) -> ScriptStudy:
    study = ScriptStudy(tmp_path / "study")
    study.write("common/__init__.py", "")
    study.write("common/number.py", "N = 1\n")
    return study


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmServer]:
    ahead = ["numpy", "matplotlib", "torch", "optim"]
    with warm_server(tmp_path_factory.mktemp("warm"), ahead) as warm:
        yield warm


def until(true: Callable[[], bool], limit_s: float = 10.0) -> bool:
    """Whether `true` came true in time."""
    deadline = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_warm_and_cold_give_the_same_bytes_and_inputs(
    study: ScriptStudy, server: WarmServer
) -> None:
    job = study.script(EVERYTHING)
    cold = study.run(job)
    study.start = server.start
    for _ in range(2):
        warm = study.run(job)
        assert warm.results == cold.results
        assert warm.files == cold.files
        assert warm.inputs == cold.inputs
        assert list(warm.inputs) == list(cold.inputs)


def test_a_changed_module_is_seen_by_the_next_fork(study: ScriptStudy, server: WarmServer) -> None:
    study.start = server.start
    study.body("run.value('n', number.N)", before="from common import number\n")
    assert study.run().results.values["n"].value == 1
    study.write("common/number.py", "N = 2\n")
    assert study.run().results.values["n"].value == 2


def test_a_crash_in_one_fork_harms_no_other(study: ScriptStudy, server: WarmServer) -> None:
    study.start = server.start
    study.body("import ctypes\nctypes.string_at(0)", report="bad")
    study.body("run.value('a', 1)", report="good")
    for _ in range(3):
        assert study.complaints(study.job("bad")) == [
            "reports/bad/compute.py:3: crashed (SIGSEGV): Segmentation fault"
        ]
        assert study.run(study.job("good")).results.values["a"].value == 1


def test_hangs_kills_and_guards_are_as_in_a_cold_child(
    study: ScriptStudy, server: WarmServer
) -> None:
    study.start = server.start
    study.body("while True:\n    pass")
    [complaint] = study.complaints(study.job(timeout_s=0.3))
    assert complaint.endswith(("py:2: did not end within 0.3 s", "py:3: did not end within 0.3 s"))
    study.body("import os\nos.kill(os.getpid(), 9)")
    [complaint] = study.complaints()
    assert complaint.startswith("reports/week-01/compute.py:3: was killed (SIGKILL)")
    study.body("open('/tmp/of-a-script', 'w')")
    [complaint] = study.complaints()
    assert "a script writes only in its scratch folder" in complaint


def test_a_fork_is_made_and_ended_in_a_blink(study: ScriptStudy, server: WarmServer) -> None:
    study.start = server.start
    study.body("run.value('a', 1)")
    study.run()
    started = time.perf_counter()
    for _ in range(5):
        study.run()
    # 0.01 s each measured; a cold child that imports torch takes 2 s and more.
    assert (time.perf_counter() - started) / 5 < 0.3


def test_libraries_are_told_from_the_scripts(study: ScriptStudy) -> None:
    job = study.body("run.value('a', 1)")
    assert libraries(study.root, [job]) == ()
    job = study.body("run.new_figure(10)", before="import torch\n")
    assert libraries(study.root, [job]) == ("matplotlib", "torch")
    study.write("common/number.py", "import numpy\n")
    job = study.body("run.value('a', 1)", before="from common import number\n")
    assert libraries(study.root, [job]) == ("numpy",)


def test_a_dead_server_is_replaced_by_cold_children(study: ScriptStudy) -> None:
    job = study.body("run.value('a', 1)")
    with warm_server(study.root, []) as server:
        study.start = server.start
        study.run(job)
        os.kill(server.pid, signal.SIGKILL)
        assert study.run(job).results.values["a"].value == 1


def test_ending_the_family_ends_a_running_fork(study: ScriptStudy, server: WarmServer) -> None:
    import threading

    family = Family()
    job = study.body("import time\nprint('up', flush=True)\ntime.sleep(60)")
    log = study.root / ".study/logs/week-01.log"

    def end_soon() -> None:
        until(lambda: log.exists() and log.read_text() == "up\n")
        family.end()

    thread = threading.Thread(target=end_soon)
    thread.start()
    with pytest.raises(StudyError, match="was interrupted"):
        run_child(server.start, family, study.root, job)
    thread.join()
    with pytest.raises(StudyError, match="was not run"):
        run_child(server.start, family, study.root, job)


# ---------------------------------------------------------------- the end of the parent

PARENT = """
import sys
from pathlib import Path
from generator.compute.jobs.pool import executor_for
from generator.model import Job

root, keep = Path(sys.argv[1]), sys.argv[2] == "warm"
jobs = [Job(name, f"reports/{name}/compute.py", 0, 0.0) for name in ("one", "two")]
if not keep:
    import generator.compute.jobs.pool
    generator.compute.jobs.pool.fork_is_safe = lambda: False
with executor_for(root, jobs, workers=2, keep=keep) as (executor, run):
    for future in [executor.submit(run, job) for job in jobs]:
        future.result()
"""


@pytest.mark.parametrize("kind", ["cold", "warm"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_child_outlives_its_parent(study: ScriptStudy, kind: str, how: signal.Signals) -> None:
    for name in ("one", "two"):
        study.body("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)", name)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(study.root), kind],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    logs = [study.root / f".study/logs/{name}.log" for name in ("one", "two")]
    try:
        assert until(lambda: all(log.exists() and log.read_text().strip() for log in logs))
        children = [int(log.read_text()) for log in logs]
        below = children + [int(pid) for pid in children_of(parent.pid)]
        assert all(alive(pid) for pid in below)
    finally:
        # As a terminal does it: to the whole foreground group, in which no child is.
        os.killpg(parent.pid, how)
        parent.wait(10)
    assert until(lambda: not any(alive(pid) for pid in below), 5)
    if how is signal.SIGINT:
        assert list((study.root / ".study/scratch").glob("*-*")) == []


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_build_of_one_script_starts_no_server(study: ScriptStudy) -> None:
    job = study.body("run.value('a', 1)")
    with executor_for(study.root, [job], workers=1) as (executor, run):
        assert executor.submit(run, job).result().results == study.run(job).results
    assert not (study.root / ".study/logs/warm.log").exists()
    with executor_for(study.root, [job, job], workers=1):
        assert (study.root / ".study/logs/warm.log").exists()
