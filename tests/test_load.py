"""study.toml and the folders, read whole or refused with every mistake at its line."""

import datetime as dt
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.errors import StudyError, problems_in
from generator.model import Phrase, Study
from generator.study.load import find_root, load_study
from generator.study.locate import key_lines

STUDIES = Path(__file__).parent / "studies"
BROKEN = sorted(STUDIES.glob("broken-toml*"))
ROOT = Path(__file__).parent.parent

SMALL = 'title = "S"\n\n[[week]]\nnumber = 1\ntitle = "One"\n'


def study_of(folder: Path, text: str | bytes) -> Study:
    """The study whose study.toml is `text`."""
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "study.toml").write_bytes(content)
    return load_study(folder)


def explained(error: BaseException) -> str:
    """Every problem as the command line prints it."""
    lines = []
    for problem in problems_in(error):
        lines.append(f"error: {problem}\n")
        if problem.hint:
            lines.append(f"  hint: {problem.hint}\n")
    return "".join(lines)


def mistakes_in(folder: Path, text: str) -> str:
    """What reading `text` as study.toml complains about."""
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        study_of(folder, text)
    return explained(caught.value)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_broken_study_is_explained_with_every_mistake_at_its_line(case: Path) -> None:
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        load_study(case)
    assert explained(caught.value) == (case / "expected.txt").read_text("utf-8")


def test_the_study_itself_has_twelve_weeks_thirteen_rows_and_a_project() -> None:
    study = load_study(ROOT)
    numbered = [week for week in study.weeks if week.number is not None]
    assert [week.number for week in numbered] == list(range(1, 13))
    assert sum(len(week.reports) for week in numbered) == 13
    assert [report.id for _, report in study.reports()] == [
        *(f"week-{n:02}" for n in range(1, 9)),
        "week-09-1",
        "week-09-2",
        "week-10",
        "week-11",
        "week-12",
        "project",
    ]
    assert [report.label.text("en") for report in study.weeks[8].reports] == ["Basic", "Advanced"]
    assert study.meeting is not None
    assert (study.meeting.weekday, study.meeting.timezone) == (2, "Asia/Seoul")
    assert (study.meeting.start, study.meeting.end) == (dt.time(21), dt.time(22))
    assert study.meeting.dates == ()
    assert (study.numbers, study.seed, study.languages) == ("strict", 0, ("en", "ko"))


def test_every_text_of_the_study_itself_is_there_in_both_languages() -> None:
    study = load_study(ROOT)
    for week, report in study.reports():
        for phrase in (week.title, report.title, report.objective, report.resource, week.progress):
            assert {language for language, _ in phrase.texts} == {"en", "ko"}, report.id


def test_the_root_is_found_from_anywhere_inside(tmp_path: Path) -> None:
    study_of(tmp_path, SMALL)
    inside = tmp_path / "reports" / "week-01" / "data"
    inside.mkdir(parents=True)
    assert find_root(inside) == tmp_path
    assert find_root(tmp_path) == tmp_path


def test_outside_of_a_study_the_way_in_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"found no study\.toml") as caught:
        find_root(tmp_path)
    assert "-C DIR" in caught.value.hint


def test_a_missing_study_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"study\.toml: is missing"):
        load_study(tmp_path)


def test_a_byte_order_mark_and_crlf_change_nothing(tmp_path: Path) -> None:
    plain = study_of(tmp_path, SMALL)
    windows = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    assert study_of(tmp_path, windows) == plain


def test_a_planned_week_without_a_report_is_fine(tmp_path: Path) -> None:
    week, report = study_of(tmp_path, SMALL).reports()[0]
    assert (week.status, report.id, report.texts, report.script) == ("planned", "week-01", (), None)


def test_texts_and_script_are_found_main_language_first(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "week-01"
    folder.mkdir(parents=True)
    for name in ("report.ko.md", "report.md", "compute.py", "notes.md"):
        (folder / name).write_text("")
    report = study_of(tmp_path, 'languages = ["en", "ko"]\n' + SMALL).reports()[0][1]
    assert report.texts == (
        ("en", "reports/week-01/report.md"),
        ("ko", "reports/week-01/report.ko.md"),
    )
    assert report.script == "reports/week-01/compute.py"


def test_a_text_in_a_language_the_study_does_not_have_is_not_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "week-01"
    folder.mkdir(parents=True)
    (folder / "report.ko.md").write_text("")
    assert "reports/week-01/report.ko.md: is in 'ko', which the study's languages" in mistakes_in(
        tmp_path, SMALL
    )


def test_folders_that_differ_in_case_are_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "reports" / "Week-01").mkdir(parents=True)
    found = mistakes_in(tmp_path, SMALL)
    assert "reports/Week-01: differs in case from the report's id 'week-01'" in found


