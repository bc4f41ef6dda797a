"""The meetings as an .ics file, and the schedule as a person reads it on a given day."""

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from generator.errors import StudyError
from generator.model import Study
from generator.publish.calendar import calendar
from generator.publish.schedule import day_of, next_week, schedule_lines, schedule_rows
from generator.study.load import load_study

STUDIES = Path(__file__).parent / "studies"
ROOT = Path(__file__).parent.parent


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny study, which gives dates."""
    return Path(shutil.copytree(STUDIES / "tiny", tmp_path / "tiny"))


def unfolded(content: bytes) -> list[str]:
    """The content lines of an .ics file."""
    return content.decode().replace("\r\n ", "").split("\r\n")


def with_text(root: Path, old: str, new: str) -> Study:
    """The study after replacing `old` in its study.toml."""
    path = root / "study.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return load_study(root)


def test_each_meeting_with_a_date_is_an_event_in_the_groups_time(tiny: Path) -> None:
    lines = unfolded(calendar(load_study(tiny)))
    assert lines.count("BEGIN:VEVENT") == 2
    assert "DTSTART;TZID=Europe/Paris:20250321T183000" in lines
    assert "DTEND;TZID=Europe/Paris:20250328T193000" in lines
    assert "SUMMARY:Week 1: How long does a swing take?" in lines
    assert "LOCATION:the workshop" in lines


def test_an_event_leads_to_its_report(tiny: Path) -> None:
    base = '[publishing]\nbase_url = "https://host/x"\n\n[meeting]'
    lines = unfolded(calendar(with_text(tiny, "[meeting]", base)))
    assert "URL:https://host/x/reports/week-01/week-01.pdf" in lines
    described = next(line for line in lines if line.startswith("DESCRIPTION"))
    assert described.endswith("\\nhttps://host/x/reports/week-01/week-01.pdf")


def test_the_time_zone_comes_with_its_summer_time(tiny: Path) -> None:
    text = "\n".join(unfolded(calendar(load_study(tiny))))
    zone = re.search("BEGIN:VTIMEZONE.*END:VTIMEZONE", text, re.DOTALL)
    assert zone
    # Summer time began in Paris on 30 March 2025 at 2:00 and ended on 26 October at 3:00.
    assert (
        "BEGIN:DAYLIGHT\nDTSTART:20250330T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200"
        in zone.group()
    )
    assert (
        "BEGIN:STANDARD\nDTSTART:20251026T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100"
        in zone.group()
    )


def test_without_dates_the_meeting_is_a_weekly_rule_from_a_day_that_is_named() -> None:
    lines = unfolded(calendar(load_study(ROOT), first=dt.date(2026, 3, 4)))
    assert "RRULE:FREQ=WEEKLY;BYDAY=WE" in lines
    assert "DTSTART;TZID=Asia/Seoul:20260304T210000" in lines
    assert "TZOFFSETTO:+0900" in lines
    assert lines.count("BEGIN:VEVENT") == 1


def test_without_dates_no_day_is_invented() -> None:
    with pytest.raises(StudyError, match="gives no dates") as caught:
        calendar(load_study(ROOT))
    assert "--first DATE" in caught.value.hint


def test_a_first_day_must_be_the_meetings_day_of_the_week() -> None:
    with pytest.raises(StudyError, match="2026-03-05 is not the meeting's day of the week"):
        calendar(load_study(ROOT), first=dt.date(2026, 3, 5))


def test_a_study_without_a_meeting_has_no_calendar() -> None:
    with pytest.raises(StudyError, match=r"there is no \[meeting\]"):
        calendar(load_study(STUDIES / "dice-ko"))


def test_lines_are_folded_between_characters_and_texts_escaped(tiny: Path) -> None:
    long = "가나다라마바사; 아, 자" * 9
    content = calendar(with_text(tiny, "How long does a swing take?", long))
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    escaped = long.replace(";", "\\;").replace(",", "\\,")
    assert f"SUMMARY:Week 1: {escaped}" in unfolded(content)


def test_a_meeting_may_end_after_midnight(tiny: Path) -> None:
    lines = unfolded(calendar(with_text(tiny, '"19:30"', '"00:30"')))
    assert "DTEND;TZID=Europe/Paris:20250322T003000" in lines


def test_the_same_study_gives_the_same_bytes(tiny: Path) -> None:
    assert calendar(load_study(tiny)) == calendar(load_study(tiny))


# ---------------------------------------------------------------- the schedule by day


@pytest.mark.parametrize(
    ("today", "marks"),
    [
        ("2025-03-20", ["next", ""]),
        ("2025-03-21", ["next", ""]),
        ("2025-03-22", ["late", "next"]),
        ("2025-04-01", ["late", "late"]),
    ],
)
def test_next_and_late_follow_from_the_day_that_is_named(
    tiny: Path, today: str, marks: list[str]
) -> None:
    study = with_text(tiny, 'status = "done"', 'status = "planned"')
    rows = schedule_rows(tiny, study, day_of(today))
    assert [row.mark for row in rows] == marks


def test_a_built_report_is_not_late(tiny: Path) -> None:
    (tiny / "reports" / "week-01" / "week-01.pdf").write_bytes(b"%PDF-")
    rows = schedule_rows(tiny, load_study(tiny), day_of("2025-03-22"))
    assert [(row.state, row.mark) for row in rows] == [("built", ""), ("planned", "next")]


def test_without_dates_the_next_week_is_the_first_after_the_newest_that_is_done(
    tmp_path: Path,
) -> None:
    weeks = "".join(
        f'[[week]]\nnumber = {n}\ntitle = "T"\nstatus = "{status}"\n'
        for n, status in enumerate(["planned", "done", "planned", "planned"], 1)
    )
    (tmp_path / "study.toml").write_text(f'title = "S"\n{weeks}')
    coming = next_week(load_study(tmp_path), day_of("2025-01-01"))
    assert coming is not None
    assert coming.number == 3


def test_columns_line_up_under_hangul(tmp_path: Path) -> None:
    root = Path(shutil.copytree(STUDIES / "dice-ko", tmp_path / "dice"))
    lines = list(schedule_lines(root, load_study(root), today="2025-01-01"))
    assert lines == [
        "day-01  1일차  written          주사위 두 개의 합",
        "-       부록   no report  next  나눠 줄 카드",
    ]


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(StudyError, match=r"found '4\.3\.2026', expected a day"):
        day_of("4.3.2026")
