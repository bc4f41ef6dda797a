import io
import re
import tomllib
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


def test_a_korean_study_is_korean_throughout(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    assert run("new", str(folder), "--language", "ko", "--title", "생일 모임")[0] == 0
    assert run("-C", str(folder), "add")[0] == 0
    code, _, err = run("-C", str(folder), "build", "-q")
    assert code == 0, err
    found = run("-C", str(folder), "check")[2]
    assert "error" not in found
    assert "still says what `study add` wrote" in found  # of the week that was added
    readme = (folder / "README.md").read_text("utf-8")
    assert "## 일정" in readme
    assert "| 1주차 | 생일이 같은 두 사람 |" in readme
    assert "[보고서 1](reports/week-01/week-01.pdf)" in readme
    pdf = (folder / "reports" / "week-01" / "week-01.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "ko"


def test_a_study_starts_in_a_language_that_we_have(tmp_path: Path) -> None:
    code, _, err = run("new", str(tmp_path / "s"), "--language", "de")
    assert code == 2
    assert "--language: found 'de', expected one of en, ko" in err


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
    bib = tmp_path / "reports" / "references.bib"
    bib.parent.mkdir()
    bib.write_text("mine")
    code, out, err = run("new", str(tmp_path))
    assert (code, out) == (1, "")
    assert "reports/references.bib: is there already" in err
    assert bib.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_where_a_study_is_already_one_problem_says_so(tmp_path: Path) -> None:
    run("new", str(tmp_path))
    code, out, err = run("new", str(tmp_path))
    assert (code, out) == (1, "")
    assert err.count("error: ") == 1
    assert "there is a study here already" in err


def test_a_study_inside_of_a_study_is_refused(tmp_path: Path) -> None:
    run("new", str(tmp_path / "outer"))
    for place in ("inner", "reports/week-02"):
        code, out, err = run("new", str(tmp_path / "outer" / place))
        assert (code, out) == (1, "")
        assert "would be a study inside of the study outer" in err
        assert "`study add`" in err
        assert not (tmp_path / "outer" / place).exists()


def test_beside_a_readme_the_lines_to_paste_make_the_study_build(tmp_path: Path) -> None:
    readme, ignored = tmp_path / "README.md", tmp_path / ".gitignore"
    readme.write_text("# Mine\n\n", "utf-8")
    ignored.write_text("__pycache__/\n", "utf-8")
    code, out, err = run("new", str(tmp_path))
    assert code == 0
    assert "README.md" not in out
    assert readme.read_text("utf-8") == "# Mine\n\n"
    assert ignored.read_text("utf-8") == "__pycache__/\n"
    _, pasted, rest = re.split(r"README.md was there.*|\.gitignore was there.*", err)
    assert "\n\n.study/\n" in rest
    readme.write_text("# Mine\n\n" + pasted, "utf-8")
    code, out, err = run("-C", str(tmp_path), "build", "-q")
    assert code == 0, err
    assert "week-01.pdf" in readme.read_text("utf-8")


def test_what_add_wrote_is_not_taken_for_a_report(tmp_path: Path) -> None:
    run("new", str(tmp_path))
    run("-C", str(tmp_path), "add")
    run("-C", str(tmp_path), "build", "-q")
    code, _, err = run("-C", str(tmp_path), "check")
    assert code == 0
    assert (
        "report.md:1: still says what `study add` wrote (paragraphs: 3): Open with the question"
        in err
    )
    assert "wrote: Your next question; Say in one sentence" in err
    report = tmp_path / "reports" / "week-02" / "report.md"
    text = report.read_text("utf-8")
    for ours, own in (
        ("Open with the question that this week answers.", "How large is it?"),
        ("Every number comes from the script: the", "The"),
        ("Say here what the figure shows and what to see in it.", "The draws in their order."),
    ):
        assert ours in text
        text = text.replace(ours, own)
    report.write_text(text, "utf-8")
    assert "`study add` wrote (" not in run("-C", str(tmp_path), "check")[2]


def test_what_add_wrote_into_the_schedule_is_not_taken_for_words(tmp_path: Path) -> None:
    run("new", str(tmp_path))
    study = tmp_path / "study.toml"
    text = study.read_text("utf-8")
    for key in ("resource", "progress", "topic", "status"):
        text = text.replace(f"# {key} = ", f"{key} = ")
    study.write_text(text, "utf-8")
    run("-C", str(tmp_path), "add")
    run("-C", str(tmp_path), "build", "-q")
    said = run("-C", str(tmp_path), "check")[2]
    assert "What its report has, for the README's list of resources; What you did, in one" in said
    assert "; In a word or two\n" in said


def test_a_done_week_without_progress_and_a_meeting_in_no_block_are_told(tmp_path: Path) -> None:
    run("new", str(tmp_path))
    study = tmp_path / "study.toml"
    text = study.read_text("utf-8").replace("progress = ", "# progress = ", 1)
    for key in ("[meeting]", "weekday", "start", "end", "timezone", "place"):
        text = text.replace(f"# {key}", key)
    study.write_text(text, "utf-8")
    run("-C", str(tmp_path), "build", "-q")
    code, _, err = run("-C", str(tmp_path), "check")
    assert code == 0
    assert "warning: README.md: does not show the [meeting]" in err
    assert "Week 1 is done without progress" in err
    assert "2 warnings" in err


def test_what_comes_next_can_be_typed_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("new", "a b")[2].endswith("next: cd 'a b' && git init && study build\n")
    (tmp_path / ".git").mkdir()
    assert run("new", ".")[2] == "next: study build\n"


def test_new_without_a_folder_shows_how(tmp_path: Path) -> None:
    code, _, err = run("new")
    assert code == 2
    assert "study new reading-group" in err


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_week_is_appended_to_the_schedule_with_its_report(tmp_path: Path, end: str) -> None:
    run("new", str(tmp_path))
    study = tmp_path / "study.toml"
    before = study.read_text("utf-8").rstrip("\n").replace("\n", end or "\n") + end
    study.write_text(before, "utf-8", newline="")
    title = 'Waiting "times" 대기'
    code, out, err = run("-C", str(tmp_path), "add", "--title", title)
    assert code == 0, err
    assert out.splitlines() == [
        "study.toml",
        "reports/week-03/report.md",
        "reports/week-03/compute.py",
    ]
    after = study.read_bytes().decode()
    assert after.startswith(before)
    assert after.count("\r\n") == (after.count("\n") if end == "\r\n" else 0)
    assert tomllib.loads(after)["week"][2]["title"] == title
    assert run("-C", str(tmp_path), "build", "-q", "3")[0] == 0
    assert run("-C", str(tmp_path), "add", "1", "--title", title)[0] == 2


def test_a_week_that_cannot_be_appended_changes_nothing(tmp_path: Path) -> None:
    study = tmp_path / "study.toml"
    study.write_text('title = "T"\nweek = [{number = 1, title = "A"}]\n', "utf-8")
    before = study.read_bytes()
    code, out, err = run("-C", str(tmp_path), "add", "--title", "B")
    assert (code, out) == (1, "")
    assert "a [[week]] cannot stand at its end" in err
    assert study.read_bytes() == before
    assert not (tmp_path / "reports").exists()


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
