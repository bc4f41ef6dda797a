"""Every command block of the documentation runs, in order, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = sorted(page for page in DOCS.glob("*.md") if BLOCK.search(page.read_text("utf-8")))


def run(page: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """All ```sh blocks of `page` as one script; ```console blocks need more than a machine has."""
    script = "\n".join(BLOCK.findall(page.read_text("utf-8")))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )


def test_the_tutorial_has_blocks_to_run() -> None:
    assert DOCS / "tutorial.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    result = run(page, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_tutorial_ends_with_two_pdfs_and_the_changed_number(tmp_path: Path) -> None:
    result = run(DOCS / "tutorial.md", tmp_path)
    assert "reports/week-01/compute.py changed" in result.stdout
    study = tmp_path / "reading-group"
    assert (study / "reports" / "week-02" / "week-02.pdf").is_file()
    pdf = ["pdftotext", str(study / "reports" / "week-01" / "week-01.pdf"), "-"]
    text = subprocess.run(pdf, capture_output=True, text=True, check=True).stdout
    assert "among 30 people" in " ".join(text.split())
