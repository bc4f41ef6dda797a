import io
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from generator.cli import main


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner(env={"NO_COLOR": "1"}).invoke(main, list(arguments), prog_name="study")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_new_study_builds_at_once_and_checks_clean(tmp_path: Path) -> None:
    folder = tmp_path / "reading-group"
    code, out, err = run("new", str(folder))
    assert code == 0, err
    assert all(Path(line).is_file() for line in out.splitlines())
    code, out, err = run("-C", str(folder), "build", "-q")
    assert code == 0, err
    assert "reports/week-01/week-01.pdf" in out.splitlines()
    assert run("-C", str(folder), "check")[0] == 0
    assert "Reading group" in (folder / "study.toml").read_text("utf-8")
    pdf = (folder / "reports" / "week-01" / "week-01.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1


def test_the_next_week_is_added_and_builds_at_once(tmp_path: Path) -> None:
    run("new", str(tmp_path / "s"))
    code, out, err = run("-C", str(tmp_path / "s"), "add")
    assert code == 0, err
    assert out.splitlines() == ["reports/week-02/report.md", "reports/week-02/compute.py"]
    code, out, err = run("-C", str(tmp_path / "s"), "build", "-q", "2")
    assert code == 0, err
    code, _, err = run("-C", str(tmp_path / "s"), "add")
    assert code == 1
    assert "every week of the schedule has its report" in err


@pytest.mark.parametrize(
    ("name", "message"),
    [("7", "no report '7'"), ("1", "has its report already")],
)
def test_a_week_that_cannot_be_added_is_explained(tmp_path: Path, name: str, message: str) -> None:
    run("new", str(tmp_path / "s"))
    code, out, err = run("-C", str(tmp_path / "s"), "add", name)
    assert (code, out) == (1, "")
    assert message in err


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "study.toml").write_text("mine too")
    code, out, err = run("new", str(tmp_path))
    assert (code, out) == (1, "")
    assert "README.md: is there already" in err
    assert "study.toml: is there already" in err
    assert (tmp_path / "README.md").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "study.toml"]


def test_a_title_may_hold_anything(tmp_path: Path) -> None:
    title = 'Logic "and" \\ 논리'
    assert run("new", str(tmp_path / "s"), "--title", title)[0] == 0
    code, out, _ = run("-C", str(tmp_path / "s"), "list")
    assert code == 0
    assert "Shared birthdays" in out


def test_a_template_is_copied_once_to_be_changed(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    run("new", str(folder))
    code, out, _ = run("-C", str(folder), "template")
    assert code == 0
    assert {"report.css", "report.html.j2", "readme/schedule.md.j2"} <= set(out.splitlines())
    assert "starter" not in out
    code, out, err = run("-C", str(folder), "template", "readme/schedule.md.j2", "report.css")
    assert (code, out) == (0, "templates/readme/schedule.md.j2\ntemplates/report.css\n"), err
    (folder / "templates" / "report.css").write_text("mine")
    code, out, err = run("-C", str(folder), "template", "report.css")
    assert (code, out) == (1, "")
    assert "templates/report.css: is there already" in err
    assert (folder / "templates" / "report.css").read_text() == "mine"
    assert "report.css  (yours)" in run("-C", str(folder), "template")[1].splitlines()


def test_an_unknown_template_is_explained(tmp_path: Path) -> None:
    run("new", str(tmp_path / "s"))
    code, _, err = run("-C", str(tmp_path / "s"), "template", "report.ccs")
    assert code == 1
    assert "there is no template 'report.ccs'" in err
    assert "report.css" in err
