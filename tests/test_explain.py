"""Every number leads to its line, in a study's folder and from a PDF alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.build.stages import build
from generator.cli import main
from generator.plan.calls import calls_in, made_at, names_of
from generator.store.record import load_record, load_results
from generator.study.load import load_study

ROOT = Path(__file__).parent.parent
REPORTS = [report for _, report in load_study(ROOT).reports() if report.script]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.id)
def test_everything_of_a_report_is_explained_by_a_line_that_keeps_it(report: object) -> None:
    from generator.model import Report

    assert isinstance(report, Report)
    record = load_record(ROOT, report.id)
    kept = list(names_of(load_results(ROOT, report.id)))
    assert kept
    for kind, name in kept:
        call = made_at(ROOT, report, record, kind, name)
        assert call is not None, (kind, name)
        line = (ROOT / call.path).read_text("utf-8").splitlines()[call.line - 1]
        assert f".{kind}(" in line, (kind, name, call.path, call.line)


def found(source: str, kind: str, name: str) -> int | None:
    """The line of the best call for `name` in a script of its own."""
    import re

    fits = [
        call
        for call in calls_in(source, "compute.py")
        if call.kind == kind and re.fullmatch(call.pattern, name)
    ]
    best = max(fits, key=lambda call: (call.written, name in call.function), default=None)
    return best.line if best else None


@pytest.mark.parametrize(
    ("source", "kind", "name", "line"),
    [
        ('run.value("loss", 1)', "value", "loss", 1),
        ('\nrun.value(\n    "loss",\n    1,\n)', "value", "loss", 2),
        ('run.value(name="loss", number=1)', "value", "loss", 1),
        ('run.string("loss", "x")', "value", "loss", None),
        ('for n in (1, 2):\n    run.value(f"loss_{n}", n)', "value", "loss_2", 2),
        ('run.value(f"{x}", 0)\nrun.value(f"loss_{n}", n)', "value", "loss_2", 2),
        ('run.value(f"loss_{n}", n)\nrun.value("loss_2", n)', "value", "loss_2", 2),
        ('run.value("loss_" + str(n), n)', "value", "loss_9", 1),
        ('run.table("a" if x else "b", [], [])', "table", "b", 1),
        ('run.figure(name, fig, language="ko")', "figure", "map", 1),
        ('run.value("los" + "s", 1)', "value", "loss", 1),
        ('run.value("a.c", 1)', "value", "abc", None),
        ("def (", "value", "loss", None),
        ("run.value()", "value", "loss", None),
        ("value('loss')", "value", "loss", None),
    ],
)
def test_the_line_of_a_name(source: str, kind: str, name: str, line: int | None) -> None:
    assert found(source, kind, name) == line


@pytest.fixture
def built(study_copy: Callable[[str], Path]) -> Path:
    root = study_copy("tiny")
    build(root, load_study(root))
    return root


def test_a_value_is_explained_in_its_folder_and_from_its_pdf(built: Path) -> None:
    _, report = load_study(built).reports()[0]
    name = sorted(load_results(built, report.id).values)[0]
    here = CliRunner().invoke(main, ["-C", str(built), "explain", report.id, name])
    assert here.exit_code == 0, here.stderr
    lines = here.stdout.splitlines()
    assert lines[0].startswith(f"value.{name} = ")
    assert lines[1].startswith(f"  kept by {report.script}:")
    number = lines[1].rpartition(":")[2]
    assert any(line.startswith(f"  > {number:>4} ") and ".value(" in line for line in lines)
    assert f"    seed {load_study(built).seed}" in lines
    (pdf,) = (built / report.folder).glob("*.pdf")
    there = CliRunner().invoke(main, ["explain", str(pdf), name])
    assert there.exit_code == 0, there.stderr
    assert there.stdout.splitlines()[:4] == lines[:4]


def test_a_name_that_is_not_there_is_told_with_those_like_it(built: Path) -> None:
    _, report = load_study(built).reports()[0]
    name = sorted(load_results(built, report.id).values)[0]
    result = CliRunner().invoke(main, ["-C", str(built), "explain", report.id, f"{name}x"])
    assert result.exit_code == 1
    assert f"has no value, string, table or figure '{name}x'" in result.stderr
    assert name in result.stderr.partition("hint:")[2]


def test_all_are_listed_without_a_name(built: Path) -> None:
    _, report = load_study(built).reports()[0]
    result = CliRunner().invoke(main, ["-C", str(built), "explain", report.id])
    listed = [line.split(" = ")[0] for line in result.stdout.splitlines()]
    kept = names_of(load_results(built, report.id))
    assert listed == [f"{kind}.{name}" for kind, name in kept]
    assert "?" not in {line.split()[-1] for line in result.stdout.splitlines()}


def test_a_pdf_that_is_not_there_is_told() -> None:
    result = CliRunner().invoke(main, ["explain", "nowhere.pdf", "x"])
    assert result.exit_code == 1
    assert "nowhere.pdf" in result.stderr
