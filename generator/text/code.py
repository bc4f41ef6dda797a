"""Code of a function that a text shows, taken from the script itself so that it can't drift."""

import textwrap
from pathlib import Path

from generator.errors import StudyError
from generator.inputs import function_source
from generator.text.files import file_problem


def included(root: Path, folder: str, target: str) -> tuple[str, str]:
    """Source and input label of `target`.

    target: `function` or `Class.method` of the report's own compute.py, or
    `path.py::function` with a path from the report's folder or from reports/.
    Raises StudyError, without a place, if there is no such file or function.
    """
    path, _, name = target.rpartition("::")
    path = path or "compute.py"
    place = folder
    problem = file_problem(root, folder, path)
    if problem and not file_problem(root, "reports", path):
        place, problem = "reports", None
    if problem:
        raise StudyError(problem[0], None, problem[1])
    source = function_source((root / place / path).read_text("utf-8-sig"), name)
    if source is None:
        raise StudyError(
            f"{place}/{path} has no function '{name}'", None, "write its name as in def name(…)"
        )
    return textwrap.dedent(source), f"{place}/{path}::{name}"
