"""Runs one script in this process, under the guards, seeds and trace of a build."""

import contextlib
import gc
import inspect
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from generator.compute.child.accelerators import accelerator_used
from generator.compute.child.beside import Beside
from generator.compute.child.environment import hide_environment
from generator.compute.child.faults import IN_FULL, explained, own_part
from generator.compute.child.guard import Guard
from generator.compute.child.imports import MARK, compiled, note_imports
from generator.compute.child.seeds import Seeds
from generator.compute.child.trace import Trace
from generator.compute.memo.calls import CALLS, MEMO
from generator.compute.memo.step import Memo
from generator.compute.script import Run
from generator.errors import StudyError, Where, raise_all, unreadable
from generator.model import Job, Outcome
from generator.plan.labels import ALLOWED, parameter_label
from generator.store.cache import Cache
from generator.store.record import CONTRACT


def run_script(
    root: Path, job: Job, scratch: Path, killing: Callable[[], object] = lambda: None
) -> Outcome:
    """What running the script of `job` in this very process gives, its log left out.

    Call it once in a process: it settles random numbers, hooks and import paths for good.
    scratch: the only folder that the script may write to. killing: called before the script
    sends a signal.
    Raises StudyError, or a group of them, for everything that is wrong with the script.
    """
    started = time.perf_counter()
    trace = Trace(root, skipped_folders(root))
    plots = root / ".study" / "plots"
    seeds = Seeds(job.seed, plots, trace.aside)
    note_imports(trace, seeds)
    cache = root / ".study" / "cache"
    ours = [root / ".study" / "models", *(cache / kind for kind in (MEMO, CALLS))]
    for folder in (plots, *ours):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
    beside = Beside((root / job.script).parent, scratch, trace)
    guard = Guard(trace, scratch, [plots], ours, accelerator=job.accelerator)
    guard.install(killing)
    hide_environment(trace)
    beside.install()
    trace.parameters = dict(parameter_label(*pair) for pair in job.parameters)
    trace.note("seed", str(job.seed))
    if job.accelerator:
        trace.note("accelerator", ALLOWED)
    trace.note("contract", str(CONTRACT))
    path = root / job.script
    memo = Memo(trace, seeds, Cache(root / ".study" / "cache"), job.report)
    run = Run(trace, path.parent, seeds, memo.call, dict(job.parameters))
    problems: list[StudyError] = []
    memos: tuple[str, ...] = ()
    in_threads = _errors_in_threads()
    try:
        # Imports make objects that stay: looking for garbage among them takes a tenth of their
        # time.
        gc.disable()
        compute = _compute_of(path, trace, job.script)
        gc.freeze()
        # Plots make much and throw little away in circles: look for that 70 times less often.
        gc.set_threshold(50_000)
        gc.enable()
        compute(run)
        if in_threads:
            raise BaseExceptionGroup("threads", in_threads)
    except BaseException as error:
        _tell(memo.end(whole=False))
        if not isinstance(error, StudyError):
            with contextlib.suppress(OSError):  # the log may be full
                sys.stderr.write(IN_FULL)
                traceback.print_exception(own_part(error))
        problems = list(explained(error, trace, job.script))
    else:
        memos = memo.end(whole=True)
        _tell(memos)
    try:
        results, files = run.finish(failed=bool(problems))
    except (StudyError, ExceptionGroup) as error:
        problems = [*explained(error, trace, job.script), *problems]
    raise_all(problems, job.report)
    seconds = time.perf_counter() - started
    used = accelerator_used() if job.accelerator else ""
    warnings = (*run.warnings, *_not_kept(job.script, beside.written()))
    labels = dict(trace.labels)
    return Outcome(job.report, results, files, labels, "", seconds, memos, used, warnings)


def _not_kept(script: str, written: Sequence[str]) -> Iterator[str]:
    """What to say of files that a script wrote for nobody."""
    if written:
        names = ", ".join(written[:5]) + (f" and {len(written) - 5} more" if written[5:] else "")
        them = "them" if written[1:] else "it"
        yield (
            f"{script}: wrote {names}, and nobody keeps {them}: the folder is deleted after the "
            "run; results go to run.value, run.string, run.table and run.figure"
        )


def _tell(memos: Iterable[str]) -> None:
    """What became of each memo, for the log."""
    for sentence in memos:
        with contextlib.suppress(OSError):  # the log may be full
            sys.stderr.write(f"[{sentence}]\n")


def _errors_in_threads() -> list[BaseException]:
    """What is raised from now on in other threads, where nobody would hear of it."""
    found: list[BaseException] = []

    def hear(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            found.append(args.exc_value)

    threading.excepthook = hear
    return found


def _compute_of(path: Path, trace: Trace, label: str) -> Callable[[Run], object]:
    """The function compute of the script at `path`, whose module is run for it."""
    try:
        source = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise StudyError(
            "there is no such script", Where(label), "write it, with def compute(run) in it"
        ) from None
    except OSError as error:
        raise unreadable(error, Where(label)) from None
    trace.compiled(str(path), source)
    code = compiled(source, str(path))
    module = ModuleType("compute")
    module.__file__ = str(path)
    setattr(module, MARK, True)
    sys.modules["compute"] = module  # dataclasses and pickle look a class's module up there
    exec(code, module.__dict__)
    compute: Callable[[Run], object] | None = getattr(module, "compute", None)
    if compute is None:
        raise StudyError(
            "defines no compute()", Where(label, 1), "define it: def compute(run: Run) -> None"
        )
    line = getattr(getattr(compute, "__code__", None), "co_firstlineno", None)
    if not callable(compute) or inspect.iscoroutinefunction(compute):
        raise StudyError(
            "compute is no plain function, expected `def compute(run)`",
            Where(label, line),
            "not a class, not async: def compute(run: Run) -> None",
        )
    try:
        inspect.signature(compute).bind(None)
    except TypeError:
        raise StudyError(
            f"compute{inspect.signature(compute)} cannot be called with one argument, "
            "expected `def compute(run)`",
            Where(label, line),
            "the run is all that it is given; constants stand at the head of the script",
        ) from None
    return compute


def skipped_folders(root: Path) -> list[Path]:
    """Folders that are not the study's content: environments, the compiler, the cache."""
    package = Path(__file__).resolve().parents[2]
    found = [package, Path(sys.prefix), Path(sys.base_prefix), root / ".study", root / ".git"]
    found += [folder.resolve() for folder in found]
    return [folder for folder in found if folder not in (root, root.resolve())]
