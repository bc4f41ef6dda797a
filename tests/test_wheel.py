"""The wheel works outside the clone: an empty environment builds a tiny study."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel and the locked typesetting half, without torch."""
    base = tmp_path_factory.mktemp("wheel")
    pip = ["-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q", "--no-deps",
         "--no-build-isolation", "-w", str(base), str(ROOT)],
        check=True,
    )  # fmt: skip
    subprocess.run([sys.executable, "-m", "venv", str(base / "venv")], check=True)
    python = str(base / "venv" / "bin" / "python")
    (wheel,) = base.glob("studypress-*.whl")
    subprocess.run([python, *pip, "-r", str(ROOT / "locks" / "typeset.txt")], check=True)
    subprocess.run([python, *pip, str(wheel)], check=True)
    return base / "venv"


def study(environment: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(environment / "bin" / "study"), *arguments],
        cwd=folder,
        env={"PATH": os.defpath, "NO_COLOR": "1", "HOME": str(folder)},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_wheel_sets_a_committed_study_without_torch(environment: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(ROOT / "tests" / "studies" / "tiny", folder)
    with_torch = Path(sys.executable).parent.parent
    # Somebody with everything computes and commits; versions count as this environment sees them.
    made = study(with_torch, folder, "build", "-q")
    assert made.returncode == 0, made.stderr
    pdf = folder / "reports" / "week-01" / "week-01.pdf"
    content = pdf.read_bytes()

    fresh = study(environment, folder, "build", "-q")
    assert (fresh.returncode, fresh.stdout) == (0, ""), fresh.stderr

    pdf.unlink()
    again = study(environment, folder, "build", "-q")
    assert again.returncode == 0, again.stderr
    assert pdf.read_bytes() == content

    report = folder / "reports" / "week-01" / "report.md"
    report.write_text(report.read_text("utf-8").replace("schoolbook", "textbook"), "utf-8")
    assert study(environment, folder, "build", "-q").returncode == 0
    assert pdf.read_bytes() != content


@pytest.mark.slow
def test_without_torch_a_stale_script_says_what_to_do(environment: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(ROOT / "tests" / "studies" / "tiny", folder)
    made = study(Path(sys.executable).parent.parent, folder, "build", "-q")
    assert made.returncode == 0, made.stderr
    before = (folder / "reports" / "week-01" / "week-01.pdf").read_bytes()
    script = folder / "reports" / "week-01" / "compute.py"
    script.write_text(script.read_text("utf-8").replace("math.pi / 2", "math.pi / 3"), "utf-8")
    result = study(environment, folder, "build", "-q")
    assert result.returncode == 1
    assert "reports/week-01/compute.py changed" in result.stderr
    assert '"matplotlib<3.12,>=3.11"' in result.stderr
    assert (folder / "reports" / "week-01" / "week-01.pdf").read_bytes() == before


@pytest.mark.slow
def test_doctor_in_an_empty_environment_names_what_computes(
    environment: Path, tmp_path: Path
) -> None:
    result = study(environment, tmp_path, "doctor")
    assert result.returncode == 0, result.stdout
    assert "torch, matplotlib, numpy not installed" in result.stdout
    assert 'type `pip install "matplotlib<3.12,>=3.11" "numpy>=2"`' in result.stdout
    assert "scripts that import torch need it too" in result.stdout