def test_texts_that_differ_in_case_are_pointed_out(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "week-01"
    folder.mkdir(parents=True)
    (folder / "Report.md").write_text("")
    assert "Report.md: differs in case from report.md" in mistakes_in(tmp_path, SMALL)


def test_a_link_out_of_the_study_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "report.md").write_text("")
    root = tmp_path / "study"
    (root / "reports").mkdir(parents=True)
    (root / "reports" / "week-01").symlink_to(outside)
    assert "reports/week-01: is a link that leads out of the study" in mistakes_in(root, SMALL)


def test_a_week_may_have_no_report_at_all(tmp_path: Path) -> None:
    study = study_of(tmp_path, SMALL + "report = []\n")
    assert study.weeks[0].reports == ()


def test_two_reports_of_a_week_get_ids_of_their_own(tmp_path: Path) -> None:
    text = SMALL + '[[week.report]]\nlabel = "A"\n[[week.report]]\nlabel = "B"\n'
    assert [report.id for _, report in study_of(tmp_path, text).reports()] == [
        "week-01-1",
        "week-01-2",
    ]


def test_the_word_for_the_unit_names_the_folders(tmp_path: Path) -> None:
    study = study_of(tmp_path, 'unit = "Day"\n' + SMALL)
    assert study.reports()[0][1].id == "day-01"
    assert study.unit_label(study.weeks[0], "en") == "Day 1"
    korean = study_of(tmp_path, 'languages = ["ko"]\nunit = "{n}주차"\n' + SMALL + 'id = "week-01"')
    assert korean.unit_label(korean.weeks[0], "ko") == "1주차"


def test_units_of_two_kinds_may_share_a_number(tmp_path: Path) -> None:
    text = SMALL + '[[week]]\nnumber = 1\nunit = "Step"\ntitle = "A step"\n'
    assert [report.id for _, report in study_of(tmp_path, text).reports()] == [
        "week-01",
        "step-01",
    ]


MEETING = '[meeting]\nweekday = "Wednesday"\nstart = "21:00"\nend = "22:00"\ntimezone = "UTC"\n'
THREE = SMALL + "".join(f'[[week]]\nnumber = {n}\ntitle = "T"\n' for n in (2, 3))


def test_no_date_is_ever_invented(tmp_path: Path) -> None:
    study = study_of(tmp_path, THREE + MEETING)
    assert [week.date for week in study.weeks] == [None, None, None]
    assert study.meeting is not None
    assert study.meeting.dates == ()


def test_dates_follow_from_a_start_an_interval_and_skips(tmp_path: Path) -> None:
    rule = "first = 2025-03-05\ninterval_days = 14\nskip = [2025-03-19]\n"
    study = study_of(tmp_path, THREE + MEETING + rule)
    days = [dt.date(2025, 3, 5), dt.date(2025, 4, 2), dt.date(2025, 4, 16)]
    assert [week.date for week in study.weeks] == days
    assert study.meeting is not None
    assert study.meeting.dates == tuple(days)


def test_a_week_that_moved_keeps_its_own_date_and_moves_no_other(tmp_path: Path) -> None:
    moved = THREE.replace('"One"\n', '"One"\ndate = 2025-03-06\n')
    study = study_of(tmp_path, moved + MEETING + "first = 2025-03-05\n")
    assert [week.date for week in study.weeks] == [
        dt.date(2025, 3, 6),
        dt.date(2025, 3, 12),
        dt.date(2025, 3, 19),
    ]


def test_a_first_meeting_on_another_weekday_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes_in(tmp_path, SMALL + MEETING + "first = 2025-03-06\n")
    assert "meeting.first: found 2025-03-06, a Thursday, expected a Wednesday" in found


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("skip = [2025-03-06]", "meeting.skip: found 2025-03-06, which is no day of a meeting"),
        ("interval_days = 99999999999999", "meeting.interval_days: found 99999999999999, expected"),
    ],
)
def test_dates_that_cannot_be_meant_are_mistakes(tmp_path: Path, line: str, message: str) -> None:
    assert message in mistakes_in(tmp_path, SMALL + MEETING + f"first = 2025-03-05\n{line}\n")


def test_a_year_of_five_digits_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes_in(tmp_path, THREE + MEETING + "first = 9999-12-29\n")
    assert "meeting.first: found 9999-12-29, from which the dates go past the year 9999" in found


def test_a_meeting_that_ends_when_it_starts_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes_in(tmp_path, SMALL + MEETING.replace("22:00", "21:00"))
    assert "meeting.end: found 21:00, when it starts" in found


