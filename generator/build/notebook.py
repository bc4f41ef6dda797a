"""`study notebook`: a report's text and script as a Jupyter notebook that runs its code."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import StudyError, Where, raise_all
from generator.model import Quantity, Report, Results, Study, Table, Week
from generator.store.cache import Cache
from generator.store.record import load_results
from generator.text.markdown.attributes import LABEL
from generator.text.markdown.grammar import parsed
from generator.text.markdown.lexer import pieces_of
from generator.text.markdown.marks import ATTRIBUTES, MARK, Hidden
from generator.text.markdown.outline import Outline, outline_of
from generator.text.problems import Problems
from generator.text.report import render_report
from generator.text.shared import whole_text
from generator.text.source import read_text
from generator.text.values.expand import expand
from generator.text.values.quantities import Number, write_number
from generator.text.words import words_of
from generator.text.works.bibliography import load_bibliography
from generator.text.works.citations import citations_for

_FIGURE = re.compile(r"^!\[(?P<caption>.*)\]\((?P<target>[^()\s]+)\)(?:\{#(?P<label>[\w-]+)\})?$")
_REFERENCE = re.compile(r"(?<![A-Za-z0-9_.+@/\\])@(?P<key>[A-Za-z0-9]+(?:[_:.+/-]+[A-Za-z0-9]+)*)")
_PICTURE = re.compile(r"^!\[(?:(?!\n[ \t]*\n).)*?\]\([^()\n]*\)", re.MULTILINE | re.DOTALL)
_NUMBERED = re.compile(r"\$\$[ \t]*\{#(eq-[\w-]+)\}")
_OPENING = re.compile(
    r"!!! (?P<kind>\w+)(?: +\"(?P<title>.*)\")?[ \t]*(?:\{#(?P<label>[\w-]+)\})?[ \t]*$"
)
_CAPTION = re.compile(r": +(?P<words>.*?)[ \t]*\{#(?P<label>(?:tbl|fig)-[\w-]+)\}$")
_BRACKETS = re.compile(r"\[((?:see )?-?@[^\[\]]+)\]")
_SPAN = re.compile(rf"\[([^\[\]]*)\]{ATTRIBUTES}[0-9]+.")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell. kind: "markdown" or "code"."""

    kind: str
    source: str


def notebook(root: Path, study: Study, week: Week, report: Report, language: str) -> bytes:
    """The notebook of `report` in `language`: nbformat 4.5, without outputs, always the same bytes.

    Raises StudyError, several in a group: no script, no results yet, mistakes in the text.
    """
    if not report.script:
        raise StudyError(
            f"{report.id} has no script, so there is no code for a notebook to run",
            Where(report.folder),
            f"write {report.folder}/compute.py",
        )
    if language not in report.languages():
        known = ", ".join(report.languages())
        raise StudyError(f"{report.id} has no text in '{language}'", None, f"it has: {known}")
    results = load_results(root, report.id)
    store = Cache(root / ".study" / "cache")
    render_report(root, study, week, report, language, results, store=store)  # says all mistakes
    title = report.title.text(language)
    head = f"# {title}\n\n{study.title.text(language)} · {study.unit_label(week, language)}"
    objective = report.objective.text(language)
    cells = [
        Cell("markdown", head + (f"\n\n*{objective}*" if objective else "")),
        Cell("code", _setup(study, report)),
        *_code(root, report.script),
        Cell("code", "compute(run)"),
        *_text(root, study, report, language, results),
    ]
    return _nbformat([cell for cell in cells if cell.source.strip()])


def _setup(study: Study, report: Report) -> str:
    base = study.publishing.base_url
    found = re.match(r"https://github\.com/([\w.-]+/[\w.-]+)", base)
    clone = ""
    if found:
        repository = found[1]
        folder = repository.partition("/")[2]
        clone = (
            'if not any((folder / "study.toml").exists() for folder in (here, *here.parents)):\n'
            f"    !git clone --depth 1 https://github.com/{repository}\n"
            f'    here = here / "{folder}"\n'
            "    %pip install -q -e {here}\n"
        )
    else:
        clone = "# Elsewhere than in the study's folder, such as on Colab, fetch the study first.\n"
    return (
        "import sys\nfrom pathlib import Path\n\nhere = Path.cwd()\n"
        f"{clone}"
        "sys.path[:0] = [str(folder) for folder in (here, *here.parents)"
        ' if (folder / "study.toml").exists()]\n'
        "from generator.compute.notebook import run_for\n\n"
        f'run = run_for("{report.id}", here)'
    )


