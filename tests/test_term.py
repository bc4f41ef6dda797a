"""A whole term: thirteen weeks of posts, reminders and summaries, and what happens to a group."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.publish.calendar.event import Event, events_in
from tests.discord_server import Discord, Server
from tests.discord_study import Poster, build

HEAD = """title = "A term"
languages = ["en", "ko"]
unit = {{ en = "Week", ko = "{{n}}주차" }}

[publishing]
base_url = "https://host/x"
thread_name = "{{title}}"
tags = ["7"]
silent = ["week", "summary"]

[meeting]
weekday = "Wednesday"
start = 21:00:00
end = 22:00:00
timezone = "Europe/Berlin"
place = "room 7"
first = 2025-03-05
skip = [{skip}]

[rota]
members = ["김하나", "Lee", "Ö"]

[[column]]
id = "quiz"
title = {{ en = "Quiz", ko = "퀴즈" }}
"""
README = "# A term\n\n" + "".join(
    f"<!-- study:begin {name} -->\n<!-- study:end {name} -->\n\n"
    for name in ("schedule", "resources", "progress", "meeting")
)


@dataclass
class Term:
    """The group's study.toml as it writes it, and all that follows from it."""

    poster: Poster
    weeks: dict[int, dict[str, str]] = field(
        default_factory=lambda: {n: {"title": f'"Topic {n}"'} for n in range(1, 14)}
    )
    skip: str = '{ day = 2025-04-16, why = "a holiday" }'

    @property
    def root(self) -> Path:
        return self.poster.root

    def write(self) -> None:
        """study.toml from nothing but what the group says."""
        text = HEAD.format(skip=self.skip)
        for number, keys in self.weeks.items():
            lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
            text += f"\n[[week]]\nnumber = {number}\n{lines}"
        (self.root / "study.toml").write_text(text, "utf-8")

    def study(self, *words: str) -> str:
        """`study WORDS`, which has to succeed."""
        done = CliRunner().invoke(main, ["-C", str(self.root), *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    def publish(self) -> None:
        """README and calendar brought up to date, twice: the second time nothing changes."""
        self.write()
        ics = self.root / "meetings.ics"
        for _ in range(2):
            before = (self.root / "README.md").read_bytes(), ics.exists() and ics.read_bytes()
            self.study("readme")
            self.study("calendar", "-o", str(ics), "--today", "2025-03-01")
        assert before == ((self.root / "README.md").read_bytes(), ics.read_bytes())
        self.study("readme", "--check")

    def row(self, week: int) -> dict[str, str]:
        """The week's row of the README's schedule, by heading."""
        text = (self.root / "README.md").read_text("utf-8")
        lines = [line.strip("| \n").split(" | ") for line in text.splitlines() if "|" in line]
        for cells in lines[2:]:
            if cells[0] == f"Week {week}":
                return dict(zip(lines[0], cells, strict=False))
        raise AssertionError(week)

    def event(self, week: int) -> Event:
        """The week's event in the calendar."""
        found = [
            event
            for event in events_in((self.root / "meetings.ics").read_bytes()).values()
            if re.search(rf"SUMMARY:(cancelled: )?Week {week}:", "\n".join(event.body))
        ]
        (event,) = found
        return event

    def said(self, week: int) -> dict[str, str]:
        """The kinds of messages about a week in the channel, each with its text."""
        kinds: dict[str, str] = {}
        for message in self.poster.discord.messages.values():
            head = message.content.splitlines()[0]
            if re.search(rf"\bWeek {week}: ", head):
                kind = {"## R": "reminder", "## A": "summary"}.get(head[:4], "week")
                assert kind not in kinds, "twice"
                kinds[kind] = message.content
        return kinds

    def post(self, *words: str) -> None:
        done = self.poster.run(*words)
        assert done.code == 0, done.stderr


@pytest.fixture
def term(tmp_path: Path) -> Iterator[Term]:
    server = Server(Discord(forum=True, tags={"7"}))
    root = tmp_path / "term"
    root.mkdir()
    (root / "README.md").write_text(README, "utf-8")
    yield Term(Poster(root, server))
    server.close()


# Wednesdays from 5 March; 16 April is a holiday.
DAYS = [
    "2025-03-05", "2025-03-12", "2025-03-19", "2025-03-26", "2025-04-02", "2025-04-09",
    "2025-04-23", "2025-04-30", "2025-05-07", "2025-05-14", "2025-05-21", "2025-05-28",
    "2025-06-04",
]  # fmt: skip
MOVED, CANCELLED, SWAPPED = 4, 8, 6


def before(day: str, days: int = 1) -> str:
    import datetime as dt

    return (dt.date.fromisoformat(day) - dt.timedelta(days=days)).isoformat()


def test_a_term_runs_from_study_toml_alone(term: Term) -> None:
    term.write()
    term.study("rota", "--today", "2025-03-01", "--write")
    names = re.findall(r'presenter = "(.+)"', (term.root / "study.toml").read_text("utf-8"))
    assert names == ["김하나", "Lee", "Ö"] * 4 + ["김하나"]
    for number, name in enumerate(names, 1):
        term.weeks[number]["presenter"] = f'"{name}"'
    term.publish()
    first_events = {number: term.event(number) for number in term.weeks}
    assert "Quiz" not in term.row(1)

    for number, planned in enumerate(DAYS, 1):
        day = planned
        build(term.root, number, f"report {number}".encode())
        term.publish()
        assert term.row(number)["Date"] == day
        assert term.row(number)["Resource"].startswith(f"[Report {number}](https://host/x/")
        term.post("--today", before(day, 3))
        term.post("--reminder", "--today", before(day, 3))
        assert set(term.said(number)) == {"week"}, "too early for a reminder"
        term.post("--reminder", "--today", before(day))
        assert set(term.said(number)) == {"week", "reminder"}
        assert f"**Presenter** {names[number - 1]}" in term.said(number)["reminder"]

        if number == MOVED:  # to the next day, after the reminder went out
            day = "2025-03-27"
            term.weeks[number]["date"] = day
            term.publish()
            assert term.row(number)["Date"] == "2025-03-27 (moved from 2025-03-26)"
            for kind in ((), ("--reminder",)):
                term.post(*kind, "--today", before(day))
            # 21:00 in Berlin, three days before the clocks change, is 20:00 UTC.
            assert all("<t:1743105600:F>" in text for text in term.said(number).values())
        if number == SWAPPED:
            term.weeks[number]["presenter"] = '"Lee"'
            term.weeks[number + 1]["presenter"] = '"Ö"'
            names[number - 1], names[number] = "Lee", "Ö"
            term.publish()
            assert term.row(number)["Presenter"] == "Lee"
            for kind in ((), ("--reminder",)):
                term.post(*kind, "--today", before(day))
            assert all("**Presenter** Lee" in text for text in term.said(number).values())
        if number == CANCELLED:
            term.weeks[number]["cancelled"] = "true"
            term.publish()
            assert term.row(number)["Date"] == f"{day} (cancelled)"
            term.post("--reminder", "--today", before(day))
            term.post("--today", before(day))
            said = term.said(number)
            assert all("(cancelled)" in text.splitlines()[0] for text in said.values())
            assert term.event(number).cancelled
            term.post("--summary", "--today", "2025-05-01")
            assert set(term.said(number)) == {"week", "reminder"}, "nothing is left of it"
            continue

        listed = term.study("list", "--today", before(day)).splitlines()
        (coming,) = [line for line in listed if "  next  " in line]
        assert f"Week {number} " in coming
        # The day after: it is done, there are notes, later a recording and a quiz.
        term.weeks[number] |= {"status": '"done"', "notes": f'"We read {number}."'}
        term.publish()
        after = before(day, -1)
        term.post("--summary", "--today", after)
        assert term.said(number)["summary"].endswith(
            f"[PDF, 한국어](<https://host/x/reports/week-{number:02}/week-{number:02}.ko.pdf>)"
        )
        assert f"**Notes**\nWe read {number}." in term.said(number)["summary"]
        term.weeks[number] |= {
            "recording": f'"https://e.org/{number}"',
            "columns": f'{{ quiz = "[Q{number}](https://e.org/q)" }}',
        }
        term.publish()
        term.post("--summary", "--today", after)
        summary = term.said(number)["summary"]
        assert f"**Recording** [Recording](<https://e.org/{number}>)" in summary
        assert term.row(number)["Quiz"] == f"[Q{number}](https://e.org/q)"
        assert term.row(number)["Recording"] == f"[Recording](https://e.org/{number})"
        text = (term.root / "README.md").read_text("utf-8")
        if number < len(DAYS):
            follower = (
                number + 2
                if number + 1 == CANCELLED and "cancelled" in term.weeks[CANCELLED]
                else number + 1
            )
            assert f"Week {follower}: Topic {follower} ({names[follower - 1]})" in text

    # The end of the term: one of each, in one post a week, tagged once; nothing is uncertain.
    messages = term.poster.discord.messages.values()
    assert len(messages) == 13 * 2 + 12
    assert len({message.thread for message in messages}) == 13
    assert sum(message.tags == ["7"] for message in messages) == 13
    assert sum(message.silent for message in messages) == 13 + 12
    for number in term.weeks:
        event = term.event(number)
        assert event.uid == first_events[number].uid
        assert event.cancelled == (number == CANCELLED)
        assert event.sequence > 0
        start = next(line for line in event.body if line.startswith("DTSTART"))
        day = "2025-03-27" if number == MOVED else DAYS[number - 1]
        assert start.endswith(f"{day.replace('-', '')}T210000")
    sent = len(term.poster.discord.requests)
    for kind in ((), ("--reminder",), ("--summary",)):
        for number in term.weeks:
            if kind != ("--summary",) or number != CANCELLED:
                term.post(*kind, str(number))
    assert len(term.poster.discord.requests) == sent, "nothing is sent twice"
    assert "- No meeting: 2025-04-16 (a holiday)" in (term.root / "README.md").read_text("utf-8")
