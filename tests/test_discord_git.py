"""With --push the intent is at the remote before anything is sent: whoever is first, posts."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.errors import StudyError
from generator.publish.discord.git import GitRemote, Overtaken
from tests.discord_killed import Killable
from tests.discord_server import TOKEN, Discord, Server
from tests.discord_study import PACE, Poster, build, write_study

SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "tester",
    "GIT_AUTHOR_EMAIL": "tester@localhost",
    "GIT_COMMITTER_NAME": "tester",
    "GIT_COMMITTER_EMAIL": "tester@localhost",
}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | SETTINGS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in SETTINGS.items():
        monkeypatch.setenv(key, value)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(Discord())
    yield server
    server.close()


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A bare repository that holds a study."""
    first = write_study(tmp_path / "first")
    (first / ".gitignore").write_text(".study/\n")
    git(first, "init", "--quiet", "--initial-branch=main")
    git(first, "add", ".")
    git(first, "commit", "--quiet", "-m", "a study")
    git(tmp_path, "clone", "--quiet", "--bare", "first", "hub.git")
    return tmp_path / "hub.git"


def clone(hub: Path, name: str) -> Path:
    git(hub.parent, "clone", "--quiet", "hub.git", name)
    return hub.parent / name


def pushed_state(hub: Path) -> dict[str, object]:
    weeks = json.loads(git(hub, "show", "main:discord.json"))["weeks"]
    assert isinstance(weeks, dict)
    return weeks


def test_intent_and_result_are_pushed_and_nothing_else_is_touched(
    hub: Path, server: Server
) -> None:
    root = clone(hub, "one")
    (root / "notes.txt").write_text("half-written")
    toml = root / "study.toml"
    toml.write_text(toml.read_text("utf-8") + "\n# edited\n", "utf-8")
    git(root, "add", "notes.txt")
    poster = Poster(root, server)
    done = poster.run("--push")
    assert done.code == 0, done.stderr
    assert "commit discord.json" not in done.stderr
    assert git(hub, "log", "--format=%s", "main").splitlines() == [
        "discord: week-07 posted", "discord: about to post week-07", "a study",
    ]  # fmt: skip
    assert git(hub, "show", "--name-only", "--format=", "main") == "discord.json"
    assert pushed_state(hub) == poster.state()
    assert git(root, "status", "--porcelain").split() == ["A", "notes.txt", "M", "study.toml"]
    assert git(root, "rev-parse", "HEAD") == git(hub, "rev-parse", "main")


def test_of_two_clones_only_the_first_posts(hub: Path, server: Server) -> None:
    one, other = clone(hub, "one"), clone(hub, "other")
    assert Poster(one, server).run("--push").code == 0
    late = Poster(other, server).run("--push")
    assert late.code == 0
    assert "somebody else's intent was pushed first; nothing was sent" in late.stderr
    assert len(server.discord.messages) == 1
    assert not (other / "discord.json").exists()
    assert git(other, "status", "--porcelain") == ""
    git(other, "pull", "--quiet")
    assert "nothing changed" in Poster(other, server).run("--push").stderr


def test_an_unrelated_commit_at_the_remote_is_no_post(hub: Path, server: Server) -> None:
    one, other = clone(hub, "one"), clone(hub, "other")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "something else")
    git(other, "push", "--quiet")
    done = Poster(one, server).run("--push")
    assert done.code == 1
    assert "the branch moved on at the remote" in done.stderr
    assert server.discord.requests == []
    git(one, "pull", "--quiet")
    assert Poster(one, server).run("--push").code == 0


def test_a_result_is_pushed_on_top_of_what_others_pushed_meanwhile(
    hub: Path, server: Server, tmp_path: Path
) -> None:
    one, other = clone(hub, "one"), clone(hub, "other")
    remote = GitRemote.open(one, dict(os.environ))
    remote.claim("discord.json", b"intent", "intent")
    git(other, "pull", "--quiet")
    (other / "new.txt").write_text("new")
    git(other, "add", "new.txt")
    git(other, "commit", "--quiet", "-m", "something else")
    git(other, "push", "--quiet")
    remote.record("discord.json", lambda theirs: (theirs or b"") + b" and result", "result")
    assert git(hub, "show", "main:discord.json") == "intent and result"
    assert git(hub, "show", "main:new.txt") == "new"


def test_the_same_intent_twice_is_one_of_them_too_late(hub: Path) -> None:
    one, other = clone(hub, "one"), clone(hub, "other")
    # The same bytes, parent, author and second make the same commit: git calls that up to date.
    clock = {
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    }
    environment = os.environ | clock
    GitRemote.open(one, environment).claim("discord.json", b"intent", "intent")
    with pytest.raises(Overtaken):
        GitRemote.open(other, environment).claim("discord.json", b"intent", "intent")


