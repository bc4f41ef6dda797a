"""A folder of products, replaced as a whole: whoever looks finds the old one or the new one."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from generator.errors import StudyError, Where


def replace_folder(out: Path, files: Mapping[str, bytes | Path], mark: str) -> list[str]:
    """Let the folder `out` hold `files` and nothing else; return what changed or went, sorted.

    files: path in the folder → its bytes, or the file to copy. mark: the name of a file that says
    that a folder is ours. What is the same stays the same file; if all is, nothing is touched.
    Raises StudyError for a folder with other people's files.
    """
    wanted = {**files, mark: b""}
    there = _files(out)
    if there and mark not in there:
        raise StudyError(
            f"holds other files, {sorted(there)[0]} for instance; a site replaces its folder",
            Where(out.as_posix()),
            "name another folder, or empty this one",
        )
    changed = sorted(
        [
            name
            for name, content in wanted.items()
            if name not in there or _differs(out, name, content)
        ]
        + [name for name in there if name not in wanted]
    )
    if not changed:
        return []
    beside = out.with_name(f".{out.name}.new-{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        differing = set(changed)
        for name, content in wanted.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name in there and name not in differing:
                _link(out / name, path)
            elif isinstance(content, Path):
                shutil.copyfile(content, path)
            else:
                path.write_bytes(content)
        _swap(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return [name for name in changed if name != mark]


def _files(folder: Path) -> set[str]:
    """Every file below `folder`."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def _differs(out: Path, name: str, content: bytes | Path) -> bool:
    path = out / name
    if path.is_symlink():
        return True
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    if path.stat().st_size != size:
        return True
    return path.read_bytes() != (content.read_bytes() if isinstance(content, Path) else content)


def _link(old: Path, new: Path) -> None:
    """The same file under another name, where the disk can; else a copy with the same times."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)


def _swap(new: Path, out: Path) -> None:
    """Put `new` in the place of `out`; `out` stays where it is if that fails."""
    old = out.with_name(f".{out.name}.old-{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists():
        os.rename(out, old)
    try:
        os.rename(new, out)
    except OSError:
        if old.exists():
            os.rename(old, out)
        raise
    shutil.rmtree(old, ignore_errors=True)
