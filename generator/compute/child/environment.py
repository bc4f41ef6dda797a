"""The environment that a script has not got: reading a variable of it is told, not answered."""

import os
import sys
from types import FrameType
from typing import Any

from generator.compute.child.trace import Trace
from generator.errors import StudyError

# Mapping's methods stand between the author's line and the look-up.
_PASSED = (__file__, os.sep + "os.py", "<frozen os>", os.sep + "_collections_abc.py",
           "<frozen _collections_abc>")  # fmt: skip
_HARMLESS = ("setdefault", "pop")  # what they do does not depend on the user's variables


def hide_environment(trace: Trace) -> None:
    """From now on an unset variable that the author's own code asks for is a StudyError.

    Libraries go on to find it unset. Call it in the process that runs the script.
    """
    ours = type(os.environ)

    class Environment(ours):  # type: ignore[valid-type, misc]
        """os.environ, which tells the author of a script what is not there and why."""

        def __getitem__(self, key: Any) -> Any:
            try:
                return super().__getitem__(key)
            except KeyError:
                frame, method = _caller()
                if method not in _HARMLESS and _is_own(frame, trace):
                    raise _refusal(os.fsdecode(key)) from None
                raise

        def __contains__(self, key: object) -> bool:
            try:
                self[key]
            except KeyError:
                return False
            return True

    for mapping in (os.environ, getattr(os, "environb", os.environ)):
        mapping.__class__ = Environment


def _caller() -> tuple[FrameType | None, str]:
    """The frame that asked, and the method of os.environ that it called."""
    frame: FrameType | None = sys._getframe(2)
    method = ""
    while frame is not None and frame.f_code.co_filename.endswith(_PASSED):
        method = frame.f_code.co_name
        frame = frame.f_back
    return frame, method


def _is_own(frame: FrameType | None, trace: Trace) -> bool:
    return frame is not None and trace.place(frame.f_code.co_filename, 1) is not None


def _refusal(name: str) -> StudyError:
    parameter = "".join(c if c.isalnum() and c.isascii() else "_" for c in name.casefold())
    parameter = parameter.lstrip("_0123456789") or "name"
    return StudyError(
        f"reads the environment variable {name}, which no run is given: "
        "its value would be in no record",
        None,
        f"write it in study.toml below [parameters], {parameter} = …, and read it with "
        f'run.parameter("{parameter}")',
    )
