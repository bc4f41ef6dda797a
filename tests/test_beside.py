"""Scripts read what lies beside them, write into a folder that passes, and hand over frames."""

import builtins
from pathlib import Path
from typing import Any

import pytest

from generator.errors import problems_in
from generator.plan.labels import Inputs
from generator.study.load import load_study
from tests.script_study import ScriptStudy


@pytest.fixture
def study(tmp_path: Path) -> ScriptStudy:
    found = ScriptStudy(tmp_path / "study")
    found.write("week-01/data/x.csv", "a,b\n1,2\n")
    found.write("week-01/data/y.csv", "a,b\n3,4\n")
    found.write("week-01/top.txt", "top")
    found.write("common/shared.txt", "shared")
    return found


IMPORTS = "import glob, os, sqlite3, tempfile\nfrom pathlib import Path\nimport numpy as np\n"


@pytest.mark.parametrize(
    ("expression", "gives", "read"),
    [
        ('open("data/x.csv").read()[0]', "a", "data/x.csv"),
        ('Path("data/x.csv").read_text()[0]', "a", "data/x.csv"),
        ('Path("data", "x.csv").resolve().read_text()[0]', "a", "data/x.csv"),
        ('open(os.path.abspath("data/x.csv")).read()[0]', "a", "data/x.csv"),
        ('open(b"data/x.csv".decode(), "rb").read()[:1].decode()', "a", "data/x.csv"),
        ('np.loadtxt("data/x.csv", delimiter=",", skiprows=1).sum()', "3.0", "data/x.csv"),
        ('os.read(os.open("top.txt", os.O_RDONLY), 9).decode().strip()', "top", "top.txt"),
        ('open("../common/shared.txt").read()', "shared", "../common/shared.txt"),
        ('sorted(glob.glob("data/*.csv"))', "['data/x.csv', 'data/y.csv']", "data/"),
        ('sorted(p.name for p in Path("data").iterdir())', "['x.csv', 'y.csv']", "data/"),
        ('glob.glob("*.txt")', "['top.txt']", ""),
        ('sorted(os.listdir())', "['compute.py', 'data', 'top.txt']", ""),
        ('[n for _, _, names in os.walk("data") for n in sorted(names)]', "['x.csv', 'y.csv']",
         "data/"),
        ('(os.path.exists("top.txt"), os.path.getsize("top.txt"))', "(True, 3)", None),
        ('(Path("data").is_dir(), os.access("none.txt", os.R_OK))', "(True, False)", None),
    ],
)  # fmt: skip
def test_a_path_without_a_folder_begins_at_the_script_and_is_in_the_key(
    study: ScriptStudy, expression: str, gives: str, read: str | None
) -> None:
    outcome = study.run(study.body(f'run.string("s", str({expression}))', before=IMPORTS))
    assert outcome.results.strings["s"] == gives
    if read is not None:
        label = {"../common/shared.txt": "reports/common/shared.txt"}.get(read)
        assert (label or f"reports/week-01/{read}") in outcome.inputs
        (study.root / "study.toml").write_text('title = "A"\n[[week]]\nnumber = 1\ntitle = "B"\n')
        inputs = Inputs.load(study.root, load_study(study.root))
        changed = [
            label
            for label, digest in outcome.inputs.items()
            if label.startswith("reports/") and inputs.present(label, "week-01") != digest
        ]
        assert changed == []


def test_a_database_beside_the_script_is_read(study: ScriptStudy) -> None:
    import sqlite3

    with sqlite3.connect(study.root / "reports/week-01/q.db") as base:
        base.execute("create table t(x)")
        base.execute("insert into t values (5)")
    base.close()
    body = 'run.value("x", sqlite3.connect("q.db").execute("select x from t").fetchone()[0])'
    outcome = study.run(study.body(body, before=IMPORTS))
    assert outcome.results.values["x"].value == 5
    assert "reports/week-01/q.db" in outcome.inputs


def test_a_file_that_is_missing_makes_the_run_stale_once_it_is_there(study: ScriptStudy) -> None:
    body = """
    try:
        text = open("data/z.csv").read()
    except FileNotFoundError as error:
        text = str(error)
    run.string("s", text)
    """
    outcome = study.run(study.body(body))
    assert outcome.results.strings["s"].endswith("No such file or directory: 'data/z.csv'")
    assert outcome.inputs["reports/week-01/data/z.csv"] == "absent"


def test_what_a_script_writes_goes_before_what_lies_beside_it_and_is_named(
    study: ScriptStudy,
) -> None:
    body = """
    open("top.txt", "w").write("mine")
    os.mkdir("out")
    Path("out/more.txt").write_text("x")
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
    run.string("s", open("top.txt").read() + str(os.listdir("out")))
    """
    outcome = study.run(study.body(body, before=IMPORTS))
    assert outcome.results.strings["s"] == "mine['more.txt']"
    assert (study.root / "reports/week-01/top.txt").read_text() == "top"
    (warning,) = outcome.warnings
    assert warning.startswith("reports/week-01/compute.py: wrote out/more.txt, top.txt, and nobody")


