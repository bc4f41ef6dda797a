"""One script by hand, in the terminal's own process, with the seeds and guards of a build."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from generator.compute.child.run import run_script
from generator.compute.child.seeds import environment
from generator.errors import StudyError, problems_in
from generator.model import Job, Outcome
from generator.store.folder import sound_folder
from generator.study.load import find_root, load_study

_AGAIN = "--again"
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from generator.compute.child.__main__ import main; "
    "sys.path.pop(0); sys.exit(main(sys.argv[2:]))"
)


def main(arguments: list[str]) -> int:
    """Run the script of one report, print what it stored, keep its drawings; the exit code."""
    if len(arguments) == 3 and arguments[0] == _AGAIN:
        return _run(Path(arguments[1]), arguments[2])
    if len(arguments) != 1 or arguments[0].startswith("-"):
        _say("usage: python -m generator.compute.child REPORT")
        return 2
    try:
        root = find_root(Path.cwd())
    except StudyError as error:
        _say(f"error: {error}")
        return 1
    report = arguments[0].removeprefix("reports/").strip("/")
    scratch = _scratch(root, report)
    scratch.mkdir(parents=True, exist_ok=True)
    # Threads and the hash seed are read when a process starts: start this one again. It stays
    # in the foreground, so that breakpoint() works.
    kept = {key: os.environ[key] for key in ("TERM",) if key in os.environ}
    compiler = str(Path(__file__).resolve().parents[3])
    command = [sys.executable, "-P", "-c", _BOOT, compiler, _AGAIN, str(root), report]
    accelerator = _job(root, report, lambda text: None).accelerator
    given = environment(scratch, root / ".study" / "plots", accelerator=accelerator)
    return os.execve(sys.executable, command, kept | given)


def _scratch(root: Path, report: str) -> Path:
    sound_folder(root)
    return root / ".study" / "scratch" / report


def _run(root: Path, report: str) -> int:
    scratch = _scratch(root, report)
    os.chdir(scratch)
    try:
        outcome = run_script(root, _job(root, report, _say), scratch)
    except (StudyError, ExceptionGroup) as error:
        for problem in problems_in(error):
            _say(f"error: {problem}")
            if problem.hint:
                _say(f"  hint: {problem.hint}")
        return 1
    _show(outcome, scratch)
    for warning in outcome.warnings:
        _say(f"warning: {warning}")
    return 0


def _job(root: Path, report: str, say: Callable[[str], None]) -> Job:
    """The job of `report`: it need not stand in study.toml yet, nor need that be right."""
    script = f"reports/{report}/compute.py"
    try:
        study = load_study(root)
    except (StudyError, ExceptionGroup):
        say(
            "study.toml has mistakes (`study check` tells them): the seed is 0, "
            "and there are no parameters"
        )
        return Job(report, script, 0, 0.0)
    known = next((known for _, known in study.reports() if known.id == report), None)
    named = study.parameters_of(known) if known else dict(study.parameters)
    accelerator = known is not None and known.accelerator
    return Job(report, script, study.seed, 0.0, tuple(sorted(named.items())), accelerator)


def _show(outcome: Outcome, scratch: Path) -> None:
    results = outcome.results
    for name, quantity in results.values.items():
        error = "" if quantity.error is None else f" ± {quantity.error}"
        sys.stdout.write(f"{name} = {quantity.value}{error} {quantity.unit}".rstrip() + "\n")
    for name, text in results.strings.items():
        sys.stdout.write(f"{name} = {text!r}\n")
    for name, table in results.tables.items():
        sys.stdout.write(f"{name}:\n  {' | '.join(table.columns)}\n")
        for row in table.rows:
            cells = [cell if isinstance(cell, str) else str(cell.value) for cell in row]
            sys.stdout.write(f"  {' | '.join(cells)}\n")
    for file, content in outcome.files.items():
        (scratch / file).write_bytes(content)
        sys.stdout.write(f"{scratch / file} ({len(content) / 1024:.0f} KB)\n")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
