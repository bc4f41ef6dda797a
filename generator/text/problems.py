"""What is wrong with one text, gathered so that all of it can be reported at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from generator.errors import StudyError, Where


@dataclass(slots=True)
class Problems:
    """The problems of the file `path` (relative to the study's root) in the order of finding."""

    path: str
    found: list[StudyError] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def add(self, line: int | None, message: str, hint: str = "") -> None:
        """Note a problem at `line`; the same one twice is noted once."""
        error = StudyError(message, Where(self.path, line), hint)
        self.extend([error])

    def extend(self, errors: Iterable[StudyError]) -> None:
        """Note problems found elsewhere, of this file or of another."""
        for error in errors:
            if str(error) not in self._known:
                self._known.add(str(error))
                self.found.append(error)

    def sorted(self) -> list[StudyError]:
        """The problems in the order of files and lines."""

        def place(error: StudyError) -> tuple[bool, str, int]:
            where = error.where or Where(self.path)
            return (where.path != self.path, where.path, where.line or 0)

        return sorted(self.found, key=place)
