"""A schedule that is no table: headings, lists, folders, posts; and the files that come along."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.errors import StudyError
from generator.importing.importer import Imported, read_study_at
from generator.model import Study
from generator.study.load import load_study


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def imported(folder: Path, files: dict[str, str]) -> tuple[Imported, Path, Study]:
    """`files` as a repository, imported: what was found, the new folder, its study."""
    old = written(folder / "old", files)
    found = read_study_at(old, folder / "new")
    (folder / "new").mkdir()
    found.write(folder / "new")
    return found, folder / "new", load_study(folder / "new")


def labels(study: Study) -> list[str]:
    return [study.unit_label(week, study.languages[0]) for week in study.weeks]


def titles(study: Study) -> list[str]:
    return [week.title.text(study.languages[0]) for week in study.weeks]


def test_bold_lines_that_name_weeks_are_a_schedule(tmp_path: Path) -> None:
    source = (
        "# Circle 2024\n\n## Sessions\n\n**Week 36 (Sep 4)**\n\n"
        "[Attention](https://arxiv.org/abs/1706.03762), host Ann Lee\n\n"
        "**Week 38 (Sep 18)**\n\n[BERT](https://arxiv.org/abs/1810.04805), host Bo\n"
    )
    _, new, study = imported(tmp_path, {"README.md": source})
    assert labels(study) == ["Week 36", "Week 38"]
    assert titles(study) == ["Attention", "BERT"]
    assert [str(week.date) for week in study.weeks] == ["2024-09-04", "2024-09-18"]
    assert [week.session.presenters for week in study.weeks] == [("Ann Lee",), ("Bo",)]
    assert study.weeks[0].reading[0].items[0].kind == "paper"
    readme = (new / "README.md").read_text("utf-8")
    assert readme.startswith(source)
    assert "| Week 36 |" in readme


def test_headings_of_weeks_keep_their_words_and_give_no_labels(tmp_path: Path) -> None:
    source = (
        "# 스터디\n\n## 일정\n\n### 1주차: 시작\n\n- 발표자: 가나\n- [글](https://example.org/a)\n\n"
        "### 2주차: 다음\n\n끝.\n"
    )
    _, new, study = imported(tmp_path, {"README.md": source})
    assert labels(study) == ["1주차", "2주차"]
    assert titles(study) == ["시작", "다음"]
    assert study.weeks[0].session.presenters == ("가나",)
    readme = (new / "README.md").read_text("utf-8")
    assert source in readme
    assert "{n}" not in readme
    assert "(article)" not in readme


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("- [x] Chapter 1: Trees\n- [ ] Chapter 2: Woods\n", ["Trees", "Woods"]),
        ("1주 : 나무<br>\n2주 : 숲<br>\n", ["나무", "숲"]),
        ("* Week 1 - [A](https://a.org)\n* Week 2 - [B](https://b.org)\n", ["A", "B"]),
    ],
)
def test_lists_that_name_units_are_a_schedule(
    lines: str, expected: list[str], tmp_path: Path
) -> None:
    _, new, study = imported(tmp_path, {"README.md": f"# S\n\n## Plan\n\n{lines}"})
    assert titles(study) == expected
    assert lines.strip() in (new / "README.md").read_text("utf-8")


def test_numbered_papers_are_numbered(tmp_path: Path) -> None:
    rows = "".join(
        f"{n}. Paper about {n} [[paper](https://arxiv.org/abs/{n})] [[slides](s/{n}.pdf)]\n"
        for n in (1, 2, 3)
    )
    _, _, study = imported(tmp_path, {"README.md": f"# S\n\n## Papers\n\n{rows}"})
    assert labels(study) == ["Paper 1", "Paper 2", "Paper 3"]
    assert titles(study)[0] == "Paper about 1"


def test_ordinary_lists_and_headings_are_no_schedule(tmp_path: Path) -> None:
    source = "# Tool\n\n## 1.2 News\n\n1. Clone it\n2. Run it\n3. Read on\n\n## Setup\n\nWords.\n"
    written(tmp_path / "old", {"README.md": source})
    with pytest.raises(StudyError, match="nothing that looks like a study"):
        read_study_at(tmp_path / "old", tmp_path / "new")


def test_folders_that_are_called_after_weeks_are_the_schedule(tmp_path: Path) -> None:
    files = {
        "README.md": "# S\n\nWe meet. See [notes](week02/notes.md).\n",
        "1주차/lr.md": "# 회귀\n\nSecret words of a member.\n",
        "week02/notes.md": "See [data](data/a.csv).\n",
        "week02/data/a.csv": "1,2\n",
        "3rd_week_trees/plan.txt": "x\n",
        "LICENSE": "mine\n",
    }
    found, new, study = imported(tmp_path, files)
    assert [week.number for week in study.weeks] == [1, 2, 3]
    assert titles(study)[2] == "trees"
    assert (new / "reports/week-02/material/data/a.csv").read_text("utf-8") == "1,2\n"
    assert (new / "LICENSE").exists()
    readme = (new / "README.md").read_text("utf-8")
    assert "[notes](reports/week-02/material/notes.md)" in readme
    assert "Secret" not in readme
    assert {Path(name).name for name in files} <= {Path(name).name for name in found.files}


def test_a_course_in_a_subfolder_is_no_schedule(tmp_path: Path) -> None:
    files = {"README.md": "# S\n\n## 2024-03-25: A\n\nWords.\n\n## 2024-04-01: B\n\nWords.\n"}
    files |= {f"their-course/book/week{n}/day.md": "## Week 9: Z\n" for n in range(1, 9)}
    found, new, study = imported(tmp_path, files)
    assert titles(study) == ["A", "B"]
    assert len((new / "README.md").read_text("utf-8")) < 600
    assert "their-course/book/week1/day.md" in found.files


def test_posts_with_front_matter_are_meetings(tmp_path: Path) -> None:
    head = "---\ntitle: {}\nauthor: Ann\npaper_link: https://arxiv.org/abs/1\nlayout: post\n---\n"
    post = head + "Words.\n"
    files = {
        "_posts/2024-03-25-a.md": post.format('"A: first"'),
        "_posts/2024-04-01-b.md": post.format("B"),
        "_posts/about.md": "---\ntitle: About\nlayout: page\n---\n",
        "README.md": "# Club\n\nA site.\n",
    }
    _, new, study = imported(tmp_path, files)
    assert titles(study) == ["A: first", "B"]
    assert [str(week.date) for week in study.weeks] == ["2024-03-25", "2024-04-01"]
    assert study.weeks[0].session.presenters == ("Ann",)
    assert study.weeks[0].reading[0].items[0].kind == "paper"
    assert "Words." not in (new / "README.md").read_text("utf-8")


def test_links_of_a_table_say_whose_a_file_is(tmp_path: Path) -> None:
    files = {
        "README.md": "# S\n\n| Week | Topic | Notes |\n|---|---|---|\n"
        "| 1 | A | [Summary](May/One/summary.md) |\n| 2 | B | [Summary](May/Two/s.md) |\n",
        "May/One/summary.md": "![p](pic.png)\n",
        "May/One/pic.png": "x",
        "May/Two/s.md": "[other](../One/summary.md)\n",
    }
    _, new, study = imported(tmp_path, files)
    assert (new / "reports/week-01/material/pic.png").exists()
    moved = (new / "reports/week-02/material/s.md").read_text("utf-8")
    assert moved == "[other](../../week-01/material/summary.md)\n"
    assert "(reports/week-01/material/summary.md)" in (new / "README.md").read_text("utf-8")
    assert len(study.weeks) == 2


def test_in_place_nothing_moves(tmp_path: Path) -> None:
    files = {"README.md": "# S\n\n- Week 1: A\n- Week 2: B\n", "week1/a.csv": "1\n"}
    old = written(tmp_path / "old", files)
    found = read_study_at(old, old)
    assert sorted(found.files) == [".gitignore", "README.study.md", "study.toml"]


def test_one_text_is_read_alone(tmp_path: Path) -> None:
    files = {"plan.md": "# S\n\n- Week 1: A\n- Week 2: [B](b.txt)\n", "b.txt": "b"}
    files["week3/x.ipynb"] = "{}"
    old = written(tmp_path / "old", files)
    found = read_study_at(old / "plan.md", tmp_path / "new")
    assert "b.txt" in {Path(name).name for name in found.files}
    assert not any(name.endswith(".ipynb") for name in found.files)


def test_what_is_told_fits_a_page_and_json_has_all_of_it(tmp_path: Path) -> None:
    files = {f"week{n}/{k}/f{k}.txt": "x" for n in range(1, 15) for k in range(9)}
    files |= {f"other{n}/x.txt": "x" for n in range(60)}
    written(tmp_path / "old", {"README.md": "# S\n\nWords.\n", **files})
    run = ["import", str(tmp_path / "old"), "--into", str(tmp_path / "new")]
    result = CliRunner().invoke(main, [*run, "--dry-run"])
    told = result.stderr.partition("linked to their weeks")[2]
    assert len(told.splitlines()) <= 50
    assert "+## Schedule" in result.stderr
    data = json.loads(CliRunner().invoke(main, [*run, "--json"]).stdout)
    assert len([r for r in data["remarks"] if r["kind"] == "kept"]) == 60
    assert len(data["weeks"]) == 14
    assert (tmp_path / "new/study.toml").exists()
