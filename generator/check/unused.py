"""What nobody uses: a script's figures, values and tables, tables of a text, sources."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.check.finding import Finding
from generator.check.history import Kept
from generator.check.texts import Text
from generator.errors import StudyError, Where
from generator.model import Report, Results, Study
from generator.store.files import read_study_file, study_text
from generator.store.record import load_results
from generator.text.works.bibliography import BIBLIOGRAPHY


@dataclass(frozen=True, slots=True)
class _Names:
    """How a script spells names. literal: whole texts with their lines; made: patterns of those
    that it puts together, f"{kind}_loss" as a pattern that any kind matches, with their lines.
    """

    literal: Mapping[str, int]
    made: Sequence[tuple[str, int]]


def unused_findings(
    root: Path, report: Report, texts: Mapping[str, Text], kept: Kept
) -> list[Finding]:
    """Figures, values, strings and tables of the script that no text of the report uses.

    Names that a script makes up in a loop are one family: it is used if one of them is.
    """
    if not report.script or not texts:
        return []
    try:
        results = load_results(root, report.id)
    except StudyError:
        return []  # said where freshness is checked
    used = {name for text in texts.values() for name in text.names}
    shown = [picture.target for text in texts.values() for picture in text.pictures]
    used |= {("figure", t.removeprefix("figure:")) for t in shown if t.startswith("figure:")}
    spelt = _spelt(root, report.script, kept)
    findings = []
    for kind, names in _made(results).items():
        if (kind, "") not in used:
            mine = {name for used_kind, name in used if used_kind == kind}
            findings += list(_unused(report, spelt, kind, list(names), mine))
    return findings


def _made(results: Results) -> dict[str, Iterable[str]]:
    return {
        "figure": results.figures,
        "value": results.values,
        "string": results.strings,
        "table": results.tables,
    }


def _unused(
    report: Report, spelt: _Names, kind: str, names: list[str], used: set[str]
) -> Iterator[Finding]:
    families: dict[int | None, list[str]] = {}
    for name in names:
        if name in spelt.literal:
            if name not in used:
                yield _finding(report, f"the {kind} '{name}' is", spelt.literal[name])
            continue
        line = next((line for form, line in spelt.made if re.fullmatch(form, name)), None)
        families.setdefault(line, []).append(name)
    for line, family in families.items():
        if not used.intersection(family):
            examples = f"'{family[0]}'" + (f" and {len(family) - 1} like it" if family[1:] else "")
            verb = "are" if family[1:] else "is"
            yield _finding(report, f"the {kind} {examples} {verb}", line)


def _finding(report: Report, what: str, line: int | None) -> Finding:
    assert report.script
    return Finding(
        "unused",
        f"{what} used in no text of {report.id}",
        Where(report.script, line),
        "use it, or take it out of the script",
    )


def _spelt(root: Path, path: str, kept: Kept) -> _Names:
    """The texts in a script that names may come from; none if it cannot be parsed."""
    try:
        source = read_study_file(root, path).decode("utf-8", "surrogateescape")
    except (OSError, StudyError):
        return _Names({}, ())  # a script that is not there is said elsewhere
    literal, made = kept.of("script", source, lambda: _read_script(source))
    return _Names(literal, made)


def _read_script(source: str) -> list[object]:
    """The script's texts with their lines, and patterns of those that it puts together."""
    try:
        tree = ast.parse(source.encode("utf-8", "surrogateescape"))
    except (SyntaxError, ValueError):
        return [{}, []]  # a script that fails is said when it is run
    literal: dict[str, int] = {}
    made: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            literal.setdefault(node.value, node.lineno)
        elif isinstance(node, ast.JoinedStr | ast.BinOp):
            form = _form(node)
            if re.search(r"[a-z0-9]", form.replace(".+", "")):
                made.append((form, node.lineno))
    made.sort(key=lambda pair: -len(pair[0]))  # the most particular form first
    return [literal, made]


def _form(node: ast.expr) -> str:
    """A pattern of the texts that an expression makes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_form(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _form(node.left) + _form(node.right)
    return ".+"


def unmentioned_tables(texts: Sequence[Text]) -> list[Finding]:
    """Warnings of labelled tables that neither their text nor, by `@week-05:…`, another names."""
    elsewhere = {name.partition(":")[2] for text in texts for name in text.mentions}
    return [
        Finding(
            "unused",
            f"the table {label} is never referred to",
            Where(text.path, line),
            f"write @{label} where the text speaks of it",
            "warning",
        )
        for text in texts
        for label, line in text.labels.items()
        if label.startswith("tbl-") and label not in text.mentions and label not in elsewhere
    ]


# ---------------------------------------------------------------- the bibliography

_ENTRY = re.compile(r"^[ \t]*@([A-Za-z]+)[ \t]*[{(][ \t]*([^,\s{}()]+)[ \t]*,", re.MULTILINE)


def bibliography_findings(root: Path, study: Study, texts: Iterable[Text]) -> list[Finding]:
    """Keys of the bibliography that stand there twice, or that no report cites."""
    content = study_text(root, BIBLIOGRAPHY)
    if content is None:
        return []
    cited = {mention for text in texts for mention in text.mentions}
    findings = []
    first: dict[str, tuple[str, int]] = {}
    for match in _ENTRY.finditer(content):
        key, line = match.group(2), content.count("\n", 0, match.start(2)) + 1
        if match.group(1).casefold() in ("comment", "string", "preamble"):
            continue
        where = Where(BIBLIOGRAPHY, line)
        if key.casefold() in first:
            known, at = first[key.casefold()]
            same = "already" if known == key else f"as '{known}'"
            findings.append(
                Finding(
                    "bibliography",
                    f"the key '{key}' is there twice, {same} at line {at}",
                    where,
                    "keep one of them",
                )
            )
        elif key not in cited:
            findings.append(
                Finding(
                    "bibliography",
                    f"the key '{key}' is cited in no report",
                    where,
                    f"cite it as [@{key}], or take it out",
                    "warning",
                )
            )
        first.setdefault(key.casefold(), (key, line))
    return findings
