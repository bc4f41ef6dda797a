"""Change exactly one thing, see exactly what is made again. Each build is a whole build."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from generator.build.stages import build, refresh_readme
from generator.build.state import Event
from generator.digest import canonical_json, digest_file
from generator.errors import StudyError, problems_in
from generator.machine.processor import machine
from generator.plan.explain import reasons, would_run
from generator.plan.staleness import change_sentence
from generator.store.record import load_record, record_json
from generator.study.load import load_study

STUDIES = Path(__file__).parent / "studies"
REPORT = Path("reports/week-01")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study, built once and committed; tests work on copies."""
    root = tmp_path_factory.mktemp("built") / "tiny"
    shutil.copytree(STUDIES / "tiny", root)
    made(root)
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    target = tmp_path / "study"
    shutil.copytree(built, target)
    return target


def made(root: Path, *, force: bool = False) -> list[str]:
    """What a build ran: "compute week-01" or "typeset week-01 en", in order."""
    ran: list[str] = []

    def notice(event: Event) -> None:
        if event.state in ("done", "same"):
            ran.append(f"{event.stage} {event.report} {event.language}".strip())

    build(root, load_study(root), workers=1, notice=notice, force=force)
    return ran


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def why(root: Path) -> str:
    return "\n".join(reasons(root, load_study(root), ()))


def test_nothing_changed_makes_nothing(root: Path) -> None:
    assert made(root) == []
    assert "up to date" in why(root)
    assert "inputs unchanged" in why(root)


def test_touching_every_file_makes_nothing(root: Path) -> None:
    for path in root.rglob("*"):
        os.utime(path)
    assert made(root) == []