def test_a_doubt_and_a_refusal_are_pushed_too(hub: Path, server: Server) -> None:
    one = Poster(clone(hub, "one"), server)
    assert one.run("--push", faults=["404"]).code == 1
    assert pushed_state(hub) == {}
    assert one.run("--push", faults=["drop"]).code == 3
    other = Poster(clone(hub, "other"), server)
    assert other.run("--push").code == 3
    (message,) = server.discord.messages
    assert other.run("--push", "--settle", f"posted={message}").code == 0
    git(one.root, "pull", "--quiet")
    assert "nothing changed" in one.run("--push").stderr
    build(one.root, 7, b"second")
    assert one.run("--push").code == 0
    assert git(hub, "log", "-1", "--format=%s", "main") == "discord: week-07 edited"


def test_killed_after_the_push_everybody_else_knows_of_the_doubt(
    hub: Path, server: Server, tmp_path: Path
) -> None:
    root = clone(hub, "one")
    words = ["-C", str(root), "post", "--allow-host", "127.0.0.1", *PACE, "--push"]

    def aim(child: int) -> None:
        server.discord.victim = child
        server.discord.faults.append("kill-body")

    with Killable() as killable:
        end = killable.run(words, server.address(), tmp_path / "out", seen=aim)
    assert end.killed
    assert TOKEN not in end.output
    assert Poster(clone(hub, "other"), server).run("--push").code == 3
    assert server.discord.messages == {}


def test_a_protected_branch_stops_the_post(hub: Path, server: Server) -> None:
    hook = hub / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(0o755)
    root = clone(hub, "one")
    done = Poster(root, server).run("--push")
    assert done.code == 1
    assert "git push was refused" in done.stderr
    assert "protected branch" in done.stderr
    assert server.discord.requests == []
    assert git(root, "status", "--porcelain") == ""


def test_a_remote_that_is_gone_after_the_post_is_told_with_the_number(
    hub: Path, server: Server
) -> None:
    root = clone(hub, "one")
    # The first push is let through, the second is not.
    hook = hub / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\ntest ! -e once && touch once\n")
    hook.chmod(0o755)
    done = Poster(root, server).run("--push")
    (message,) = server.discord.messages
    assert done.code == 1
    assert f"was posted as message {message}, but that could not be kept" in done.stderr
    assert f"--settle posted={message} week-07" in done.stderr
    assert Poster(root, server).state()["week-07"][0]["message"] == message


def test_unpushed_commits_and_missing_remotes_are_said(hub: Path, server: Server) -> None:
    root = clone(hub, "one")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "mine")
    assert "were not pushed" in Poster(root, server).run("--push").stderr
    git(root, "switch", "--quiet", "--detach")
    assert "no branch is checked out" in Poster(root, server).run("--push").stderr
    assert server.discord.requests == []


def test_outside_a_repository_push_is_refused(tmp_path: Path, server: Server) -> None:
    done = Poster(write_study(tmp_path / "plain"), server).run("--push")
    assert done.code == 1
    assert "git rev-parse failed" in done.stderr


def test_a_study_may_lie_below_the_top_of_its_repository(tmp_path: Path, server: Server) -> None:
    write_study(tmp_path / "repo" / "group" / "study")
    git(tmp_path / "repo", "init", "--quiet", "--initial-branch=main")
    git(tmp_path / "repo", "add", ".")
    git(tmp_path / "repo", "commit", "--quiet", "-m", "a study")
    git(tmp_path, "clone", "--quiet", "--bare", "repo", "hub.git")
    git(tmp_path, "clone", "--quiet", "hub.git", "work")
    assert Poster(tmp_path / "work" / "group" / "study", server).run("--push").code == 0
    assert "week-07" in git(tmp_path / "hub.git", "show", "main:group/study/discord.json")
    assert git(tmp_path / "work", "status", "--porcelain", "-uno") == ""


def test_git_and_its_hooks_never_see_the_secret(hub: Path, server: Server) -> None:
    root = clone(hub, "one")
    hook = root / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nenv > seen.txt\n")
    hook.chmod(0o755)
    assert Poster(root, server).run("--push").code == 0
    assert TOKEN not in (root / "seen.txt").read_text()


def test_passwords_in_a_remotes_address_are_not_shown(hub: Path) -> None:
    root = clone(hub, "one")
    git(root, "remote", "set-url", "origin", "http://user:pa55word@127.0.0.1:9/x.git")
    remote = GitRemote.open(root, dict(os.environ))
    with pytest.raises(StudyError) as caught:
        remote.claim("discord.json", b"x", "x")
    assert "pa55word" not in str(caught.value)
