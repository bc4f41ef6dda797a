"""Objects kept by content under .study/: safe to delete, safe to share, never trusted blindly."""

import hashlib
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Cache:
    """Objects under `folder`, each found by its kind ("drawing", "memo") and a hexadecimal key.

    Each file starts with the SHA-256 of the rest, so that a damaged object counts as missing.
    """

    folder: Path

    def get(self, kind: str, key: str) -> bytes | None:
        """The object, or None if it is not there or was damaged."""
        try:
            # Not through a link, and not to wait for who writes into a pipe.
            handle = os.open(self._path(kind, key), _READING)
            with open(handle, "rb") as file:
                stored = file.read()
        except OSError:  # it is not there, or something else stands in its place
            return None
        content = stored[32:]
        if hashlib.sha256(content).digest() != stored[:32]:
            return None
        return content

    def put(self, kind: str, key: str, content: bytes) -> None:
        """Keep `content`; a reader sees the whole of it or nothing.

        What stands in the way, a file for a folder for instance, is taken away. On a full disk, or
        where nothing may be written, nothing is kept, which only costs time.
        """
        path = self._path(kind, key)
        with suppress(OSError):
            for folder in (path.parent.parent, path.parent):
                if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                    folder.unlink()
            path.parent.mkdir(parents=True, exist_ok=True)
            make_way(path)
            write_whole(path, hashlib.sha256(content).digest() + content, durable=False)

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / key[2:]


def for_packages(store: Cache) -> Cache:
    """Where to keep what depends on installed packages alone, such as fonts without axes.

    Beside our compiled code, where Python may write, so that a study whose cache was deleted finds
    it, and the next study too; else in `store`.
    """
    from importlib.util import cache_from_source

    folder = Path(cache_from_source(__file__)).parent
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return store
    return Cache(folder / "study-packages")


def make_way(path: Path) -> None:
    """Take away a folder that stands where a file of ours goes. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace `path` by `content` in one step: a temporary name, fsync, rename.

    A crash at any moment leaves the old file or the new one. durable=False skips the fsync,
    for what can be made again. Raises OSError with nothing changed.
    """
    import tempfile  # 5 ms that a build of nothing saves

    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# Slow to make again: what `run.memo` keeps, and which calls it belongs to.
_DEAR = ("memo", "memo-calls")


@dataclass(frozen=True, slots=True)
class Freed:
    """Bytes: deleted in all, of these what memos had kept, and what memos still keep."""

    total: int
    memos: int
    memos_left: int


def shrink(folder: Path, limit_bytes: int | None = None, *, everything: bool = False) -> Freed:
    """Delete cached files under `folder`, those not used for longest first, down to a size.

    Results of memos go after all else, and without a limit only if `everything` is to go.
    Only what can be made again lies there.
    """
    dear = tuple(folder / "cache" / kind for kind in _DEAR)
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "lock" and path.suffix != ".lock":
            stat = path.stat()
            is_dear = any(path.is_relative_to(each) for each in dear)
            found.append((is_dear, stat.st_atime_ns, stat.st_size, path))
    found.sort()
    memos_left = sum(size for is_dear, _, size, _ in found if is_dear)
    memos = total = 0
    left = sum(size for _, _, size, _ in found)
    for is_dear, _, size, path in found:
        if limit_bytes is None and is_dear and not everything:
            break
        if limit_bytes is not None and left <= limit_bytes:
            break
        path.unlink(missing_ok=True)
        left -= size
        total += size
        memos += size * is_dear
    return Freed(total, memos, memos_left - memos)
