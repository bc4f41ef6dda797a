"""A section that changes in one language leaves the other behind until somebody sees to it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.errors import StudyError
from generator.model import Phrase, Report
from generator.plan.editions import FILE, behind, in_step, sections

ENGLISH = """A sentence.

## Soil {#sec-soil}

It is brown.

```python
## no heading
```

### Worms

They dig.

## End {#sec-end}

Done.
"""
KOREAN = """문장 하나.

## 흙 {#sec-soil}

갈색이다.

```python
## no heading
```

### 지렁이

땅을 판다.

## 끝 {#sec-end}

끝났다.
"""


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """A report in two languages that are in step."""
    (tmp_path / "week-01").mkdir()
    (tmp_path / "week-01" / "report.md").write_text(ENGLISH, "utf-8")
    (tmp_path / "week-01" / "report.ko.md").write_text(KOREAN, "utf-8")
    texts = (("en", "week-01/report.md"), ("ko", "week-01/report.ko.md"))
    made = Report("week-01", Phrase(), Phrase(), folder="week-01", texts=texts)
    keep(tmp_path, made)
    return made


def keep(root: Path, report: Report, language: str = "", only: list[str] | None = None) -> None:
    """What a build does with the file."""
    content = in_step(root, report, language, only)
    assert content is not None
    (root / "week-01" / FILE).write_bytes(content)


def edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / "week-01" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def late(root: Path, report: Report) -> list[str]:
    return [f"{s.language} {s.key} {s.where.line} {s.since.line}" for s in behind(root, report)]


def test_sections_are_found_by_label_or_place_and_not_in_code() -> None:
    found = sections(ENGLISH)
    assert [(s.key, s.title, s.line) for s in found.values()] == [
        ("opening", "", 1), ("sec-soil", "Soil", 3), ("2", "Worms", 11), ("sec-end", "End", 15),
    ]  # fmt: skip


def test_a_change_in_one_language_leaves_the_other_behind(tmp_path: Path, report: Report) -> None:
    assert late(tmp_path, report) == []
    edit(tmp_path, "report.md", "brown", "black")
    edit(tmp_path, "report.ko.md", "땅을 판다", "흙을 판다")
    assert late(tmp_path, report) == ["ko sec-soil 3 3", "en 2 11 11"]
    keep(tmp_path, report)  # a build alone changes nothing about it
    assert late(tmp_path, report) == ["ko sec-soil 3 3", "en 2 11 11"]


def test_touching_the_other_language_brings_both_in_step(tmp_path: Path, report: Report) -> None:
    edit(tmp_path, "report.md", "brown", "black")
    keep(tmp_path, report)
    edit(tmp_path, "report.ko.md", "갈색이다", "검다")
    assert late(tmp_path, report) == []
    keep(tmp_path, report)
    edit(tmp_path, "report.md", "black", "grey")
    assert late(tmp_path, report) == ["ko sec-soil 3 3"]


def test_what_is_taken_back_leaves_nothing_behind(tmp_path: Path, report: Report) -> None:
    edit(tmp_path, "report.md", "brown", "black")
    keep(tmp_path, report)
    edit(tmp_path, "report.md", "black", "brown")
    assert late(tmp_path, report) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("brown.\n", "brown.  \n\n"), ("It is brown", "It\nis brown"), ("It", "<!-- Ann: ok? -->It")],
)
def test_spaces_and_comments_are_no_change(
    tmp_path: Path, report: Report, old: str, new: str
) -> None:
    edit(tmp_path, "report.md", old, new)
    assert late(tmp_path, report) == []


def test_a_section_may_need_nothing(tmp_path: Path, report: Report) -> None:
    edit(tmp_path, "report.md", "brown", "black")
    edit(tmp_path, "report.md", "Done", "The end")
    keep(tmp_path, report, "ko", ["sec-end"])
    assert late(tmp_path, report) == ["ko sec-soil 3 3"]
    keep(tmp_path, report, "en")
    assert late(tmp_path, report) == ["ko sec-soil 3 3"]
    keep(tmp_path, report, "ko")
    assert late(tmp_path, report) == []


def test_a_new_section_begins_in_step(tmp_path: Path, report: Report) -> None:
    edit(tmp_path, "report.md", "## End", "## Sand {#sec-sand}\n\nDry.\n\n## End")
    assert late(tmp_path, report) == []
    edit(tmp_path, "report.ko.md", "## 끝", "## 모래 {#sec-sand}\n\n말랐다.\n\n## 끝")
    keep(tmp_path, report)
    edit(tmp_path, "report.ko.md", "말랐다", "희다")
    assert late(tmp_path, report) == ["en sec-sand 15 15"]


def test_a_damaged_file_says_what_to_do(tmp_path: Path, report: Report) -> None:
    for content in ("[1]", "{", '{"ko": {"sec-soil": "one"}}', '{"ko": 3}', '{"ko": {"a": 1}}'):
        (tmp_path / "week-01" / FILE).write_text(content)
        with pytest.raises(StudyError, match="is damaged") as caught:
            behind(tmp_path, report)
        assert "delete it" in caught.value.hint


STUDY = """
title = "Plants"
description = "What grows"
languages = ["en", "ko"]
unit = { en = "Week", ko = "{n}주차" }

[readme]
blocks = []

[[week]]
number = 1
title = { en = "Soil", ko = "흙" }
objective = { en = "See what soil is", ko = "흙이 무엇인지 본다" }
[[week.report]]
id = "week-01"
"""


def test_build_keeps_list_and_check_name_and_translated_settles(tmp_path: Path) -> None:
    def study(*words: str) -> str:
        result = CliRunner().invoke(main, ["-C", str(tmp_path), *words])
        assert result.exit_code in (0, 1), result.output
        return result.output

    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
    (tmp_path / "README.md").write_text("# Plants\n", "utf-8")
    folder = tmp_path / "reports" / "week-01"
    folder.mkdir(parents=True)
    (folder / "report.md").write_text(ENGLISH, "utf-8")
    (folder / "report.ko.md").write_text(KOREAN, "utf-8")
    assert f"reports/week-01/{FILE}" in study("build", "-q")
    text = (folder / "report.md").read_text("utf-8")
    (folder / "report.md").write_text(text.replace("brown", "black"), "utf-8")
    assert FILE not in study("build", "-q")
    assert "         ko is behind in #sec-soil\n" in study("list")
    assert (
        "warning: reports/week-01/report.ko.md:3: #sec-soil has not followed the change at "
        "reports/week-01/report.md:3\n"
        "  hint: bring it up to date; if it needs nothing, "
        "`study translated week-01 ko sec-soil`\n"
    ) in study("check")
    assert "'sec-end' of week-01 (ko) is not behind" in study("translated", "1", "ko", "sec-end")
    assert "week-01 is not written in 'de'" in study("translated", "1", "de")
    assert "#sec-soil needs nothing" in study("translated", "1", "ko", "#sec-soil")
    assert "behind" not in study("list")
    assert "week-01 (ko) is not behind" in study("translated", "1", "ko")
