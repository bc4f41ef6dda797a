"""Pins of model files: read strictly, verified by content, hashed once."""

import importlib.metadata
import json
import os
from pathlib import Path

import pytest

from generator.digest import digest_bytes
from generator.errors import StudyError, problems_in
from generator.machine.models import load_models, model_file

PIP = importlib.metadata.distribution("pip")
MEMBER = "pip/py.typed"
FILE = Path(str(PIP.locate_file(MEMBER)))
SHA256 = digest_bytes(FILE.read_bytes())


def pins(root: Path, **changes: object) -> Path:
    fields = {
        "distribution": "pip",
        "version": PIP.version,
        "member": MEMBER,
        "sha256": SHA256,
        "licence": "MIT",
    } | changes
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
    (root / "models.toml").write_text("\n".join(["# pins", "[typed]", *lines]) + "\n")
    return root


def test_a_study_without_pins_has_no_models(tmp_path: Path) -> None:
    assert load_models(tmp_path) == {}


def test_a_pinned_file_is_found_and_verified(tmp_path: Path) -> None:
    assert load_models(pins(tmp_path))["typed"].member == MEMBER
    assert model_file(tmp_path, "typed") == (FILE, SHA256)


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        load_models(pins(tmp_path, sha256=5, more="x"))
    assert [str(problem) for problem in problems_in(caught.value)] == [
        "models.toml:2: typed.sha256: expected a text, got 5",
        "models.toml:2: typed.more: unknown key",
    ]
    (tmp_path / "models.toml").write_text("typed = 3\n")
    with pytest.raises(StudyError, match=r"typed: expected a table \[typed\]"):
        load_models(tmp_path)
    (tmp_path / "models.toml").write_text("[typed\n")
    with pytest.raises(StudyError, match="is not TOML"):
        load_models(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "the model typed is not the pinned file"),
        ({"member": "pip/none"}, "has no file pip/none"),
        ({"distribution": "not-there"}, "comes with not-there, which is not installed"),
    ],
)
def test_what_is_not_the_pinned_file_is_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(StudyError, match=message):
        model_file(pins(tmp_path, **change), "typed")


def test_a_file_is_hashed_once_as_long_as_it_looks_the_same(tmp_path: Path) -> None:
    model_file(pins(tmp_path), "typed")
    memory = tmp_path / ".study/models/digests.json"
    known = json.loads(memory.read_bytes())
    assert known == {str(FILE): [*stamp(FILE), SHA256]}
    # What is remembered is believed, and only for this size, time and inode.
    memory.write_text(json.dumps({str(FILE): [*stamp(FILE), "1" * 64]}))
    with pytest.raises(StudyError, match="is not the pinned file"):
        model_file(tmp_path, "typed")
    memory.write_text(json.dumps({str(FILE): [0, *stamp(FILE)[1:], "1" * 64]}))
    assert model_file(tmp_path, "typed")[1] == SHA256


def test_a_damaged_memory_or_a_read_only_folder_costs_only_time(tmp_path: Path) -> None:
    pins(tmp_path)
    (tmp_path / ".study").write_text("no folder")
    assert model_file(tmp_path, "typed")[1] == SHA256
    (tmp_path / ".study").unlink()
    (tmp_path / ".study/models").mkdir(parents=True)
    (tmp_path / ".study/models/digests.json").write_text("[1, 2")
    assert model_file(tmp_path, "typed")[1] == SHA256


def stamp(path: Path) -> list[int]:
    found = os.stat(path)
    return [found.st_size, found.st_mtime_ns, found.st_ino]
