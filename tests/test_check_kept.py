"""What `check` found out is kept by content: the same answers, sooner, and never a stale one."""

import json
from pathlib import Path

from generator.check.folder import check_folder
from generator.check.history import Kept

STUDY = """title = "Walks"
[readme]
blocks = []
[[week]]
number = 1
title = "One"
"""


def study(root: Path, text: str) -> Path:
    (root / "study.toml").write_text(STUDY, "utf-8")
    (root / "README.md").write_text(text, "utf-8")
    return root


def kept_in(root: Path) -> int:
    return len(json.loads((root / ".study/check.json").read_bytes().partition(b"\n")[2]))


def links(root: Path) -> list[str]:
    return [f.message for f in check_folder(root) if f.rule == "links"]


def test_a_content_is_read_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def find() -> list[str]:
        asked.append("asked")
        return ["found"]

    kept = Kept.load(tmp_path)
    assert kept.of("page", "text", find) == ["found"]
    kept.save()
    again = Kept.load(tmp_path)
    assert again.of("page", "text", find) == ["found"]
    assert asked == ["asked"]
    assert again.of("script", "text", find) == ["found"]
    assert len(asked) == 2


def test_a_second_check_says_the_same_and_a_change_is_seen(tmp_path: Path) -> None:
    root = study(tmp_path, "# Walks\n\n[one](missing.md) [two](#nowhere)\n")
    first = check_folder(root)
    assert (root / ".study/check.json").is_file()
    assert check_folder(root) == first
    assert len(links(root)) == 2
    study(root, "# Walks\n\n[two](#walks)\n")
    assert links(root) == []
    study(root, "# Walks\n\n[one](missing.md)\n")
    assert links(root) == ["the link missing.md leads to no file"]


def test_a_file_that_comes_or_goes_is_seen_though_the_page_is_the_same(tmp_path: Path) -> None:
    root = study(tmp_path, "# Walks\n\n[one](there.md)\n")
    assert len(links(root)) == 1
    (root / "there.md").write_text("# There\n", "utf-8")
    assert links(root) == []
    (root / "there.md").unlink()
    assert len(links(root)) == 1


def test_a_secret_that_is_typed_after_a_clean_check_is_found(tmp_path: Path) -> None:
    root = study(tmp_path, "# Walks\n")
    assert check_folder(root) == []
    (root / "notes.txt").write_text("gh" + "p_" + "a" * 36, "utf-8")
    assert [f.rule for f in check_folder(root)] == ["secrets"]
    assert [f.rule for f in check_folder(root)] == ["secrets"]


def test_what_another_compiler_kept_or_what_is_damaged_counts_for_nothing(tmp_path: Path) -> None:
    root = study(tmp_path, "# Walks\n\n[one](missing.md)\n")
    expected = check_folder(root)
    file = root / ".study/check.json"
    head, content = file.read_bytes().split(b"\n", 1)
    other = b"0" * len(head)
    for damaged in (b"", b"\n", b"{}", content, other + b"\n" + content, head + b"\n{}"):
        file.write_bytes(damaged)
        assert check_folder(root) == expected


def test_only_what_the_last_check_asked_for_stays(tmp_path: Path) -> None:
    root = study(tmp_path, "# Walks\n")
    check_folder(root)
    before = kept_in(root)
    for number in range(5):
        study(root, f"# Walks {number}\n")
        check_folder(root)
    assert kept_in(root) == before
