"""How many runs stand behind a result: said by scripts, kept, quoted, and asked for by a check."""

from pathlib import Path

import pytest

from generator.check.runs import run_findings
from generator.model import Phrase, Quantity, Record, Report, Results, Table
from generator.store.record import record_json, results_from_json, results_json
from generator.text.values.quantities import Number
from tests.script_study import ScriptStudy

ROWS = (("x", Quantity(0.1)), ("y", Quantity(0.2)))
RESULTS = Results(
    values={
        "one": Quantity(0.5, runs=1),
        "other": Quantity(0.4, runs=1),
        "many": Quantity(0.3, error=0.1, runs=5),
        "exact": Quantity(2.0),
    },
    tables={
        "single": Table(("a", "b"), ROWS, runs=1),
        "short": Table(("a", "b"), ROWS[:1], runs=1),
        "plural": Table(("a", "b"), ROWS, runs=5),
    },
)
REPORT = Report(
    "week-01",
    Phrase(),
    Phrase(),
    folder="reports/week-01",
    texts=(("en", "reports/week-01/report.md"),),
    script="reports/week-01/compute.py",
)


def found(root: Path, text: str, results: Results = RESULTS) -> list[str]:
    folder = root / "reports" / "week-01"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(text, "utf-8")
    (root / "figures" / "week-01").mkdir(parents=True, exist_ok=True)
    (root / "figures" / "week-01" / "results.json").write_bytes(results_json(results))
    return [f"{finding.where.line}: {finding.message}" for finding in run_findings(root, REPORT)]


def test_results_keep_the_number_of_runs() -> None:
    assert results_from_json(results_json(RESULTS), "x") == RESULTS
    plain = Results(values={"a": Quantity(1.5)}, tables={"t": Table(("a",), ((Quantity(1),),))})
    assert b"runs" not in results_json(plain)


ONE_AND_OTHER = "compares value.one, which comes from one run, with value.other (1 run)"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("It is {{ value.one }} against {{ value.other }}.", [f"1: {ONE_AND_OTHER}"]),
        ("Words.\n\nIt is {{ value.one }}\nagainst\n{{ value.other | digits(2) }}.",
         [f"3: {ONE_AND_OTHER}"]),
        ("By {{ (value.one - value.other) | percent(1) }} less.", [f"1: {ONE_AND_OTHER}"]),
        ("$\\Delta = {{ value.one }} - {{ value.other }}$", [f"1: {ONE_AND_OTHER}"]),
        ("| a | {{ value.one }} | {{ value.other }} |", [f"1: {ONE_AND_OTHER}"]),
        ("{{ value['one'] }}, not {{ value.many }}.",
         ["1: compares value.one, which comes from one run, with value.many (5 runs)"]),
        ("{{ table.single }}", ["1: shows table.single, whose rows come from one run each"]),
        ("{% for row in table.single.rows %}\n- {{ row[1] }}\n{% endfor %}",
         ["1: shows table.single, whose rows come from one run each"]),
        # What is no comparison, or an honest one.
        ("It is {{ value.one }}. That is {{ value.other }}.", []),
        ("- {{ value.one }}\n- {{ value.other }}\n", []),
        ("It is {{ value.one }}, twice {{ value.exact }}.", []),
        ("It is {{ value.many }}, not {{ value.exact }}.", []),
        ("In one run it is {{ value.one }} against {{ value.other }}.", []),
        ("시드를 바꾸지 않고 한 번 돌리면 {{ value.one }}, {{ value.other }}이다.", []),
        ("{{ table.short }}\n\n{{ table.plural }}", []),
        ("`{{ value.one }} {{ value.other }}`", []),
        ("```text\n{{ value.one }} {{ value.other }}\n```", []),
        ("{{ value.one }} and {{ value.one | digits(1) }}.", []),
    ],
)  # fmt: skip
def test_single_runs_that_are_compared_are_pointed_out(
    tmp_path: Path, text: str, messages: list[str]
) -> None:
    assert found(tmp_path, text) == messages


def test_a_script_that_trains_says_how_many_runs(tmp_path: Path) -> None:
    silent = Results(values={"loss": Quantity(0.5), "other": Quantity(0.4)})
    script = tmp_path / "reports" / "week-01" / "compute.py"
    common = tmp_path / "reports" / "common" / "net.py"
    for path in (script, common):
        path.parent.mkdir(parents=True, exist_ok=True)
    script.write_text("from common.net import train\n", "utf-8")
    common.write_text("def train(loss):\n    '''x.backward()'''\n    loss.backward()\n", "utf-8")
    record = tmp_path / "figures" / "week-01" / "record.json"
    record.parent.mkdir(parents=True)
    record.write_bytes(record_json(Record()))
    assert found(tmp_path, "{{ value.loss }}, {{ value.other }}.", silent) == []
    record.write_bytes(record_json(Record({"reports/common/net.py": "ab"})))
    assert found(tmp_path, "{{ value.loss }}, {{ value.other }}.", silent) == [
        "None: trains something (reports/common/net.py:3) and says of no result from how many "
        "runs it is"
    ]
    assert found(tmp_path, "{{ value.many }}") == []


def test_scripts_say_runs_and_slips_are_told(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    study.body(
        """
        run.value("loss", 0.5, runs=5)
        run.table("losses", ["a"], [[0.5]], runs=np.int64(3))
        """,
        before="import numpy as np\n",
    )
    results = study.run().results
    assert results.values["loss"].runs == 5
    assert results.tables["losses"].runs == 3
    study.body('run.value("a", 1.0, runs=0)\nrun.value("b", 1.0, runs=2.5)\n')
    assert [complaint.partition("py:")[2] for complaint in study.complaints()] == [
        "2: the runs of value a are 0, expected a whole number from 1 up",
        "3: the runs of value b are 2.5, expected a whole number from 1 up",
    ]


def test_a_text_quotes_the_number_of_runs() -> None:
    number = Number(RESULTS.values["many"])
    assert str(number.runs) == "5"
    with pytest.raises(TypeError):
        _ = Number(RESULTS.values["exact"]).runs
