"""Killed at every step, and a hundred runs with random faults: never two messages for a week."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.discord_killed import Killable
from tests.discord_server import PASSING, POSTED_UNSEEN, REFUSED, TOKEN, Discord, Server
from tests.discord_study import PACE, Poster, build, write_study

LONG = "A long way. " * 250  # two messages


@pytest.fixture(scope="module")
def killable() -> Iterator[Killable]:
    with Killable() as killable:
        yield killable


@pytest.fixture
def poster(tmp_path: Path) -> Iterator[Poster]:
    server = Server(Discord())
    yield Poster(write_study(tmp_path / "study"), server)
    server.close()


def words(poster: Poster) -> list[str]:
    return ["-C", str(poster.root), "post", "--allow-host", "127.0.0.1", *PACE]


def messages_of(poster: Poster, before: set[str]) -> list[str]:
    return [number for number in poster.discord.messages if number not in before]


def settle_by_the_channel(poster: Poster) -> None:
    """What a person does after exit code 3: look into the channel, and say what is there."""
    for week, entries in poster.state().items():
        known = [entry.get("message") for entry in entries if entry]
        for entry in entries:
            if entry and "unsettled" in entry:
                texts = [
                    m for m in poster.discord.messages if m not in known and m not in taken(poster)
                ]
                verdict = f"posted={texts[0]}" if texts else "not-posted"
                assert poster.run("--settle", verdict, week).code == 0


def taken(poster: Poster) -> set[Any]:
    return {entry.get("message") for week in poster.state().values() for entry in week if entry}


@pytest.mark.parametrize(
    "flow", ["first post", "edit", "two messages", "edit of a deleted one", "reminder"]
)
def test_killed_at_any_line_a_post_is_never_doubled(
    poster: Poster, killable: Killable, tmp_path: Path, flow: str
) -> None:
    if flow == "two messages":
        write_study(poster.root, progress=LONG)
    if flow.startswith("edit"):
        poster.run()
        build(poster.root, 7, b"second")
    if flow.endswith("deleted one"):
        poster.discord.messages.clear()
    start_messages = dict(poster.discord.messages)
    state = poster.root / "discord.json"
    start_state = state.read_bytes() if state.exists() else None
    count = {"two messages": 2}.get(flow, 1)
    asked = ["--reminder", "7"] if flow == "reminder" else []
    key = "week-07/reminder" if asked else "week-07"
    at, outcomes = 1, set()
    while True:
        poster.discord.messages.clear()
        poster.discord.messages.update(start_messages)
        if start_state is None:
            state.unlink(missing_ok=True)
        else:
            state.write_bytes(start_state)
        end = killable.run(
            [*words(poster), *asked], poster.server.address(), tmp_path / "out", at=at
        )
        assert TOKEN not in end.output
        assert len(poster.discord.messages) <= count
        # Before the intent is on the disk nothing has happened yet: there, a sample will do.
        step = 1 if flow in ("first post", "reminder") and state.exists() else 5
        if not end.killed:
            assert (end.code, len(poster.discord.messages)) == (0, count)
            break
        again = poster.run(*asked)
        outcomes.add(again.code)
        assert again.code in (0, 3), again.stderr
        assert len(poster.discord.messages) <= count
        if again.code == 3:
            settle_by_the_channel(poster)
            assert poster.run(*asked).code == 0
        assert len(poster.discord.messages) == count
        assert [entry["message"] for entry in poster.state()[key]] == list(poster.discord.messages)
        at += step
    assert end.lines > 100
    assert outcomes == ({0} if flow == "edit" else {0, 3})
    assert poster.discord.complaints == []


@pytest.mark.parametrize(
    ("moment", "in_channel"),
    [("kill-headers", 0), ("kill-upload", 0), ("kill-body", 0), ("kill-stored", 1),
     ("kill-answer", 1)],
)  # fmt: skip
@pytest.mark.parametrize("flow", ["post", "edit"])
def test_killed_while_discord_is_at_work_a_post_is_never_doubled(
    poster: Poster, killable: Killable, tmp_path: Path, moment: str, in_channel: int, flow: str
) -> None:
    if flow == "edit":
        poster.run()
        build(poster.root, 7, b"second")

    def aim(child: int) -> None:
        poster.discord.victim = child
        poster.discord.faults.append(moment)

    end = killable.run(words(poster), poster.server.address(), tmp_path / "out", seen=aim)
    assert end.killed
    assert TOKEN not in end.output
    again = poster.run()
    if flow == "edit":
        assert again.code == 0
    else:
        assert again.code == 3
        assert "may be in the channel, or not: the program ended" in again.stderr
        assert len(poster.discord.messages) == in_channel
        settle_by_the_channel(poster)
        assert poster.run().code == 0
    assert len(poster.discord.messages) == 1


@pytest.mark.parametrize("flow", ["post", "edit"])
def test_ctrl_c_while_discord_is_at_work_is_a_doubt_about_a_post_only(
    poster: Poster, killable: Killable, tmp_path: Path, flow: str
) -> None:
    if flow == "edit":
        poster.run()
        build(poster.root, 7, b"second")

    def aim(child: int) -> None:
        poster.discord.victim = child
        poster.discord.faults.append("interrupt")

    end = killable.run(words(poster), poster.server.address(), tmp_path / "out", seen=aim)
    assert TOKEN not in end.output
    if flow == "edit":
        assert end.code == 1
        assert poster.run().code == 0
        return
    assert end.code == 3
    assert "or not: it was interrupted while sending" in end.output
    assert poster.run().code == 3
    assert len(poster.discord.messages) == 1


def test_two_runs_at_once_in_one_folder_post_once(
    poster: Poster, killable: Killable, tmp_path: Path
) -> None:
    refused = []

    def meanwhile(child: int) -> None:
        poster.discord.faults.append("429")
        # The first run, already under way in its own process, is made to wait by the lock here.
        from generator.publish.discord.state import post_lock

        with post_lock(poster.root):
            refused.append(poster.run(faults=[]).stderr)

    end = killable.run(words(poster), poster.server.address(), tmp_path / "out", seen=meanwhile)
    assert end.code == 0
    assert "another `study post` is at work" in refused[0]
    assert len(poster.discord.messages) == 1


KINDS = {"week": "", "reminder": "--reminder", "summary": "--summary"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forum", [False, True], ids=["channel", "forum"])
def test_a_hundred_runs_with_random_faults_leave_one_message_a_week_or_an_honest_doubt(
    tmp_path: Path, kind: str, forum: bool
) -> None:
    chance = random.Random(9)
    weeks = list(range(1, 11))
    server = Server(Discord(forum=forum))
    publishing = 'thread_name = "{title}"' if forum else ""
    versions = dict.fromkeys(weeks, 0)

    def rewrite() -> Path:
        """The study with the notes and presenters of today; what is built stays."""
        more = {
            week: f'presenter = "Nr {version}"\nnotes = "Version {version}."\n'
            for week, version in versions.items()
        }
        return write_study(tmp_path / "study", weeks, publishing=publishing, more=more)

    asked = [KINDS[kind]] if KINDS[kind] else []
    poster = Poster(rewrite(), server)
    faults = ["", "", *POSTED_UNSEEN, *REFUSED, *PASSING, "503", "drop-before"]
    pace = ("--deadline", "0.2", "--retry-wait", "0.001")
    codes = []
    for run in range(100):
        week = chance.choice(weeks)
        if chance.random() < 0.3:
            versions[week] = run + 1
            rewrite()
            build(poster.root, week, f"version {run}".encode())
        played = [chance.choice(faults) for _ in range(chance.randint(0, 3))]
        before = len(server.discord.messages)
        done = poster.run(*asked, str(week), faults=played, pace=pace)
        codes.append(done.code)
        assert len(server.discord.messages) <= before + 1
        for key, entries in poster.state().items():
            name, _, of_kind = key.partition("/")
            assert (of_kind or "week") == kind
            number = int(name.removeprefix("week-"))
            there = [m for m in server.discord.messages.values() if f"Week {number}:" in m.content]
            assert len(there) <= 1
            if "message" in entries[0]:
                assert [m.id for m in there] == [entries[0]["message"]]
    assert set(codes) == {0, 1, 3}
    for week in weeks:
        if poster.run(*asked, str(week), pace=pace).code == 3:
            there = [m for m in server.discord.messages.values() if f"Week {week}:" in m.content]
            verdict = f"posted={there[0].id}" if there else "not-posted"
            assert poster.run("--settle", verdict, str(week)).code == 0
            assert poster.run(*asked, str(week)).code == 0
    said = sorted(m.content.splitlines()[0] for m in server.discord.messages.values())
    begin = {"week": "", "reminder": "Reminder: ", "summary": "After the meeting: "}[kind]
    assert said == sorted(f"## {begin}Week {week}: Heat in a rod" for week in weeks)
    for message in server.discord.messages.values():
        (week,) = [week for week in weeks if f"Week {week}:" in message.content]
        assert f"**Presenter** Nr {versions[week]}\n" in message.content + "\n"
        assert message.thread == (message.id if forum else "")
        if kind != "week":
            assert message.files == []
            continue
        name = f"week-{week:02}"
        assert message.files[0][1] == (poster.root / f"reports/{name}/{name}.pdf").read_bytes()
    server.close()
