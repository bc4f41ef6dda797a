"""What the compiler says of where it comes from."""

import subprocess
from pathlib import Path

import pytest

from generator.machine.origin import Origin, origin, origin_of

COMMIT = "4f2a" * 10


def test_an_install_from_git_gives_the_line_to_pin() -> None:
    url = "https://git.example/group/studypress"
    found = origin_of({"url": url, "vcs_info": {"vcs": "git", "commit_id": COMMIT}})
    assert found == Origin(f"commit {COMMIT} of {url}", f"git+{url}@{COMMIT}")
    below = {"url": url, "subdirectory": "c", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    assert origin_of(below).pin == f"git+{url}@{COMMIT}#subdirectory=c"


def test_a_password_in_an_address_is_not_shown() -> None:
    url = "https://me:secret@git.example/x"
    found = origin_of({"url": url, "vcs_info": {"vcs": "git", "commit_id": COMMIT}})
    assert "secret" not in found.said + found.pin
    assert found.pin == f"git+https://git.example/x@{COMMIT}"


def test_what_only_this_machine_has_is_no_pin(tmp_path: Path) -> None:
    copied = origin_of({"url": tmp_path.as_uri(), "dir_info": {}})
    assert copied == Origin(f"copied from the folder {tmp_path}")
    local = {"url": tmp_path.as_uri(), "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    assert origin_of(local).pin == ""
    wheel = {"url": (tmp_path / "x.whl").as_uri(), "archive_info": {}}
    assert origin_of(wheel) == Origin(f"from the file {tmp_path / 'x.whl'}")


@pytest.mark.parametrize(
    ("remote", "pin"),
    [
        ("https://me:secret@git.example/x.git", "git+https://git.example/x.git@"),
        ("git@git.example:group/x.git", "git+ssh://git@git.example/group/x.git@"),
        ("../elsewhere", ""),
    ],
)
def test_a_clone_is_named_by_its_commit(tmp_path: Path, remote: str, pin: str) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@b.c"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q")
    (tmp_path / "x").write_text("1")
    git("add", "x")
    git("commit", "-qm", "one")
    git("remote", "add", "origin", remote)
    commit = git("rev-parse", "HEAD")
    direct = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    assert origin_of(direct) == Origin(
        f"commit {commit} in the folder {tmp_path}", f"{pin}{commit}" if pin else ""
    )
    (tmp_path / "x").write_text("2")
    assert origin_of(direct) == Origin(f"commit {commit} in the folder {tmp_path}, with changes")


def test_the_running_compiler_has_an_origin() -> None:
    assert origin().said
