"""What a script cannot do, because the system does not let it: twelve ways around an audit hook."""

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.compute.child import landlock, seatbelt, seccomp
from tests.script_study import ScriptStudy

pytestmark = pytest.mark.skipif(
    landlock.version() < 3 or not seccomp.known(),
    reason="this kernel has no Landlock that refuses truncation, or no filter for its processor",
)
LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
# A way to write or delete outside of the scratch folder → what it needs first, and the lines.
# OUT is a folder beside the study with a file kept.txt, 4 bytes, and a folder in it.
WAYS = {
    "rmtree": ("import shutil\n", "shutil.rmtree(OUT)"),
    "rmtree of the study": ("import shutil\n", "shutil.rmtree(run.file('compute.py').parents[2])"),
    "dir_fd": ("import os\n", "os.unlink('kept.txt', dir_fd=os.open(OUT, os.O_RDONLY))"),
    "open with dir_fd": (
        "import os\n",
        "os.open('kept.txt', os.O_WRONLY | os.O_TRUNC, dir_fd=os.open(OUT, os.O_RDONLY))",
    ),
    "a link in the scratch folder": (
        "import os\n",
        "os.symlink(OUT, 'way')\nopen('way/new.txt', 'w').write('x')",
    ),
    "ctypes": (LIBC, "done(libc.open((OUT + '/kept.txt').encode(), os.O_WRONLY | os.O_TRUNC))"),
    "ctypes unlink": (LIBC, "done(libc.unlink((OUT + '/kept.txt').encode()))"),
    "a child process": ("import subprocess\n", "subprocess.run(['rm', '-rf', OUT])"),
    "os.system": ("import os\n", "os.system('rm -rf ' + OUT)"),
    "libc's system": (LIBC, "done(-1 if libc.system(f'rm -rf {OUT}'.encode()) else 0)"),
    "libc's fork": (LIBC, "done(libc.fork())"),
    "mmap": (
        "import mmap, os\n",
        "mmap.mmap(os.open(OUT + '/kept.txt', os.O_RDWR), 4)[:] = b'gone'",
    ),
    "rename": ("import os\n", "os.rename(OUT + '/kept.txt', 'mine.txt')"),
    "libc's rename": (LIBC, "done(libc.rename((OUT + '/kept.txt').encode(), b'mine.txt'))"),
    "a hard link": ("import os\n", "os.link(OUT + '/kept.txt', 'mine.txt')\nopen('mine.txt', 'w')"),
    "libc's hard link": (LIBC, "done(libc.link((OUT + '/kept.txt').encode(), b'mine.txt'))"),
    "sqlite3": (
        "import sqlite3\n",
        "sqlite3.connect(OUT + '/x.db').execute('create table t(a)')",
    ),
    "torch.save": ("import torch\n", "torch.save(torch.zeros(2), OUT + '/kept.txt')"),
    "/proc/self/fd": (
        "import os\n",
        "there = os.open(OUT + '/kept.txt', os.O_RDONLY)\n"
        "open(f'/proc/self/fd/{there}', 'w').write('gone')",
    ),
    "/proc/self/root": ("import os\n", "open('/proc/self/root' + OUT + '/new.txt', 'w')"),
    "a thread": (
        "import threading\n",
        "threading.Thread(target=lambda: open(OUT + '/kept.txt', 'w')).start()\n"
        "import time; time.sleep(0.2)",
    ),
    "a thread of libc's": (
        LIBC + "import threading\n",
        "found = []\n"
        "path = (OUT + '/kept.txt').encode()\n"
        "one = threading.Thread(target=lambda: found.append(libc.unlink(path)))\n"
        "one.start(); one.join()\ndone(found[0])",
    ),
    "mkfifo": ("import os\n", "os.mkfifo(OUT + '/new.fifo')"),
    "a socket by ctypes": (LIBC, "done(libc.socket(2, 1, 0))"),
}
DONE = """
def done(answer):
    if answer == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), OUT)
"""


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder beside the study, which must be as it was at the end."""
    folder = tmp_path / "outside"
    (folder / "below").mkdir(parents=True)
    (folder / "kept.txt").write_text("kept")
    yield folder
    assert sorted(path.name for path in folder.iterdir()) == ["below", "kept.txt"]
    assert (folder / "kept.txt").read_text() == "kept"


@pytest.mark.parametrize("way", WAYS)
def test_nothing_outside_the_scratch_folder_is_written_or_deleted(
    tmp_path: Path, outside: Path, way: str
) -> None:
    study = ScriptStudy(tmp_path / "study")
    before, body = WAYS[way]
    path = study.body(body, before=f"{before}OUT = {str(outside)!r}\n{DONE}")
    files = {
        file: file.read_bytes() for file in study.root.rglob("*.*") if ".study" not in str(file)
    }
    complaints = study.complaints(path)
    assert {file: file.read_bytes() for file in files} == files
    named = ("outside", "/proc/self/", "study.toml", "reports", "kept.txt", "other processes")
    assert any(name in " ".join(complaints) for name in named), complaints


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/shadow", "{home}/.ssh/id_ed25519"])
def test_secrets_of_the_machine_cannot_be_read_by_native_code(tmp_path: Path, path: str) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh/id_ed25519").write_text("secret")
    study = ScriptStudy(tmp_path / "study")
    there = path.format(home=home)
    study.body(f"run.value('file', libc.open({there.encode()!r}, 0))", before=LIBC)
    assert study.run().results.values["file"].value == -1


def test_the_environment_of_the_build_cannot_be_read(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    study.body(
        "run.value('file', libc.open(f'/proc/{os.getppid()}/environ'.encode(), 0))", before=LIBC
    )
    assert study.run().results.values["file"].value == -1


def test_threads_and_the_scratch_folder_work_as_ever(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    study.body(
        """
        with ThreadPoolExecutor(3) as pool:
            run.value("sum", sum(pool.map(abs, range(-3, 4))))
        os.mkdir("a"); os.rename("a", "b"); open("b/c", "w").write("x"); os.link("b/c", "d")
        torch.save(torch.ones(3), "t.pt")
        run.value("loaded", torch.load("t.pt").sum().item())
        shutil.rmtree("b")
        run.value("left", len(set(os.listdir()) - {"compute.py"}))
        """,
        before="import os, shutil, torch\nfrom concurrent.futures import ThreadPoolExecutor\n",
    )
    values = study.run().results.values
    assert [values[name].value for name in ("sum", "loaded", "left")] == [12, 3, 2]


def test_the_sandbox_of_macos_gets_a_profile_that_names_every_folder() -> None:
    profile = seatbelt._profile([Path("/Users/a study")], [Path("/private/tmp/s")])
    assert '(allow file-read* (subpath "/Users/a study") (subpath "/private/tmp/s"))' in profile
    assert '(allow file-write* (subpath "/private/tmp/s"))' in profile
    assert profile.index("(deny file-write*)") < profile.index("(allow file-write* ")
    if sys.platform == "linux":
        assert not seatbelt.restrict([], [])
    assert shutil.which("sandbox-exec") is None or platform.system() == "Darwin"
