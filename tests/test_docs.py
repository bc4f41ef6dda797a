"""Every command block of the documentation runs, in order, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
# ```sh is run; ```python reports/common/x.py is that file; ```console needs a network, a server
# or an editor; anything else is an excerpt.
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(page for page in DOCS.glob("*.md") if "\n```sh\n" in page.read_text("utf-8"))


def script_of(page: Path) -> str:
    """The blocks of `page` in their order, as one shell script."""
    steps = []
    for language, file, content in BLOCK.findall(page.read_text("utf-8")):
        if file:
            steps.append(
                f"mkdir -p {file.rpartition('/')[0]}\ncat > {file} <<'WHOLE'\n{content}WHOLE"
            )
        elif language == "sh":
            steps.append(content)
    return "\n".join(steps)


def run(page: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """The commands of `page`, typed in `folder`."""
    script = script_of(page)
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


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "tutorial.md"], ids=lambda page: page.name
)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    result = run(page, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_tutorial_ends_with_two_pdfs_and_the_changed_number(tmp_path: Path) -> None:
    result = run(DOCS / "tutorial.md", tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "reports/week-01/compute.py changed" in result.stdout
    study = tmp_path / "reading-group"
    assert (study / "reports" / "week-02" / "week-02.pdf").is_file()
    pdf = ["pdftotext", str(study / "reports" / "week-01" / "week-01.pdf"), "-"]
    text = subprocess.run(pdf, capture_output=True, text=True, check=True).stdout
    assert "among 30 people" in " ".join(text.split())


def test_few_blocks_are_not_run() -> None:
    for page in DOCS.glob("*.md"):
        languages = [language for language, _, _ in BLOCK.findall(page.read_text("utf-8"))]
        assert set(languages) <= {"sh", "console", "toml", "yaml", "python", "md", "svg", "css"}
        assert languages.count("console") <= 4, page


def test_every_page_is_in_the_index_and_every_link_leads_somewhere() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index
        text = re.sub(
            r"^```.*?^```$|^    .*?$|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.M | re.S
        )
        for link in re.findall(r"(?<!\\)\]\((?!https?:)([^()#\s]+)", text):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
