"""How problems are told: each once, in the order of files and lines, with its hint."""

from generator.errors import ScriptError, StudyError
from generator.machine.stdio import say, styled

_MOST_SHOWN = 300  # characters of a line that a script printed


def report_problems(problems: list[StudyError]) -> None:
    """Print each problem once, in the order of files and lines, with its hint."""
    seen: set[str] = set()
    count = 0
    for problem in sorted(problems, key=_place):
        text = str(problem)
        if problem.hint:
            text += f"\n  hint: {problem.hint}"
        if text in seen:
            continue
        seen.add(text)
        count += 1
        if isinstance(problem, ScriptError) and problem.log.strip():
            tail = problem.log.rstrip().splitlines()[-15:]
            text += "\n  it had printed:\n" + "\n".join(f"    {_shown(line)}" for line in tail)
        say(styled("error: ", fg="red", bold=True), text, err=True)
    if count > 1:
        say(f"{count} problems", err=True)


def _shown(line: str) -> str:
    """A line of a script's log, so that it neither fills the terminal nor steers it."""
    line = "".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in line)
    return (
        line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}… (of {len(line)} characters)"
    )


def _place(problem: StudyError) -> tuple[str, int]:
    where = problem.where
    return (where.path, where.line or 0) if where else ("", 0)