def _code(root: Path, script: str) -> Iterator[Cell]:
    """The script's top-level parts: imports and constants together, each definition by itself."""
    text = read_text(root, script)
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise StudyError(f"is not Python: {error.msg}", Where(script, error.lineno)) from error
    lines = text.splitlines()
    start = 0
    for number, node in enumerate(body):
        following = body[number + 1] if number + 1 < len(body) else None
        alone = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        next_alone = isinstance(following, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if following is None or alone or next_alone:
            end = node.end_lineno or len(lines)
            end = len(lines) if following is None else end
            yield Cell("code", "\n".join(lines[start:end]).strip("\n"))
            start = end


# ---------------------------------------------------------------- the text


def _text(
    root: Path, study: Study, report: Report, language: str, results: Results
) -> Iterator[Cell]:
    """The report's text as Markdown that any reader knows, cut at its headings and figures."""
    path = dict(report.texts)[language]
    problems = Problems(path)
    expanded = expand(
        pieces_of(whole_text(root, path)[0].text, problems),
        results,
        problems,
        language=language,
        parameters=study.parameters_of(report),
    )
    outline = outline_of(parsed(expanded), problems)
    raise_all(problems.sorted(), path)
    text = _SPAN.sub(r"\1", expanded.text)
    text = MARK.sub(lambda mark: _plain(expanded.hidden[int(mark[1])]), text)
    names = _names(root, text, outline, language)
    text = _PICTURE.sub(lambda match: match[0].replace("\n", " "), text)
    text = _NUMBERED.sub(lambda match: f"\\tag{{{_number(names, match[1])}}}$$", text)
    text = _quoted(text, outline, language, names)
    kept: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        figure = None if fenced else _FIGURE.match(line.strip())
        if figure or (not fenced and re.match(r"#{2,3} ", line)):
            yield Cell("markdown", "\n".join(kept).strip("\n"))
            kept = []
        if figure:
            yield from _figure(figure, names)
        else:
            said = line if fenced else _said(line, names)
            said = re.sub(r"^\[\^([\w-]+)\]:", r"**[\1]**", said)
            kept.append(said)
    yield Cell("markdown", "\n".join(kept).strip("\n"))


def _number(names: Mapping[str, str], label: str) -> str:
    """The number of an equation, without its brackets."""
    return names.get(label, "").rpartition("(")[2].rstrip(")")


def _quoted(text: str, outline: Outline, language: str, names: Mapping[str, str]) -> str:
    """`text` with its boxes as quotations and its captions with their numbers."""
    words = words_of(language).admonitions
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        opening = _OPENING.match(line)
        caption = _CAPTION.match(line)
        if opening:
            inside = True
            named = names.get(opening["label"] or "", words.get(opening["kind"], ""))
            title = ". ".join(filter(None, (named, opening["title"])))
            lines += [f"> **{title}**", ">"]
        elif inside and (line.startswith("    ") or not line.strip()):
            lines.append(f"> {line[4:]}" if line.strip() else ">")
        else:
            if inside and lines[-1] == ">":
                lines[-1] = ""  # the blank line behind a box ends the quotation
            inside = False
            if caption:
                line = f"**{names.get(caption['label'], '')}.** {caption['words']}"
            lines.append(line)
    return "\n".join(lines)


def _figure(found: re.Match[str], names: Mapping[str, str]) -> Iterator[Cell]:
    kind, _, target = found["target"].partition(":")
    if kind == "figure":
        yield Cell("code", f'run.show("{target}")')
    label = names.get(found["label"] or "", "")
    yield Cell("markdown", f"**{label}.** {_said(found['caption'], names)}".replace("**.** ", ""))


def _plain(hidden: Hidden) -> str:
    """What a mark stands for, as Markdown."""
    match hidden.kind:
        case "inline":
            return f"${hidden.content}$"
        case "display":
            return f"$${hidden.content}$$"
        case "code":
            return f"`{hidden.content}`"
        case "fence":
            language = re.match(r"[\w+-]*", hidden.info)
            return f"```{language[0] if language else ''}\n{hidden.content}\n```"
        case "table":
            return _table(hidden.table) if hidden.table else ""
        case "attributes":
            return f"{{#{hidden.attributes.label}}}" if hidden.attributes.label else ""
    return hidden.plain


def _table(table: Table) -> str:
    rows = [
        [write_number(Number(c)).plain if isinstance(c, Quantity) else c for c in row]
        for row in table.rows
    ]
    lines = [list(table.columns), ["---"] * len(table.columns), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _names(root: Path, text: str, outline: Outline, language: str) -> dict[str, str]:
    """Label or key → how the text calls it: "Figure 1", "Vaswani et al. (2017)"."""
    words = words_of(language)
    names: dict[str, str] = {}
    for label in outline.labels.values():
        number = f"({label.number})" if label.kind == "eq" else label.number
        if label.kind == "sec":
            form = words.appendix if label.number[:1].isalpha() else words.section
            names[label.name] = form.format(number=number)
        else:
            names[label.name] = f"{words.kinds[label.kind][0]} {number}"
    keys = {match["key"] for match in _REFERENCE.finditer(text)} - names.keys()
    entries = load_bibliography(root) if keys else {}
    citations, _ = citations_for(keys & entries.keys(), entries, words, ())
    for key in keys & entries.keys():
        who, year = citations.names(key)
        names[key] = f"{who} ({year})"
    return names


def _said(line: str, names: Mapping[str, str]) -> str:
    """A line with labels and keys in words, and without attribute lists."""
    line = _BRACKETS.sub(lambda match: _cited(match[1], names), line)
    line = _REFERENCE.sub(lambda match: names.get(match["key"], match[0]), line)
    return re.sub(r"[ \t]*\{#[\w-]+\}", "", line)


def _cited(group: str, names: Mapping[str, str]) -> str:
    """What stands between brackets: works in brackets, "Kidd, 2002"; labels without."""
    keys = [match["key"] for match in _REFERENCE.finditer(group)]
    said = _REFERENCE.sub(
        lambda match: (
            re.sub(r" \(([^()]*)\)$", r", \1", names.get(match["key"], match[0]))
            if "-" not in match["key"] or not LABEL.fullmatch(match["key"])
            else names.get(match["key"], match[0])
        ),
        group,
    )
    return said if all(LABEL.fullmatch(key) for key in keys) else f"({said})"


def _nbformat(cells: list[Cell]) -> bytes:
    """The notebook's JSON, as Jupyter itself writes it."""
    written = []
    for number, cell in enumerate(cells, 1):
        data: dict[str, object] = {
            "cell_type": cell.kind,
            "id": f"cell-{number:03}",
            "metadata": {},
            "source": cell.source.splitlines(keepends=True),
        }
        if cell.kind == "code":
            data |= {"execution_count": None, "outputs": []}
        written.append(data)
    whole = {
        "cells": written,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
