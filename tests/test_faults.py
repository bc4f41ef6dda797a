"""What goes wrong around a build: kills, full disks, folders that are not ours, two at once."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STUDIES = ROOT / "tests" / "studies"
STUDY = [sys.executable, "-c", "from generator.cli import main; main(prog_name='study')"]


def study(root: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """One whole process of the compiler."""
    result: subprocess.CompletedProcess[str] = subprocess.run(
        [*STUDY, "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
        **options,  # type: ignore[call-overload]
    )
    return result


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("faults") / "tiny"
    shutil.copytree(STUDIES / "tiny", root)
    result = study(root, "build", "-q")
    assert result.returncode == 0, result.stderr
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    target = tmp_path / "study"
    shutil.copytree(built, target)
    return target


def products(root: Path) -> dict[str, bytes]:
    """Every committed file that a build makes."""
    found = [*root.glob("figures/*/*"), *root.glob("reports/*/*.pdf"), root / "README.md"]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def forget(root: Path) -> None:
    """Delete everything that a build makes."""
    for folder in ("figures", ".study"):
        shutil.rmtree(root / folder, ignore_errors=True)
    for path in root.glob("reports/*/*.pdf"):
        path.unlink()


def test_a_build_killed_at_any_moment_is_made_good_by_the_next(root: Path) -> None:
    whole = products(root)
    rng = random.Random(0)
    started = time.perf_counter()
    forget(root)
    study(root, "build", "-q")
    took = time.perf_counter() - started
    for _ in range(6):
        forget(root)
        with subprocess.Popen(
            [*STUDY, "-C", str(root), "build", "-q"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            time.sleep(rng.uniform(0.1, took))
            process.send_signal(signal.SIGKILL)
        half = products(root)
        # What is there is whole: no committed path ever holds a part of a file.
        for name, content in half.items():
            if not name.endswith(("record.json", ".tmp")):
                assert content == whole[name], name
        result = study(root, "build", "-q")
        assert result.returncode == 0, result.stderr
        assert products(root) == whole
        assert list((root / ".study" / "scratch").iterdir()) == []


def test_no_child_outlives_a_killed_build(root: Path) -> None:
    script = root / "reports" / "week-01" / "compute.py"
    script.write_text(
        script.read_text("utf-8").replace(
            "def compute(run: Run) -> None:\n",
            "def compute(run: Run) -> None:\n    import time\n\n    time.sleep(31.4159)\n",
        ),
        "utf-8",
    )
    with subprocess.Popen(
        [*STUDY, "-C", str(root), "build", "-q"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        time.sleep(2.5)
        process.send_signal(signal.SIGKILL)
    time.sleep(1)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                where = os.readlink(entry / "cwd")
            except OSError:
                continue
            assert str(root) not in line, line
            assert not where.startswith(str(root)), line


def test_a_full_disk_is_said_and_nothing_is_lost(root: Path) -> None:
    whole = products(root)
    report = root / "reports" / "week-01" / "report.md"
    report.write_text(report.read_text("utf-8").replace("schoolbook", "textbook"), "utf-8")
    limit = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000));"
        "from generator.cli import main; main(prog_name='study')"
    )
    result = subprocess.run(
        [sys.executable, "-c", limit, "-C", str(root), "build", "-q"],
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert result.returncode == 1, result.stderr
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.stderr
    assert products(root) == whole
    assert study(root, "build", "-q").returncode == 0
    assert products(root) != whole


def _without_override() -> None:
    """Let root obey permission bits as everybody does (CAP_DAC_OVERRIDE, 1, dropped)."""
    import ctypes

    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_a_read_only_folder_is_read_and_said(root: Path) -> None:
    def read_only(folder: Path) -> None:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)

    nobody = {"preexec_fn": _without_override}
    read_only(root)
    fresh = study(root, "build", "-q", **nobody)
    assert (fresh.returncode, fresh.stdout) == (0, ""), fresh.stderr
    report = root / "reports" / "week-01" / "report.md"
    for folder in (root, report.parent, report):
        folder.chmod(0o755)
    report.write_text(report.read_text("utf-8").replace("schoolbook", "textbook"), "utf-8")
    for kept in (True, False):
        if not kept:
            shutil.rmtree(root / ".study")
        read_only(root)
        before = products(root)
        stale = study(root, "build", "-q", **nobody)
        root.chmod(0o755)
        assert stale.returncode == 1
        assert "cannot write" in stale.stderr
        assert "Traceback" not in stale.stderr
        assert products(root) == before


def test_two_builds_at_once_one_works_and_one_says_so(root: Path) -> None:
    forget(root)
    first = subprocess.Popen(
        [*STUDY, "-C", str(root), "build", "-q"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not (root / ".study" / "lock").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    second = study(root, "build", "-q")
    waited = study(root, "build", "-q", "--wait", "60")
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert second.returncode == 1
    assert f"process {first.pid}" in second.stderr
    assert (waited.returncode, waited.stdout) == (0, "")


def test_a_damaged_cache_costs_time_only(root: Path) -> None:
    whole = products(root)
    rng = random.Random(1)
    for path in (root / ".study").rglob("*"):
        if path.is_file():
            path.write_bytes(rng.randbytes(rng.randrange(100)))
    for path in root.glob("reports/*/*.pdf"):
        path.unlink()
    result = study(root, "build", "-q")
    assert result.returncode == 0, result.stderr
    assert products(root) == whole


def test_clean_leaves_everything_buildable(root: Path) -> None:
    whole = products(root)
    assert study(root, "clean").returncode == 0
    assert study(root, "build").stdout == ""
    assert products(root) == whole
