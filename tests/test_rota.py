"""`study rota`: who presents next, fairly, never twice in a row; names written into study.toml."""

import itertools
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.check.folder import check_folder
from generator.cli import main
from generator.errors import problems_in
from generator.model import Study
from generator.study.load import load_study
from generator.study.turns import held, objections, proposals

HEAD = 'title = "S"\n'
DATED = (
    '[meeting]\nweekday = "Wednesday"\nstart = "19:00"\nend = "20:00"\ntimezone = "UTC"\n'
    "first = 2028-02-23\n"
)


def rota(*members: str, each: int = 1, away: str = "") -> str:
    names = ", ".join(f'"{name}"' for name in members)
    return f"[rota]\nmembers = [{names}]\neach = {each}\n{away}"


def weeks(*presenters: str, more: str = "") -> str:
    """A week for each text: its names with commas between, "" for none, x for a cancelled one."""
    text = ""
    for number, names in enumerate(presenters, 1):
        text += f'[[week]]\nnumber = {number}\ntitle = "A"\n'
        if names == "x":
            text += "cancelled = true\n"
        elif names:
            text += "presenter = [" + ", ".join(f'"{n}"' for n in names.split(",")) + "]\n"
    return text + more


AWAY = '[[rota.away]]\nname = "A"\nweeks = [1]\n'


def study(text: str, root: Path) -> Study:
    (root / "study.toml").write_text(HEAD + text, "utf-8")
    return load_study(root)


def proposed(text: str, root: Path) -> list[str]:
    found = study(text, root)
    return [",".join(turn.names) for turn in proposals(found, held(found))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (rota("A", "B", "C") + weeks("", "", "", "", ""), ["A", "B", "C", "A", "B"]),
        # Fewest first; then whose last time is longest ago.
        (rota("A", "B", "C") + weeks("A", "B", "A", "", ""), ["C", "B"]),
        # Who is named for later counts too, and is not taken just before.
        (rota("A", "B") + weeks("", "A", ""), ["B", "B"]),
        (rota("A", "B", "C", each=2) + weeks("", "", more=""), ["A,B"]),
        # A cancelled meeting parts nobody.
        (rota("A", "B") + weeks("A", "x", ""), ["B"]),
        (rota("A", "B", away=AWAY) + weeks("", ""), ["B", "A"]),
        (weeks("김하나", "이두리", "", ""), ["김하나", "이두리"]),
    ],
)  # fmt: skip
def test_the_next_is_who_presented_least_and_longest_ago(
    text: str, names: list[str], tmp_path: Path
) -> None:
    try:
        assert proposed(text, tmp_path) == names
    except ExceptionGroup as error:  # two of three cannot take turns without one twice in a row
        assert names == ["A,B"]
        (problem,) = problems_in(error)
        assert problem.message == "Week 2 needs 2 to present, 1 can: A, B present beside it"


def test_who_is_away_on_the_day_is_not_taken_leap_days_included(tmp_path: Path) -> None:
    away = '[[rota.away]]\nname = "A"\nfrom = 2028-02-24\nto = 2028-03-01\n'
    text = DATED + rota("A", "B", "C", away=away) + weeks("B", "", "", "")
    assert proposed(text, tmp_path) == ["C", "A", "B"]


def test_nobody_is_taken_when_nobody_can(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        proposed(rota("A") + weeks("A", "", ""), tmp_path)
    told = [problem.message for problem in problems_in(caught.value)]
    assert told[0] == "Week 2 needs 1 to present, 0 can: A present beside it"


def test_over_a_long_term_turns_differ_by_one_and_never_follow(tmp_path: Path) -> None:
    members = ["김하나", "Lee", "Ö", "d'Arc", 'Q "x"']
    names = proposed(rota(*[m.replace('"', '\\"') for m in members]) + weeks(*[""] * 52), tmp_path)
    counts = [names.count(member) for member in members]
    assert max(counts) - min(counts) <= 1
    assert all(a != b for a, b in itertools.pairwise(names))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (rota("A", "B") + weeks("A", "A,B", "x", "B"),
         ["Week 2: A presents twice in a row", "Week 4: B presents twice in a row"]),
        (rota("A") + weeks("Z"), ["Week 1: Z is no member of the rota"]),
        (rota("A", away='[[rota.away]]\nname = "A"\nweeks = [1]\n') + weeks("A"),
         ["Week 1: A presents, but is away"]),
        (weeks("A", "B", "A"), []),
    ],
)  # fmt: skip
def test_what_speaks_against_a_schedule_is_told(text: str, told: list[str], tmp_path: Path) -> None:
    found = objections(study(text, tmp_path))
    assert [problem.message for problem in found] == told
    findings = [f.message for f in check_folder(tmp_path) if f.rule == "rota"]
    assert findings == told


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(root), "rota", *words])


TOML = (
    b'title = "S"  # kept\r\n[rota]\r\nmembers = ["A", "\xea\xb9\x80"]\r\n\r\n[[week]]\r\n'
    b'# a remark\r\nnumber = 1   # one\r\ntitle = "T"\r\n\r\n[[week]]\r\ntitle = "U"\r\n'
    b'number = 2\r\n[[week]]\r\nnumber = 3\r\ntitle = "V"\r\nstatus = "done"\r\n'
)


def test_names_are_written_and_no_other_byte_changes(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(TOML)
    shown = run(tmp_path)
    assert shown.stdout == "Week 1: A (first time)\nWeek 2: 김 (first time)\n"
    assert (tmp_path / "study.toml").read_bytes() == TOML
    assert run(tmp_path, "--write").exit_code == 0
    after = (tmp_path / "study.toml").read_bytes()
    lines = [line for line in after.split(b"\r\n") if not line.startswith(b"presenter")]
    assert b"\r\n".join(lines) == TOML
    assert b'number = 1   # one\r\npresenter = "A"\r\n' in after
    assert b'number = 2\r\npresenter = "\xea\xb9\x80"\r\n' in after
    again = run(tmp_path, "--write")
    assert again.stderr == "every week to come has somebody\n"
    assert run(tmp_path, "--check").exit_code == 0


def test_a_week_is_asked_for_by_number_and_one_that_has_somebody_refused(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(HEAD + rota("A", "B") + weeks("A", "", ""), "utf-8")
    assert run(tmp_path, "3").stdout == "Week 3: B (first time)\n"
    refused = run(tmp_path, "1")
    assert refused.exit_code == 1
    assert "A presents there already" in refused.stderr


def test_weeks_of_an_inline_list_are_left_to_their_author(tmp_path: Path) -> None:
    text = HEAD + 'week = [{ number = 1, title = "A" }]\n' + rota("A")
    (tmp_path / "study.toml").write_text(text, "utf-8")
    done = run(tmp_path, "--write")
    assert done.exit_code == 1
    assert "found weeks in an inline list" in done.stderr
    assert (tmp_path / "study.toml").read_text("utf-8") == text


def test_past_meetings_are_not_proposed_for(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(HEAD + DATED + rota("A", "B") + weeks("", "", ""), "utf-8")
    assert run(tmp_path, "--today", "2028-03-01").stdout.startswith("Week 2 (2028-03-01): A")


def test_without_members_and_presenters_nobody_takes_turns(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(HEAD + weeks(""), "utf-8")
    assert "nobody takes turns" in run(tmp_path).stderr