def test_a_time_zone_that_there_is_not_is_found_when_the_study_is_read(tmp_path: Path) -> None:
    found = mistakes_in(tmp_path, SMALL + MEETING.replace("UTC", "Asia/Soul"))
    assert "meeting.timezone: found 'Asia/Soul', expected the IANA name of a time zone" in found
    assert "did you mean 'Asia/Seoul'?" in found
    assert "did you mean 'Asia/Seoul'?" in mistakes_in(
        tmp_path, SMALL + MEETING.replace("UTC", "Seoul")
    )


@pytest.mark.parametrize(
    ("text", "once"),
    [
        (THREE + '[[week]]\nnumber = 3\ntitle = "T"\n', "found 3 again"),
        ('title = "S"\nlanguages = "en"\n' + SMALL[12:], "languages: found 'en'"),
        (SMALL + MEETING.replace('"Wednesday"', "3"), "meeting.weekday: found 3"),
        (SMALL + MEETING.replace('"UTC"', "3"), "meeting.timezone: found 3"),
    ],
)
def test_one_mistake_is_told_once(tmp_path: Path, text: str, once: str) -> None:
    found = mistakes_in(tmp_path, text)
    assert once in found
    assert found.count("error:") == 1


def test_weeks_in_one_inline_list_have_lines_too(tmp_path: Path) -> None:
    week = '{ number = 1, title = "T" }'
    found = mistakes_in(tmp_path, f'title = "S"\nweek = [\n  {week},\n  {week},\n]\n')
    assert "study.toml:4: week.number: found 1 again, already at study.toml:3" in found


def test_texts_are_tidied_and_composed(tmp_path: Path) -> None:
    decomposed = "\u1100\u1161"  # 가 as two letters, as macOS writes file names
    study = study_of(tmp_path, SMALL.replace('"One"', f'"  {decomposed}  word\\n next "'))
    assert study.weeks[0].title == Phrase((("*", "가 word next"),))


def test_a_title_in_one_language_serves_the_others(tmp_path: Path) -> None:
    text = 'languages = ["en", "ko"]\n' + SMALL.replace('"One"', '{ en = "One" }')
    assert study_of(tmp_path, text).weeks[0].title.text("ko") == "One"


def test_lists_in_two_languages_must_be_equally_long(tmp_path: Path) -> None:
    text = 'languages = ["en", "ko"]\naudience = { en = ["a", "b"], ko = ["가"] }\n' + SMALL
    assert "audience: found lists of different lengths (en: 2, ko: 1)" in mistakes_in(
        tmp_path, text
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('pdf_name = "{id"', "found a brace without its partner"),
        ('pdf_name = "a/{id}.pdf"', "found a slash"),
        ('pdf_name = "{id}"', "expected a name that ends in .pdf"),
        ('pdf_name = "report.pdf"', "gives every report the same name"),
        ('pdf_name = "{id!r}.pdf"', "found {id!r}"),
        ("channel_limit_mib = 0", "expected a positive number"),
    ],
)
def test_a_pdf_name_that_cannot_be_is_refused(tmp_path: Path, line: str, message: str) -> None:
    assert message in mistakes_in(tmp_path, f"{SMALL}[publishing]\n{line}\n")


def test_a_korean_pattern_for_pdf_names_is_accepted(tmp_path: Path) -> None:
    text = SMALL + '[publishing]\npdf_name = "보고서 ({week}주차 - {title}).pdf"\n'
    assert study_of(tmp_path, text).publishing.pdf_name == "보고서 ({week}주차 - {title}).pdf"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('title = "S"\ntitle = "T"\n', "study.toml:2: is not TOML: cannot overwrite"),
        ('title = "S\n', "study.toml:1: is not TOML: illegal character"),
        ('title = "S"\nlist = [1,\n', "is not TOML: "),
        ("", "title is missing"),
        (f'title = "S"\nseed = {"9" * 5000}\n', "study.toml:2: is not TOML that can be read: "),
        (f'title = "S"\nlist = {"[" * 20000}\n', "is not TOML"),
        ('title = "S"\nday = 2025-02-30\n', "study.toml:2: is not TOML: invalid date"),
        ('title = "S"\n', "there is no [[week]]"),
        ('title = "S"\nweek = 3\n', "study.toml:2: week: found 3, expected [[week]]"),
        ('title = "S"\nweek = [1]\n', "study.toml:2: week: found a list, expected [[week]]"),
        ('title = "S"\n[week]\ntitle = "T"\n', "study.toml:2: week: found a table"),
        ('title = "S"\n[[week.report]]\nid = "a"\n', "study.toml:2: week: found a table"),
        (SMALL + 'meeting = "Wednesday"\n', "study.toml:6: week.meeting: unknown key"),
        (SMALL.replace("number = 1", "number = true"), "found true, expected a whole number"),
        (SMALL.replace("number = 1", "number = -1"), "found -1, expected a whole number from 0"),
        (SMALL + 'id = "common"\n', "week.id: found 'common', the folder of shared modules"),
        (SMALL + 'id = ""\n', "study.toml:6: week.id: found '', expected a folder's name"),
        (SMALL + f'id = "{"a" * 101}"\n', "study.toml:6: week.id: found 'aaa"),
        (SMALL + 'unit = "{m}"\n', "week.unit: found '{m}', expected {n}"),
        ('title = "a\\u0007b"\n' + SMALL[12:], "title: found the control character U+0007"),
        (f"timeout_s = {'9' * 400}\n" + SMALL, "timeout_s: found a number of more than 38 digits"),
        (SMALL + "[check]\nfigure_kb = 1e308\n", "check.figure_kb: found 1e+308, expected a pos"),
        (SMALL + '[check.wording]\n"" = "x"\n', "found an empty text, which is everywhere"),
        (f'title = "S"\nlist = {"[" * 5000}{"]" * 5000}\n', "study.toml:2: is not TOML that"),
    ],
)
def test_other_slips_are_explained(tmp_path: Path, text: str, message: str) -> None:
    assert message in mistakes_in(tmp_path, text)


