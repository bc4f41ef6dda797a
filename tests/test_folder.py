"""The folder .study/: what stands there on purpose or by accident harms nothing."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.errors import StudyError
from generator.store.cache import Cache
from generator.store.folder import sound_folder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one week, built."""
    root = tmp_path_factory.mktemp("built") / "study"
    for arguments in (["new", str(root)], ["-C", str(root), "build", "-q"]):
        assert CliRunner().invoke(main, arguments).exit_code == 0
    return root


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with files that a build must leave alone."""
    folder = tmp_path / "outside"
    (folder / "week-01-abcdefgh").mkdir(parents=True)
    for name in ("lock", "post.lock", "week-01.log", "warm.log", "week-01-abcdefgh/kept.txt"):
        (folder / name).write_text("kept")
    return folder


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


LINKS = (
    *("lock", "post.lock", "digests.json", "times.json", "logs", "scratch", "plots", "cache"),
    *("models", "logs/week-01.log", "logs/warm.log", "cache/formula", "scratch/week-01"),
)


@pytest.mark.parametrize("name", LINKS)
def test_links_in_the_folder_are_taken_away_and_what_they_name_stays(
    built: Path, outside: Path, tmp_path: Path, name: str
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root)
    place = root / ".study" / name
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    is_file = "." in place.name or place.name == "lock"
    place.symlink_to(outside / place.name if is_file else outside)
    before = contents(outside)
    done = CliRunner().invoke(main, ["-C", str(root), "build", "--force", "-q"])
    assert done.exit_code == 0, done.stderr
    assert contents(outside) == before
    assert not place.is_symlink()


@pytest.mark.parametrize("command", [["build"], ["clean"], ["check"], ["readme"], ["list"]])
def test_a_folder_that_is_a_link_out_of_the_study_is_refused(
    built: Path, outside: Path, tmp_path: Path, command: list[str]
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root, ignore=shutil.ignore_patterns(".study"))
    (root / ".study").symlink_to(outside)
    before = contents(outside)
    done = CliRunner().invoke(main, ["-C", str(root), *command])
    assert done.exit_code == 1
    assert "error: .study: is a link that leads out of the study" in done.stderr
    assert contents(outside) == before


def turned(path: Path) -> None:
    """Replace a file by a folder that holds one, and a folder by a file."""
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("x")
    else:
        path.unlink()
        path.mkdir()
        (path / "x").write_text("x")


def devoured(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("damage", [turned, devoured], ids=["turned", "pipes"])
def test_whatever_stands_where_the_cache_was_is_repaired(
    built: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root)
    study = root / ".study"
    places = [*study.iterdir(), *(study / "cache").glob("*"), *(study / "cache").glob("*/*")]
    places += list((study / "cache").glob("*/*/*"))
    for number, place in enumerate(sorted(places, key=lambda p: len(p.parts))):
        if number % 3 == 0 and os.path.lexists(place):
            damage(place)
    for options in (["--force"], []):
        done = CliRunner().invoke(main, ["-C", str(root), "build", "-q", *options])
        assert done.exit_code == 0, done.stderr
        assert done.exception is None


def test_names_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".study/mine").mkdir(parents=True)
    (tmp_path / ".study/link").symlink_to(tmp_path)
    sound_folder(tmp_path)
    assert sorted(path.name for path in (tmp_path / ".study").iterdir()) == ["link", "mine"]


def test_nothing_is_kept_through_a_link_in_the_cache(tmp_path: Path) -> None:
    cache, there = Cache(tmp_path / "cache"), tmp_path / "there"
    there.mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/drawing").symlink_to(there)
    cache.put("drawing", "abcdef", b"x")
    assert cache.get("drawing", "abcdef") == b"x"
    assert not list(there.iterdir())


def test_a_link_to_a_folder_of_the_study_itself_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / ".study").symlink_to(tmp_path / "kept")
    sound_folder(tmp_path)
    (tmp_path / ".study").unlink()
    (tmp_path / ".study").symlink_to("/")
    with pytest.raises(StudyError, match="leads out of the study"):
        sound_folder(tmp_path)


def test_a_trial_shares_what_its_study_keeps_and_no_other_links_are_left(tmp_path: Path) -> None:
    trial = tmp_path / "trials/one"
    (trial / ".study").mkdir(parents=True)
    for name in ("cache", "models", "logs"):
        (tmp_path / ".study" / name).mkdir(parents=True)
        (trial / ".study" / name).symlink_to(f"../../../.study/{name}")
    sound_folder(trial)
    assert sorted(path.name for path in (trial / ".study").iterdir()) == ["cache", "models"]
    shutil.rmtree(tmp_path / ".study")
    (tmp_path / ".study").symlink_to("/")
    sound_folder(trial)
    assert not list((trial / ".study").iterdir())


@pytest.mark.parametrize("delay_s", [0.1, 0.3, 0.8, 1.5, 3.0])
def test_a_first_build_that_is_interrupted_says_so_and_leaves_no_halves(
    built: Path, tmp_path: Path, delay_s: float
) -> None:
    root = tmp_path / "study"
    shutil.copytree(built, root, ignore=shutil.ignore_patterns(".study", "figures", "*.pdf"))
    code = "from generator.cli import main; print('ready', flush=True); main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "-C", str(root), "build"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as build:
        assert build.stdout
        assert build.stdout.readline()
        time.sleep(delay_s)
        with suppress(ProcessLookupError):
            os.killpg(build.pid, signal.SIGINT)
        _, err = build.communicate(timeout=60)
    assert "Traceback" not in err
    assert not list(root.rglob("*.tmp"))
    assert CliRunner().invoke(main, ["-C", str(root), "build", "-q"]).exit_code == 0


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="a small disk is made by root on Linux"
)
@pytest.mark.parametrize("size_kb", [150, 500, 1500, 2500])
def test_a_full_disk_is_one_clear_error(built: Path, tmp_path: Path, size_kb: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        left_out = shutil.ignore_patterns(".study", "figures", "*.pdf")
        shutil.copytree(built, disk / "study", ignore=left_out)
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from generator.cli import main; main()",
                "-C",
                "study",
                "build",
            ],
            cwd=disk,
            env={**os.environ, "TMPDIR": str(disk), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        # What is kept beside the products may fit into more, or may not.
        assert done.returncode == 1 or size_kb > 1000
        assert done.returncode == 0 or "No space left on device" in done.stderr
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
