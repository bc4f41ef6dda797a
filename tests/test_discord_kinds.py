"""Reminders and summaries: when their turn is, what they say, once each like the week's post."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.discord_server import Discord, Server
from tests.discord_study import Poster, build, write_study

DATES = {7: "2025-03-05", 8: "2025-03-12", 9: "2025-03-19"}
ABOUT = (
    'presenter = ["김하나", "@everyone"]\nslides = "https://e.org/s"\n'
    'discussion = ["Why **not**?", "[Thread](https://e.org/t(1)) `a*b`"]\n'
)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(Discord())
    yield server
    server.close()


@pytest.fixture
def poster(tmp_path: Path, server: Server) -> Poster:
    return Poster(write_study(tmp_path / "study", (7, 8, 9), dates=DATES, more={8: ABOUT}), server)


def rewrite(poster: Poster, **more: object) -> None:
    """The study once more, with other words; its PDFs stay."""
    write_study(poster.root, (7, 8, 9), **{"dates": DATES, **more})  # type: ignore[arg-type]


def test_a_reminder_says_when_who_and_what_to_think_about(poster: Poster) -> None:
    assert poster.run("--reminder", "--today", "2025-03-11").code == 0
    # 21:00 in Seoul is 12:00 UTC.
    assert poster.contents() == [
        "## Reminder: Week 8: Heat in a rod\n"
        "**Meeting** <t:1741780800:F> (<t:1741780800:R>), online\n"
        "**Presenter** 김하나, @\u200beveryone\n"
        "**Slides** [Slides](<https://e.org/s>)\n"
        "**Discussion**\n- Why **not**?\n- [Thread](<https://e.org/t%281%29>) `a*b`"
    ]
    assert list(poster.state()) == ["week-08/reminder"]


def test_a_reminder_is_sent_once_and_only_near_its_meeting(poster: Poster) -> None:
    far = poster.run("--reminder", "--today", "2025-03-10")
    assert (far.code, far.stdout) == (0, "")
    assert "no meeting within 1 day; nothing to remind of" in far.stderr
    for day in ("2025-03-11", "2025-03-12", "2025-03-12"):
        assert poster.run("--reminder", "--today", day).code == 0
    assert len(poster.discord.messages) == 1
    poster.run("--reminder", "--today", "2025-03-13")
    assert len(poster.discord.messages) == 1


def test_how_early_is_the_studys(tmp_path: Path, server: Server) -> None:
    root = write_study(tmp_path / "s", (7, 8), dates=DATES, publishing="reminder_days = 7")
    poster = Poster(root, server)
    poster.run("--reminder", "--today", "2025-03-05")
    assert [text.splitlines()[0] for text in poster.contents()] == [
        "## Reminder: Week 7: Heat in a rod", "## Reminder: Week 8: Heat in a rod",
    ]  # fmt: skip


def test_a_reminder_follows_what_changes(poster: Poster) -> None:
    poster.run("--reminder", "--today", "2025-03-11")
    rewrite(poster, more={8: 'presenter = "이두리"\n'}, dates={**DATES, 8: "2025-03-14"})
    # The new day is out of reach of a new reminder, but this one is in the channel.
    assert poster.run("--reminder", "--today", "2025-03-11").code == 0
    (text,) = poster.contents()
    assert "**Presenter** 이두리" in text
    assert "<t:1741953600:F>" in text
    rewrite(poster, more={8: "cancelled = true\n"})
    poster.run("--reminder", "--today", "2025-03-11")
    assert poster.contents() == ["## Reminder: ~~Week 8: Heat in a rod~~ (cancelled)"]


def test_a_meeting_without_a_day_is_reminded_of_by_name(tmp_path: Path, server: Server) -> None:
    poster = Poster(write_study(tmp_path / "s"), server)
    done = poster.run("--reminder")
    assert done.code == 1
    assert "the study gives no dates" in done.stderr
    assert poster.run("--reminder", "7").code == 0
    assert poster.contents() == ["## Reminder: Week 7: Heat in a rod\n**Presenter**"] or (
        poster.contents()[0].startswith("## Reminder: Week 7: Heat in a rod")
    )


NOTES = 'recording = "https://e.org/r"\nnotes = "We found:\\n\\n- one @here\\n- two\\n"\n'


def test_a_summary_has_recording_and_notes_and_grows(poster: Poster) -> None:
    none = poster.run("--summary", "--today", "2025-03-13")
    assert (none.code, none.stdout) == (0, "")
    assert "nothing to sum up" in none.stderr
    rewrite(poster, more={8: 'notes = "Short."\n'})
    poster.run("--summary", "--today", "2025-03-12")
    assert poster.contents() == [], "the meeting is not over"
    poster.run("--summary", "--today", "2025-03-13")
    assert poster.contents() == ["## After the meeting: Week 8: Heat in a rod\n**Notes**\nShort."]
    rewrite(poster, more={8: NOTES})
    assert poster.run("--summary", "--today", "2025-03-20").code == 0
    assert poster.contents() == [
        "## After the meeting: Week 8: Heat in a rod\n"
        "**Recording** [Recording](<https://e.org/r>)\n"
        "**Notes**\nWe found:\n\n- one @\u200bhere\n- two"
    ]


def test_after_the_first_summary_none_is_left_out(poster: Poster) -> None:
    rewrite(poster, more={7: NOTES, 8: NOTES})
    poster.run("--summary", "--today", "2025-03-13")
    assert list(poster.state()) == ["week-08/summary"], "a term that began without is let be"
    rewrite(poster, more={7: NOTES, 8: NOTES, 9: NOTES})
    poster.run("--summary", "--today", "2025-04-13")
    assert sorted(poster.state()) == ["week-08/summary", "week-09/summary"]


def test_a_named_week_with_nothing_to_sum_up_is_an_error(poster: Poster) -> None:
    done = poster.run("--summary", "8")
    assert done.code == 1
    assert "week-08 has nothing to sum up" in done.stderr


def test_the_kinds_are_messages_of_their_own(poster: Poster) -> None:
    rewrite(poster, more={8: NOTES})
    for kind in ((), ("--reminder",), ("--summary",)):
        assert poster.run(*kind, "8").code == 0
        assert poster.run(*kind, "8").stdout == ""
    assert sorted(poster.state()) == ["week-08", "week-08/reminder", "week-08/summary"]
    assert len(poster.discord.messages) == 3


def test_in_a_forum_a_weeks_messages_lie_in_one_post_with_its_tags(tmp_path: Path) -> None:
    discord = Discord(forum=True, tags={"11", "22"})
    server = Server(discord)
    publishing = 'thread_name = "{title}"\ntags = ["11", "22"]\nsilent = ["week"]\n'
    root = write_study(tmp_path / "s", more={7: NOTES}, publishing=publishing)
    poster = Poster(root, server)
    for kind in (("--reminder",), (), ("--summary",)):
        assert poster.run(*kind, "7").code == 0
    first, second, third = discord.messages.values()
    assert (first.tags, second.tags, third.tags) == (["11", "22"], [], [])
    assert first.thread == second.thread == third.thread == first.id
    assert (first.silent, second.silent, third.silent) == (False, True, False)
    discord.messages.clear()
    discord.threads.clear()
    # All of it was deleted: the first that changes opens a new post, the others follow it.
    build(root, 7, b"second")
    assert poster.run("7").code == 0
    (again,) = discord.messages.values()
    assert again.tags == ["11", "22"]
    server.close()


def test_nobody_opens_a_second_post_while_the_first_is_uncertain(tmp_path: Path) -> None:
    discord = Discord(forum=True)
    server = Server(discord)
    poster = Poster(write_study(tmp_path / "s", publishing='thread_name = "{title}"'), server)
    assert poster.run("7", faults=["drop"]).code == 3
    assert poster.run("--reminder", "7").code == 3
    assert len(discord.messages) == 1
    (number,) = discord.messages
    assert poster.run("--settle", f"posted={number}").code == 0
    assert poster.run("--reminder", "7").code == 0
    assert {message.thread for message in discord.messages.values()} == {number}
    server.close()


def test_a_silent_run_notifies_nobody(poster: Poster) -> None:
    poster.run("--silent", "7")
    (message,) = poster.discord.messages.values()
    assert message.silent
    build(poster.root, 7, b"second")
    poster.run("7")
    assert message.edits == 1, "an edit has no such flag, and needs none"


def test_an_edit_keeps_the_files_that_did_not_change(poster: Poster) -> None:
    poster.run("7")
    (message,) = poster.discord.messages.values()
    numbers = {said["filename"]: said["id"] for said, _ in message.files}
    received = message.received
    rewrite(poster, progress="Another sentence")
    poster.run("7")
    assert (message.edits, message.received) == (1, received), "words alone send no file"
    kept = (poster.root / "reports/week-07/week-07.ko.pdf").read_bytes()
    build(poster.root, 7, b"second", korean=b"first")
    told = poster.run("--dry-run", "7").stdout
    assert "(week-07.ko.pdf, 23 bytes, kept as it is)" in told
    poster.run("7")
    assert message.received == received + len(message.files[-1][1])
    files = {said["filename"]: (said["id"], content) for said, content in message.files}
    assert files["week-07.ko.pdf"] == (numbers["week-07.ko.pdf"], kept)
    assert b"second" in files["week-07.pdf"][1]


@pytest.mark.parametrize("strict", [True, False], ids=["refused", "passed over"])
def test_a_file_that_somebody_took_out_comes_back(poster: Poster, strict: bool) -> None:
    poster.run("7")
    poster.discord.strict = strict
    (message,) = poster.discord.messages.values()
    message.files = []
    rewrite(poster, progress="Another sentence")
    assert poster.run("7").code == 0
    assert sorted(said["filename"] for said, _ in message.files) == [
        "week-07.ko.pdf", "week-07.pdf",
    ]  # fmt: skip


def test_a_journal_of_an_earlier_version_sends_the_files_anew(poster: Poster) -> None:
    poster.run("7")
    import json

    path = poster.root / "discord.json"
    state = json.loads(path.read_bytes())
    del state["weeks"]["week-07"][0]["files"]
    path.write_text(json.dumps(state), "utf-8")
    rewrite(poster, progress="Another sentence")
    (message,) = poster.discord.messages.values()
    before = message.received
    assert poster.run("7").code == 0
    assert message.received == 2 * before
    assert len(message.files) == 2


def test_a_dry_run_shows_a_reminder_as_it_will_look(poster: Poster) -> None:
    told = poster.run("--dry-run", "--reminder", "8", "--silent").stdout
    assert told.startswith(
        "week-08/reminder, message 1: post\n"
        "  | Reminder: Week 8: Heat in a rod\n"
        "  | Meeting 2025-03-12 21:00 in Asia/Seoul (in … hours), online\n"
        "  | Presenter 김하나, @everyone\n"
        "  | Slides Slides <https://e.org/s>\n"
        "  | Discussion\n"
        "  | - Why not?\n"
        "  | - Thread <https://e.org/t%281%29> `a*b`\n"
        "  (without a notification)\n"
        "POST "
    )
    assert poster.discord.requests == []


WEEK_8 = (
    "## Week 8: Heat in a rod\n**Objective** See what happens\n"
    "**Meeting** <t:1741780800:F> (<t:1741780800:R>), online\n"
    "**Presenter** 김하나, @\u200beveryone\n**Slides** [Slides](<https://e.org/s>)\n"
    "**Progress** Watched it cool"
)


def test_doubts_are_settled_by_kind(poster: Poster) -> None:
    first = poster.run("8")
    assert (first.code, poster.contents()) == (0, [WEEK_8])
    assert poster.run("--reminder", "8", faults=["drop"]).code == 3
    done = poster.run("--reminder", "8")
    assert "study post --settle posted=LINK week-08/reminder" in done.stderr
    wrong = poster.run("--settle", "not-posted", "8/remindre")
    assert "expected one of 'reminder' or 'summary' behind the slash" in wrong.stderr
    number = list(poster.discord.messages)[-1]
    assert poster.run("--settle", f"posted={number}", "8").code == 0, "8 means the uncertain one"
    assert poster.run("--reminder", "8").code == 0
    assert len(poster.discord.messages) == 2


def test_two_kinds_at_once_are_refused(poster: Poster) -> None:
    assert poster.run("--reminder", "--summary", "8").code == 2


@pytest.mark.parametrize(
    ("publishing", "message"),
    [
        (
            'tags = ["x"]\nthread_name = "{title}"',
            "publishing.tags: found 'x', expected the number",
        ),
        ('tags = ["1"]', "publishing.tags: stands without thread_name"),
        (
            'tags = ["1","2","3","4","5","6"]\nthread_name = "{title}"',
            "publishing.tags: found 6, Discord takes 5",
        ),
        ('silent = ["weekly"]', "publishing.silent: found 'weekly', expected some of 'week'"),
        ("silent = 1", "publishing.silent: found 1, expected a list of texts"),
        ("reminder_days = -1", "publishing.reminder_days: found -1, expected a whole number"),
    ],
)
def test_wrong_settings_are_explained(
    publishing: str, message: str, tmp_path: Path, server: Server
) -> None:
    poster = Poster(write_study(tmp_path / "s", publishing=publishing), server)
    assert message in poster.run("7").stderr
