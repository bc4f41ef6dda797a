"""Exit codes, what goes to which stream, and how problems look."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    result = CliRunner(env={"NO_COLOR": "1"}).invoke(main, list(arguments), prog_name="study")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_help_lists_every_command_without_importing_one() -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in main.list_commands(None):  # type: ignore[arg-type]
        assert f"\n  {name} " in out


@pytest.mark.parametrize("name", main.list_commands(None))  # type: ignore[arg-type]
def test_each_command_has_help_with_an_example(name: str) -> None:
    code, out, _ = run(name, "--help")
    assert code == 0
    assert "Example:" in out


def test_usage_errors_exit_with_2() -> None:
    assert run("biuld")[0] == 2
    assert run("build", "--jobs", "none")[0] == 2


def test_outside_a_study_the_message_says_what_to_do(tmp_path: Path) -> None:
    code, out, err = run("-C", str(tmp_path), "build")
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert "study.toml" in err
    assert "hint: " in err


def test_products_go_to_stdout_and_talk_to_stderr(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    code, out, err = run("-C", str(root), "build")
    assert code == 0, err
    lines = out.splitlines()
    assert "reports/week-01/week-01.pdf" in lines
    assert "figures/week-01/results.json" in lines
    assert "README.md" in lines
    assert all((root / line).is_file() for line in lines)
    assert "week-01" in err
    assert run("-C", str(root), "build") == (0, "", "up to date\n")
    assert run("-C", str(root), "build", "-q") == (0, "", "")
    assert run("-C", str(root), "build", "--dry-run")[1] == "nothing to do\n"


def test_an_unknown_report_is_named_with_what_there_is(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    code, _, err = run("-C", str(root), "build", "week-99")
    assert code == 1
    assert "week-99" in err
    assert "week-01" in err


def test_readme_check_prints_the_diff_and_changes_nothing(
    study_copy: Callable[[str], Path],
) -> None:
    root = study_copy("tiny")
    readme = root / "README.md"
    before = readme.read_bytes()
    code, out, err = run("-C", str(root), "readme", "--check")
    assert code == 1
    assert out.startswith("--- ")
    assert "study readme" in err
    assert readme.read_bytes() == before
    assert run("-C", str(root), "readme")[0] == 0
    assert run("-C", str(root), "readme", "--check") == (0, "", "")


def test_help_starts_fast() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import generator.cli"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    for heavy in ("torch", "weasyprint", "matplotlib", "jinja2", "httpx", "markdown", "numpy"):
        assert f" {heavy}\n" not in listing, heavy


def test_completion_prints_a_script() -> None:
    code, out, _ = run("completion", "bash")
    assert code == 0
    assert "_STUDY_COMPLETE" in out
