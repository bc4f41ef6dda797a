"""A child's answer read with care: whoever wrote the script may have written the answer, too."""

import io
import pickle
import re
from typing import Any

from generator import errors, model
from generator.compute.child.worker import Answer
from generator.errors import StudyError
from generator.model import Outcome

# All that an answer is made of. A pickle names what to call; it may name nothing else.
_PARTS: dict[tuple[str, str], Any] = {
    (made.__module__, made.__name__): made
    for made in (
        *(model.Outcome, model.Results, model.Quantity, model.Table, model.Figure),
        *(errors.StudyError, errors.ScriptError, errors.PageError, errors.Where),
    )
}
_FILE = re.compile(r"\w[\w.-]*\.svg", re.ASCII)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _PARTS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"names {module}.{name}") from None


def read_answer(content: bytes, report: str) -> Answer | None:
    """The answer of the script of `report`; None if it is none that our child writes."""
    try:
        answer = _Reader(io.BytesIO(content)).load()
    except Exception:  # a pickle of someone else's can fail in any way
        return None
    if isinstance(answer, tuple) and answer and all(isinstance(e, StudyError) for e in answer):
        return answer
    return answer if isinstance(answer, Outcome) and _is_sound(answer, report) else None


def _is_sound(outcome: Outcome, report: str) -> bool:
    """Whether every part is of its kind, and every file one that goes into figures/ID."""
    try:
        return (
            outcome.report == report
            and isinstance(outcome.results, model.Results)
            and all(
                isinstance(body, bytes) and _FILE.fullmatch(name)
                for name, body in outcome.files.items()
            )
            and all(type(k) is type(v) is str for k, v in outcome.inputs.items())
            and all(type(sentence) is str for sentence in outcome.memos)
            and isinstance(outcome.seconds, float)
        )
    except (AttributeError, TypeError):
        return False
