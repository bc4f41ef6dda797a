"""Processes that set pages: what they give back, and that none is left behind."""

import os
import signal
import time
from concurrent.futures import wait
from pathlib import Path
from threading import Semaphore

import pytest

from generator.build.dispatch import Inline, in_turn, typesetters
from generator.build.workers import Press
from generator.errors import StudyError, Where


@pytest.fixture(autouse=True)
def _workers_can_import_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def prepared() -> int:
    return os.getpid()


def ids(first: int) -> tuple[int, int]:
    time.sleep(0.1)  # long enough for the other worker to take the other call
    return first, os.getpid()


def refused(_first: int, path: str) -> None:
    raise StudyError("is wrong", Where(path, 3), "mend it")


def ended(_first: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def touched(_first: int, path: Path) -> None:
    path.touch()
    time.sleep(30)


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] not in "ZX"


def gone(pids: set[int]) -> bool:
    for _ in range(100):
        if not any(is_alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def test_every_worker_is_a_fork_of_one_that_prepared() -> None:
    with typesetters(2, prepared, Semaphore(2)) as press:
        results = [future.result(20) for future in [press.submit(ids) for _ in range(4)]]
    workers = {worker for _, worker in results}
    assert len(workers) == 2
    assert {first for first, _ in results} <= workers
    assert gone(workers)


def test_a_problem_comes_back_with_its_place() -> None:
    with typesetters(2, prepared, Semaphore(2)) as press, pytest.raises(StudyError) as caught:
        press.submit(refused, "report.md").result(20)
    assert (str(caught.value), caught.value.hint) == ("report.md:3: is wrong", "mend it")


def test_a_killed_worker_is_a_problem_and_the_others_go_on() -> None:
    press = Press(2, prepared, Semaphore(2))
    try:
        with pytest.raises(StudyError, match="was killed"):
            press.submit(ended).result(20)
        assert press.submit(ids).result(20)
        with pytest.raises(StudyError, match="was killed"):
            press.submit(ended).result(20)
        with pytest.raises(StudyError, match="was killed"):
            press.submit(ids).result(20)
    finally:
        press.shutdown()


def test_an_interruption_ends_the_workers_at_once(tmp_path: Path) -> None:
    marks = [tmp_path / "a", tmp_path / "b"]
    workers: set[int] = set()
    started = time.monotonic()

    def interrupted() -> None:
        with typesetters(2, prepared, Semaphore(2)) as press:
            workers.update(pid for pid in press.submit(ids).result(20))
            waiting = [press.submit(touched, mark) for mark in marks]
            while not all(mark.exists() for mark in marks):
                wait(waiting, 0.02)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - started < 20
    assert gone(workers)


def test_one_worker_is_this_process() -> None:
    with typesetters(1, prepared, Semaphore(1)) as inline:
        assert isinstance(inline, Inline)
        first, second = inline.submit(ids), inline.submit(refused, "x")
        assert not first.done()
        inline.work()
        assert first.result() == (os.getpid(), os.getpid())
        assert inline.prepare() == os.getpid()
        inline.work()
        assert isinstance(second.exception(), StudyError)
        inline.work()  # nothing is left


def test_one_worker_does_not_wait_for_a_slot() -> None:
    slots = Semaphore(1)
    with typesetters(1, prepared, slots) as inline, slots:
        assert isinstance(inline, Inline)
        waiting = inline.submit(ids)
        inline.work()
        assert not waiting.done()


def test_no_more_calls_run_at_once_than_there_are_slots() -> None:
    slots = Semaphore(1)
    with typesetters(2, prepared, slots) as press:
        slots.acquire()
        waiting = press.submit(ids)
        assert not wait([waiting], 0.5).done
        slots.release()
        assert waiting.result(20)
    assert in_turn(slots, str)(1) == "1"
    assert slots.acquire(blocking=False)