def test_a_script_that_writes_nothing_is_told_nothing(study: ScriptStudy) -> None:
    body = """
    figure = run.new_figure(30)
    figure.subplots().plot([1, 2])
    run.figure("f", figure)
    """
    assert study.run(study.body(body)).warnings == ()


def test_a_file_beside_the_script_cannot_be_changed_from_it(study: ScriptStudy) -> None:
    (problem,) = study.problems(study.body('Path("data/x.csv").write_text("1")', before=IMPORTS))
    assert "No such file or directory: 'data/x.csv'" in str(problem)
    (problem,) = study.problems(study.body('os.remove("top.txt")', before=IMPORTS))
    assert "No such file" in str(problem)
    assert (study.root / "reports/week-01/top.txt").read_text() == "top"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('open("dat/x.csv")', "did you mean 'data/x.csv'?"),
        ('open("x.csv")', "did you mean 'data/x.csv'?"),
        ('open("weather")', "paths begin at the script's folder, reports/week-01/"),
        ('raise FileNotFoundError("No such file (os error 2): data/x.csv")',
         "native code does not look beside the script: give it run.file('data/x.csv')"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_found_is_explained(study: ScriptStudy, line: str, hint: str) -> None:
    (problem,) = study.problems(study.body(line))
    assert problem.hint == hint


def test_a_pdf_that_the_build_puts_beside_a_script_is_not_in_its_listing(
    study: ScriptStudy,
) -> None:
    outcome = study.run(study.body('run.string("s", str(os.listdir()))', before="import os\n"))
    study.write("week-01/week-01.pdf", "built")
    inputs = Inputs.load(study.root, load_study_of(study))
    label = "reports/week-01/"
    assert inputs.present(label, "week-01") == outcome.inputs[label]
    study.write("week-01/new.csv", "")
    assert inputs.present(label, "week-01") != outcome.inputs[label]


def load_study_of(study: ScriptStudy) -> Any:
    (study.root / "study.toml").write_text('title = "A"\n[[week]]\nnumber = 1\ntitle = "B"\n')
    return load_study(study.root)


def test_this_process_opens_as_ever(study: ScriptStudy) -> None:
    study.run(study.body('run.string("s", open("top.txt").read())'))
    assert builtins.open.__module__ in ("io", "_io")


# ---------------------------------------------------------------- frames


OWN = '''
class Own:
    """A frame of nobody's: columns, and rows by a method, as polars has them."""

    def __init__(self, columns, rows):
        self.columns = columns
        self._rows = rows

    def rows(self):
        return self._rows


'''


def test_a_frame_is_a_table(study: ScriptStudy) -> None:
    body = 'run.table("t", Own(["n", "word"], [(0.5, "a"), (2, "b")]), digits=1)'
    table = study.run(study.body(body, before=OWN)).results.tables["t"]
    assert table.columns == ("n", "word")
    cells = [cell for row in table.rows for cell in row]
    assert [c if isinstance(c, str) else c.value for c in cells] == [0.5, "a", 2, "b"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('Own(["a"], [(None,)])', "row 1, column 'a' of table t is None: it has no value"),
        ('Own(["a"], [(1,), (float("nan"),)])', "row 2, column 'a' of table t is nan"),
        ('Own(["a"], [(True,)])', "is a bool, expected a text or a number"),
        ('Own(["a"], [([1],)])', "is a list, expected a text or a number"),
        ('Own([("a", "b")], [(1,)])', "headings of several levels"),
        ("[1, 2]", "table t is a list, expected columns and rows, or a frame"),
        ('{"a": [1]}', "table t is a dict, expected columns and rows, or a frame"),
    ],
)
def test_a_frame_that_is_no_table_is_refused_with_the_way(
    study: ScriptStudy, call: str, said: str
) -> None:
    (problem,) = study.problems(study.body(f'run.table("t", {call})', before=OWN))
    assert said in str(problem)
    assert problem.hint


def test_pandas_and_polars_frames_are_tables(study: ScriptStudy) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("polars")
    body = """
    df = pd.read_csv("data/x.csv")
    df["word"] = "w"
    run.table("one", df)
    run.table("two", pl.DataFrame({"a": [0.5], "b": ["x"]}), digits=2)
    """
    before = "import pandas as pd\nimport polars as pl\n"
    outcome = study.run(study.body(body, before=before))
    assert outcome.results.tables["one"].columns == ("a", "b", "word")
    assert outcome.results.tables["two"].rows[0][1] == "x"
    assert "reports/week-01/data/x.csv" in outcome.inputs
    body = """
    run.table("grouped", pd.DataFrame({"g": ["a", "b"], "v": [1, 2]}).groupby("g").mean())
    run.table("day", pd.DataFrame({"d": pd.to_datetime(["2020-01-01"]), "n": [None]}))
    pl.read_csv("data/x.csv")
    """
    with pytest.raises(ExceptionGroup) as raised:
        study.run(study.body(body, before=before))
    said = [str(problem) for problem in problems_in(raised.value)]
    assert len(said) == 4
    assert "its index holds names" in said[0]
    assert "run.file('data/x.csv')" in problems_in_hints(raised.value)[3]


def problems_in_hints(group: BaseException) -> list[str]:
    return [problem.hint for problem in problems_in(group)]