def test_a_fresh_clone_makes_nothing_with_either_line_end(root: Path, tmp_path: Path) -> None:
    shutil.copyfile(STUDIES.parent.parent / ".gitattributes", root / ".gitattributes")
    (root / ".gitignore").write_text(".study/\n")
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "study"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    for number, ends in enumerate(("lf", "crlf")):
        clone = tmp_path / f"clone{number}"
        config = ["-c", "core.autocrlf=false", "-c", f"core.eol={ends}"]
        subprocess.run(["git", *config, "clone", "-q", str(root), str(clone)], check=True)
        assert made(clone) == []
    for path in [*clone.rglob("*.md"), *clone.rglob("*.py"), *clone.rglob("*.json")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert made(clone) == []


def test_a_caption_sets_the_page_and_computes_nothing(root: Path) -> None:
    edit(root, "reports/week-01/report.md", "The period grows", "The true period grows")
    assert "reports/week-01/report.md changed" in why(root)
    assert made(root) == ["typeset week-01 en"]
    assert made(root) == []


def test_the_digits_of_a_value_set_the_page_and_compute_nothing(root: Path) -> None:
    edit(
        root,
        "reports/week-01/report.md",
        "{{ value.period_90 }}",
        "{{ value.period_90 | digits(2) }}",
    )
    assert made(root) == ["typeset week-01 en"]


def test_a_style_sheet_of_the_study_sets_the_page(root: Path) -> None:
    (root / "templates").mkdir(exist_ok=True)
    shipped = STUDIES.parent.parent / "templates" / "report.css"
    (root / "templates" / "report.css").write_bytes(shipped.read_bytes() + b"\np { orphans: 3 }\n")
    assert "templates/report.css changed" in why(root)
    assert made(root) == ["typeset week-01 en"]


def test_what_a_style_sheet_brings_along_sets_the_page(root: Path) -> None:
    (root / "templates").mkdir(exist_ok=True)
    shipped = STUDIES.parent.parent / "templates" / "report.css"
    rule = b'\n@page :first { @top-right { content: url("template:logo.svg") } }\n'
    (root / "templates" / "report.css").write_bytes(shipped.read_bytes() + rule)
    logo = root / "templates" / "logo.svg"
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9mm" height="3mm">{}</svg>'
    logo.write_text(drawing.format('<circle cx="4" cy="4" r="3"/>'))
    assert made(root) == ["typeset week-01 en"]
    assert made(root) == []
    logo.write_text(drawing.format('<circle cx="4" cy="4" r="2"/>'))
    assert "templates/logo.svg changed" in why(root)
    assert made(root) == ["typeset week-01 en"]
    logo.unlink()
    assert "templates/logo.svg is gone" in why(root)


def without_sources(root: Path) -> None:
    """Let PDFs of the study at `root` carry no script: then a page is set by what it shows."""
    path = root / "study.toml"
    path.write_text(path.read_text("utf-8") + "\n[publishing]\nattach_sources = false\n", "utf-8")
    assert made(root) == ["typeset week-01 en"]


def test_a_comment_in_a_script_sets_the_page_that_carries_it(root: Path) -> None:
    edit(root, "reports/week-01/compute.py", "import math\n", "import math  # a comment\n")
    assert made(root) == ["compute week-01", "typeset week-01 en"]


def test_a_comment_in_a_script_runs_it_but_sets_no_page(root: Path) -> None:
    without_sources(root)
    edit(root, "reports/week-01/compute.py", "import math\n", "import math  # a comment\n")
    assert "reports/week-01/compute.py changed" in why(root)
    assert made(root) == ["compute week-01"]
    assert made(root) == []


def test_another_number_runs_the_script_and_sets_the_page(root: Path) -> None:
    edit(root, "reports/week-01/compute.py", "period(math.pi / 2)", "period(math.pi / 3)")
    assert made(root) == ["compute week-01", "typeset week-01 en"]


def test_a_cited_entry_counts_and_another_does_not(root: Path) -> None:
    bib = root / "reports" / "references.bib"
    before = bib.read_text("utf-8")
    bib.write_text(before + "\n@book{new,\n  title = {Never cited},\n  year = {2001}\n}\n", "utf-8")
    assert made(root) == []
    bib.write_text(before.replace("year", "note = {Reprinted},\n  year", 1), "utf-8")
    assert "entry kidd2002 of reports/references.bib changed" in why(root)
    assert made(root) == ["typeset week-01 en"]


def test_a_helper_module_counts_when_the_script_reads_it(root: Path) -> None:
    common = root / "reports" / "common"
    common.mkdir()
    (common / "__init__.py").write_text("")
    (common / "agm.py").write_text("STEP = 2\n")
    edit(
        root,
        "reports/week-01/compute.py",
        "import math\n",
        "import math\n\nfrom common.agm import STEP\n",
    )
    edit(root, "reports/week-01/compute.py", "(a + b) / 2", "(a + b) / STEP")
    assert made(root)[0] == "compute week-01"
    (common / "agm.py").write_text("STEP = 1 + 1\n")
    (common / "unread.py").write_text("NOTHING = 0\n")
    assert "reports/common/agm.py changed" in why(root)
    assert "unread" not in why(root)
    assert made(root) == ["compute week-01", "typeset week-01 en"]  # it carries the module


def test_a_data_file_counts_when_the_script_opens_it(root: Path) -> None:
    data = root / "reports" / "week-01" / "data"
    data.mkdir()
    (data / "angle.txt").write_text("90")
    edit(
        root,
        "reports/week-01/compute.py",
        "math.pi / 2)",
        'math.radians(float(run.file("data/angle.txt").read_text())))',
    )
    made(root)
    (data / "angle.txt").write_text("80")
    (data / "other.txt").write_text("never opened")
    assert "reports/week-01/data/angle.txt changed" in why(root)
    assert made(root) == ["compute week-01", "typeset week-01 en"]


def test_the_seed_counts(root: Path) -> None:
    study = root / "study.toml"
    study.write_text(study.read_text("utf-8").replace("seed = 3", "seed = 5"), "utf-8")
    assert "the seed changed: 3 → 5" in why(root)
    assert made(root)[0] == "compute week-01"


def test_a_locked_version_counts(root: Path) -> None:
    record = load_record(root, "week-01")
    inputs = dict(record.inputs) | {"version:numpy": "0.1"}
    path = root / "figures" / "week-01" / "record.json"
    path.write_bytes(record_json(replace(record, inputs=inputs)))
    assert "numpy 0.1" in why(root)
    assert " → " in why(root)
    assert made(root)[0] == "compute week-01"


def test_a_lock_that_is_no_text_names_nothing(root: Path) -> None:
    (root / "locks").mkdir()
    (root / "locks" / "ours.txt").write_bytes(b"\xff\xfe\x00numpy")
    assert "up to date" in why(root)


def test_a_lock_of_one_package_says_nothing_about_the_others(root: Path) -> None:
    (root / "locks").mkdir()
    (root / "locks" / "ours.txt").write_text("pandas==2.2.3\n")
    assert "up to date" in why(root)


@pytest.mark.parametrize("name", ["period.svg", "results.json"])
def test_a_lost_or_edited_output_is_computed_again(root: Path, name: str) -> None:
    path = root / "figures" / "week-01" / name
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    assert f"figures/week-01/{name} is not the file that was computed" in why(root)
    assert made(root)[0] == "compute week-01"
    assert path.read_bytes() == content
    path.unlink()
    assert made(root)[0] == "compute week-01"
    assert path.read_bytes() == content
    assert made(root) == []


def test_a_dry_run_lists_what_a_build_runs_when_an_output_is_lost(root: Path) -> None:
    (root / "figures/week-01/period.svg").unlink()
    plan = [line.split("  ")[0] for line in would_run(root, load_study(root), (), force=False)]
    assert plan == ["compute week-01", "typeset week-01 en, if the results change"]
    assert "PDF" not in why(root)
    assert made(root) == ["compute week-01"]


def test_a_script_that_is_gone_takes_its_results_with_it(root: Path) -> None:
    (root / REPORT / "compute.py").unlink()
    assert "reports/week-01/compute.py is gone, and its results with it" in why(root)
    before = (root / "figures/week-01/results.json").read_bytes()
    with pytest.raises(ExceptionGroup) as caught:
        made(root)
    assert "value.period_90 is not defined" in str(next(problems_in(caught.value)))
    assert (root / "figures/week-01/results.json").read_bytes() == before
    (root / REPORT / "report.md").write_text("Nothing is computed here.\n")
    assert made(root) == ["typeset week-01 en"]
    assert [path.name for path in (root / "figures/week-01").iterdir()] == ["record.json"]
    assert made(root) == []


def test_a_script_that_asks_the_time_is_pointed_out_when_it_runs_again(root: Path) -> None:
    edit(root, "reports/week-01/compute.py", "import math\n", "import math\nimport time\n")
    edit(
        root,
        "reports/week-01/compute.py",
        "    angles =",
        '    run.value("now", time.time_ns())\n    angles =',
    )
    remarks: list[str] = []
    for _ in range(2):
        assert remarks == []
        build(root, load_study(root), workers=1, force=True, remark=remarks.append)
    (remark,) = remarks
    why, what = remark.split("\n  ")
    assert why == (
        "warning: week-01: the script gave other results than last time, and nothing that it "
        "reads has changed: does it ask the time, the machine, or chance?"
    )
    assert what.startswith("value now: ")


def made_elsewhere(root: Path, change: float) -> dict[str, bytes]:
    """Let the committed results be those of another kind of machine, `change` (relative) off.

    Returns all that is committed of the report.
    """
    path = root / "figures/week-01/results.json"
    data = json.loads(path.read_bytes())
    data["values"]["period_90"]["value"] *= 1 + change
    path.write_bytes(canonical_json(data))
    record = load_record(root, "week-01")
    outputs = {**record.outputs, "results.json": digest_file(path)}
    here = replace(record, outputs=outputs, machine="Darwin arm64")
    (root / "figures/week-01/record.json").write_bytes(record_json(here))
    made(root)  # the page with these results
    files = [*(root / "figures/week-01").iterdir(), root / REPORT / "week-01.pdf"]
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.parametrize("comment", ["", "# Nothing but a remark.\n"])
def test_what_agrees_with_results_made_elsewhere_stays(root: Path, comment: str) -> None:
    before = made_elsewhere(root, 1e-9)
    edit(root, "reports/week-01/compute.py", "import math\n", f"{comment}import math\n")
    remarks: list[str] = []
    build(root, load_study(root), workers=1, force=not comment, remark=remarks.append)
    assert remarks == []
    files = [*(root / "figures/week-01").iterdir(), root / REPORT / "week-01.pdf"]
    changed = {path.name for path in files if path.read_bytes() != before[path.name]}
    # The page carries its script, and with it the remark.
    assert changed == ({"record.json", "week-01.pdf"} if comment else set())
    assert load_record(root, "week-01").machine == "Darwin arm64"


def test_what_does_not_agree_with_results_made_elsewhere_is_named(root: Path) -> None:
    made_elsewhere(root, 1e-3)
    remarks: list[str] = []
    build(root, load_study(root), workers=1, force=True, remark=remarks.append)
    assert remarks == [
        "warning: week-01: the committed results, made on Darwin arm64, do not agree with those "
        "made here, and nothing that it reads has changed\n"
        "  value period_90: 1.1815 → 1.1803 (by 0.1 %)"
    ]
    assert load_record(root, "week-01").machine == machine()


def test_on_the_same_kind_of_machine_the_smallest_change_of_a_script_counts(root: Path) -> None:
    results = root / "figures/week-01/results.json"
    before = results.read_bytes()
    edit(root, "reports/week-01/compute.py", "period(math.pi / 2)", "period(math.pi / 2 + 1e-9)")
    assert "compute week-01" in made(root)
    assert results.read_bytes() != before


def test_a_lost_or_edited_pdf_is_set_again_to_the_same_bytes(root: Path) -> None:
    path = root / "reports" / "week-01" / "week-01.pdf"
    content = path.read_bytes()
    path.unlink()
    assert made(root) == ["typeset week-01 en"]
    assert path.read_bytes() == content
    path.write_bytes(content[: len(content) // 2])
    assert made(root) == ["typeset week-01 en"]
    assert path.read_bytes() == content


OUTSIDE = '{"inputs": {}, "outputs": {"../../study.toml": "x"}, "pdfs": {}}'
NUMBERS = '{"inputs": {"seed": 3}, "outputs": {}, "pdfs": {}}'


@pytest.mark.parametrize("damage", ["", "{", "<<<<<<< ours\n", "null", OUTSIDE, NUMBERS])
def test_a_damaged_record_is_made_again(root: Path, damage: str) -> None:
    path = root / "figures" / "week-01" / "record.json"
    whole = path.read_bytes()
    path.write_text(damage)
    assert made(root) == ["compute week-01", "typeset week-01 en"]
    assert path.read_bytes() == whole
    assert made(root) == []


@pytest.mark.parametrize("content", ["[1]", "null", '{"study.toml": 3}', "{"])
def test_digests_that_cannot_be_read_are_taken_again(root: Path, content: str) -> None:
    (root / ".study/digests.json").write_text(content)
    assert made(root) == []


@pytest.mark.parametrize("place", [".study", ".study/cache", ".study/logs"])
def test_a_file_in_the_place_of_the_cache_hurts_nobody_with_nothing_to_do(
    root: Path, place: str
) -> None:
    shutil.rmtree(root / place)
    (root / place).write_text("")
    assert made(root) == []
    refresh_readme(root, load_study(root))


def test_a_folder_in_the_place_of_an_output_is_told(root: Path) -> None:
    path = root / "figures/week-01/results.json"
    path.unlink()
    path.mkdir()
    with pytest.raises(StudyError, match="cannot be written: Is a directory") as caught:
        made(root)
    assert caught.value.hint.startswith("found a folder in place of a file")


def test_the_title_in_study_toml_sets_the_page(root: Path) -> None:
    study = root / "study.toml"
    text = study.read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("objective"))
    study.write_text(text.replace(line, 'objective = "Something else entirely."'), "utf-8")
    assert "what study.toml says about it changed" in why(root)
    assert made(root) == ["typeset week-01 en"]


def test_a_change_that_is_of_another_week_names_it() -> None:
    said = change_sentence("study.toml#week-02", "a", "b", "week-01")
    assert said == "what study.toml says about week-02 changed"


def test_another_version_of_the_compiler_is_called_that() -> None:
    assert change_sentence("renderer", "2", "1", "week-01") == (
        "made by another version of study (page format 2; this one makes 1)"
    )


def test_force_makes_everything_and_the_bytes_stay(root: Path) -> None:
    before = {p: p.read_bytes() for p in root.rglob("*") if p.suffix in (".pdf", ".svg", ".json")}
    assert made(root, force=True) == ["compute week-01", "typeset week-01 en"]
    kept = {p: p.read_bytes() for p in before if ".study" not in p.parts}
    assert kept == {p: content for p, content in before.items() if ".study" not in p.parts}


def test_a_broken_script_leaves_the_last_good_outputs(root: Path) -> None:
    def products() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in root.rglob("*") if p.suffix in (".pdf", ".svg", ".json")
                and ".study" not in p.parts}  # fmt: skip

    before = products()
    edit(root, "reports/week-01/compute.py", "math.pi / 2", "math.pi / 0")
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        made(root)
    (problem,) = problems_in(caught.value)
    assert problem.where is not None
    assert problem.where.path == "reports/week-01/compute.py"
    assert products() == before
