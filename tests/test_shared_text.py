"""Text and commands that reports share: included files, reports/macros.tex; lines in cells."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.build import stages
from generator.check.folder import check_folder
from generator.cli.commands import main
from generator.compute.figures import style
from generator.errors import StudyError, problems_in
from generator.plan.labels import Inputs
from generator.plan.parts import tex_entries
from generator.plan.staleness import staleness
from generator.store.record import load_record
from generator.study.load import load_study
from generator.text.macros import load_macros, used_macros
from generator.text.shared import whole_text

MACROS = r"""% shared by all
\newcommand{\R}{\mathbb{R}}
\newcommand{\norm}[1]{\left\lVert #1 \right\rVert} % a norm
\newcommand\pair[2][x]{(#1, #2)}
\DeclareMathOperator*{\argmax}{arg\,max}
\newcommand{\both}{\norm{\R}}
"""
SHARED = "## Notation {#sec-notation}\n\nWe write $x \\in \\R$ here.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "reports/week-01").mkdir(parents=True)
    (tmp_path / "reports/common").mkdir()
    (tmp_path / "study.toml").write_text('title = "S"\n[[week]]\nnumber = 1\ntitle = "One"\n')
    (tmp_path / "reports/macros.tex").write_text(MACROS)
    (tmp_path / "reports/common/notation.md").write_text(SHARED)
    return tmp_path


def built(root: Path, text: str) -> None:
    (root / "reports/week-01/report.md").write_text(text)
    stages.build(root, load_study(root), workers=1)


def complaints(root: Path, text: str) -> list[str]:
    try:
        built(root, text)
    except (StudyError, ExceptionGroup) as error:
        return [str(problem) for problem in problems_in(error)]
    return []


def reasons(root: Path) -> tuple[str, ...]:
    study = load_study(root)
    stale = staleness(Inputs.load(root, study), *study.reports()[0])
    return dict(stale.pdfs).get("en", ())


INCLUDE = '{% include "common/notation.md" %}'


def test_what_is_included_is_part_of_the_text_and_of_its_key(root: Path) -> None:
    built(root, f"See @sec-notation.\n\n{INCLUDE}\n\n## More\n\nAnd `{INCLUDE}` as code.\n")
    inputs = load_record(root, "week-01").pdfs["en"].inputs
    assert {"reports/common/notation.md", "reports/macros.tex@R"} <= inputs.keys()
    assert "reports/macros.tex@norm" not in inputs
    assert reasons(root) == ()
    shared = root / "reports/common/notation.md"
    shared.write_text(SHARED + "\nMore.\n")
    assert reasons(root) == ("reports/common/notation.md changed",)


def test_a_mistake_is_told_where_it_stands(root: Path) -> None:
    (root / "reports/common/notation.md").write_text("One.\n\nA number 0.7.\n\n$\\undefinedname$\n")
    found = complaints(root, f"First.\n\n{INCLUDE}\n\nAfter 0.8.\n")
    places = [problem.split(": ")[0] for problem in found]
    assert places == [
        "reports/common/notation.md:3",
        "reports/common/notation.md:5",
        "reports/week-01/report.md:5",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{% include "common/none.md" %}', "there is no file 'common/none.md'"),
        ('{% include "../week-02/report.md" %}', "leads out of the report's folder"),
        ("{% include common/notation.md %}", "can't be read: {% include common/notation.md %}"),
        ('{% include "common/notation.txt" %}', "there is no file"),
        ('{% include "https://example.org/a.md" %}', "is not in the study"),
    ],
)
def test_an_include_that_names_no_shared_text_is_refused(root: Path, line: str, said: str) -> None:
    (found,) = complaints(root, f"First.\n\n{line}\n")
    assert found.startswith("reports/week-01/report.md:3: ")
    assert said in found


def test_an_included_text_includes_no_other(root: Path) -> None:
    (root / "reports/common/outer.md").write_text(f"Outer.\n\n{INCLUDE}\n")
    (found,) = complaints(root, '{% include "common/outer.md" %}\n\nWords.\n')
    assert found == "reports/common/outer.md:3: an included text includes another"


def test_lines_of_the_whole_know_their_files(root: Path) -> None:
    (root / "reports/week-01/report.md").write_text(f"a\n{INCLUDE}\nb\n")
    whole, problems = whole_text(root, "reports/week-01/report.md")
    assert problems == []
    assert whole.text.split("\n") == ["a", *SHARED.rstrip("\n").split("\n"), "b", ""]
    assert whole.places[1] == ("reports/common/notation.md", 1)
    assert whole.places[4] == ("reports/week-01/report.md", 3)


# ---------------------------------------------------------------- macros


def test_commands_of_the_study_are_drawn_as_their_definitions_say(root: Path) -> None:
    text = "$\\both + \\pair[y]{z} + \\pair{w}$ and $\\argmax_{x} \\norm{x}$ and $y^\\R$.\n"
    assert complaints(root, text) == []
    assert complaints(root, "$\\norms{x}$ and $\\R$\n")[0].endswith(
        "Undefined control sequence \\norms"
    )


def test_a_change_of_one_command_makes_stale_what_uses_it(root: Path) -> None:
    built(root, "The set $\\both$.\n")
    macros = root / "reports/macros.tex"
    macros.write_text(MACROS.replace("arg\\,max", "argmax"))
    assert reasons(root) == ()
    macros.write_text(MACROS.replace("\\mathbb{R}", "\\mathbf{R}"))
    assert reasons(root) == ("entry R of reports/macros.tex changed",)
    macros.unlink()
    assert len(reasons(root)) == 3


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ("\\newcommand{\\norm}{x}", "macros.tex:7: \\norm is defined twice"),
        ("\\newcommand{\\open", "macros.tex:7: \\newcommand is not complete"),
        ("\\def\\x{1}", "macros.tex:7: found \\def\\x{1}, expected a definition"),
        ("words", "macros.tex:7: found words, expected a definition"),
        ("\\renewcommand{\\phi}{\\varphi}", "macros.tex:7: found \\renewcommand"),
    ],
)
def test_a_definition_that_is_none_is_told_with_its_line(
    root: Path, definition: str, said: str
) -> None:
    (root / "reports/macros.tex").write_text(MACROS + definition + "\n")
    found = complaints(root, "Words with $\\R$ and 0.5.\n")
    assert any(said in problem for problem in found)
    assert not any("Undefined" in problem for problem in found)


def test_what_has_a_meaning_keeps_it(root: Path) -> None:
    (root / "reports/macros.tex").write_text("\\newcommand{\\phi}{\\varphi}\n")
    (found,) = complaints(root, "Here $\\phi$.\n")
    assert found.endswith("formula “\\phi”: \\phi has a meaning already")


def test_macros_come_in_the_order_of_need(root: Path) -> None:
    macros = load_macros(root)
    assert [macro.name for macro in used_macros("\\both", macros)] == ["R", "norm", "both"]
    assert macros["argmax"].definition == "\\newcommand{\\argmax}{\\operatorname*{arg\\,max}}"
    assert list(tex_entries(MACROS)) == ["R", "norm", "pair", "argmax", "both"]


# ---------------------------------------------------------------- cells, check, plots


def test_cells_of_a_table_may_have_several_lines(root: Path) -> None:
    script = 'def compute(run):\n    run.table("t", ["a\\nb", "c"], [["one\\ntwo", 1]])\n'
    (root / "reports/week-01/compute.py").write_text(script)
    text = (
        "{{ table.t }}\n: One. {#tbl-t}\n\nSee @tbl-t, @tbl-u.\n\n"
        "| a | b |\n|---|---|\n| x<br>y<br/>z | **w**<br />v |\n: Two. {#tbl-u}\n"
    )
    assert complaints(root, text) == []
    assert "raw HTML" in complaints(root, "A<br>B\n")[0]
    assert "raw HTML" in complaints(root, "| a |\n|---|\n| <b>x</b> |\n: T. {#tbl-t}\n")[0]


def test_check_of_one_week_says_what_lies_in_its_folders(root: Path) -> None:
    (root / "reports/week-01/report.md").write_text("Words.\n")
    assert {f.where.path for f in check_folder(root)} > {
        f.where.path for f in check_folder(root, ["1"])
    }
    assert all("week-01" in f.where.path for f in check_folder(root, ["week-01"]))
    done = CliRunner().invoke(main, ["-C", str(root), "check", "7"])
    assert done.exit_code == 1
    assert "no report '7'" in done.output


def test_no_grid_crosses_a_picture_in_a_plot() -> None:
    import numpy as np

    style.load()
    import matplotlib

    with matplotlib.rc_context({"axes.grid": True}):
        figure = style.new_figure(100, 50)
        one, two, three = figure.subplots(1, 3)
        one.imshow(np.ones((4, 4)))
        two.pcolormesh(np.ones((4, 4)))
        three.plot([1, 2])
        style.svg_bytes(figure)
    shown = [axes.xaxis.get_gridlines()[0].get_visible() for axes in (one, two, three)]
    assert shown == [False, False, True]
