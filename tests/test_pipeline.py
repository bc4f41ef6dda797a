"""What a build says and in which order it works; a failed script hides no other mistake."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.build.stages import build
from generator.build.state import Event
from generator.build.text_problems import unanswered
from generator.errors import StudyError, problems_in
from generator.model import Results
from generator.plan.explain import would_run
from generator.store.times import keep_times
from generator.study.load import load_study

SCRIPT = """import time
def compute(run):
    time.sleep({seconds})
    run.value("a", {week})
"""


@pytest.fixture
def root(study_copy: Callable[[str], Path]) -> Path:
    """Three weeks whose scripts sleep and whose texts quote one value."""
    root = study_copy("tiny")
    shutil.rmtree(root / "reports/week-01")
    toml = (root / "study.toml").read_text("utf-8").partition("[[week]]")[0]
    for week, seconds in ((1, 0.2), (2, 0.3), (3, 0.4)):
        toml += f'[[week]]\nnumber = {week}\ntitle = "W{week}"\n'
        folder = root / f"reports/week-0{week}"
        folder.mkdir()
        (folder / "report.md").write_text("It is {{ value.a }}.\n")
        (folder / "compute.py").write_text(SCRIPT.format(week=week, seconds=seconds))
    (root / "study.toml").write_text(toml, "utf-8")
    return root


def events(root: Path, workers: int) -> list[tuple[float, Event]]:
    """What a build said, and when."""
    found: list[tuple[float, Event]] = []
    lock = threading.Lock()

    def notice(event: Event) -> None:
        with lock:
            found.append((time.perf_counter(), event))

    build(root, load_study(root), workers=workers, notice=notice)
    return found


def key(event: Event) -> str:
    return f"{event.stage} {event.report} {event.language}".strip()


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_is_said_to_run_than_runs_and_waiting_is_not_working(
    root: Path, workers: int
) -> None:
    started: dict[str, float] = {}
    ended = 0
    for when, event in events(root, workers):
        if event.state == "started":
            started[key(event)] = when
            # What has just ended may be told after what takes its place.
            assert len(started) - ended <= workers + 1
        elif event.state != "waiting":
            ended += 1
            # A script's own seconds leave out the start of its process.
            assert 0 < event.seconds <= when - started[key(event)] + 0.01
    assert len(started) == ended == 6


def test_everything_is_said_to_wait_before_its_turn(root: Path) -> None:
    states: dict[str, list[str]] = {}
    for _, event in events(root, 2):
        states.setdefault(key(event), []).append(event.state)
    assert set(map(tuple, states.values())) == {("waiting", "started", "done")}


def test_without_times_the_order_is_the_schedules_with_them_the_longest_is_first(
    root: Path,
) -> None:
    def order() -> list[str]:
        return [
            line.split()[1]
            for line in would_run(root, load_study(root), (), force=True)
            if line.startswith("compute")
        ]

    assert order() == ["week-01", "week-02", "week-03"]
    pages = {f"typeset week-0{n} en": 0.1 for n in (1, 2, 3)}
    keep_times(root, pages | {"compute week-01": 0.2, "compute week-02": 0.3})
    assert order() == ["week-03", "week-02", "week-01"]  # what nobody has timed may be long
    keep_times(root, {"compute week-03": 0.25})
    assert order() == ["week-02", "week-03", "week-01"]
    expected = order()  # before the times of this run
    ran = [e.report for _, e in events(root, 1) if (e.stage, e.state) == ("compute", "started")]
    assert ran == expected


def test_a_failed_script_hides_no_mistake_of_its_text(root: Path) -> None:
    build(root, load_study(root), workers=1)
    (root / "reports/week-02/compute.py").write_text("def compute(run):\n    1 / 0\n")
    text = "It is {{ value.a }} and {{ value.new }} and 0.25, see @fig-none.\n"
    (root / "reports/week-02/report.md").write_text(text)
    with pytest.raises(ExceptionGroup) as caught:
        build(root, load_study(root), workers=1)
    found = [str(problem).partition(" in this")[0] for problem in problems_in(caught.value)]
    assert found == [
        "reports/week-02/compute.py:2: raised ZeroDivisionError: division by zero",
        "reports/week-02/report.md:1: the number 0.25 is typed",
        "reports/week-02/report.md:1: @fig-none refers to nothing",
    ]


def test_a_new_text_whose_script_fails_is_read_too(root: Path) -> None:
    (root / "reports/week-01/compute.py").write_text("def compute(run):\n    1 / 0\n")
    (root / "reports/week-01/report.md").write_text("It is {{ value.a }}.\n\n#### Deep\n")
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        build(root, load_study(root), ["week-01"], workers=1)
    assert [str(problem) for problem in problems_in(caught.value)] == [
        "reports/week-01/compute.py:2: raised ZeroDivisionError: division by zero",
        "reports/week-01/report.md:3: #### skips a level",
    ]


def test_what_hangs_on_missing_results_is_no_mistake_yet() -> None:
    text = """A {{ value.a }}.

