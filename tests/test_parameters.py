"""Parameters: read from study.toml, by scripts, by texts, and tried with other values."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.build import stages
from generator.build.pages import colophon_for
from generator.build.trial import prepare_trial
from generator.cli.commands import main
from generator.cli.trial import opened_trial
from generator.compute.child.seeds import environment
from generator.errors import StudyError, problems_in
from generator.model import Job, Record
from generator.plan.labels import Inputs
from generator.plan.staleness import staleness
from generator.store.record import load_record
from generator.study.load import load_study
from generator.study.parameters import with_parameters
from tests.script_study import ScriptStudy

HEAD = """title = "A study"
[parameters]
warmth = 0.5
steps = 3
mode = "fast"
careful = true
sizes = [1, 2.5, "big"]
[[week]]
number = 1
title = "One"
parameters = { steps = 4 }
[[week]]
number = 2
title = "Two"
"""
SCRIPT = """def compute(run):
    run.value("doubled", 2 * run.parameter("steps"), digits=0)
"""
TEXT = """The double of {{ parameter.steps }} is {{ value.doubled }}, at
{{ parameter.warmth | digits(2) }}.

{% if parameter.careful %}
Carefully, $w = {{ parameter.warmth }}$.
{% endif %}
"""


def study_at(root: Path) -> Path:
    root.mkdir()
    (root / "study.toml").write_text(HEAD)
    for week in ("week-01", "week-02"):
        folder = root / "reports" / week
        folder.mkdir(parents=True)
        (folder / "compute.py").write_text(SCRIPT)
        (folder / "report.md").write_text(TEXT)
    return root


def built(root: Path, *wanted: str) -> list[str]:
    """The paths that a build of the study at `root` wrote."""
    written: list[str] = []
    stages.build(root, load_study(root), wanted, workers=1, wrote=written.append)
    return written


def value(root: Path, report: str = "week-01") -> float:
    data = json.loads((root / "figures" / report / "results.json").read_text())
    return float(data["values"]["doubled"]["value"])


def complaints(toml: str, root: Path) -> list[str]:
    (root / "study.toml").write_text(toml)
    try:
        load_study(root)
    except (StudyError, ExceptionGroup) as error:
        return [f"{problem} / {problem.hint}" for problem in problems_in(error)]
    return []


def test_a_report_s_own_parameters_go_before_the_study_s(tmp_path: Path) -> None:
    study = load_study(study_at(tmp_path / "study"))
    one, two = (study.parameters_of(report) for _, report in study.reports())
    assert one["steps"] == 4
    assert two == {
        "warmth": 0.5,
        "steps": 3,
        "mode": "fast",
        "careful": True,
        "sizes": (1, 2.5, "big"),
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Big = 1", "study.toml:3: parameters.Big: found the name 'Big'"),
        ("day = 2025-01-01", "parameters.day: found 2025-01-01, expected a number, a text"),
        ("deep = [[1]]", "parameters.deep: found a list, expected a number"),
        ("none = []", "parameters.none: found an empty list"),
        ("far = inf", "parameters.far: found inf"),
        ("table = {a = 1}", "parameters.table: found a table"),
        ("yes = [true]", "parameters.yes: found a list"),
    ],
)
def test_what_no_parameter_can_be_is_refused_with_its_line(
    tmp_path: Path, line: str, said: str
) -> None:
    toml = f'title = "A"\n[parameters]\n{line}\n[[week]]\nnumber = 1\ntitle = "One"\n'
    (found,) = complaints(toml, tmp_path)
    assert said in found


def test_two_weeks_depend_on_their_own_parameters(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    built(root)
    assert (value(root), value(root, "week-02")) == (8, 6)
    assert built(root) == []
    toml = root / "study.toml"
    toml.write_text(toml.read_text().replace("steps = 3", "steps = 5"))
    study = load_study(root)
    inputs = Inputs.load(root, study)
    one, two = (staleness(inputs, *pair) for pair in study.reports())
    assert not one
    assert two.compute == ("the parameter steps changed: 3 → 5",)
    toml.write_text(toml.read_text().replace("warmth = 0.5", "warmth = 0.75"))
    study = load_study(root)
    one = staleness(Inputs.load(root, study), *study.reports()[0])
    assert one.compute == ()  # no script reads it
    assert one.pdfs == (("en", ("the parameter warmth changed: 0.5 → 0.75",)),)


def test_the_page_says_what_the_parameters_are(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    built(root, "1")
    pdf = root / "reports" / "week-01" / "week-01.pdf"
    text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True).stdout
    assert "The double of 4 is 8, at 0.50." in " ".join(text.split())
    assert "Carefully, w =" in text
    assert "parameter" not in text


def test_a_trial_builds_only_what_reads_the_parameter_and_leaves_the_rest(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    built(root)
    before = {path: path.read_bytes() for path in root.rglob("*") if "figures" in path.parts
              and path.is_file()}  # fmt: skip
    trial, study, where = opened_trial(root, load_study(root), ["steps=10"])
    written: list[str] = []
    stages.build(trial, study, workers=1, wrote=written.append)
    assert where == "trials/steps=10/"
    assert (value(trial), value(trial, "week-02")) == (20, 20)
    assert "reports/week-01/week-01.pdf" in written
    assert {path: path.read_bytes() for path in before} == before
    assert built(root) == []
    # The same trial again has nothing to do; an edit of the text reaches it.
    for edit, due in (("", []), ("\nMore words.\n", ["reports/week-02/week-02.pdf"])):
        text = root / "reports" / "week-02" / "report.md"
        text.write_text(text.read_text() + edit)
        trial, study, _ = opened_trial(root, load_study(root), ["steps=10"])
        written = []
        stages.build(trial, study, workers=1, wrote=written.append)
        assert [path for path in written if path.endswith(".pdf")] == due
    # One that no script reads runs no script.
    trial, study, _ = opened_trial(root, load_study(root), ["mode=slow"])
    written = []
    stages.build(trial, study, ["1"], workers=1, wrote=written.append)
    assert written == []


def test_what_is_deleted_from_the_study_leaves_its_trial(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    spare = root / "reports" / "week-01" / "spare.csv"
    spare.write_text("1")
    study = load_study(root)
    trial = prepare_trial(root, study, {"steps": 9})
    assert (trial / "reports/week-01/spare.csv").read_text() == "1"
    spare.unlink()
    prepare_trial(root, study, {"steps": 9})
    assert not (trial / "reports/week-01/spare.csv").exists()
    assert (root / "trials" / ".gitignore").read_text() == "*\n"


def test_values_are_of_the_declared_kind(tmp_path: Path) -> None:
    study = load_study(study_at(tmp_path / "study"))
    given = ["steps=x", "stepz=1", "careful=1", "sizes=3", "warmth=true", "steps=1.5"]
    with pytest.raises(ExceptionGroup) as raised:
        with_parameters(study, given)
    said = [str(problem) for problem in problems_in(raised.value)]
    assert len(said) == len(given)
    assert "expected a whole number" in said[0]
    assert [p.hint for p in problems_in(raised.value)][1] == "did you mean 'steps'?"
    _, values = with_parameters(study, ["warmth=1", "mode=a=b", "sizes=[7]", "careful=false"])
    assert values == {"warmth": 1.0, "mode": "a=b", "sizes": (7,), "careful": False}


def test_names_of_trials_are_names_of_folders(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    study = load_study(root)
    names = {
        prepare_trial(root, study, {"mode": mode}).name
        for mode in ("a/b", "../..", "x" * 300, "한")
    }
    assert len(names) == 4
    assert all("/" not in name and len(name.encode()) < 255 for name in names)
    assert {path.name for path in (root / "trials").iterdir()} == {*names, ".gitignore"}


# ---------------------------------------------------------------- scripts


def test_a_script_reads_lists_as_tuples_and_is_told_of_what_is_not_there(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    job = study.body('run.string("s", repr(run.parameter("sizes")))')
    given = (("sizes", (1, 2.5)), ("steps", 3))
    outcome = study.run(Job(job.report, job.script, 0, 30.0, given))
    assert outcome.results.strings["s"] == "(1, 2.5)"
    assert outcome.inputs["parameter:sizes"] == "[1, 2.5]"
    assert "parameter:steps" not in outcome.inputs
    job = study.body('run.parameter("size")')
    (problem,) = study.problems(Job(job.report, job.script, 0, 30.0, given))
    assert str(problem).startswith("reports/week-01/compute.py:2: run.parameter('size')")
    assert problem.hint == "there are: sizes, steps"


def test_a_memo_that_reads_a_parameter_runs_again_with_another(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    job = study.script(
        """
        def slow(run):
            return run.parameter("steps") * 2

        def compute(run):
            global current
            current = run
            run.value("x", run.memo(inner, 1))

        def inner(n):
            return current.parameter("steps") + n
        """
    )
    for steps in (3, 3, 9):
        outcome = study.run(Job(job.report, job.script, 0, 30.0, (("steps", steps),)))
        assert outcome.results.values["x"].value == steps + 1


@pytest.mark.parametrize(
    "line",
    [
        'os.environ.get("MYPARAM", "1")',
        'os.environ["MYPARAM"]',
        'os.getenv("MYPARAM")',
        '"MYPARAM" in os.environ',
        'os.environb.get(b"MYPARAM")',
    ],
)
def test_an_unset_variable_of_the_environment_is_told_with_the_way_here(
    tmp_path: Path, line: str
) -> None:
    study = ScriptStudy(tmp_path / "study")
    (problem,) = study.problems(study.body(line, before="import os\n"))
    assert "compute.py:3: reads the environment variable MYPARAM" in str(problem)
    assert 'run.parameter("myparam")' in problem.hint


def test_what_a_run_sets_itself_and_what_libraries_ask_is_answered(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    body = """
    os.environ["OWN"] = "1"
    assert os.environ["OWN"] == "1" and os.environ.setdefault("OTHER", "2") == "2"
    assert os.environ.pop("THIRD", None) is None
    assert os.environ["TZ"] == "UTC"
    assert dict(os.environ)["OWN"] == "1"
    import webbrowser, tempfile, json
    run.string("home", tempfile.gettempdir())
    """
    assert study.run(study.body(body, before="import os\n")).results.strings["home"]


# ---------------------------------------------------------------- accelerators


def test_a_gpu_is_hidden_unless_the_report_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert environment(tmp_path, tmp_path)["CUDA_VISIBLE_DEVICES"] == ""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert "CUDA_VISIBLE_DEVICES" not in environment(tmp_path, tmp_path, accelerator=True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert environment(tmp_path, tmp_path, accelerator=True)["CUDA_VISIBLE_DEVICES"] == "1"


def test_a_report_with_an_accelerator_computes_where_there_is_none(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    built(root, "2")
    toml = root / "study.toml"
    toml.write_text(toml.read_text() + "accelerator = true\n")
    study = load_study(root)
    two = staleness(Inputs.load(root, study), *study.reports()[1])
    assert two.compute == ("it may use an accelerator now",)
    built(root, "2")
    record = load_record(root, "week-02")
    assert record.inputs["accelerator"] == "allowed"
    assert " with " not in record.machine  # its script used none
    assert built(root, "2") == []
    toml.write_text(toml.read_text().replace("accelerator = true\n", ""))
    study = load_study(root)
    two = staleness(Inputs.load(root, study), *study.reports()[1])
    assert two.compute == ("it may use no accelerator any more",)


def test_the_small_print_names_the_gpu_that_was_used(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    study = load_study(root)
    report = study.reports()[0][1]
    inputs = Inputs.load(root, study)
    record = Record(machine="Linux x86-64 with NVIDIA L4")
    assert colophon_for(inputs, record, report, "en", [])["accelerator"] == "NVIDIA L4"
    assert "accelerator" not in colophon_for(inputs, Record(machine="x"), report, "en", [])


def test_the_command_says_where_the_trial_is(tmp_path: Path) -> None:
    root = study_at(tmp_path / "study")
    done = CliRunner().invoke(main, ["-C", str(root), "build", "1", "-q", "-P", "steps=6"])
    assert done.exit_code == 0, done.output
    assert "trials/steps=6/reports/week-01/week-01.pdf" in done.output.splitlines()
    assert not (root / "figures").exists()
    assert not (root / "README.md").exists()
