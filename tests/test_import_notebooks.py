"""Notebooks become reports once: their words the text, their cells the script, outputs as saved."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.importing.notebook.script import Converted, converted

NOTEBOOKS = Path(__file__).parent / "imports" / "notebooks"


PLT = "import matplotlib.pyplot as plt\n"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGMQUDAAAACkAGE0Zn1yAAAAAElFTkSuQmCC"
)


def notebook(path: Path, *cells: str, language: str = "python") -> Path:
    content = {
        "cells": [
            {"cell_type": "code", "metadata": {}, "source": cell, "outputs": []} for cell in cells
        ],
        "metadata": {"language_info": {"name": language}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(content), "utf-8")
    return path


def made_of(path: Path) -> Converted:
    return converted(path, path.name, "A title", {}, {})


def told(path: Path) -> list[str]:
    return [remark.text for remark in made_of(path).remarks]


def built(folder: Path, source: Path) -> tuple[str, dict[str, Any]]:
    """`source` imported as week 1 and built: the words of its page, its results."""
    result = CliRunner().invoke(main, ["import", str(source), "--into", str(folder)])
    assert result.exit_code == 0, result.stderr
    result = CliRunner().invoke(main, ["-C", str(folder), "build", "-j", "1"])
    assert result.exit_code == 0, result.stderr
    pdf = page_words(folder / "reports/week-01/week-01.pdf")
    return pdf, json.loads((folder / "figures/week-01/results.json").read_text("utf-8"))


def page_words(path: Path) -> str:
    run = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(run.stdout.split())


def test_notebooks_of_three_kinds_build_as_weeks_at_once(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["import", str(NOTEBOOKS), "--into", str(tmp_path)])
    assert result.exit_code == 0
    # The third names no week, and none is invented for it.
    assert "Cosine of two arrows.ipynb: its name says no week" in result.stderr
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "build", "-j", "1"])
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in tmp_path.glob("reports/*/*.pdf")) == [
        "week-02.pdf", "week-03.pdf",
    ]  # fmt: skip
    assert len(list(tmp_path.glob("figures/week-02/*.svg"))) == 3


def test_words_are_the_text_and_cells_the_script(tmp_path: Path) -> None:
    cells = [
        ("markdown", "# Least squares\nWe fit $y=a+bx$ to <b>ten</b> points.\n\n$$\na^2\n$$"),
        ("code", "total = 0\ndef add(n):\n    global total\n    total += n\nadd(3)"),
        (
            "markdown",
            "A sign \u03f5 and \U0001d465 \U0001f680.\n\n#### Deep\n[the file](data.csv), "
            "[a page](https://example.org), a@b.org {x}",
        ),
        (
            "code",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint('total', total)",
        ),
        (
            "markdown",
            "![a local picture](p.png)\n\n| a | b |\n|---|---|\n| 1 |\n\nLast words here.",
        ),
    ]
    content = {
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": source, "outputs": []}
            for kind, source in cells
        ],
        "metadata": {},
    }
    path = tmp_path / "old" / "week1" / "fit.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content), "utf-8")
    page, results = built(tmp_path / "new", tmp_path / "old")
    for words in (
        "Least squares",
        "ten points",
        "the file",
        "a page",
        "Last words here",
        "total 3",
    ):
        assert words in page
    assert list(results["figures"]) == ["cell-2-1"]
    assert "All cells of the notebook ran here, 2 in number." in page
    report = (tmp_path / "new/reports/week-01/report.md").read_text("utf-8")
    assert (
        report.index("## Least squares") < report.index("### Deep") < report.index("@fig-cell-2-1")
    )


def test_what_cannot_run_here_is_shown_as_saved_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "old" / "week1" / "a.ipynb"
    path.parent.mkdir(parents=True)
    notebook(path, "import nosuchpackage_\nprint('here')", "1 + 1", "print(6)")
    content = json.loads(path.read_text("utf-8"))
    content["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["saved words\n"]},
        {"output_type": "display_data", "data": {"image/png": PIXEL, "text/plain": "<Figure>"}},
    ]
    content["cells"][1]["outputs"] = [
        {"output_type": "execute_result", "data": {"text/plain": "2"}}
    ]
    content["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "7\n"}]
    path.write_text(json.dumps(content), "utf-8")
    words = ["import", str(path.parents[1]), "--into", str(tmp_path / "dry"), "--dry-run"]
    result = CliRunner().invoke(main, words)
    assert "packages that are missing: pip install nosuchpackage_" in result.stderr
    page, results = built(tmp_path / "new", tmp_path / "old")
    assert "1 of the notebook's 3 cells did not run here" in page
    assert "As saved in the notebook, not run here: cell 1 printed" in page
    assert "saved words" in page
    assert "Of 2 printed outputs, 1 are as saved." in page
    assert list(results["figures"]) == ["cell-1-1"]


def test_a_notebook_finds_its_files_and_the_groups_modules(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "week1/data").mkdir(parents=True)
    (old / "common").mkdir()
    (old / "common/tools.py").write_text("def twice(n):\n    return 2 * n\n", "utf-8")
    (old / "week1/near.py").write_text("N = 4\n", "utf-8")
    (old / "week1/data/a.csv").write_text("21\n", "utf-8")
    notebook(
        old / "week1/a.ipynb",
        "import sys\nsys.path.append('..')\nfrom common.tools import twice\nfrom near import N",
        "print('read', twice(int(open('data/a.csv').read())) + N)",
    )
    page, _ = built(tmp_path / "new", old)
    assert "read 46" in page


def test_long_prints_are_kept_whole_and_what_is_cut_is_said(tmp_path: Path) -> None:
    path = tmp_path / "old" / "week1" / "a.ipynb"
    path.parent.mkdir(parents=True)
    notebook(path, "for i in range(450):\n    print('line', i)")
    _, results = built(tmp_path / "new", tmp_path / "old")
    rows = results["tables"]["cell_1"]["rows"]
    assert rows[399] == ["line 399"]
    assert rows[400] == ["… and 50 lines more, which are in the log"]


def test_magics_installs_and_what_is_no_python_are_listed_with_their_cell(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "a.ipynb",
        "!pip install -q walks\n%matplotlib inline\nx = 1",
        "%%bash\nls",
        "print(x",
        "import nosuchpackage_\nname = input()",
        "text = '''\n%not a magic\n'''\nprint(text)",
        "!wget https://example.org/a",
    )
    listed = told(path)
    assert listed[0] == "cell 1: installs walks: a script cannot, install it beside the study"
    assert any(line.startswith("cell 2: the cell is %%bash") for line in listed)
    assert any(line.startswith("cell 3: is no Python") for line in listed)
    assert "cell 6: '!wget https://example.org/a' is a comment now" in listed
    assert "cells 4 ask for input(), which a script has not: they are shown as saved" in listed
    assert not any("matplotlib" in line for line in listed)
    assert made_of(path).missing == ("nosuchpackage_",)
    assert "'''\n%not a magic\n'''" in made_of(path).files["cells.py"].decode()


def test_what_is_no_python_notebook_is_listed_and_left(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "1 + 1", language="R")
    assert told(path) == ["is written in R, not in Python; not converted"]
    path.write_text("no json", "utf-8")
    assert "is no notebook that can be read" in told(path)[0]


def test_one_notebook_goes_to_the_week_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        'title = "Walks"\n[[week]]\nnumber = 6\ntitle = "Six"\n', "utf-8"
    )
    path = NOTEBOOKS / "Cosine of two arrows.ipynb"
    words = ["import", str(path), "--into", str(tmp_path), "--week", "6"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "reports/week-06/compute.py").is_file()
    again = CliRunner().invoke(main, words)
    assert again.exit_code == 1
    assert "reports/week-06/compute.py: is there already" in again.stderr


def test_what_notebooks_are_full_of_builds_without_an_edit(tmp_path: Path) -> None:
    cells = {
        # A figure that only went into a file is kept, and a Figure that pyplot never knew.
        1: (PLT + "plt.plot([1])\nplt.savefig('a.png')\nplt.close()",),
        2: ("from matplotlib.figure import Figure\nf = Figure()\nf.subplots().plot([1])\nf",),
        # Names that shadow Python's own, one by one and by the hundred.
        3: ("list = [1]; str = 'a'; map = 3; min = 2\n" + PLT + "plt.plot([1])\nprint(list, str)",),
        4: ("from numpy import *\n" + PLT + "x = linspace(0, 1, 5)\nplt.plot(x)\nprint(sum(x))",),
        5: ("from pylab import *\nplot([1, 2])\nshow()",),
        # Things that no page could hold as they are.
        6: ("print('x' * 400)\nprint('done \U0001f600 \u2705')\nprint('\x1b[1mbold')",),
        7: (PLT + "plt.rcParams['font.family'] = 'NanumGothic'\nplt.title('한글')\nplt.plot([1])",),
        8: ("from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))",),
        9: ("import sys\nprint(1)", "sys.exit()"),
        10: ("y = (7\n  % 4)\n!pip install \\\n  walks\n%time z = y\nprint(z)",),
    }  # fmt: skip
    old = tmp_path / "old"
    old.mkdir()
    for number, sources in cells.items():
        notebook(old / f"Week {number} - it.ipynb", *sources)
    new = tmp_path / "new"
    result = CliRunner().invoke(main, ["import", str(old), "--into", str(new)])
    assert result.exit_code == 0, result.stderr
    result = CliRunner().invoke(main, ["-C", str(new), "build", "-j", "1"])
    assert result.exit_code == 0, result.stderr
    drawn = sorted(path.parent.name for path in new.glob("figures/*/*.svg"))
    assert drawn == ["week-01", "week-02", "week-03", "week-04", "week-05", "week-07"]


def test_cells_that_were_run_in_another_order_are_listed(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "x = 1", "x = 2")
    content = json.loads(path.read_text("utf-8"))
    content["cells"][0]["execution_count"] = 9
    content["cells"][1]["execution_count"] = 4
    path.write_text(json.dumps(content), "utf-8")
    assert any("was run in another order than its cells stand in" in text for text in told(path))


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", '{"cells": 3}', '{"cells": [null]}', '{"cells": [{"cell_type": "code", '
     '"source": null, "outputs": [3, {"output_type": null}]}], "metadata": null}', "[" * 99_999],
)  # fmt: skip
def test_a_broken_file_is_listed_with_what_is_wrong(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(content, "utf-8")
    made = made_of(path)
    assert made.files == {}
    assert len(made.remarks) == 1


def test_the_line_of_broken_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{"cells": [\n}', "utf-8")
    assert "(line 2:" in told(path)[0]
