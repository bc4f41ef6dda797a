"""Every command block of the documentation runs, in order, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
# ```sh is run, ```sh fails has to fail; a ```text behind it is what a terminal then shows, but for
# times; ```python reports/common/x.py is that file; ```console needs a network, a server or an
# editor; anything else is an excerpt.
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = "what-was-printed"
PAGES = sorted(page for page in DOCS.glob("*.md") if "\n```sh\n" in page.read_text("utf-8"))


def script_of(page: Path) -> str:
    """The blocks of `page` in their order, as one shell script that keeps what each printed."""
    steps = []
    for number, (language, file, content) in enumerate(blocks(page)):
        if (language, file) == ("sh", "fails"):
            steps.append(f"if {{\n{content}}} > $PRINTED/{number} 2>&1; then exit 9; fi")
        elif language == "sh":
            steps.append(f"{{\n{content}}} > $PRINTED/{number} 2>&1")
        elif file:
            steps.append(
                f"mkdir -p {file.rpartition('/')[0]}\ncat > {file} <<'WHOLE'\n{content}WHOLE"
            )
    return "\n".join(steps)


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """The blocks of `page`: language, what follows it, and content."""
    return BLOCK.findall(page.read_text("utf-8"))


def on_a_terminal(text: str) -> str:
    """What `text` says without times, and without the lines that a terminal replaces."""
    text = re.sub(r"^(?:computing|setting) \S+(?: \(\w+\))?\n", "", text, flags=re.M)
    return re.sub(r"\d+\.\d s$", "… s", text, flags=re.M)


def run(page: Path, folder: Path) -> None:
    """Type the commands of `page` in `folder`; each prints what the page says that it prints."""
    printed = folder / PRINTED
    printed.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script_of(page)],
        cwd=folder,
        env=os.environ | {"PATH": path, "NO_COLOR": "1", "PRINTED": str(printed)},
        capture_output=True,
        text=True,
    )
    files = sorted(printed.iterdir(), key=lambda file: int(file.name))
    said = [f"{file.name}: {file.read_text('utf-8')}" for file in files]
    assert result.returncode == 0, "\n".join([*said, result.stderr])
    for number, (language, _, content) in enumerate(blocks(page)):
        if language == "text":
            before = (printed / str(number - 1)).read_text("utf-8")
            assert on_a_terminal(content) in on_a_terminal(before)


def test_the_tutorial_has_blocks_to_run() -> None:
    assert DOCS / "tutorial.md" in PAGES


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "tutorial.md"], ids=lambda page: page.name
)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    run(page, tmp_path)


def test_the_tutorial_ends_with_its_pdfs_and_the_readers_own_week(tmp_path: Path) -> None:
    run(DOCS / "tutorial.md", tmp_path)
    study = tmp_path / "reading-group"
    assert (study / "reports" / "week-02" / "week-02.pdf").is_file()
    pdf = ["pdftotext", str(study / "reports" / "week-01" / "week-01.pdf"), "-"]
    text = subprocess.run(pdf, capture_output=True, text=True, check=True).stdout
    assert re.search(r"On average \d\.\d\d throws, near the 6 of theory", " ".join(text.split()))
    assert "Until the first six" in text
    assert "nearly 0.7" not in text
    readme = (study / "README.md").read_text("utf-8")
    assert readme.startswith("# Dice evenings\n")
    progress = readme.partition("## Progress")[2]
    assert "- Week 2 ([code available]" in progress
    assert "Measured a kettle" in progress


def test_few_blocks_are_not_run() -> None:
    for page in DOCS.glob("*.md"):
        languages = [language for language, _, _ in BLOCK.findall(page.read_text("utf-8"))]
        known = {"sh", "text", "csv", "console", "toml", "yaml", "python", "md", "svg", "css"}
        assert set(languages) <= known
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
