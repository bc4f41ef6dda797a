"""Exit codes, what goes to which stream, and how problems look."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.store.cache import Cache

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


def in_shell(command: str, root: Path) -> tuple[int, str]:
    """Exit code and stderr of a shell's command, in which `study` is ours."""
    study = f"{sys.executable} -c 'from generator.cli import main; main()' -C {root}"
    ran = subprocess.run(
        ["bash", "-c", command.replace("study", study)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    return ran.returncode, ran.stderr


def test_a_reader_who_leaves_does_not_stop_a_build(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    code, err = in_shell("set -o pipefail; study build -q | true", root)
    assert (code, err) == (0, "")
    assert (root / "reports/week-01/week-01.pdf").is_file()
    assert run("-C", str(root), "why")[1].startswith("week-01: up to date")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_the_output_is_said(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    for command in ("list", "why", "--help", "--version", "build --help"):
        code, err = in_shell(f"study {command} > /dev/full", root)
        assert code == 1, command
        assert err.startswith("error: standard output cannot be written: No space left on device")
        assert "Traceback" not in err
        assert "Exception ignored" not in err


@pytest.mark.parametrize("command", ["list", "--help", "post --dry-run", "completion bash"])
def test_a_reader_who_leaves_gets_no_traceback(
    study_copy: Callable[[str], Path], command: str
) -> None:
    code, err = in_shell(f"set -o pipefail; study {command} | true", study_copy("tiny"))
    assert code in (0, 1)
    assert "Traceback" not in err
    assert "Exception ignored" not in err


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_build_needs_no_standard_streams(study_copy: Callable[[str], Path], closed: str) -> None:
    root = study_copy("tiny")
    assert in_shell(f"study build {closed}", root)[0] == 0
    assert (root / "reports/week-01/week-01.pdf").is_file()


@pytest.mark.parametrize("arguments", [("build", "--wait"), ("clean", "--size")])
@pytest.mark.parametrize("number", ["nan", "inf", "-1"])
def test_what_is_counted_with_is_a_number(arguments: tuple[str, ...], number: str) -> None:
    assert run(*arguments, number)[0] == 2


def test_what_a_script_printed_neither_fills_nor_steers_the_terminal(
    study_copy: Callable[[str], Path],
) -> None:
    root = study_copy("tiny")
    (root / "reports/week-01/compute.py").write_text(
        'def compute(run):\n    print("\\x1b[2J" + "x" * 5000)\n'
        '    raise ValueError("no\\x1b[2J")\n'
    )
    code, _, err = run("-C", str(root), "build", "-q")
    assert code == 1
    assert "raised ValueError: no\\x1b[2J" in err
    assert f"    \\x1b[2J{'x' * 293}… (of 5007 characters)\n" in err
    assert "\x1b" not in err


def test_products_go_to_stdout_and_talk_to_stderr(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    code, out, err = run("-C", str(root), "build")
    assert code == 0, err
    lines = out.splitlines()
    assert "reports/week-01/week-01.pdf" in lines
    assert "figures/week-01/results.json" in lines
    assert "README.md" in lines
    assert lines.count("figures/week-01/record.json") == 1
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


@pytest.mark.parametrize("name", ["week-1", "Week-01", "week 1", "wek-01", "week_001"])
def test_a_report_that_is_nearly_named_is_suggested(
    study_copy: Callable[[str], Path], name: str
) -> None:
    code, _, err = run("-C", str(study_copy("tiny")), "build", name)
    assert code == 1
    assert "hint: did you mean week-01?" in err


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


def test_what_a_build_prints_is_all_that_is_to_be_committed(
    study_copy: Callable[[str], Path],
) -> None:
    root = study_copy("tiny")

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), "-c", "user.name=A", "-c", "user.email=a@b.c"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    (root / ".gitignore").write_text(".study/\n__pycache__/\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "sources")
    for change in ("", "\n# A comment runs the script; its results are the same.\n"):
        script = root / "reports/week-01/compute.py"
        script.write_text(script.read_text() + change)
        git("add", "reports/week-01/compute.py")
        code, out, err = run("-C", str(root), "build")
        assert code == 0, err
        git("add", *out.splitlines())
        assert [line for line in git("status", "--porcelain").splitlines() if line[1] != " "] == []


def test_a_build_says_what_became_of_memos(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    script = root / "reports/week-01/compute.py"
    script.write_text(
        script.read_text().replace("def compute(", "def slow():\n    return 1\n\n\ndef compute(")
        + "\n    run.memo(slow)\n"
    )
    assert re.search(
        r"^week-01: slow\(\) ran, \d+\.\d s \(nothing was kept yet\)$",
        run("-C", str(root), "build")[2],
        re.MULTILINE,
    )
    script.write_text(script.read_text() + "\n# changed\n")
    assert "\nweek-01: slow() kept\n" in run("-C", str(root), "build")[2]


def completed(line: str) -> list[str]:
    """What bash is offered at the end of `line`."""
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - (line[-1] != " "))}
    runner = CliRunner(env={"_STUDY_COMPLETE": "bash_complete", **words})
    result = runner.invoke(main, [], prog_name="study", complete_var="_STUDY_COMPLETE")
    assert result.stderr == ""
    return [word.partition(",")[2] for word in result.stdout.split()]


def test_the_tab_key_knows_reports_and_templates(
    study_copy: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = study_copy("tiny")
    monkeypatch.chdir(root / "reports")
    for command in ("build", "why", "watch", "post"):
        assert completed(f"study {command} w") == ["week-01"]
        assert completed(f"study {command} 1") == ["1"]
        assert completed(f"study {command} week-01 ") == []
    assert completed("study add ") == ["week-02"]
    assert completed("study template report.") == ["report.css", "report.html.j2"]
    (root / "templates").mkdir()
    (root / "templates" / "report.css").write_text("")
    assert completed("study template report.") == ["report.html.j2"]
    monkeypatch.chdir(tmp_path)
    assert completed("study build ") == []
    assert completed(f"study -C {root} build ") == ["week-01"]
    (root / "study.toml").write_text("no = toml = at all")
    assert completed(f"study -C {root} build ") == []


def test_completing_imports_nothing_heavy(study_copy: Callable[[str], Path]) -> None:
    env = {"COMP_WORDS": "study build w", "COMP_CWORD": "2", "_STUDY_COMPLETE": "bash_complete"}
    command = [sys.executable, "-X", "importtime", "-c",
               "from generator.cli import main; main(prog_name='study')"]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=study_copy("tiny"),
        env={"PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "plain,week-01\n"
    for heavy in ("weasyprint", "jinja2", "httpx", "markdown", "numpy", "pybtex", "pygments"):
        assert f" {heavy}\n" not in done.stderr, heavy


def test_the_version_says_where_the_compiler_comes_from() -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert re.match(r"study, version \d+\.\d+\.\d+, \w+", out)


def test_an_executor_that_is_none_is_a_usage_error_even_with_nothing_to_do(
    study_copy: Callable[[str], Path],
) -> None:
    root = study_copy("tiny")
    for wrong in ("tcp://127.0.0.1:8786", "dask:", "dask:nowhere", "spark:x:1"):
        code, out, err = run("-C", str(root), "build", "--dry-run", "--executor", wrong)
        assert (code, out) == (2, "")
        assert f"found '{wrong}', expected dask:ADDRESS" in err


def test_two_dots_mean_the_folder_above(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    code, out, err = run("-C", str(root / ".."), "list")
    assert (code, out) == (1, "")
    assert "found no study.toml" in err


def test_clean_says_what_goes_and_what_stays(study_copy: Callable[[str], Path]) -> None:
    root = study_copy("tiny")
    cache = Cache(root / ".study" / "cache")

    def fill() -> None:
        cache.put("memo", "ab" * 32, bytes(2_000_000 - 32))
        cache.put("drawing", "ab" * 32, bytes(1_000_000 - 32))

    def cleaned(*options: str) -> str:
        fill()
        code, out, err = run("-C", str(root), "clean", *options)
        assert (code, out) == (0, "")
        return err.strip()

    stays = "freed 1.0 MB; run.memo keeps 2.0 MB"
    goes = "MB, 2.0 MB of them kept by run.memo: those steps run again"
    assert cleaned() == f"{stays} (--all deletes them, too)"
    assert cleaned("--size", "2") == stays
    assert cleaned("--size", "1") == f"freed 3.0 {goes}"
    assert cleaned("--all") == f"freed 3.0 {goes}"
    assert run("-C", str(root), "clean", "--all", "--size", "1")[0] == 2


def test_completion_prints_a_script() -> None:
    code, out, _ = run("completion", "bash")
    assert code == 0
    assert "_STUDY_COMPLETE" in out
