"""What study.toml says of a week's meeting, of its own columns and of the rota, right and wrong."""

import datetime as dt
import unicodedata
from pathlib import Path

import pytest

from generator.errors import StudyError, problems_in
from generator.model import Link, Phrase, Study
from generator.study.load import load_study

HEAD = 'title = "S"\nlanguages = ["en", "ko"]\n'
WEEK = '[[week]]\nnumber = 1\ntitle = "A"\n'


def study(text: str, root: Path) -> Study:
    (root / "study.toml").write_text(text, "utf-8")
    return load_study(root)


def told(text: str, root: Path) -> list[str]:
    """Each mistake in study.toml as it is told."""
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        study(text, root)
    return [str(problem) for problem in problems_in(caught.value)]


def test_one_name_or_several_are_presenters_and_hangul_is_composed(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "김하나")
    weeks = study(
        f'{HEAD}{WEEK}presenter = "{apart}"\n[[week]]\nnumber = 2\ntitle = "B"\n'
        'presenter = [" 이두리", "Ö  Ann"]\n',
        tmp_path,
    ).weeks
    assert weeks[0].session.presenters == ("김하나",)
    assert weeks[1].session.presenters == ("이두리", "Ö Ann")


def test_links_are_addresses_paths_or_have_names(tmp_path: Path) -> None:
    text = (
        f'{HEAD}{WEEK}slides = "reports/my talk.pdf"\n'
        'recording = [{ title = { en = "Part 1", ko = "1부" }, url = "https://e.org/1" },'
        ' "https://e.org/2"]\n'
    )
    session = study(text, tmp_path).weeks[0].session
    assert session.slides == (Link("reports/my talk.pdf"),)
    assert session.recording[0].name.text("ko") == "1부"
    assert session.recording[1] == Link("https://e.org/2")


def test_markdown_keeps_its_lines_and_its_languages(tmp_path: Path) -> None:
    text = (
        f"{HEAD}[[column]]\nid = 'quiz'\ntitle = 'Quiz'\n{WEEK}notes = '''\n- one\n- **two**\n'''\n"
        'discussion = { en = ["Why?", "How?"], ko = ["왜?", "어떻게?"] }\n'
        'homework = { en = "read", ko = "읽기" }\ncolumns = { quiz = ["a", "b"] }\n'
    )
    session = study(text, tmp_path).weeks[0].session
    assert session.notes == (Phrase((("*", "- one\n- **two**"),)),)
    assert [piece.text("ko") for piece in session.discussion] == ["왜?", "어떻게?"]
    assert session.homework[0].text("ko") == "읽기"
    assert [piece.text("en") for piece in dict(session.columns)["quiz"]] == ["a", "b"]


MEETING = (
    '[meeting]\nweekday = "Saturday"\nstart = "19:00"\nend = "20:00"\ntimezone = "UTC"\n'
    "first = 2028-02-19\n"
)


def test_holidays_push_the_schedule_and_a_moved_week_keeps_its_place(tmp_path: Path) -> None:
    weeks = "".join(
        f'[[week]]\nnumber = {n}\ntitle = "A"\n{more}'
        for n, more in enumerate(["", "date = 2028-02-29\n", "cancelled = true\n", ""], 1)
    )
    skip = 'skip = [{ day = 2028-03-11, why = { en = "a trip", ko = "여행" } }]\n'
    found = study(HEAD + MEETING + skip + weeks, tmp_path)
    assert [str(week.date) for week in found.weeks] == [
        "2028-02-19", "2028-02-29", "2028-03-04", "2028-03-18",
    ]  # fmt: skip
    assert [week.session.moved_from for week in found.weeks] == [
        None, dt.date(2028, 2, 26), None, None,
    ]  # fmt: skip
    assert found.meeting is not None
    # The one that is cancelled is no day of a meeting.
    assert [str(day) for day in found.meeting.dates] == ["2028-02-19", "2028-02-29", "2028-03-18"]
    assert found.meeting.skipped[0][1].text("ko") == "여행"


