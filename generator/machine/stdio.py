"""Standard streams that a caller has closed, or whose reader has left, or that are full."""

import errno
import os
import sys

import click

from generator.errors import StudyError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def open_missing() -> None:
    """Give the numbers 0, 1 and 2 to nothing where they are closed (`2>&-`).

    Otherwise the next file to be opened gets one of them, and a child's own output goes into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number: this one
    if sys.stdout is None:  # as Python has it where the number was closed
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (stays open)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (stays open)


def tell_product(path: str) -> None:
    """Print the path of a product. Without a reader (`| head`) it is left out: work goes on."""
    try:
        click.echo(path)
    except BrokenPipeError:
        _leave_out()


def unprinted(error: OSError) -> StudyError | None:
    """The problem, if `error` is that standard output takes no more; else None."""
    if error.errno not in _FULL or error.filename is not None:
        return None
    _leave_out()
    return StudyError(
        f"standard output cannot be written: {error.strerror}", None, "free some space there"
    )


def _leave_out() -> None:
    # What is still in the buffer would fail again at the end of the process.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
