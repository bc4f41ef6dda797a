"""Files of other people's forms: what they hold comes in, what has no place is listed."""

from pathlib import Path

import pytest

from generator.errors import StudyError
from generator.importing.importer import Imported, read_study_at
from generator.importing.phrases import box_of, bracketed_span, marks_of, span_of, unit_of
from generator.model import Study
from generator.study.load import load_study
from generator.study.totals import study_sums

HEAD = "# Walks\n\nWe walk.\n\n## Schedule\n\n"


def imported(source: str, folder: Path) -> tuple[Imported, str, Study]:
    """`source` as a README, read and written: what was found, the new README, its study."""
    (folder / "old").mkdir()
    (folder / "old/README.md").write_bytes(source.encode())
    found = read_study_at(folder / "old/README.md", folder / "new")
    assert not (folder / "new").exists()  # reading writes nothing
    (folder / "new").mkdir()
    found.write(folder / "new")
    return found, (folder / "new/README.md").read_text("utf-8"), load_study(folder / "new")


def said(found: Imported, kind: str) -> list[str]:
    return [str(remark) for remark in found.remarks if remark.kind == kind]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1h15", 75), ("1 hour 20", 80), ("an hour and a half", 90), ("1-2 hours", None),
        ("30-40 min", None), ("3 x 20 min", None), ("1:30", None), ("one and a half hours", 90),
    ],
)  # fmt: skip
def test_a_time_is_read_whole_or_not_at_all(text: str, minutes: int | None) -> None:
    found = span_of(text)
    assert (found and found.minutes) == minutes


def test_words_beside_a_time_that_say_more_keep_it_in_the_title() -> None:
    assert bracketed_span("A (10 min read)") == ("A", 10)
    assert bracketed_span("A (Total: 1 hour)") == ("A", 60)
    for text in ("A (1 hour each)", "A (> 1 hour)"):
        assert bracketed_span(text) == (text, None)


@pytest.mark.parametrize(
    ("text", "optional", "left"),
    [
        ("Optional types in Python", False, "Optional types in Python"),
        ("Optional: A", True, "A"), ("A - optional", True, "A"), ("(Optional) - A", True, "A"),
        ("A (optional, 20 min)", True, "A (20 min)"),
        ("A (not optional)", False, "A (not optional)"),
        ("OPTIONAL A", True, "A"), ("Is it optional?", False, "Is it optional?"),
    ],
)  # fmt: skip
def test_optional_is_a_mark_only_where_it_is_set_apart(
    text: str, optional: bool, left: str
) -> None:
    marks = marks_of(text)
    assert (marks.optional, marks.text) == (optional, left)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Week 2-3", (2, 3)), ("Week 9-1", (9, None)), ("Days 4 & 5: Two", (4, 5)),
        ("Week 4 ~ 5", (4, 5)), ("3~4주차", (3, 4)), ("9-1주차", (9, None)), ("Day One", (1, None)),
        ("Part II: More", (2, None)), ("1st week", (1, None)), ("W4", (4, None)),
    ],
)  # fmt: skip
def test_units_are_known_and_several_are_not_taken_for_one(
    text: str, expected: tuple[int, int | None]
) -> None:
    found = unit_of(text)
    assert found
    assert (found.number, found.to) == expected


def test_boxes_are_ticked_or_not() -> None:
    assert box_of("[x] a") == (True, "a")
    assert box_of("✅ a") == (True, "a")
    assert box_of("☐ a") == (False, "a")
    assert box_of("[ ] a") == (False, "a")
    assert box_of("[a] b") == (None, "[a] b")


# ---------------------------------------------------------------- schedules


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    found, readme, _study = imported(
        HEAD + "| Resource | Week | Content |\n|---|---|---|\n| [Report 1](r.pdf) | Week 1 | A |\n",
        tmp_path,
    )
    assert "| Resource | Week | Content |" in readme
    assert "| [Report 1](r.pdf) | Week 1 | A |" in readme
    assert said(found, "by hand") == []


def test_a_cell_beyond_the_head_is_in_the_last_one_and_listed(tmp_path: Path) -> None:
    row = "| Week 1 | A | beyond |"
    found, readme, _ = imported(HEAD + f"| Week | Content |\n|---|---|\n{row}\n", tmp_path)
    assert "| Week 1 | A beyond |" in readme
    assert "README.md:9: the cell beyond the head, 'beyond'" in said(found, "mended")[0]


