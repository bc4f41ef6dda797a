"""The door to a study's own files: what leads out of the study, or is no plain file, is refused.

Nothing else in this package opens one, but for the process that runs a script, which the system
guards; `tests/test_files.py` holds the list of the other files that are opened, and why.
"""

import errno
import os
import stat
from functools import lru_cache
from pathlib import Path

from generator.errors import StudyError, Where, unreadable
from generator.store.cache import write_whole

ANY_SIZE = 1 << 62  # for what is only hashed or handed on: data of scripts, products
MOST_BYTES = 64 << 20  # of a text, a template or a bibliography; people write a thousandth of it


def read_study_file(root: Path, path: str, most_bytes: int = MOST_BYTES) -> bytes:
    """The content of the file at `path` (relative to `root`, with '/').

    Raises FileNotFoundError; StudyError for a link that leads out of the study, for what is no
    plain file (a FIFO would be waited for without end), and for what is absurdly large.
    """
    full = root / path
    check_inside(root, path)
    try:
        # Not to wait for who writes into a FIFO.
        handle = os.open(full, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(errno.ENOENT, "No such file", str(full)) from error
    except OSError as error:
        raise unreadable(error, Where(path)) from error
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise unreadable(IsADirectoryError(errno.EISDIR, "Is a directory"), Where(path))
        if not stat.S_ISREG(found.st_mode):
            raise StudyError("is no plain file", Where(path), "put a file there that can be copied")
        if found.st_size > most_bytes:
            raise StudyError(
                f"has {found.st_size / 1e6:.0f} MB, expected less than {most_bytes / 1e6:.0f}",
                Where(path),
                "data belong into files that the script reads",
            )
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read()
    except OSError as error:
        raise unreadable(error, Where(path)) from error
    finally:
        os.close(handle)


def read_study_text(root: Path, path: str, errors: str = "strict") -> str:
    """The text at `path`, which is UTF-8, without a byte order mark and with LF line ends.

    errors: "replace" where others say that it is not UTF-8. Raises what `read_study_file` does,
    and UnicodeDecodeError.
    """
    text = read_study_file(root, path).decode("utf-8-sig", errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def study_text(root: Path, path: str) -> str | None:
    """As `read_study_text`; None where there is none that can be read, which others say."""
    try:
        return read_study_text(root, path)
    except (OSError, StudyError, UnicodeDecodeError):
        return None


def write_study_file(root: Path, path: str, content: bytes) -> None:
    """Replace the file at `path` in one step, its folders made where they are missing.

    A link to another file of the study stays one: that file is replaced. Raises OSError, and
    StudyError for a link that leads out of the study.
    """
    check_inside(root, path)
    full = Path(os.path.realpath(root / path))
    full.parent.mkdir(parents=True, exist_ok=True)
    write_whole(full, content)


def check_inside(root: Path, path: str) -> None:
    """Raise StudyError if `path` leads out of the study at `root`, by a link or by dots."""
    if not is_inside(root, path):
        raise StudyError(
            "is a link that leads out of the study", Where(path), "put the file itself there"
        )


def is_inside(root: Path, path: str) -> bool:
    """Whether `path` stays in the study at `root`, links followed."""
    real, top = os.path.realpath(root / path), _real(root)
    return real == top or real.startswith(top.rstrip(os.sep) + os.sep)


@lru_cache(maxsize=8)
def _real(root: Path) -> str:
    return os.path.realpath(root)
