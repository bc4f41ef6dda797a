"""Standard streams that a caller has closed, or whose reader has left, or that are full."""

import errno
import os
import re
import sys
from typing import Any

import click

from generator.errors import StudyError

# Control characters but for line ends and tabs, and what turns or hides the text behind it.
_STEERING = re.compile(
    r"\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)
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


class Styled(str):
    """A text of ours that steers the terminal on purpose."""

    __slots__ = ()


def styled(text: str, **style: Any) -> Styled:
    """`text`, cleaned, in a colour or bold; see click.style."""
    return Styled(click.style(clean(text), **style))


def clean(text: str) -> str:
    """`text` without anything that steers a terminal or turns its direction: \\x1b for ESC."""
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], text)


def say(*parts: object, err: bool = False, nl: bool = True) -> None:
    """Print `parts` one behind the other: the only door to the terminal.

    Titles, paths, keys and what programs said come from whoever wrote the study: what of them
    steers a terminal is printed as words. `Styled` parts are ours and go as they are.
    """
    text = "".join(part if isinstance(part, Styled) else clean(str(part)) for part in parts)
    click.echo(text, err=err, nl=nl)


def hand_over(content: bytes) -> None:
    """Write a product itself, such as a calendar, to standard output: for files, not for eyes."""
    click.echo(content, nl=False)


def tell_product(path: str) -> None:
    """Print the path of a product. Without a reader (`| head`) it is left out: work goes on."""
    try:
        say(path)
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


def unheard(error: OSError) -> StudyError | None:
    """As `unprinted`, also where the reader has left: who posts wants to know."""
    if error.errno == errno.EPIPE and error.filename is None:
        _leave_out()
        return StudyError("standard output was closed before all was said")
    return unprinted(error)


def _leave_out() -> None:
    # What is still in the buffer would fail again at the end of the process.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
