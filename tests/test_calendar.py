"""The meetings as an .ics file, and the schedule as a person reads it on a given day."""

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from generator.errors import StudyError
from generator.model import Study
from generator.publish.calendar.file import calendar
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


HEAD = """
title = "S"
[meeting]
weekday = "Wednesday"
start = "19:00"
end = "20:00"
timezone = "America/New_York"
place = "room 7"
"""


def events(content: bytes) -> dict[str, list[str]]:
    """The lines of each event by its summary."""
    found: dict[str, list[str]] = {}
    for part in "\n".join(unfolded(content)).split("BEGIN:VEVENT\n")[1:]:
        lines = part.partition("END:VEVENT")[0].splitlines()
        (summary,) = [line[8:] for line in lines if line.startswith("SUMMARY:")]
        found[summary] = lines
    return found


def uid(lines: list[str]) -> str:
    return next(line for line in lines if line.startswith("UID:"))


def study_of(weeks: str, root: Path) -> Study:
    (root / "study.toml").write_text(HEAD + weeks, "utf-8")
    return load_study(root)


def test_one_week_with_a_date_leaves_the_rule_for_the_others(tmp_path: Path) -> None:
    days = {2: "date = 2025-03-11\n", 3: "date = 2025-03-20\nmoved_from = 2025-03-19\n"}
    text = "".join(f'[[week]]\nnumber = {n}\ntitle = "T"\n{days.get(n, "")}' for n in (1, 2, 3, 4))
    found = events(calendar(study_of(text, tmp_path), first=dt.date(2025, 3, 5)))
    assert list(found) == ["S", "Week 2: T", "Week 3: T"]
    rule = found["S"]
    assert "DTSTART;TZID=America/New_York:20250305T190000" in rule
    assert "RRULE:FREQ=WEEKLY;BYDAY=WE" in rule
    # Week 2 meets on a Tuesday, in place of the Wednesday of its own calendar week.
    assert [line[-15:] for line in rule if line.startswith("EXDATE")] == [
        "20250312T190000", "20250319T190000",
    ]  # fmt: skip
    assert "DESCRIPTION:Week 1: T\\nWeek 4: T" in rule


def test_without_a_first_day_the_rule_begins_beside_the_earliest_date(tmp_path: Path) -> None:
    text = (
        '[[week]]\nnumber = 1\ntitle = "T"\ndate = 2025-03-05\n[[week]]\nnumber = 2\ntitle = "U"\n'
    )
    found = events(calendar(study_of(text, tmp_path)))
    assert "DTSTART;TZID=America/New_York:20250312T190000" in found["S"]


def test_a_project_without_a_number_and_a_date_needs_no_rule(tmp_path: Path) -> None:
    text = (
        'first = 2025-03-05\n[[week]]\nnumber = 1\ntitle = "T"\n'
        '[[week]]\nunit = "Project"\nid = "p"\ntitle = "U"\n'
    )
    assert list(events(calendar(study_of(text, tmp_path)))) == ["Week 1: T"]


ALL = r"""
first = 2025-03-05
[publishing]
base_url = "https://host/x"
[[week]]
number = 1
title = "Swings; a, b"
objective = "See"
presenter = ["김하나", "Lee"]
place = "the roof"
slides = "reports/week 1/s.pdf"
recording = { title = "Film", url = "https://e.org/r?a=1" }
discussion = ["Why **not**?", "[Thread](https://e.org/t)"]
notes = "We \"did\" it."
[[week]]
number = 2
title = "B"
cancelled = true
"""
WEEK_1 = r"Week 1: Swings\; a\, b (김하나\, Lee)"


def test_an_event_says_who_where_and_what_there_is(tmp_path: Path) -> None:
    found = events(calendar(study_of(ALL, tmp_path)))
    lines = found[WEEK_1]
    assert "LOCATION:the roof" in lines
    (told,) = [line for line in lines if line.startswith("DESCRIPTION:")]
    assert told == (
        r"DESCRIPTION:See\nPresenter: 김하나\, Lee\nSlides: https://host/x/reports/week%201/s.pdf"
        r"\nFilm: https://e.org/r?a=1\nDiscussion:\n- Why not?\n- Thread (https://e.org/t)"
        r'\nNotes:\nWe "did" it.'
    )
    assert "STATUS:CANCELLED" in found["cancelled: Week 2: B"]


