"""Whether a piece of text is one that a report may hold: the text's own parser is asked."""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from generator.errors import StudyError
from generator.model import Phrase, Report, Results, Study, Week
from generator.store.files import write_study_file
from generator.text.report import render_report


def is_text(text: str, pictures: Mapping[str, bytes]) -> bool:
    """Whether `text`, which quotes no result, is right as a report's text."""
    root = _folder()
    for path, content in pictures.items():
        if not (root / "reports/week-01" / path).exists():
            write_study_file(root, f"reports/week-01/{path}", content)
    write_study_file(root, "reports/week-01/report.md", f"{text.strip()}\n".encode())
    title = Phrase((("*", "Trial"),))
    report = Report("week-01", title, title, folder="reports/week-01",
                    texts=(("en", "reports/week-01/report.md"),))  # fmt: skip
    week = Week(1, title, reports=(report,))
    study = Study(title, title, ("en",), title, (week,), numbers="off")
    try:
        render_report(root, study, week, report, "en", Results())
    except (StudyError, ExceptionGroup):
        return False
    return True


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


@cache
def _folder() -> Path:
    """A folder that is gone when the process ends."""
    _KEPT.append(tempfile.TemporaryDirectory(prefix="study-text-"))
    folder = Path(_KEPT[0].name)
    (folder / "reports/week-01").mkdir(parents=True)
    return folder