def test_weeks_that_share_a_row_are_not_guessed_into_parts(tmp_path: Path) -> None:
    rows = "| Week 1 | A | |\n| Week 2-3 | B | |\n| Week 4 ~ 5 | C | |\n"
    table = f"| Week | Content | Resource |\n|---|---|---|\n{rows}"
    found, readme, study = imported(HEAD + table, tmp_path)
    for key in ("Week 1", "Week 2-3", "Week 4 ~ 5"):
        assert f"| {key} | " in readme
    assert [week.number for week in study.weeks] == [1, 2, 4]
    assert all(len(week.reports) == 1 and not week.reports[0].label for week in study.weeks)
    assert any("README.md:10: 'Week 2-3' means several" in line for line in said(found, "to do"))


def test_a_schedule_in_two_tables_becomes_one(tmp_path: Path) -> None:
    head = "| Week | Content |\n|---|---|\n"
    found, readme, study = imported(
        f"{HEAD}{head}| Week 1 | A |\n\n## Second half\n\n{head}| Week 2 | B |\n", tmp_path
    )
    assert [week.number for week in study.weeks] == [1, 2]
    assert readme.count("| Week 2 | B |") == 1
    assert "README.md:13: its rows stand in the one schedule now, at line 7" in said(
        found, "mended"
    )


def test_a_second_study_in_the_file_stays_as_it_is(tmp_path: Path) -> None:
    head = "| Week | Content |\n|---|---|\n"
    found, readme, study = imported(
        f"{HEAD}{head}| Week 1 | A |\n\n# Other\n\n{head}| Week 1 | Z |\n", tmp_path
    )
    assert [week.title.text("en") for week in study.weeks] == ["A"]
    assert "| Week 1 | Z |" in readme
    assert any("README.md:13: is a second schedule" in line for line in said(found, "by hand"))


def test_korean_files_with_spaces_and_brackets_keep_their_links(tmp_path: Path) -> None:
    source = (
        "# 모임\n\n## 일정\n\n| 주차 | 내용 | 자료 |\n|---|---|---|\n"
        "| 1주차 | 시작 | [보고서 1](<보고서 (1주차).pdf>) |\n"
        "| 9-1주차 | 기초 | [보고서 9-1](보고서%20(9주차)%20기초.pdf) |\n"
        "| 9-2주차 | 심화 | [보고서 9-2](b.pdf#page=2) |\n"
    )
    found, readme, study = imported(source, tmp_path)
    assert said(found, "by hand") == []
    assert [report.link for _, report in study.reports()] == [
        "보고서 (1주차).pdf", "보고서 (9주차) 기초.pdf", "b.pdf#page=2",
    ]  # fmt: skip
    assert "(b.pdf#page=2)" in readme
    assert "%25" not in readme
    assert any("'9-1주차' is now '9주차 (1)'" in line for line in said(found, "mended"))


def test_dates_in_other_forms_are_mended_and_one_without_a_year_is_not_guessed(
    tmp_path: Path,
) -> None:
    head = "| Week | Date | Content |\n|---|---|---|\n"
    found, readme, _ = imported(
        f"{HEAD}{head}| Week 1 | 5 March 2025 | A |\n| Week 2 | 25.03.12 | B |\n", tmp_path
    )
    assert "| Week 1 | 2025-03-05 | A |" in readme
    assert "README.md:9: '5 March 2025' is now '2025-03-05'" in said(found, "mended")
    (tmp_path / "second").mkdir()
    found, readme, study = imported(f"{HEAD}{head}| Week 1 | 3/12 | A |\n", tmp_path / "second")
    assert "| Week 1 | 3/12 | A |" in readme
    assert study.weeks[0].date is None


def test_an_open_box_is_no_done_week(tmp_path: Path) -> None:
    lines = "- ☑ Week 1: Did it.\n- ☐ Week 2: Will do it.\n"
    found, readme, study = imported(
        f"{HEAD}| Week | Content |\n|---|---|\n| Week 1 | A |\n| Week 2 | B |\n\n## Progress\n\n"
        f"{lines}",
        tmp_path,
    )
    assert [week.status for week in study.weeks] == ["done", "planned"]
    assert lines in readme
    assert any("README.md:15: is not done yet" in line for line in said(found, "by hand"))


