"""Any table that is a schedule is read: by week, number or day, whatever its columns are called."""

import datetime as dt
from pathlib import Path

import pytest

from generator.importing.dates import day_of, days_of, year_in
from generator.importing.importer import Imported, read_study_at
from generator.model import Study
from generator.publish.readme.change import readme_change
from generator.study.load import load_study


def imported(source: str, folder: Path) -> tuple[Imported, str, Study]:
    """`source` as a README, read and written: what was found, the new README, its study."""
    (folder / "old").mkdir()
    (folder / "old/README.md").write_text(source, "utf-8")
    found = read_study_at(folder / "old/README.md", folder / "new")
    (folder / "new").mkdir()
    found.write(folder / "new")
    study = load_study(folder / "new")
    assert readme_change(folder / "new", study).diff == ""
    return found, (folder / "new/README.md").read_text("utf-8"), study


def by_hand(found: Imported) -> list[str]:
    return [str(remark) for remark in found.remarks if remark.kind == "by hand"]


@pytest.mark.parametrize(
    ("text", "year", "month", "day", "rest"),
    [
        ("2024-03-25", 2024, 3, 25, ""), ("`3/25`", None, 3, 25, ""), ("Sep 4", None, 9, 4, ""),
        ("2024.03.25", 2024, 3, 25, ""), ("2025년 11월 30일 (일)", 2025, 11, 30, ""),
        ("20th August, 2021", 2021, 8, 20, ""), ("4th July,2020", 2020, 7, 4, ""),
        ("Sept. 20", None, 9, 20, ""), ("Friday, March 7, 2025", 2025, 3, 7, ""),
        ("01.25 2024", 2024, 1, 25, ""), ("5/19 ~ 5/25", None, 5, 19, "~ 5/25"),
        ("19.12.18", 2019, 12, 18, ""), ("29/03", None, 3, 29, ""), ("20240325", 2024, 3, 25, ""),
        ("3월 25일", None, 3, 25, ""), ("06/26/2020 11:00", 2020, 6, 26, "11:00"),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(
    text: str, year: int | None, month: int, day: int, rest: str
) -> None:
    found = day_of(text)
    assert found
    assert (found.year, found.month, found.day, found.rest) == (year, month, day, rest)


@pytest.mark.parametrize("text", ["", "-", "TBA", "word2vec", "13/32", "1.2.3.4", "Chapter 3"])
def test_other_words_are_no_day(text: str) -> None:
    assert day_of(text) is None


def test_the_days_of_a_column_tell_which_of_two_numbers_is_the_month() -> None:
    first = days_of(["03/04", "17/04"], 2021)
    assert [(day.month, day.day) for day in first if day] == [(4, 3), (4, 17)]
    second = days_of(["3/4", "3/11"], None)
    assert [(day.month, day.day, day.year) for day in second if day] == [
        (3, 4, None),
        (3, 11, None),
    ]


def test_a_year_is_taken_from_the_words_above_only_if_they_name_one() -> None:
    assert year_in("Fall 2021") == 2021
    assert year_in("2023-2024") is None
    assert year_in("Fall") is None


DATED = (
    "# Circle\n\n## Schedule\n\n| Date | Paper | Presenter | Notes |\n|---|---|---|---|\n"
    "| 2024-03-25 | [word2vec](https://arxiv.org/abs/1301.3781) | Kim | - |\n"
    "| 2024-04-01 | [GPT](https://example.org/gpt) (short) | Lee, Park | bring \\| cake |\n"
)


def test_a_schedule_by_dates_has_a_week_for_each_row(tmp_path: Path) -> None:
    found, readme, study = imported(DATED, tmp_path)
    assert by_hand(found) == []
    assert [week.date for week in study.weeks] == [dt.date(2024, 3, 25), dt.date(2024, 4, 1)]
    assert [week.number for week in study.weeks] == [1, 2]
    assert [week.session.presenters for week in study.weeks] == [("Kim",), ("Lee", "Park")]
    assert study.weeks[0].reading[0].items[0].kind == "paper"
    assert "| Date | Paper | Presenter | Notes |" in readme
    assert "| [GPT](https://example.org/gpt) (short) | Lee, Park | bring \\| cake |" in readme


def test_the_newest_meeting_may_stand_first(tmp_path: Path) -> None:
    rows = "| 2024-04-01 | B |\n| 2024-03-25 | A |\n"
    _, readme, study = imported(f"# C\n\n| Date | Topic |\n|---|---|\n{rows}", tmp_path)
    assert [(week.number, week.title.text("en")) for week in study.weeks] == [(2, "B"), (1, "A")]
    assert readme.index("| B |") < readme.index("| A |")


def test_days_without_a_year_stay_as_they_are_written(tmp_path: Path) -> None:
    rows = "|`3/25`|word2vec|가 나|\n|`4/1`|seq2seq|다 라|\n"
    source = f"# 논문 스터디\n\n|일 정|논 문|조|\n|--|--|--|\n{rows}"
    found, readme, study = imported(source, tmp_path)
    assert by_hand(found) == []
    assert [week.date for week in study.weeks] == [None, None]
    assert [week.title.text("ko") for week in study.weeks] == ["word2vec", "seq2seq"]
    assert "| 일 정 | 논 문 | 조 |" in readme
    assert "| `4/1` | seq2seq | 다 라 |" in readme


def test_a_year_over_the_table_dates_its_days(tmp_path: Path) -> None:
    rows = "| Sep 4 | A |\n| Sep 11 | B |\n"
    _, readme, study = imported(
        f"# C\n\n## Fall 2021\n\n| When | Topic |\n|---|---|\n{rows}", tmp_path
    )
    assert [str(week.date) for week in study.weeks] == ["2021-09-04", "2021-09-11"]
    assert "| 2021-09-04 | A |" in readme


def test_numbers_are_of_what_a_head_calls_them(tmp_path: Path) -> None:
    rows = "| 1 | Trees | Ann |\n| 2 | Woods | Bo |\n| - | a break | |\n| 3 | Fields | Cy |\n"
    found, readme, study = imported(
        f"# B\n\n| | Chapter name | Lead |\n|---|---|---|\n{rows}", tmp_path
    )
    assert by_hand(found) == []
    assert [study.unit_label(week, "en") for week in study.weeks] == [
        "Chapter 1", "Chapter 2", "-", "Chapter 3",
    ]  # fmt: skip
    assert "| - | a break |" in readme


def test_rows_of_one_week_become_one_where_they_say_who_presents(tmp_path: Path) -> None:
    rows = "| 1 | Trees | Ann |\n| | Woods | Bo |\n| 2 | Fields | Cy |\n"
    found, readme, study = imported(
        f"# B\n\n| Week | Topic | Speaker |\n|---|---|---|\n{rows}", tmp_path
    )
    assert by_hand(found) == []
    assert [week.number for week in study.weeks] == [1, 2]
    assert study.weeks[0].session.presenters == ("Ann", "Bo")
    for word in ("Trees", "Woods", "Fields", "Ann", "Bo", "Cy"):
        assert word in readme


def test_slides_and_recordings_are_links_of_the_week(tmp_path: Path) -> None:
    rows = "| 1 | A | [pdf](s1.pdf) | [video](https://youtu.be/1) |\n| 2 | B | | |\n"
    found, readme, study = imported(
        f"# B\n\n| Week | Topic | Slides | Recording |\n|---|---|---|---|\n{rows}", tmp_path
    )
    assert by_hand(found) == []
    assert [link.url for link in study.weeks[0].session.slides] == ["s1.pdf"]
    assert "| Week 1 | A | [pdf](s1.pdf) | [video](https://youtu.be/1) |" in readme


@pytest.mark.parametrize(
    "table",
    [
        "## Members\n\n| Name | Since |\n|---|---|\n| Ann | the start |\n| Bo | spring |\n",
        "## Changelog\n\n| Date | Change |\n|---|---|\n| 2024-01-02 | a |\n| 2024-01-03 | b |\n",
        "## Sizes\n\n| n | ms |\n|---|---|\n| 10 | 3 |\n| 100 | 4 |\n",
    ],
)
def test_another_table_is_no_schedule(table: str, tmp_path: Path) -> None:
    week = "| Week | Topic |\n| --- | --- |\n| Week 1 | A |\n"
    _, readme, study = imported(f"# B\n\n{week}\n{table}", tmp_path)
    assert len(study.weeks) == 1
    assert table in readme


def test_marks_of_who_has_presented_are_no_names(tmp_path: Path) -> None:
    rows = "| 1주차 | 가나 | o |\n| 2주차 | 다라 | o |\n"
    source = f"# 모임\n\n| 주차 | 작성자 | 발표 |\n|---|---|---|\n{rows}"
    _, readme, study = imported(source, tmp_path)
    assert [week.session.presenters for week in study.weeks] == [(), ()]
    assert [report.id for _, report in study.reports()] == ["week-01", "week-02"]
    assert "| 2주차 | 다라 | o |" in readme


def test_rows_of_several_tables_say_which_they_were_in(tmp_path: Path) -> None:
    head = "| Paper | Presenter |\n|---|---|\n"
    source = (
        f"# C\n\n## Vision\n\n{head}| [A](https://arxiv.org/abs/1) | Ann |\n| B | Bo |\n\n"
        f"## Speech\n\n{head}| C | Cy |\n"
    )
    found, readme, study = imported(source, tmp_path)
    assert by_hand(found) == []
    assert [week.number for week in study.weeks] == [1, 2, 3]
    assert "| B | Bo | Vision |" in readme
    assert "| C | Cy | Speech |" in readme
