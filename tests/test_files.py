"""A study's own files are read and written by one door: nothing leads out of it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.errors import StudyError
from generator.store.files import check_inside, read_study_file

Copy = Callable[[str], Path]
PLACES = {
    "study.toml": "list",
    "README.md": "readme",
    "templates/readme/schedule.md.j2": "readme",
    "templates/report.css": "build",
    "reports/references.bib": "build",
    "reports/week-01/report.md": "list",
    "discord.json": "list",
}


def said(root: Path, command: str) -> str:
    result = CliRunner().invoke(main, ["-C", str(root), command])
    assert result.exit_code == 1, result.output
    return result.output


@pytest.mark.parametrize("path", [p for p in PLACES if PLACES[p] != "build"])
def test_a_link_out_of_the_study_is_refused(study_copy: Copy, tmp_path: Path, path: str) -> None:
    root, secret = study_copy("tiny"), tmp_path / "secret"
    secret.write_text("TOPSECRET = = 1\n")
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).unlink(missing_ok=True)
    (root / path).symlink_to(secret)
    output = said(root, PLACES[path])
    assert f"{path}: is a link that leads out of the study" in output
    assert "TOPSECRET" not in output
    assert secret.read_text() == "TOPSECRET = = 1\n"


def test_a_folder_that_is_a_link_is_refused(study_copy: Copy, tmp_path: Path) -> None:
    root, outside = study_copy("tiny"), tmp_path / "outside"
    (outside / "readme").mkdir(parents=True)
    (outside / "readme" / "schedule.md.j2").write_text("TOPSECRET")
    (root / "templates").symlink_to(outside)
    assert "leads out of the study" in said(root, "readme")
    assert "TOPSECRET" not in (root / "README.md").read_text()


def test_pipes_devices_and_huge_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StudyError, match="pipe: is no plain file"):
        read_study_file(tmp_path, "pipe")
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(10 << 30)
    with pytest.raises(StudyError, match="huge: has 10737 MB"):
        read_study_file(tmp_path, "huge")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(StudyError, match="leads out"):
        read_study_file(tmp_path, "zero")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StudyError, match="folder: cannot be read: Is a directory"):
        read_study_file(tmp_path, "folder")


def test_links_inside_the_study_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")
    assert read_study_file(tmp_path, "b") == b"x"
    check_inside(tmp_path, "b")
    check_inside(tmp_path, "not there")
