"""`study build --no-scripts`: pages from committed results alone, and a clear word where not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.plan.labels import installed_version
from generator.store.record import load_record, record_json

REPORT = "reports/week-01/report.md"
SCRIPT = "reports/week-01/compute.py"
RECORD = "figures/week-01/record.json"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one week, built."""
    root = tmp_path_factory.mktemp("built") / "study"
    for arguments in (["new", str(root)], ["-C", str(root), "build", "-q"]):
        assert CliRunner().invoke(main, arguments).exit_code == 0
    return root


@pytest.fixture
def cloned(built: Path, tmp_path: Path) -> Iterator[Path]:
    """What another person has of it: no caches. Its script must not run again."""
    root = tmp_path / "study"
    shutil.copytree(built, root, ignore=shutil.ignore_patterns(".study"))
    yield root
    assert not (root / ".study/logs").exists()


def build(root: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(root), "build", "--no-scripts", *options])


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text("utf-8")), "utf-8")


def contents(root: Path) -> dict[str, bytes]:
    """What a person would commit."""
    files = (p for p in root.rglob("*") if p.is_file() and ".study" not in p.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}


def test_an_edited_text_is_set_from_the_committed_results(cloned: Path) -> None:
    pdf = next((cloned / "reports/week-01").glob("*.pdf"))
    before, old = contents(cloned), pdf.read_bytes()
    edit(cloned / REPORT, lambda text: text + "\nOne more sentence.\n")
    done = build(cloned)
    assert done.exit_code == 0, done.stderr
    assert "week-01: set from the committed figures/week-01: results.json" in done.stderr
    assert "compute.py is not run" in done.stderr
    assert pdf.read_bytes() != old
    after = contents(cloned)
    changed = {path for path in before if after[path] != before[path]}
    assert changed == {REPORT, RECORD, pdf.relative_to(cloned).as_posix()}
    assert "up to date" in build(cloned).stderr


def test_force_sets_every_page_again_and_runs_nothing(cloned: Path) -> None:
    before = contents(cloned)
    done = build(cloned, "--force")
    assert done.exit_code == 0, done.stderr
    assert "setting week-01 (en): unchanged" in done.stderr
    assert contents(cloned) == before


def test_versions_that_only_happen_to_be_installed_do_not_matter(cloned: Path) -> None:
    assert installed_version("numpy") != "0.1"

    record = load_record(cloned, "week-01")
    inputs = dict(record.inputs) | {"version:numpy": "0.1"}
    (cloned / RECORD).write_bytes(record_json(replace(record, inputs=inputs)))
    assert build(cloned).exit_code == 0  # set again: the page carries the record's versions
    assert "up to date" in build(cloned).stderr
    (cloned / "locks").mkdir()
    (cloned / "locks/all.txt").write_text("numpy==0.2\n")
    done = build(cloned)
    assert done.exit_code == 1
    assert f"{SCRIPT}: the committed results are out of date (numpy 0.1 → 0.2)" in done.stderr


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda root: shutil.rmtree(root / "figures"), f"{SCRIPT}: has no committed results in"),
        (
            lambda root: edit(root / SCRIPT, lambda text: text + "\nprint('more')\n"),
            f"{SCRIPT}: the committed results are out of date ({SCRIPT} changed)",
        ),
        (
            lambda root: edit(root / "figures/week-01/results.json", lambda text: text + " "),
            f"{SCRIPT}: the committed results are out of date (figures/week-01/results.json is not",
        ),
        (
            lambda root: next((root / "figures/week-01").glob("*.svg")).unlink(),
            ".svg is missing)",
        ),
        (lambda root: edit(root / RECORD, lambda text: text[:-9]), f"{RECORD}: is damaged"),
        (
            lambda root: edit(root / RECORD, lambda text: text.replace('"seed": "', '"seed": "1')),
            f"{RECORD}: is damaged",
        ),
    ],
    ids=["none", "script edited", "results edited", "a drawing missing", "cut", "record edited"],
)
def test_what_would_need_its_script_is_an_error_and_stays_as_it_is(
    cloned: Path, damage: Callable[[Path], object], found: str
) -> None:
    damage(cloned)
    edit(cloned / REPORT, lambda text: text + "\nOne more sentence.\n")
    before = contents(cloned)
    done = build(cloned)
    assert done.exit_code == 1
    assert found in done.stderr
    assert "--no-scripts runs no script" in done.stderr
    assert contents(cloned) == before
    dry = build(cloned, "--dry-run")
    assert dry.exit_code == 0
    assert f"cannot set week-01: {found}" in dry.stdout or found in dry.stdout


def test_a_cluster_has_nothing_to_do_without_scripts(cloned: Path) -> None:
    done = build(cloned, "--executor", "dask:tcp://host:8786")
    assert done.exit_code == 2
