"""Comparisons of results that stand on a single run of an experiment.

A script says with `runs=` how many runs stand behind a value or a table. What comes from one run
may differ by chance alone, so a text that sets it beside another result, in a sentence, a row, an
expression or a whole table, is pointed out; unless the sentence itself says that it was one run.
A script that trains something and says of no result how many runs it is from is pointed out, too.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.check.finding import Finding
from generator.errors import StudyError, Where
from generator.model import Report, Results, Table
from generator.store.files import study_text
from generator.store.record import load_record, load_results
from generator.text.markdown.lexer import Piece, pieces_of
from generator.text.markdown.marks import IN_MATHS
from generator.text.problems import Problems

_MARK = "\x00"
_NAME = re.compile(r"\b(value|table)\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['\"](\w+)['\"]\s*\])")
_ENDS = re.compile(r"(?<=[.!?])\s+|\n(?=[ \t]*(?:[-*+][ \t]|\d+[.)][ \t]|\||\n))")
_SAID = re.compile(
    r"\b(?:one|a single|the single|only one|this one) (?:run|seed|training)\b"
    r"|한 번(?:의|만|뿐)?|단 한|시드 하나|실행 하나",
    re.IGNORECASE,
)
_HINT = "average over several seeds and say runs=5, or say in the sentence that it is one run"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, or a row of a table, with the results that it quotes."""

    text: str
    line: int
    names: tuple[tuple[str, str], ...]


def run_findings(root: Path, report: Report) -> list[Finding]:
    """Warnings where a text of `report` compares results of a single run."""
    if not report.script or not report.texts:
        return []
    try:
        results = load_results(root, report.id)
    except StudyError:
        return []  # said where freshness is checked
    counts = _counts(results)
    if not counts:
        return list(_uncounted(root, report))
    if 1 not in counts.values():
        return []
    findings = []
    for _, path in report.texts:
        text = study_text(root, path)
        if text is None:
            continue  # said where the text is built
        for sentence in _sentences(pieces_of(text, Problems(path))):
            if message := _comparison(sentence, counts, results.tables):
                findings.append(
                    Finding("runs", message, Where(path, sentence.line), _HINT, "warning")
                )
    return findings


def _counts(results: Results) -> dict[tuple[str, str], int]:
    """("value", "loss") → how many runs stand behind it, of all results that say so."""
    values = {("value", name): value.runs for name, value in results.values.items()}
    tables = {("table", name): table.runs for name, table in results.tables.items()}
    return {name: runs for name, runs in (values | tables).items() if runs is not None}


def _comparison(
    sentence: _Sentence,
    counts: Mapping[tuple[str, str], int],
    tables: Mapping[str, Table],
) -> str:
    """What is wrong with a sentence; "" if nothing is."""
    names = list(dict.fromkeys(sentence.names))
    single = [name for name in names if counts.get(name) == 1]
    if not single or _SAID.search(sentence.text):
        return ""
    kind, name = single[0]
    others = [other for other in names if other != single[0] and other in counts]
    if others:
        other = others[0]
        runs = counts[other]
        return (
            f"compares {kind}.{name}, which comes from one run, "
            f"with {other[0]}.{other[1]} ({runs} {'run' if runs == 1 else 'runs'})"
        )
    if kind == "table" and len(tables[name].rows) > 1:
        return f"shows table.{name}, whose rows come from one run each"
    return ""


def _sentences(pieces: Iterable[Piece]) -> Iterator[_Sentence]:
    """The sentences of a text that quote results; code and formulas are one sign each."""
    named: list[list[tuple[str, str]]] = []
    parts: list[str] = []
    line = 1

    def marked(expressions: Iterable[str], text: str) -> str:
        found = [_names(expression) for expression in expressions]
        named.append([name for names in found for name in names])
        return f"{_MARK}{len(named) - 1}{_MARK}" + "\n" * text.count("\n")

    for piece in pieces:
        if piece.kind in ("expression", "statement"):
            parts.append(marked([piece.content], piece.text))
        elif piece.kind in ("inline", "display"):
            parts.append(marked(IN_MATHS.findall(piece.content), piece.text))
        elif piece.kind in ("fence", "code", "attributes"):
            parts.append("\n" * piece.text.count("\n"))
        else:
            parts.append(piece.text)
    whole = "".join(parts)
    start = 0
    for end in [*(match.end() for match in _ENDS.finditer(whole)), len(whole)]:
        text = whole[start:end]
        numbers = [int(number) for number in re.findall(f"{_MARK}([0-9]+){_MARK}", text)]
        names = tuple(name for number in numbers for name in named[number])
        if names:
            first = text.index(_MARK)
            yield _Sentence(text, line + text.count("\n", 0, first), names)
        line += text.count("\n")
        start = end


def _names(expression: str) -> list[tuple[str, str]]:
    return [(kind, first or second) for kind, first, second in _NAME.findall(expression)]


def _uncounted(root: Path, report: Report) -> Iterator[Finding]:
    """A script that trains something and never says from how many runs a result is."""
    assert report.script is not None
    try:
        inputs = load_record(root, report.id).inputs
    except StudyError:
        return  # said where freshness is checked
    sources = [label.partition("::")[0] for label in inputs if label.startswith("reports/")]
    for path in dict.fromkeys([report.script, *sources]):
        line = _trains(root, path) if path.endswith(".py") else None
        if line:
            yield Finding(
                "runs",
                f"trains something ({path}:{line}) and says of no result from how many runs it is",
                Where(report.script),
                "say it where a result depends on chance: run.value(name, number, runs=5)",
                "warning",
            )
            return


def _trains(root: Path, path: str) -> int | None:
    """The line where the module at `path` goes down a gradient; None if it doesn't."""
    text = study_text(root, path)
    if text is None or ".backward(" not in text:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # said where the script is run
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    lines = [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "backward"
    ]
    return min(lines, default=None)