def test_lines_are_found_behind_texts_and_lists_that_run_over_lines(tmp_path: Path) -> None:
    text = (
        'title = """\nnumber = 1\n[[week]]\n"""\n'
        'audience = [ # a ] in a comment\n  \'one]\', "t\\"wo",\n]\n'
        "[[ week ]]\nnumber=1\ntitle.en = 'One'\n"
        '[[week]]\n"number" = 2\ntitle = "Two"\nstatus = "odd"\n'
    )
    assert "study.toml:14: week.status: found 'odd'" in mistakes_in(tmp_path, text)


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """The paths of all keys in tables that were written as tables or keys."""
    found = {path} if path else set()
    items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        items = enumerate(value)
    for key, item in items:
        found |= paths_of(item, (*path, key))
    return found


def test_every_key_of_the_study_itself_has_its_line() -> None:
    text = (ROOT / "study.toml").read_text("utf-8")
    lines = key_lines(text)
    rows = text.splitlines()
    for path, line in lines.items():
        if isinstance(path[-1], str):
            assert path[-1] in rows[line - 1]
    inline = {"en", "ko"}
    wanted = {path for path in paths_of(tomllib.loads(text)) if path[-1] not in inline}
    # What stands in an inline table is found where the table begins.
    held = {path for path in lines if isinstance(path[-1], int)}
    assert all(any(path[:n] in held for n in range(len(path))) for path in wanted - set(lines))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_written_there_only_study_errors_come_out(
    tmp_path: Path, data: st.DataObject
) -> None:
    text = (STUDIES / "tiny" / "study.toml").read_text("utf-8")
    lines = text.splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    values = ["7", "true", '""', '"x"', "[]", "[1]", "{}", "{ a = 1 }", "1979-05-27", "07:32:00"]
    values += ["nan", "[[]]", "[{}]", '["x", 1]', "= 3", '"\\u0000"', "1979-05-27T07:32:00Z"]
    key = lines[index].partition("=")[0] or "[[week]]"
    lines[index] = f"{key}= {data.draw(st.sampled_from(values))}"
    try:
        study_of(tmp_path, "\n".join(lines))
    except (StudyError, ExceptionGroup) as error:
        for problem in problems_in(error):
            assert problem.where is not None
            assert problem.where.line is not None


def test_ten_times_the_weeks_take_about_ten_times_the_time(tmp_path: Path) -> None:
    week = (
        '[[week]]\nnumber = {n}\ntitle = {{ en = "A title of a week", ko = "제목" }}\n'
        'objective = "An objective of the usual length for a week"\nstatus = "done"\n'
        'resource = "What the report holds"\nprogress = "What we did"\ntopic = "T"\n'
    )

    def seconds(weeks: int) -> float:
        """Processor time of one reading, because other tests may run beside this one."""
        root = tmp_path / str(weeks)
        for n in range(1, weeks + 1):
            folder = root / "reports" / f"week-{n:02}"
            folder.mkdir(parents=True)
            (folder / "report.md").write_text("")
        text = 'title = "S"\nlanguages = ["en", "ko"]\n' + "".join(
            week.format(n=n) for n in range(1, weeks + 1)
        )
        (root / "study.toml").write_text(text)
        taken = []
        for _ in range(3):
            start = time.process_time()
            assert len(load_study(root).reports()) == weeks
            taken.append(time.process_time() - start)
        return min(taken)

    # Measured 14; what grows with the square of the weeks would give 100.
    assert seconds(1300) < 30 * seconds(130)
