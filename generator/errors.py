"""What can go wrong, for the person who can mend it.

StudyError            the author can mend it: path:line: found, expected; hint
├── ScriptError       a report's compute.py failed; carries what the script printed
├── PageError         the page could not be set without loss
└── UncertainPost     a message may or may not be in the channel (exit code 3)

Anything else that is raised is our own bug and keeps its traceback. Several
problems at once travel in an ExceptionGroup; `problems_in` flattens it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the study: a path relative to its root, with '/', and a line from 1."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


class StudyError(Exception):
    """A problem that the author can mend."""

    # Positional arguments only: a process pool pickles `args`. An __init__ with required
    # keywords kills the whole pool (BrokenProcessPool) instead of reporting the error.
    def __init__(self, message: str, where: Where | None = None, hint: str = "") -> None:
        super().__init__(message, where, hint)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}"


class ScriptError(StudyError):
    """A computation script failed; `log` is what it printed until then."""

    def __init__(
        self, message: str, where: Where | None = None, hint: str = "", log: str = ""
    ) -> None:
        super().__init__(message, where, hint)
        self.args = (message, where, hint, log)
        self.log = log


class PageError(StudyError):
    """The page could not be set without loss: a warning, a missing glyph, a bad formula."""


class UncertainPost(StudyError):
    """A message may already be in the channel; it is never sent again on its own."""


def unreadable(error: OSError, where: Where) -> StudyError:
    """The problem that the file at `where` cannot be read."""
    return StudyError(
        f"cannot be read: {error.strerror}", where, "it has to be a file that you may read"
    )


def problems_in(error: BaseException) -> Iterator[StudyError]:
    """Every StudyError in `error`, which is one or a group of them, in order.

    Raises the first leaf that is not a StudyError: our own bug keeps its traceback.
    """
    if isinstance(error, BaseExceptionGroup):
        for leaf in error.exceptions:
            yield from problems_in(leaf)
    elif isinstance(error, StudyError):
        yield error
    else:
        raise error


def raise_all(problems: Sequence[StudyError], title: str = "study") -> None:
    """Raise `problems` together; do nothing if there are none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ExceptionGroup(title, list(problems))
