"""The door to a study's own files: what leads out of the study, or is no plain file, is refused."""

import errno
import os
import stat
from pathlib import Path

from generator.errors import StudyError, Where, unreadable

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
    except FileNotFoundError:
        raise
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


def check_inside(root: Path, path: str) -> None:
    """Raise StudyError if `path` leads out of the study at `root` by a link."""
    real, top = os.path.realpath(root / path), os.path.realpath(root)
    if real != top and not real.startswith(top.rstrip(os.sep) + os.sep):
        raise StudyError(
            "is a link that leads out of the study", Where(path), "put the file itself there"
        )
