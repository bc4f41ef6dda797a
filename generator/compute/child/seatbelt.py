"""Which files this process may touch on macOS, enforced by its sandbox from now on.

Source: sandbox_init(3) and the profiles under /usr/share/sandbox. The call is marked deprecated and
has no successor for programs without an application bundle; Chromium and Bazel use it as well.
"""

import ctypes
import json
import sys
from collections.abc import Iterable
from pathlib import Path

# Where people and their secrets are; what a study needs below is allowed again.
_PRIVATE = ("/Users", "/Volumes", "/private/etc/master.passwd", "/private/etc/passwd")


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Let this process write below `writable` alone, and read no home but `readable`; no network,
    no other process. Returns whether the system took it."""
    if sys.platform != "darwin":
        return False
    try:
        library = ctypes.CDLL("/usr/lib/libSystem.dylib", use_errno=True)
        message = ctypes.c_char_p()
        profile = _profile(readable, writable).encode()
        return int(library.sandbox_init(profile, ctypes.c_uint64(0), ctypes.byref(message))) == 0
    except (OSError, AttributeError):
        return False


def _profile(readable: Iterable[Path], writable: Iterable[Path]) -> str:
    """The rules in the sandbox's own language; of two that fit, the later one counts."""
    written = [_below(path) for path in writable]
    return "\n".join(
        (
            "(version 1)",
            "(allow default)",
            "(deny network*)",
            "(deny process-fork)",
            "(deny process-exec*)",
            f"(deny file-read* {' '.join(_below(Path(path)) for path in _PRIVATE)})",
            f"(allow file-read* {' '.join([*(_below(path) for path in readable), *written])})",
            # Every folder on the way to them has to be passed.
            "(allow file-read-metadata)",
            "(deny file-write*)",
            f"(allow file-write* {' '.join(written)})",
            '(allow file-write-data (literal "/dev/null") (literal "/dev/tty"))',
        )
    )


def _below(path: Path) -> str:
    return f"(subpath {json.dumps(str(path), ensure_ascii=False)})"