def test_an_event_stays_itself_and_counts_its_changes(tmp_path: Path) -> None:
    first = calendar(study_of(ALL, tmp_path))
    assert calendar(study_of(ALL, tmp_path), before=first) == first
    moved = ALL.replace('objective = "See"', 'objective = "See"\ndate = 2025-03-06')
    second = calendar(study_of(moved, tmp_path), before=first)
    one, other = events(first), events(second)
    assert uid(one[WEEK_1]) == uid(other[WEEK_1])
    assert "SEQUENCE:1" in other[WEEK_1]
    assert "DTSTART;TZID=America/New_York:20250306T190000" in other[WEEK_1]
    assert not any("SEQUENCE" in line for line in other["cancelled: Week 2: B"])
    # A second look at the same says the same.
    assert calendar(study_of(moved, tmp_path), before=second) == second
    back = calendar(study_of(ALL, tmp_path), before=second)
    assert "SEQUENCE:2" in events(back)[WEEK_1]


def test_a_week_that_is_gone_says_so_to_the_calendars_that_know_it(tmp_path: Path) -> None:
    text = 'first = 2025-03-05\n[[week]]\nnumber = 1\ntitle = "T"\n'
    both = calendar(study_of(text + '[[week]]\nnumber = 2\ntitle = "U"\n', tmp_path))
    one = calendar(study_of(text, tmp_path), before=both)
    gone = events(one)["cancelled: Week 2: U"]
    assert {"STATUS:CANCELLED", "SEQUENCE:1"} <= set(gone)
    assert calendar(study_of(text, tmp_path), before=one) == one


def test_a_title_may_change_where_the_calendar_has_an_id(tmp_path: Path) -> None:
    named = ALL.replace("[publishing]", '[publishing]\ncalendar_id = "swings"')
    before = {uid(lines) for lines in events(calendar(study_of(named, tmp_path))).values()}
    other = (HEAD + named).replace('title = "S"', 'title = "R"')
    (tmp_path / "study.toml").write_text(other, "utf-8")
    after = {uid(lines) for lines in events(calendar(load_study(tmp_path))).values()}
    assert before == after


def test_a_file_of_another_kind_is_no_earlier_calendar(tmp_path: Path) -> None:
    study = study_of(ALL, tmp_path)
    assert calendar(study, before=b"\xff\x00 no calendar\r\nEND:VEVENT\r\n") == calendar(study)


# ---------------------------------------------------------------- the schedule by day


def test_a_cancelled_meeting_is_neither_next_nor_late(tiny: Path) -> None:
    study = with_text(tiny, 'status = "done"', 'cancelled = true\npresenter = "김하나"')
    for today, marks in (
        ("2025-03-20", ["cancelled", "next"]),
        ("2025-04-01", ["cancelled", "late"]),
    ):
        assert [row.mark for row in schedule_rows(tiny, study, day_of(today))] == marks
    lines = list(schedule_lines(tiny, study, today="2025-03-20"))
    assert lines[0].endswith("cancelled  How long does a swing take? (김하나)")


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


DICE_MEETING = """
[meeting]
weekday = "Wednesday"
start = "21:00"
end = "22:00"
timezone = "Asia/Seoul"
place = { ko = "온라인", en = "online" }
first = 2026-03-04

[publishing]
base_url = "https://host/x"
"""


@pytest.mark.parametrize(
    ("language", "summary", "place"),
    [("", "1일차: 주사위 두 개의 합", "온라인"), ("en", "Day 1: The sum of two dice", "online")],
)
def test_a_calendar_speaks_the_language_of_publishing(
    tmp_path: Path, language: str, summary: str, place: str
) -> None:
    root = Path(shutil.copytree(STUDIES / "dice-ko", tmp_path / "dice"))
    with (root / "study.toml").open("a", encoding="utf-8") as file:
        file.write(DICE_MEETING + (f'language = "{language}"\n' if language else ""))
    lines = unfolded(calendar(load_study(root)))
    assert f"SUMMARY:{summary}" in lines
    assert f"LOCATION:{place}" in lines


def test_a_language_of_publishing_that_the_study_has_not_is_refused(tiny: Path) -> None:
    with pytest.raises(StudyError, match=r"publishing\.language: found 'ko'"):
        with_text(tiny, "[meeting]", '[publishing]\nlanguage = "ko"\n\n[meeting]')
