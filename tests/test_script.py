"""What a compute.py may call, and what it is told when it calls it wrongly."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.compute.jobs.supervise import Start, cold
from generator.compute.jobs.warm import fork_is_safe, warm_server
from generator.model import Quantity, Table
from tests.script_study import ScriptStudy


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    if not fork_is_safe():
        yield cold
        return
    with warm_server(tmp_path_factory.mktemp("warm"), ["numpy", "matplotlib", "torch"]) as server:
        yield server.start


@pytest.fixture
def study(tmp_path: Path, start: Start) -> ScriptStudy:
    return ScriptStudy(tmp_path / "study", start)


def test_values_keep_full_precision_digits_unit_and_error(study: ScriptStudy) -> None:
    study.body(
        """
        run.value("third", 1 / 3, digits=2, unit="m", error=0.01)
        run.value("count", 12)
        """
    )
    values = study.run().results.values
    assert values["third"] == Quantity(1 / 3, 2, "m", 0.01)
    assert values["count"] == Quantity(12)
    assert isinstance(values["count"].value, int)


def test_numpy_scalars_are_numbers(study: ScriptStudy) -> None:
    study.body(
        """
        run.value("whole", np.int64(3))
        run.value("real", np.float32(0.5))
        """,
        before="import numpy as np\n",
    )
    values = study.run().results.values
    assert values["whole"].value == 3
    assert type(values["whole"].value) is int
    assert values["real"].value == 0.5
    assert type(values["real"].value) is float


def test_tables_hold_words_and_numbers(study: ScriptStudy) -> None:
    study.body(
        """
        run.table("t", ["name", "n", "p"], [["a", 1, 0.25], ["b", 2, 0.5]], digits=[None, None, 3])
        run.table("u", ("x",), ([0.5] for _ in range(1)), digits=1)
        run.string("said", "토큰 and more")
        """
    )
    results = study.run().results
    assert results.tables["t"] == Table(
        ("name", "n", "p"),
        (("a", Quantity(1), Quantity(0.25, 3)), ("b", Quantity(2), Quantity(0.5, 3))),
    )
    assert results.tables["u"].rows == ((Quantity(0.5, 1),),)
    assert results.strings["said"] == "토큰 and more"


def test_a_table_has_its_words_in_each_language(study: ScriptStudy) -> None:
    study.body(
        """
        run.table("t", ["name", "p"], [["exact", 0.25]], digits=3)
        run.table("t", ["이름", "p"], [["정확한 값", 0.25]], digits=3, language="ko")
        run.table("u", ["x"], [["one"]], language="en")
        run.table("u", ["x"], [["하나"]], language="ko")
        """
    )
    tables = study.run().results.tables
    korean = Table(("이름", "p"), (("정확한 값", Quantity(0.25, 3)),))
    assert tables["t"] == Table(
        ("name", "p"), (("exact", Quantity(0.25, 3)),), languages=(("ko", korean),)
    )
    assert tables["u"].rows == (("one",),)
    assert [language for language, _ in tables["u"].languages] == ["en", "ko"]


def test_only_words_of_a_table_differ_by_language(study: ScriptStudy) -> None:
    study.body(
        """
        run.table("t", ["name", "p"], [["exact", 0.25]])
        run.table("t", ["이름", "p"], [["정확", 0.75]], language="ko")
        run.table("t", ["이름", "p"], [["정확", 0.25]], language="ko")
        run.table("t", ["Name"], [["genau"]], language="de")
        run.table("t", ["Nom", "p"], [], language="French")
        """
    )
    assert study.complaints() == [
        "reports/week-01/compute.py:3: table t has 0.25 and 0.75 in row 1, column p, "
        "for all languages and in ko",
        "reports/week-01/compute.py:4: table t is stored twice",
        "reports/week-01/compute.py:5: table t has 2 and 1 columns, for all languages and in de",
        "reports/week-01/compute.py:6: table t: 'French' is not a language, 'ko' would be one",
    ]


def test_every_mistake_is_told_at_once_each_with_its_line(study: ScriptStudy) -> None:
    study.body(
        """
        run.value("nan", math.nan)
        run.value("inf", -math.inf, error=1)
        run.value("text", "1.5")
        run.value("truth", True)
        run.value("Not a name", 1)
        run.value("../up", 1)
        run.value("twice", 1)
        run.value("twice", 2)
        run.value("digits", 1, digits=-1)
        run.value("error", 1.0, error=-0.5)
        run.value("unit", 1.0, unit=3)
        run.string("s", 5)
        run.string("half", chr(0xD800))
        run.table("t", ["a", "b"], [[1, 2], [3]])
        run.table("none", ["a"], [])
        run.table("cell", ["a"], [[None]])
        run.table("digits", ["a"], [[0.5]], digits=[1, 2])
        run.figure("figure", "a picture")
        run.table("word", "ab", [[1, 2]])
        run.table("rows", ["a", "b"], ["xy", 3])
        run.table("by_name", ["a", "b"], [[1, 2]], digits={"a": 1})
        """,
        before="import math\n",
    )
    assert study.complaints() == [
        "reports/week-01/compute.py:3: value nan is nan, expected a finite number",
        "reports/week-01/compute.py:4: value inf is -inf, expected a finite number",
        "reports/week-01/compute.py:5: value text is a str, expected an int or a float",
        "reports/week-01/compute.py:6: value truth is a bool, expected an int or a float",
        "reports/week-01/compute.py:7: value 'Not a name': a name has small letters, digits and "
        "underscores, a letter first",
        "reports/week-01/compute.py:8: value '../up': a name has small letters, digits and "
        "underscores, a letter first",
        "reports/week-01/compute.py:10: value twice is stored twice",
        "reports/week-01/compute.py:11: the digits of value digits are -1, expected a whole number "
        "from 0 to 15",
        "reports/week-01/compute.py:12: the error of value error is -0.5, expected a number from 0 "
        "up",
        "reports/week-01/compute.py:13: the unit of value unit is an int, expected a str",
        "reports/week-01/compute.py:14: string s is an int, expected a str",
        "reports/week-01/compute.py:15: string half holds half a character (a lone surrogate), "
        "expected whole text",
        "reports/week-01/compute.py:16: row 2 of table t has 1 cells, expected 2, one for each "
        "column",
        "reports/week-01/compute.py:17: table none has no rows",
        "reports/week-01/compute.py:18: a cell in row 1 of table cell is None, expected an int "
        "or a float",
        "reports/week-01/compute.py:19: table digits: digits are given for 2 columns, it has 1",
        "reports/week-01/compute.py:20: figure figure is a str, expected a matplotlib Figure",
        "reports/week-01/compute.py:21: the columns of table word: a str, expected a list",
        "reports/week-01/compute.py:22: row 1 of table rows: a str, expected a list",
        "reports/week-01/compute.py:22: row 2 of table rows: an int, expected a list",
        "reports/week-01/compute.py:23: the digits of table by_name are {'a': 1}, expected a whole "
        "number from 0 to 15, or a list with one for each column",
    ]


def test_a_tensor_is_no_number_not_even_with_one_element(study: ScriptStudy) -> None:
    study.body(
        """
        run.value("one", torch.tensor(1.0))
        run.value("two", torch.ones(2, 3))
        run.value("array", torch.ones(2).numpy())
        """,
        before="import torch\n",
    )
    problems = study.problems()
    assert [problem.message for problem in problems] == [
        "value one is a torch.Tensor, expected an int or a float",
        "value two is a torch.Tensor of shape (2, 3), expected an int or a float",
        "value array is a numpy.ndarray of shape (2,), expected an int or a float",
    ]
    assert ".item()" in problems[0].hint


def test_a_figure_is_stored_as_svg_with_its_size(study: ScriptStudy) -> None:
    study.body(
        """
        figure = run.new_figure(60)
        figure.add_subplot().plot([1, 2, 3])
        run.figure("three-points", figure)
        for language, word in (("en", "length"), ("ko", "길이")):
            figure = run.new_figure(40, 100)
            figure.add_subplot().set_title(word)
            figure.axes[0].bar([1], [2])
            run.figure("words", figure, language=language)
        """
    )
    outcome = study.run()
    assert set(outcome.files) == {"three-points.svg", "words.en.svg", "words.ko.svg"}
    figure = outcome.results.figures["three-points"]
    assert (figure.width_mm, figure.height_mm) == (150.0, 60.0)
    assert figure.file("ko") == "three-points.svg"
    words = outcome.results.figures["words"]
    assert words.file("ko") == "words.ko.svg"
    svg = outcome.files["three-points.svg"]
    assert b"<text" not in svg  # words are outlines: no font has to be there to show them
    assert b"dc:date" not in svg
    width = re.search(rb'width="([\d.]+)pt"', svg)
    assert width is not None
    assert float(width[1]) == pytest.approx(150 / 25.4 * 72, abs=0.01)


@pytest.mark.parametrize("height", ["0", "-5", "math.nan", "10**9", "'50'"])
def test_a_figure_of_no_size_is_a_mistake(study: ScriptStudy, height: str) -> None:
    study.body(f"run.new_figure({height})", before="import math\n")
    assert "compute.py:3: the height of a figure is " in study.complaints()[-1]


def test_drawing_nothing_is_a_mistake(study: ScriptStudy) -> None:
    study.body(
        """
        run.figure("blank", run.new_figure(50))
        axes = run.new_figure(50).add_subplot()
        axes.plot([float("nan")], [1.0])
        run.figure("nan", axes.figure)
        run.new_figure(50).text(0.5, 0.5, "forgotten")
        titled = run.new_figure(50)
        titled.suptitle("Only a title")
        titled.add_subplot().set_xlabel("x")
        run.figure("titled", titled)
        """
    )
    assert study.complaints() == [
        "reports/week-01/compute.py:2: figure blank is empty: nothing is drawn on it",
        "reports/week-01/compute.py:5: figure nan is empty: nothing is drawn on it",
        "reports/week-01/compute.py:10: figure titled is empty: nothing is drawn on it",
        "reports/week-01/compute.py:6: the figure made here was never stored",
    ]


def test_a_glyph_that_no_font_has_is_a_mistake(study: ScriptStudy) -> None:
    study.body(
        """
        figure = run.new_figure(30)
        figure.text(0.1, 0.5, "ꯍ")
        run.figure("letter", figure)
        """
    )
    [problem] = study.problems()
    assert "MEETEI MAYEK LETTER HUK" in problem.message
    assert str(problem.where) == "reports/week-01/compute.py:4"


def test_korean_is_drawn_also_beside_a_formula(study: ScriptStudy) -> None:
    study.body(
        """
        figure = run.new_figure(30)
        figure.text(0.1, 0.5, "길이 $d_k$", weight="bold")
        run.figure("words", figure)
        """
    )
    svg = study.run().files["words.svg"]
    assert b"NotoSansKR" in svg or b"NotoSansCJK" in svg


def test_many_points_become_a_picture(study: ScriptStudy) -> None:
    study.body(
        """
        figure = run.new_figure(60)
        x = np.linspace(0, 1, 20000)
        figure.add_subplot().scatter(x, np.sin(40 * x), s=1)
        run.figure("dense", figure)
        """,
        before="import numpy as np\n",
    )
    svg = study.run().files["dense.svg"]
    assert b"<image" in svg
    assert len(svg) < 150_000


def test_a_script_that_stores_nothing_is_told_so(study: ScriptStudy) -> None:
    study.body("pass")
    assert study.complaints() == [
        "reports/week-01/compute.py: compute() stored nothing that a report could quote"
    ]


def test_files_are_found_beside_the_script_and_from_the_root(study: ScriptStudy) -> None:
    study.write("week-01/data/points.csv", "1,2\n")
    study.write("common/words.txt", "a b\n")
    study.body(
        """
        run.string("near", run.file("data/points.csv").read_text())
        run.string("far", run.file("reports/common/words.txt").read_text())
        """
    )
    assert study.run().results.strings == {"near": "1,2\n", "far": "a b\n"}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("data/none.csv", "there is no file reports/week-01/data/none.csv"),
        ("../../../elsewhere.txt", "leads out of the study"),
        ("/etc/hostname", "leads out of the study"),
        ("link.txt", "leads out of the study"),
    ],
)
def test_a_file_that_is_missing_or_outside_is_refused(
    study: ScriptStudy, path: str, message: str
) -> None:
    (study.root.parent / "elsewhere.txt").write_text("not ours")
    study.body(f"run.file({path!r})")
    (study.root / "reports/week-01/link.txt").symlink_to(study.root.parent / "elsewhere.txt")
    [complaint] = study.complaints()
    assert complaint.startswith("reports/week-01/compute.py:2: ")
    assert message in complaint


def test_the_seed_is_the_studys(study: ScriptStudy) -> None:
    study.body(
        """
        run.value("seed", run.seed)
        run.value("random", random.random())
        run.value("numpy", np.random.rand())
        run.value("unseeded", np.random.default_rng().random())
        """,
        before="import random\nimport numpy as np\n",
    )
    first, second = study.run().results.values, study.run().results.values
    assert first == second
    assert first["seed"].value == 7
    assert math.isclose(first["random"].value, 0.32383276483316237)


def test_a_pinned_model_is_verified_and_counted_by_its_pin(study: ScriptStudy) -> None:
    import importlib.metadata

    from generator.digest import digest_bytes

    pip = importlib.metadata.distribution("pip")
    path = Path(str(pip.locate_file("pip/py.typed")))
    sha256 = digest_bytes(path.read_bytes())

    def pin(digest: str) -> None:
        (study.root / "models.toml").write_text(
            f'[typed]\ndistribution = "pip"\nversion = "{pip.version}"\n'
            f'member = "pip/py.typed"\nsha256 = "{digest}"\nlicence = "MIT"\n'
        )

    pin(sha256)
    study.body('run.string("text", run.model("typed").read_text())')
    assert study.run().inputs["model:typed"] == sha256
    pin("0" * 64)
    [problem] = study.problems()
    assert problem.message.startswith("the model typed is not the pinned file")
    study.body('run.model("unknown")')
    [problem] = study.problems()
    assert problem.message == "models.toml has no model 'unknown'"
    assert problem.hint == "it has: typed"
