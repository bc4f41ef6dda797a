"""Runs one script in this process. By hand: python -m generator.compute.child week-07"""

import inspect
import os
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

from generator.compute.faults import explained
from generator.compute.imports import MARK, note_imports
from generator.compute.script import Run
from generator.compute.seeds import Seeds, environment
from generator.compute.trace import Trace
from generator.errors import StudyError, Where, raise_all
from generator.model import Job, Outcome
from generator.record import CONTRACT


def run_script(root: Path, job: Job) -> Outcome:
    """What running the script of `job` in this very process gives, its log left out.

    Call it once in a process: it settles random numbers, hooks and import paths for good.
    Raises StudyError, or a group of them, for everything that is wrong with the script.
    """
    started = time.perf_counter()
    trace = Trace(root, skipped_folders(root))
    seeds = Seeds(job.seed)
    seeds()
    note_imports(trace, seeds)
    trace.note("seed", str(job.seed))
    trace.note("contract", str(CONTRACT))
    path = root / job.script
    run = Run(trace, path.parent, job.seed)
    problems: list[StudyError] = []
    try:
        compute = _compute_of(path, trace, job.script)
        compute(run)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if not isinstance(error, StudyError):
            traceback.print_exc()
        problems = list(explained(error, trace, job.script))
    try:
        results, files = run.finish(failed=bool(problems))
    except (StudyError, ExceptionGroup) as error:
        problems = [*explained(error, trace, job.script), *problems]
    raise_all(problems, job.report)
    seconds = time.perf_counter() - started
    return Outcome(job.report, results, files, dict(trace.labels), "", seconds)


def _compute_of(path: Path, trace: Trace, label: str):  # type: ignore[no-untyped-def]
    """The function compute of the script at `path`, whose module is run for it."""
    source = path.read_bytes()
    trace.compiled(str(path), source)
    code = compile(source, str(path), "exec", dont_inherit=True)
    module = ModuleType("compute")
    module.__file__ = str(path)
    setattr(module, MARK, True)
    sys.modules["compute"] = module  # dataclasses and pickle look a class's module up there
    exec(code, module.__dict__)
    compute = getattr(module, "compute", None)
    if compute is None:
        raise StudyError(
            "defines no compute()", Where(label), "define it: def compute(run: Run) -> None"
        )
    line = getattr(getattr(compute, "__code__", None), "co_firstlineno", None)
    if not callable(compute) or inspect.iscoroutinefunction(compute):
        raise StudyError(
            "compute is no plain function, `def compute(run)` is due", Where(label, line)
        )
    try:
        inspect.signature(compute).bind(None)
    except TypeError:
        raise StudyError(
            f"compute{inspect.signature(compute)} cannot be called with one argument, "
            "`def compute(run)` is due",
            Where(label, line),
        ) from None
    return compute


def skipped_folders(root: Path) -> list[Path]:
    """Folders that are not the study's content: environments, the compiler, the cache."""
    package = Path(__file__).resolve().parent.parent
    found = [package, Path(sys.prefix), Path(sys.base_prefix), root / ".study", root / ".git"]
    return [folder for folder in found if folder != root]


def main(arguments: list[str]) -> int:
    """Run one script by hand, print what it stored, and keep its drawings in .study/scratch/."""
    root = Path.cwd()
    if len(arguments) != 1:
        print("usage: python -m generator.compute.child REPORT", file=sys.stderr)  # noqa: T201
        return 2
    report = arguments[0].removeprefix("reports/").strip("/")
    scratch = root / ".study" / "scratch" / report
    scratch.mkdir(parents=True, exist_ok=True)
    settings = environment(scratch, root / ".study" / "matplotlib")
    if os.environ.get("MPLCONFIGDIR") != settings["MPLCONFIGDIR"]:
        # Threads and hash seed are read when a process starts: start it again.
        kept = {key: os.environ[key] for key in ("TERM", "PYTHONPATH") if key in os.environ}
        os.execve(
            sys.executable,
            [sys.executable, "-m", "generator.compute.child", report],
            kept | settings,
        )
    job = Job(report, f"reports/{report}/compute.py", 0, 0.0)
    try:
        outcome = run_script(root, job)
    except (StudyError, ExceptionGroup) as error:
        from generator.errors import problems_in

        for problem in problems_in(error):
            print(f"error: {problem}", file=sys.stderr)  # noqa: T201
            if problem.hint:
                print(f"  hint: {problem.hint}", file=sys.stderr)  # noqa: T201
        return 1
    for name, quantity in outcome.results.values.items():
        print(name, "=", quantity.value, quantity.unit)  # noqa: T201
    for name, text in outcome.results.strings.items():
        print(name, "=", repr(text))  # noqa: T201
    for name, table in outcome.results.tables.items():
        print(name, *table.columns, sep=" | ")  # noqa: T201
        for row in table.rows:
            print("  ", *(c if isinstance(c, str) else c.value for c in row), sep=" | ")  # noqa: T201
    for file, content in outcome.files.items():
        (scratch / file).write_bytes(content)
        print(scratch / file, f"{len(content) / 1024:.0f} KB")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
