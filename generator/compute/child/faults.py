"""What went wrong in a script, with the author's own line: exceptions as StudyErrors."""

import os
import re
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from generator.compute.child.guard import Refused
from generator.compute.child.trace import Trace
from generator.errors import StudyError, Where
from generator.machine.packages import large, pip_install
from generator.plan.labels import locked_versions

# Stands in the log between what a script printed and the traceback of what it raised.
IN_FULL = "[it failed here]\n"
# Packages whose distribution has another name, among those that reports import.
_DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}
_MOST_SAID = 400  # characters of an exception's own words
_UNKNOWN = re.compile(r"cannot import name '(\w+)' from '(common[\w.]*)'")


def explained(error: BaseException, trace: Trace, script: str) -> Iterator[StudyError]:
    """The problems behind `error`, each at the deepest line of the author's code."""
    if isinstance(error, BaseExceptionGroup):
        for leaf in error.exceptions:
            if leaf.__traceback__ is None:  # made for the group, raised nowhere else
                leaf.__traceback__ = error.__traceback__
            yield from explained(leaf, trace, script)
        return
    if isinstance(error, SyntaxError) and error.filename:
        place = trace.place(error.filename, error.lineno)
        if place is not None:
            text = (error.text or "").strip()
            yield StudyError(f"is not Python: {error.msg}" + f", at `{text}`" * bool(text), place)
            return
    lines = author_lines(error, trace)
    where = lines[-1] if lines else Where(script)
    if isinstance(error, StudyError):
        yield StudyError(error.message, error.where or where, error.hint)
        return
    message, hint = _said(error, trace, script)
    if where.path != script and lines:
        caller = next((line for line in reversed(lines) if line.path == script), None)
        message += f" (called from {caller})" * bool(caller)
    elif lines and lines[0] != where:
        message += f" (called from line {lines[0].line})"
    yield StudyError(message, where, hint)


def author_lines(error: BaseException, trace: Trace) -> list[Where]:
    """The author's lines that the exception passed through, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (trace.place(frame.filename, frame.lineno) for frame in frames)
    return [place for place in places if place is not None]


def own_part(error: BaseException) -> BaseException:
    """`error` without the frames of the compiler that called the script."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    frames = error.__traceback__
    while frames and frames.tb_next and frames.tb_frame.f_code.co_filename.startswith(here):
        frames = frames.tb_next
    return error.with_traceback(frames)


def _in_a_line(text: str) -> str:
    """`text` in one line that a terminal shows as it is; the whole of it is in the log."""
    line = " ".join(text.split())
    line = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
    return line if len(line) <= _MOST_SAID else f"{line[:_MOST_SAID]}…"


def _refusal(error: BaseException | None) -> Refused | None:
    """The guard's refusal behind `error`, which a library may have wrapped."""
    while error is not None and not isinstance(error, Refused):
        error = error.__cause__ or error.__context__
    return error


def _is_ours(module: str, root: Path) -> bool:
    """Whether something of the study bears the name of `module`, which is imported wrongly then."""
    reports = root / "reports"
    names = {path.stem for path in (*reports.glob("*/*.py"), *(reports / "common").rglob("*"))}
    # Another week's folder, whether it is there or not: week_02 where there is a week-01.
    like = {re.sub(r"[\d_-]+", "_", path.name) for path in reports.glob("*")}
    return module in names or re.sub(r"[\d_-]+", "_", module) in like


def _said(error: BaseException, trace: Trace, script: str) -> tuple[str, str]:
    """What to say of an exception, and how to mend it where that is known."""
    if isinstance(error, SystemExit):
        code = "" if error.code is None else repr(error.code)
        return f"the script called exit({code}), compute() has to return", "write return instead"
    if isinstance(error, KeyboardInterrupt):
        return "was interrupted", ""
    refusal = _refusal(error)
    if refusal is not None:
        return str(refusal), refusal.hint
    text = _in_a_line("".join(traceback.format_exception_only(error)))
    if isinstance(error, MemoryError):
        return f"raised {text}: it needs more memory than it may have", "compute in smaller parts"
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.partition(".")[0]
        if top == "common":
            path = "reports/" + error.name.replace(".", "/") + ".py"
            return f"imports {error.name}, there is no {path}", "write that file, or mend the name"
        if top in ("torch", "matplotlib", "numpy"):
            # Who lacks one of the two that draw mostly lacks the other, and meets it next.
            names = [name for name in ("numpy", "matplotlib") if find_spec(name) is None]
            names += [] if top in names else [top]
            hint = f"type `{pip_install(names)}`{large(names)}"
            return f"imports {error.name}, which is not installed", hint
        with trace.aside():
            ours, locked = _is_ours(top, trace.root), locked_versions(trace.root)
        hint = f"type `{pip_install([_DISTRIBUTIONS.get(top, top)], locked)}`"
        if ours:
            hint = "shared modules live in reports/common/: from common import NAME"
        return f"imports {error.name}, which is not installed", hint
    unknown = isinstance(error, ImportError) and _UNKNOWN.match(str(error))
    if unknown:
        name, package = unknown.groups()
        path = f"reports/{package.replace('.', '/')}"
        return (
            f"imports {name} from {package}, {path}/ has neither it nor {name}.py",
            "write that file, or mend the name",
        )
    if isinstance(error, OSError | RuntimeError | ValueError):
        with trace.aside():
            return f"raised {text}", _of_files(error, trace.root / Path(script).parent)
    return f"raised {text}", ""


_PATHS = re.compile(r"[^\s'\",;:()<>]+")


def _of_files(error: Exception, folder: Path) -> str:
    """How a file that was not found can be; "" if that was not the mistake.

    Native code, polars for one, opens files by itself, from where the process works.
    """
    names = [error.filename] if isinstance(error, OSError) and error.filename else []
    names += _PATHS.findall(str(error))
    relative = [n for n in names if isinstance(n, str) and n and not os.path.isabs(n)]
    for name in relative:
        if "." in name and (folder / name).is_file():
            return f"native code does not look beside the script: give it run.file({name!r})"
    if not isinstance(error, FileNotFoundError) or not relative:
        return ""
    there = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))]
    close = get_close_matches(relative[0], there, 1, 0.6)
    close = close or [path for path in there if Path(path).name == Path(relative[0]).name][:1]
    return (
        f"did you mean {close[0]!r}?"
        if close
        else f"paths begin at the script's folder, {folder.parent.name}/{folder.name}/"
    )
