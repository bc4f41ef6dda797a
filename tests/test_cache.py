import importlib.util
import os
import sys
from pathlib import Path

import pytest

from generator.store import cache
from generator.store.cache import Cache, Freed, for_packages, shrink, write_whole

KEY = "ab" * 32


def test_what_packages_alone_decide_is_kept_beside_compiled_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Cache(tmp_path / "study")
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert for_packages(store) == store  # Python has compiled nothing there yet
    beside = Path(importlib.util.cache_from_source(cache.__file__)).parent
    beside.mkdir(parents=True)
    assert for_packages(store).folder.parent == beside
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert for_packages(store) == store


def test_what_is_put_can_be_got(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("drawing", KEY, b"content")
    assert cache.get("drawing", KEY) == b"content"
    assert cache.get("memo", KEY) is None


@pytest.mark.parametrize("damage", [b"", b"x" * 10, b"y" * 64])
def test_a_damaged_object_counts_as_missing(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    cache.put("drawing", KEY, b"content")
    (tmp_path / "drawing" / KEY[:2] / KEY[2:]).write_bytes(damage)
    assert cache.get("drawing", KEY) is None


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "week.pdf"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        write_whole(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["week.pdf"]


def test_a_written_file_can_be_read_by_others(tmp_path: Path) -> None:
    write_whole(tmp_path / "week.pdf", b"new")
    assert (tmp_path / "week.pdf").stat().st_mode & 0o777 == 0o644


def test_shrinking_deletes_what_was_not_used_for_longest(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(4):
        cache.put("drawing", f"{number}" * 64, b"x" * 68)  # 100 bytes each with the checksum
        path = tmp_path / "drawing" / f"{number}{number}" / (f"{number}" * 62)
        os.utime(path, (number, number))
    assert shrink(tmp_path, 200).total == 200
    assert [cache.get("drawing", f"{n}" * 64) is not None for n in range(4)] == [
        False, False, True, True,
    ]  # fmt: skip


def test_memos_go_last_and_only_when_asked_for(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    for number, kind in enumerate(["memo", "memo-calls", "drawing", "drawing"]):
        cache.put(kind, f"{number}" * 64, b"x" * 68)
        path = tmp_path / "cache" / kind / f"{number}{number}" / (f"{number}" * 62)
        os.utime(path, (number, number))
    assert shrink(tmp_path, 350) == Freed(100, 0, 200)
    assert cache.get("drawing", "2" * 64) is None
    assert shrink(tmp_path) == Freed(100, 0, 200)
    assert shrink(tmp_path, 150) == Freed(100, 100, 100)
    assert cache.get("memo", "0" * 64) is None
    assert shrink(tmp_path, everything=True) == Freed(100, 100, 0)
    assert shrink(tmp_path) == Freed(0, 0, 0)