![Two
lines.](figure:b){#fig-b}

{{ table.c }}

: Caption. {#tbl-c}

{% for row in table.c.rows %}
{{ row.x }}
{% endfor %}
"""
    asking, wrong = unanswered(text, Results())
    assert asking == {1: {"a"}, 3: {"b"}, 4: {"b"}, 6: {"c"}, 10: {"c"}}
    assert wrong == {1, 6, 8, 10, 11, 12}


def edited(root: Path, old: str, new: str) -> None:
    script = root / "reports/week-01/compute.py"
    text = script.read_text("utf-8")
    assert old in text
    script.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("figure.subplots()", "figure.subplots(); axes.set_title('again')"),  # another drawing
        ("run.new_figure(70)", "run.new_figure(50)"),  # of another size
        ("math.pi / 2", "math.pi / 3"),  # another number
    ],
    ids=["drawing", "size", "number"],
)
def test_a_page_laid_out_while_its_script_computes_is_the_page_of_its_results(
    study_copy: Callable[[str], Path], old: str, new: str
) -> None:
    root = study_copy("tiny")
    study = load_study(root)
    pdf = root / "reports/week-01/week-01.pdf"
    build(root, study, workers=2)
    before = pdf.read_bytes()
    edited(root, old, new)
    build(root, study, workers=2)
    after = pdf.read_bytes()
    assert after != before
    pdf.unlink()
    build(root, study, workers=1)  # nothing computes, so nothing was laid out before
    assert pdf.read_bytes() == after


def test_last_results_that_cannot_be_laid_out_do_not_matter(
    study_copy: Callable[[str], Path],
) -> None:
    root = study_copy("tiny")
    study = load_study(root)
    pdf = root / "reports/week-01/week-01.pdf"
    build(root, study, workers=2)
    whole = pdf.read_bytes()
    (root / "figures/week-01/period.svg").write_text("<svg")
    (root / "figures/week-01/results.json").write_text("{")
    build(root, study, workers=2)
    assert pdf.read_bytes() == whole


def test_a_fast_script_that_gives_the_same_again_leaves_no_traceback(tmp_path: Path) -> None:
    """What sets pages is still being imported when there is nothing left to set."""
    report = tmp_path / "reports" / "week-01"
    report.mkdir(parents=True)
    (tmp_path / "study.toml").write_text('title = "A"\n[[week]]\nnumber = 1\ntitle = "One"\n')
    (report / "compute.py").write_text("def compute(run):\n    run.value('x', 1)\n")
    (report / "report.md").write_text("X is {{ value.x }}.\n")
    command = [sys.executable, "-c", "from generator.cli import main; main()", "build", "-j", "2"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        with open(report / "compute.py", "a") as script:
            script.write("# another comment\n")
    assert "unchanged" in done.stderr