def test_control_characters_are_gone_and_listed(tmp_path: Path) -> None:
    found, _readme, study = imported(
        HEAD + "| Week | Content |\n|---|---|\n| Week 1 | A\x07\x7f B |\n", tmp_path
    )
    assert study.weeks[0].title.text("en") == "A B"
    assert any(
        line.startswith("README.md:9: a control character") for line in said(found, "mended")
    )


# ---------------------------------------------------------------- paths and guides


def test_times_that_contradict_their_items_are_listed_and_stay(tmp_path: Path) -> None:
    found, readme, study = imported(
        "# P\n\n## Day 1: A\n\n**Read (1 hour):**\n\n1. A (50 min) ([link](https://e.org/a))\n"
        "2. B (40 min) ([link](https://e.org/b))\n",
        tmp_path,
    )
    assert study_sums(study).reading_minutes == 90
    assert "Read (1 hour)" in readme
    assert (
        "README.md:5: 'Read (1 hour)' is not what its items take, 90 minutes"
        in (said(found, "to do")[0])
    )


def test_a_time_that_cannot_be_read_is_listed(tmp_path: Path) -> None:
    found, readme, _ = imported(
        "# P\n\n## Day 1: A\n\n**Watch (1-2 hours):**\n\n1. [A](https://e.org/a)\n", tmp_path
    )
    assert "**Watch (1-2 hours):**" in readme
    assert "README.md:5: the time in 'Watch (1-2 hours)' was not read" in said(found, "to do")[0]


@pytest.mark.parametrize(
    "items",
    [
        "– A ([link](https://e.org/a))\n– B ([link](https://e.org/b))",
        "• [A](https://e.org/a)\n• [B](https://e.org/b)",
        "(1) [A](https://e.org/a)\n(2) [B](https://e.org/b)",
        "1) [A](https://e.org/a)\n2) [B](https://e.org/b)",
        "[A](https://e.org/a)\n\n[B](https://e.org/b)",
    ],
)
def test_lists_that_markdown_takes_for_words_are_lists_below_a_label(
    items: str, tmp_path: Path
) -> None:
    found, _, study = imported(f"# P\n\n## Day 1: A\n\nRead (1 hour):\n\n{items}\n", tmp_path)
    titles = [item.title.text("en") for item in study.weeks[0].reading[0].items]
    assert titles == ["A", "B"]
    assert said(found, "by hand") == []


def test_a_label_may_stand_before_its_items_on_one_line(tmp_path: Path) -> None:
    _found, _, study = imported(
        "# P\n\n## Day 1: A\n\n- **Watch (1 hour):** [A](https://youtu.be/a)\n"
        "- **Read (30 min):** [B](https://e.org/b), [C](https://e.org/c)\n",
        tmp_path,
    )
    blocks = study.weeks[0].reading
    assert [(block.minutes, len(block.items)) for block in blocks] == [(60, 1), (30, 2)]


def test_a_label_without_items_keeps_its_place(tmp_path: Path) -> None:
    found, readme, _ = imported(
        "# P\n\n## Day 1: A\n\n**Read:**\n\n### Notes\n\nWords.\n\n## Day 2: B\n\n**Watch:**\n\n"
        "1. [V](https://youtu.be/v)\n",
        tmp_path,
    )
    assert readme.index("**Read:**") < readme.index("#### Notes") < readme.index("Words.")
    assert any("has nothing below it to watch or read" in line for line in said(found, "by hand"))


def test_links_to_the_forms_of_a_paper_hang_below_it(tmp_path: Path) -> None:
    found, _readme, study = imported(
        "# G\n\n## Step 1: A\n\n- LoRA [[paper]](https://arxiv.org/abs/2106.09685) "
        "[[code]](https://github.com/a/b)\n- [T5](https://arxiv.org/abs/1) [slides](https://e.org/s)\n",
        tmp_path,
    )
    lora, other = study.weeks[0].reading[0].items
    assert (lora.title.text("en"), lora.by, lora.kind) == ("LoRA", "", "paper")
    assert [child.title.text("en") for child in lora.children] == ["code"]
    assert [child.title.text("en") for child in other.children] == ["slides"]
    assert any(
        "README.md:5: the link '[paper]' is now on the title" in x for x in said(found, "mended")
    )


