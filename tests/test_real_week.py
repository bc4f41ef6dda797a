"""One real week from nothing: what `make` would bring back is what is committed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.machine.processor import PORTABLE, machine
from generator.store.record import load_record
from tests.verify import agrees

ROOT = Path(__file__).parent.parent
WEEK = "week-10"
STUDY = [sys.executable, "-c", "from generator.cli import main; main(prog_name='study')"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study as it is committed, without the compiler and without any cache."""
    target = tmp_path_factory.mktemp("real") / "study"
    for name in ("reports", "figures", "templates", "locks"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    for name in ("study.toml", "models.toml", "README.md"):
        shutil.copy(ROOT / name, target)
    return target


def study(root: Path, *arguments: str) -> str:
    """What a whole process of the compiler prints on stdout."""
    result = subprocess.run(
        [*STUDY, "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_fresh_copy_builds_nothing(clone: Path) -> None:
    assert study(clone, "build", "--verify") == ""


@pytest.mark.skipif(machine() != PORTABLE, reason=f"the same bytes are promised on {PORTABLE}")
def test_a_week_built_from_nothing_is_the_committed_one(clone: Path) -> None:
    shutil.rmtree(clone / "figures" / WEEK)
    shutil.rmtree(clone / ".study", ignore_errors=True)
    pdfs = list((clone / "reports" / WEEK).glob("*.pdf"))
    for path in pdfs:
        path.unlink()
    printed = study(clone, "build", WEEK).splitlines()
    assert f"reports/{WEEK}/{WEEK}.pdf" in printed
    record = load_record(clone, WEEK)
    assert record.outputs == load_record(ROOT, WEEK).outputs
    for path in pdfs:
        name = path.relative_to(clone).as_posix()
        committed = (ROOT / name).read_bytes()
        # Another release of Pango may write the same page in other bytes.
        assert path.read_bytes() == committed or agrees(name, committed, path.read_bytes()), name


def test_a_script_that_runs_again_leaves_its_week_as_it_was(clone: Path) -> None:
    folders = [clone / "figures" / WEEK, clone / "reports" / WEEK]
    for folder in folders:
        shutil.rmtree(folder)
        shutil.copytree(ROOT / folder.relative_to(clone), folder)
    script = clone / "reports" / WEEK / "compute.py"
    script.write_text(f"{script.read_text('utf-8')}# A remark.\n", "utf-8")
    # Its pages carry the script, and with it the remark.
    pages = [f"reports/{WEEK}/{WEEK}.pdf", f"reports/{WEEK}/{WEEK}.ko.pdf"]
    written = study(clone, "build", WEEK).splitlines()
    assert sorted(written) == sorted([f"figures/{WEEK}/record.json", *pages])
