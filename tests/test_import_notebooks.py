"""Notebooks become scripts once: imports first, cells in order, plots and prints kept."""

import ast
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.importing.notebook.script import converted

NOTEBOOKS = Path(__file__).parent / "imports" / "notebooks"


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


def told(path: Path) -> list[str]:
    return [remark.text for remark in converted(path, path.name).remarks]


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


def test_imports_stand_first_and_cells_keep_their_order(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "a.ipynb", "x = 1\nimport math", "from os import path\nprint(x, math.pi)"
    )
    tree = ast.parse(converted(path, "a.ipynb").script)
    heads = [type(node).__name__ for node in tree.body]
    assert heads == [
        "Expr", "Import", "Import", "ImportFrom", "ImportFrom", "FunctionDef", "FunctionDef",
    ]  # fmt: skip


def test_an_import_whose_name_is_used_again_stays_in_its_place(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "a.ipynb", "import time\nprint(time.time() > 0)", "time = 3\nprint(time)"
    )
    script = converted(path, "a.ipynb").script
    assert "    import time\n" in script
    assert "\nimport time\n" not in script


def test_magics_installs_and_what_is_no_python_are_listed_with_their_cell(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "a.ipynb",
        "!pip install -q walks\n%matplotlib inline\nx = 1",
        "%%bash\nls",
        "print(x",
        "import nosuchpackage_\nname = input()",
        "text = '''\n%not a magic\n'''\nprint(text)",
    )
    listed = told(path)
    assert "cell 1: installs walks: install it beside the study" in listed
    assert "cell 1: '%matplotlib inline' is a comment now" in listed
    assert any(line.startswith("cell 2: the cell is %%bash") for line in listed)
    assert any(line.startswith("cell 3: is no Python") for line in listed)
    assert "imports nosuchpackage_, which is not installed here" in listed
    assert any("input()" in line for line in listed)
    script = converted(path, "a.ipynb").script
    assert "'''\n%not a magic\n'''" in script
    compile(script, "compute.py", "exec")


@pytest.mark.parametrize(
    "cells",
    [
        ("x = 1; y = 2; print(x)",),
        ("class A:\n    '''doc\n    more'''\n    def f(self):\n        return 1\nA().f()",),
        ("def f():\n    global n\n    n += 1\nn = 0", "f()\nn"),
        ("s = 'é한글'; t = 'x'\nprint(s)", "import math; math.pi"),
        ("for i in range(3):\n    %time\n    pass",),
        ("if __name__ == '__main__':\n    print(1)",),
        ("import matplotlib.pyplot as p\nfor i in (1, 2):\n    p.plot([1, 2])\n    p.show()",),
        ("",),
    ],
)
def test_whatever_the_cells_hold_the_script_is_python(
    cells: tuple[str, ...], tmp_path: Path
) -> None:
    made = converted(notebook(tmp_path / "a.ipynb", *cells), "a.ipynb")
    compile(made.script, "compute.py", "exec")


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


PLT = "import matplotlib.pyplot as plt\n"


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


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("print(x)", "x = 1"), "cell 1: uses x, which only cell 2 defines"),
        (("def f():\n    return nowhere\nf()",), "cell 1: uses nowhere, which no cell defines"),
        (("rows = open('d.csv').read()",), "cell 1: names the file d.csv, which is not beside it"),
        (("import asyncio\nx = await asyncio.sleep(0)",), "waits with await at its top"),
        (("x = [i async for i in y]",), "compute.py is no Python yet: line"),
        (("return 3",), "cell 1: is no Python that can stand in a function ('return' outside"),
        (("exec('x = 3')",), "uses exec(): names live inside compute() now"),
        (("raise ValueError",), "cell 1: raises an error at its top"),
        (("try:\n    from math import *\nfinally:\n    pass",), "compute.py is no Python yet"),
        (("quit()",), "cell 1: 'quit()' would end the script; it is a comment now"),
        (("get_ipython().system('ls')",), "speaks to the notebook; it is a comment now"),
    ],
)
def test_what_would_not_build_is_listed(cells: tuple[str, ...], said: str, tmp_path: Path) -> None:
    assert any(said in text for text in told(notebook(tmp_path / "a.ipynb", *cells)))


def test_a_coroutine_of_its_own_and_a_name_of_pythons_are_not_listed(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "a.ipynb",
        "import asyncio\nasync def f():\n    await asyncio.sleep(0)",
        "asyncio.run(f())\nprint(len([1]))",
    )
    assert told(path) == []


def test_cells_that_were_run_in_another_order_are_listed(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "x = 1", "x = 2")
    content = json.loads(path.read_text("utf-8"))
    content["cells"][0]["execution_count"] = 9
    content["cells"][1]["execution_count"] = 4
    path.write_text(json.dumps(content), "utf-8")
    assert any("was run in another order than its cells stand in (9, 4)" in t for t in told(path))


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", '{"cells": 3}', '{"cells": [null]}', '{"cells": [{"cell_type": "code", '
     '"source": null, "outputs": [3, {"output_type": null}]}], "metadata": null}', "[" * 99_999],
)  # fmt: skip
def test_a_broken_file_is_listed_with_what_is_wrong(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(content, "utf-8")
    made = converted(path, "a.ipynb")
    assert made.script == ""
    assert len(made.remarks) == 1


def test_the_line_of_broken_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{"cells": [\n}', "utf-8")
    assert "(line 2:" in told(path)[0]