def test_an_address_that_leads_nowhere_is_kept_as_words_and_listed(tmp_path: Path) -> None:
    found, readme, _study = imported(
        "# G\n\n## Step 1: A\n\n- [Good](https://e.org/g)\n- [S](htps:/arxiv.org/4)\n",
        tmp_path,
    )
    assert "[S](htps:/arxiv.org/4)" in readme
    assert [line.partition(":")[2].partition(":")[0] for line in said(found, "by hand")] == ["6"]


def test_a_unit_that_is_headed_twice_keeps_both_headings_and_invents_no_other(
    tmp_path: Path,
) -> None:
    found, readme, study = imported(
        "# P\n\n## Day 1: A\n\n**Read:**\n\n1. [One](https://e.org/1)\n\n## Day 1: A again\n\n"
        "**Read:**\n\n1. [Two](https://e.org/2)\n\n## Day 3: C\n\n**Read:**\n\n1. [Z](https://e.org/3)\n",
        tmp_path,
    )
    assert [week.number for week in study.weeks] == [1, 3]
    assert "**Day 1: A again**" in readme
    assert readme.count("Day 3") == 1
    assert len(said(found, "by hand")) == 1


def test_days_that_are_folded_away_are_read(tmp_path: Path) -> None:
    found, readme, study = imported(
        "# P\n\n<details>\n<summary><b>Day 1: A</b></summary>\n\n**Read (1 hour):**\n\n"
        "1. [One](https://e.org/1)\n\n</details>\n",
        tmp_path,
    )
    assert study_sums(study).reading_minutes == 60
    assert "details>" not in readme
    assert any("the unit is not folded away any more" in line for line in said(found, "mended"))


def test_a_rating_is_no_must(tmp_path: Path) -> None:
    _, _, study = imported(
        "# G\n\n## Step 1: A\n\n- ⭐ [A](https://e.org/a)\n- ⭐⭐⭐ [B](https://e.org/b)\n",
        tmp_path,
    )
    items = study.weeks[0].reading[0].items
    assert [item.level for item in items] == ["must", ""]


def test_a_list_below_a_unit_without_labels_is_read_though_another_unit_has_some(
    tmp_path: Path,
) -> None:
    _, _, study = imported(
        "# G\n\n## Week 1: A\n\n- [A](https://e.org/a)\n\n## Week 2: B\n\nRead (1 hour):\n\n"
        "- [B](https://e.org/b)\n\nMine:\n\n- [note](https://e.org/n)\n",
        tmp_path,
    )
    assert [len(week.reading) for week in study.weeks] == [1, 1]


def test_empty_bullets_and_a_time_alone_stop_nothing(tmp_path: Path) -> None:
    _, readme, study = imported(
        "# P\n\n## Audience\n\n- Anyone\n-\n\n## Day 1: A\n\n**Read:**\n\n- (1 hour)\n"
        "- [A](https://e.org/a)\n\n## Updates\n\n- 2024-09-08: begun\n-\n",
        tmp_path,
    )
    assert [audience.text("en") for audience in study.audience] == ["Anyone"]
    assert len(study.updates) == 1
    assert "(1 hour)" in readme


def test_words_beside_an_old_marker_stay(tmp_path: Path) -> None:
    found, readme, _ = imported(
        "# P\n\n## Day 1: A\n\n- [A](https://e.org/a) <!-- study:begin schedule --> \U0001f4da\n",
        tmp_path,
    )
    assert "(https://e.org/a)" in readme
    assert "README.md:5: the old marker is gone" in said(found, "mended")


def test_what_no_study_can_say_is_told_of_the_file_that_says_it(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "We meet.<br>\n<details>\n~~~\n\n# P\n\n## Progress\n\n- Week 1: Met.\n", "utf-8"
    )
    with pytest.raises(StudyError) as caught:
        read_study_at(tmp_path / "README.md", tmp_path / "new")
    assert str(caught.value).startswith("README.md: what it says cannot be made a study: ")
