"""What `study check` reports, and how it is shown: to people, as JSON, to a hosted CI."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.errors import StudyError, Where

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. rule: the name of what was looked for ("links", "names", …)."""

    rule: str
    message: str
    where: Where
    hint: str = ""
    severity: Severity = "error"


def from_problems(rule: str, problems: Iterable[StudyError]) -> list[Finding]:
    """Problems of another room as findings of `rule`."""
    return [
        Finding(rule, problem.message, problem.where or Where("study.toml"), problem.hint)
        for problem in problems
    ]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, by file and line."""
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda f: (f.where.path, f.where.line or 0, f.rule, f.message))


def for_people(findings: Sequence[Finding]) -> list[str]:
    """`severity: path:line: message`, hints below, and a count at the end."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.severity}: {finding.where}: {finding.message}")
        if finding.hint:
            lines.append(f"  hint: {finding.hint}")
    errors = sum(finding.severity == "error" for finding in findings)
    if errors or len(findings) > errors:
        counts = [(errors, "error"), (len(findings) - errors, "warning")]
        lines.append(", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n))
    return lines


def for_machines(findings: Sequence[Finding]) -> str:
    """A JSON list of objects: rule, severity, path, line (or null), message, hint."""
    return json.dumps(
        [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "path": finding.where.path,
                "line": finding.where.line,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in findings
        ],
        indent=2,
        ensure_ascii=False,
    )


def for_ci(findings: Sequence[Finding]) -> list[str]:
    """Workflow commands that a hosted CI shows beside the line: `::error file=…,line=…::…`."""
    lines = []
    for finding in findings:
        place = f"file={_property(finding.where.path)}"
        if finding.where.line:
            place += f",line={finding.where.line}"
        text = finding.message + (f"\n{finding.hint}" if finding.hint else "")
        title = _property(f"study check: {finding.rule}")
        lines.append(f"::{finding.severity} {place},title={title}::{_data(text)}")
    return lines


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
