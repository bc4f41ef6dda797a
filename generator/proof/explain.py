"""Where a value, string, table or figure of a report comes from, in lines for a person."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from generator.errors import StudyError, Where
from generator.model import Cell, Quantity, Record, Report, Results
from generator.plan.calls import Call, made_at, names_of
from generator.store.files import read_study_file
from generator.store.record import load_results

_AROUND = 2  # lines of the script above and below
_DIGITS = 12  # of a digest


def explained(root: Path, report: Report, record: Record, name: str = "") -> list[str]:
    """What `name` of `report` is and where it was made; of all names, if none is given.

    Raises StudyError for a name that its script did not keep, with those that are like it.
    """
    results = load_results(root, report.id)
    kept = list(names_of(results))
    if not kept:
        place = Where(report.script or report.folder)
        raise StudyError("keeps nothing that could be explained", place, "build it first")
    if not name:
        return [_short(root, report, record, results, *each) for each in kept]
    found = [(kind, each) for kind, each in kept if each == name or f"{kind}.{each}" == name]
    if not found:
        from difflib import get_close_matches

        close = get_close_matches(name, [each for _, each in kept], 3, 0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else "`study explain ID` lists them"
        raise StudyError(f"{report.id} has no value, string, table or figure '{name}'", None, hint)
    return [line for each in found for line in _whole(root, report, record, results, *each)]


def _short(
    root: Path, report: Report, record: Record, results: Results, kind: str, name: str
) -> str:
    call = made_at(root, report, record, kind, name)
    place = f"{call.path}:{call.line}" if call else "?"
    return f"{kind}.{name} = {_shown(results, kind, name)}  {place}"


def _whole(
    root: Path, report: Report, record: Record, results: Results, kind: str, name: str
) -> Iterator[str]:
    yield f"{kind}.{name} = {_shown(results, kind, name)}"
    call = made_at(root, report, record, kind, name)
    if call is None:
        yield f"  its name is made elsewhere than in a call of run.{kind}"
    else:
        yield f"  kept by {call.path}:{call.line}"
        yield from _context(root, call)
        if when := _last_change(root, call):
            yield f"  the line last changed {when}"
    yield f"  quoted in {', '.join(_quoting(root, report, kind, name)) or 'no text'}"
    if record.machine:
        yield f"  made on {record.machine}"
    yield "  from"
    for label, digest in record.inputs.items():
        version = label.removeprefix("version:")
        known = version if version != label else label
        yield f"    {known} {digest if len(digest) < 2 * _DIGITS else digest[:_DIGITS]}"


def _shown(results: Results, kind: str, name: str) -> str:
    if kind == "value":
        return _quantity(results.values[name])
    if kind == "string":
        return repr(results.strings[name])
    if kind == "table":
        table = results.tables[name]
        return f"{len(table.rows)} rows of {', '.join(table.columns)}"
    figure = results.figures[name]
    files = ", ".join(file for _, file in figure.files)
    return f"{files}, {figure.width_mm:g} × {figure.height_mm:g} mm"


def _quantity(quantity: Cell) -> str:
    if not isinstance(quantity, Quantity):
        return quantity
    said = repr(quantity.value)
    said += f" ± {quantity.error!r}" if quantity.error is not None else ""
    said += f" {quantity.unit}" if quantity.unit else ""
    said += f", {quantity.digits} decimals" if quantity.digits is not None else ""
    return said + (f", {quantity.runs} runs" if quantity.runs is not None else "")


def _context(root: Path, call: Call) -> Iterator[str]:
    lines = read_study_file(root, call.path).decode("utf-8-sig").splitlines()
    first = max(0, call.line - 1 - _AROUND)
    for number, line in enumerate(lines[first : call.line + _AROUND], first + 1):
        mark = ">" if number == call.line else " "
        yield f"  {mark} {number:4} {line}".rstrip()


def _quoting(root: Path, report: Report, kind: str, name: str) -> Iterator[str]:
    """The lines of the texts that quote it."""
    import re

    wanted = (
        rf"figure:{re.escape(name)}(?![\w-])"
        if kind == "figure"
        else rf"\{{[{{%][^}}]*\b{kind}\.{re.escape(name)}(?!\w)"
    )
    for _, path in report.texts:
        text = read_study_file(root, path).decode("utf-8-sig", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(wanted, line):
                yield f"{path}:{number}"


def _last_change(root: Path, call: Call) -> str:
    """When git saw the line change last: "2025-03-19 in 1a2b3c4 week 7: …"; "" if it knows not."""
    command = ["git", "log", "-1", "--format=%as in %h %s", "--no-patch"]
    command += [f"-L{call.line},{call.line}:{call.path}"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = done.stdout.strip().splitlines()
    return said[0] if done.returncode == 0 and said else ""