def test_a_rota_knows_members_and_when_they_are_away(tmp_path: Path) -> None:
    rota = study(
        f'{HEAD}[rota]\nmembers = ["김하나", "Lee"]\neach = 2\n[[rota.away]]\nname = "Lee"\n'
        f"from = 2028-02-29\n[[rota.away]]\nname = '김하나'\nweeks = [3, 4]\n{WEEK}",
        tmp_path,
    ).rota
    assert (rota.members, rota.each) == (("김하나", "Lee"), 2)
    assert (rota.away[0].first, rota.away[0].last) == (dt.date(2028, 2, 29), None)
    assert rota.away[1].weeks == (3, 4)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('presenter = ["Kim", "Kim"]', "week.presenter: names 'Kim' twice"),
        ('presenter = ""', "week.presenter: found an empty name"),
        ('presenter = ["  "]', "week.presenter: found an empty name"),
        ("presenter = 3", "week.presenter: found 3, expected a list of texts"),
        ('presenter = ["Kim", 3]', "week.presenter: found a list, expected a list of texts"),
        ('presenter = { en = "Kim" }', "week.presenter: found a table, expected a list of texts"),
        ('date = "2025-02-29"', "week.date: found '2025-02-29', expected a date"),
        ("date = 2025-03-05T10:00:00", "week.date: found 2025-03-05 10:00:00, expected a date"),
        (
            "date = 2025-03-05\nmoved_from = 2025-03-05",
            "week.moved_from: found 2025-03-05, the day that it is on",
        ),
        ('cancelled = "yes"', "week.cancelled: found 'yes', expected true or false"),
        ('slides = "javascript:alert(1)"', "week.slides: found 'javascript:alert(1)', expected"),
        ('slides = "https://e.org/a b"', "week.slides: found 'https://e.org/a b', expected an"),
        ('slides = ""', "week.slides: found '', expected an address or a path"),
        ("recording = 7", "week.recording: found 7, expected an address or a path"),
        ('recording = { title = "x" }', "week.recording: url is missing"),
        ('recording = { url = "x", name = "y" }', "week.recording.name: unknown key"),
        ('notes = "[x](javascript:a)"', "week.notes: found the link 'javascript:a'"),
        ("notes = 3", "week.notes: found 3, expected a text"),
        ('discussion = { en = ["a"], ko = ["b", "c"] }', "week.discussion: found lists of diff"),
        ('discussion = { de = "a" }', "week.discussion: found the language 'de'"),
        ('homework = ["a", ""]', "week.homework: found an empty text"),
        ('columns = { quizz = "x" }', "week.columns.quizz: found the column 'quizz', expected"),
        ("columns = { quiz = 3 }", "week.columns.quiz: found 3, expected a text"),
        ("columns = []", "week.columns: found an empty list, expected a table"),
        ('presenters = "Kim"', "week.presenters: unknown key"),
    ],
)
def test_a_wrong_field_of_a_week_is_explained(line: str, message: str, tmp_path: Path) -> None:
    text = f'{HEAD}[[column]]\nid = "quiz"\ntitle = "Quiz"\n{WEEK}{line}\n'
    [problem] = told(text, tmp_path)
    assert message in problem
    assert problem.startswith("study.toml:")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ('[[column]]\ntitle = "Q"\n', "column: id is missing"),
        ('[[column]]\nid = "q"\n', "column: title is missing"),
        ('[[column]]\nid = "Q z"\ntitle = "Q"\n', "column.id: found 'Q z', expected a short name"),
        ('[[column]]\nid = "notes"\ntitle = "Q"\n', "column.id: found 'notes', a column that is"),
        (
            '[[column]]\nid = "q"\ntitle = "Q"\n[[column]]\nid = "q"\ntitle = "R"\n',
            "column.id: found 'q' again",
        ),
        ('[rota]\nmembers = ["A", "A"]\n', "rota.members: names 'A' twice"),
        ("[rota]\neach = 0\n", "rota.each: found 0, expected a whole number from 1 to 20"),
        (
            '[rota]\nmembers = ["Ann"]\n[[rota.away]]\nname = "An"\nweeks = [1]\n',
            "rota.away.name: found 'An', expected one of 'Ann'",
        ),
        ('[[rota.away]]\nname = "A"\n', "rota.away: does not say when 'A' is away"),
        ('[[rota.away]]\nname = "A"\nweeks = ["3"]\n', "rota.away.weeks: found '3', expected a"),
        (
            '[[rota.away]]\nname = "A"\nfrom = 2025-03-05\nto = 2025-03-01\n',
            "rota.away.to: found 2025-03-01, before 2025-03-05",
        ),
        (MEETING + "skip = ['2028-02-26']\n", "meeting.skip: found '2028-02-26', expected a date"),
        (MEETING + "skip = [2028-02-26, 2028-02-26]\n", "meeting.skip: names 2028-02-26 twice"),
        (MEETING + "skip = [{ why = 'x' }]\n", "meeting.skip: day is missing"),
        (MEETING + "skip = [2028-02-27]\n", "meeting.skip: found 2028-02-27, which is no day"),
    ],
)
def test_a_wrong_table_is_explained(tables: str, message: str, tmp_path: Path) -> None:
    [problem] = told(HEAD + tables + WEEK, tmp_path)
    assert message in problem
