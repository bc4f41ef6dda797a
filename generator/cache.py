"""Objects kept by content under .study/: safe to delete, safe to share, never trusted blindly."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cache:
    """Objects under `folder`, each found by its kind ("drawing", "memo") and a hexadecimal key.

    Each file starts with the SHA-256 of the rest, so that a damaged object counts as missing.
    """

    folder: Path

    def get(self, kind: str, key: str) -> bytes | None:
        """The object, or None if it is not there or was damaged."""
        try:
            stored = self._path(kind, key).read_bytes()
        except FileNotFoundError:
            return None
        content = stored[32:]
        if hashlib.sha256(content).digest() != stored[:32]:
            return None
        return content

    def put(self, kind: str, key: str, content: bytes) -> None:
        """Keep `content`; a reader sees the whole of it or nothing. Raises OSError."""
        path = self._path(kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, hashlib.sha256(content).digest() + content, durable=False)

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / key[2:]


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace `path` by `content` in one step: a temporary name, fsync, rename.

    A crash at any moment leaves the old file or the new one. durable=False skips the fsync,
    for what can be made again. Raises OSError with nothing changed.
    """
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


def shrink(folder: Path, limit_bytes: int) -> int:
    """Delete cached files under `folder`, those not used for longest first, down to a size.

    Returns how many bytes were freed. Only what can be made again lies there.
    """
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]
    stats = sorted(((path.stat(), path) for path in files), key=lambda pair: pair[0].st_atime_ns)
    total = sum(stat.st_size for stat, _ in stats)
    freed = 0
    for stat, path in stats:
        if total - freed <= limit_bytes:
            break
        path.unlink(missing_ok=True)
        freed += stat.st_size
    return freed
