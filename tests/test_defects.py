"""The eighteen defects that the group's README had: each is prevented by the generator or found.

The numbers are those of the list from which this project began.
"""

import importlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from generator.check.folder import check_folder
from generator.errors import StudyError, problems_in
from generator.model import Results
from generator.plan.staleness import pdf_path
from generator.publish.readme.change import readme_change
from generator.study.load import load_study
from generator.text.report import render_report
from tests.check_samples import KOREAN, REPORT, SCRIPT, built, fresh_study

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh study, not to be changed."""
    return fresh_study(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def study(sound: Path, tmp_path: Path) -> Path:
    """A copy of the fresh study."""
    return Path(shutil.copytree(sound, tmp_path / "study", symlinks=True))


def changed(root: Path, old: str, new: str) -> str:
    """The README after replacing `old` in study.toml."""
    toml = root / "study.toml"
    text = toml.read_text("utf-8")
    assert old in text, old
    toml.write_text(text.replace(old, new), "utf-8")
    readme_change(root, load_study(root)).write(root)
    return (root / "README.md").read_text("utf-8")


def found(root: Path, rule: str) -> list[str]:
    """What check finds by `rule`."""
    return [finding.message for finding in check_folder(root) if finding.rule == rule]


def python_markdown(text: str) -> str:
    module = importlib.import_module("markdown")
    return str(module.markdown(text, extensions=["tables"]))


def commonmark(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


@pytest.mark.parametrize("reader", [python_markdown, commonmark])
def test_1_and_2_no_heading_is_swallowed_by_the_table_or_list_above(
    study: Path, reader: Callable[[str], str]
) -> None:
    text = (study / "README.md").read_text("utf-8")
    text = re.sub(r"-->\n\n## ", "-->\n## ", text)  # as the group had it: no blank line
    shown = reader(text)
    for heading in ("Schedule", "Resources", "Progress", "Meeting"):
        assert f"<h2>{heading}</h2>" in shown


def test_3_no_line_ends_in_spaces(study: Path) -> None:
    text = changed(study, '"What friction does"', '"What friction does  "')
    text = changed(study, '"Periods"', '"  Periods "')
    assert not re.search(r"[ \t]+$", text, re.MULTILINE)


@pytest.mark.parametrize("slip", ["similarty", "enconding"])
def test_4_and_5_misspellings_are_found_in_readme_study_and_report(study: Path, slip: str) -> None:
    changed(study, "What friction does", f"What {slip} does")
    for path in ("README.md", REPORT):
        file = study / path
        file.write_text(file.read_text("utf-8") + f"\nAbout {slip}.\n", "utf-8")
    places = {str(f.where.path) for f in check_folder(study) if f.rule == "wording"}
    assert places == {"study.toml", "README.md", REPORT}


def test_6_terms_that_the_study_does_not_use_are_found(study: Path) -> None:
    changed(study, "[meeting]", '[check.wording]\n"pendulum library" = "pendulum"\n\n[meeting]')
    readme = study / "README.md"
    readme.write_text(readme.read_text("utf-8") + "\nThe Pendulum Library.\n", "utf-8")
    assert "found 'Pendulum Library'" in found(study, "wording")


def test_7_and_8_code_is_announced_and_linked_wherever_there_is_a_script(study: Path) -> None:
    text = (study / "README.md").read_text("utf-8")
    assert f"- Week 1 ([code available]({SCRIPT})):" in text
    assert f"([Code]({SCRIPT}))" in text
    (study / SCRIPT).unlink()
    readme_change(study, load_study(study)).write(study)
    text = (study / "README.md").read_text("utf-8")
    assert "- Week 1: Computed" in text
    assert SCRIPT not in text


def test_9_brackets_are_encoded_and_names_with_spaces_at_their_ends_are_found(study: Path) -> None:
    name = '[publishing]\npdf_name = "보고서 ({week}주차 - {title}).pdf"\n\n[meeting]'
    text = changed(study, "[meeting]", name)
    for target in re.findall(r"\]\(([^)]*)\)", text):
        assert not re.search(r"[() \[\]]", target)
    assert "%20%281%EC%A3%BC%EC%B0%A8%20-%20" in text
    (study / "reports" / "보고서 (7주차 - x) .pdf").write_bytes(b"%PDF-")
    assert "its name begins or ends with a space" in found(study, "names")


def test_10_links_survive_a_fork_a_rename_and_a_train_without_network(study: Path) -> None:
    text = (study / "README.md").read_text("utf-8")
    targets = re.findall(r"\]\(([^)]*)\)", text)
    assert targets
    assert all((study / target).is_file() for target in targets)


def test_11_every_link_to_a_report_follows_from_one_datum(study: Path) -> None:
    name = '[publishing]\npdf_name = "{id}-handout.pdf"\n\n[meeting]'
    text = changed(study, "[meeting]", name)
    assert text.count("(reports/week-01/week-01-handout.pdf)") == 2
    assert "week-01.pdf" not in text


def test_12_a_week_has_any_number_of_reports_and_one_line_of_progress() -> None:
    study = load_study(ROOT)
    assert [len(week.reports) for week in study.weeks if week.number in (8, 9)] == [1, 2]
    assert all(week.progress for week in study.weeks)


def test_13_full_stops_and_capitals_are_the_same_everywhere(study: Path) -> None:
    text = changed(study, '"Computed the exact', '"computed the exact')
    assert ": Computed the exact period and compared it with the small-angle formula. (T" in text
    text = changed(study, 'small-angle formula"\ntopic', 'small-angle formula."\ntopic')
    assert "formula. (Topic" in text
    assert "formula.. " not in text
    assert "| Follow a damped swing until it stops |" in changed(study, "it stops", "it stops.")


def test_14_dates_authors_status_licence_and_language_are_fields(study: Path) -> None:
    changed(study, "seed = 3", 'seed = 3\nlicence = "CC-BY-4.0"\nauthors = ["A. N. Author"]')
    columns = '[readme.columns]\nschedule = ["week", "date", "author", "status"]\n\n[meeting]'
    text = changed(study, "[meeting]", columns)
    assert "| Week 1 | 2025-03-21 | A. N. Author | done |" in text
    loaded = load_study(study)
    assert (loaded.licence, loaded.languages) == ("CC-BY-4.0", ("en", "ko"))


def test_15_a_week_has_one_name(study: Path) -> None:
    text = changed(study, "How long does a swing take?", "The period of a swing")
    assert "| Week 1 |" in text
    assert "| The period of a swing |" in text
    stale = [finding for finding in check_folder(study) if finding.rule == "stale"]
    assert {finding.where.path for finding in stale} == {REPORT, KOREAN}
    report = study / REPORT
    report.write_text("# Another name\n\n" + report.read_text("utf-8"), "utf-8")
    loaded = load_study(study)
    week, wanted = loaded.reports()[0]
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        render_report(study, loaded, week, wanted, "en", Results())
    messages = [problem.message for problem in problems_in(caught.value)]
    assert "a heading of level 1: the report's title comes from study.toml" in messages


def test_16_no_file_is_named_after_a_person(study: Path) -> None:
    changed(study, "seed = 3", 'seed = 3\nauthors = ["A. N. Author"]')
    loaded = load_study(study)
    week, report = loaded.reports()[0]
    assert report.authors == ("A. N. Author",)
    assert pdf_path(loaded, week, report, "en") == "reports/week-01/week-01.pdf"
    assert pdf_path(loaded, week, report, "ko") == "reports/week-01/week-01.ko.pdf"


def test_17_a_pdf_whose_title_is_no_longer_the_weeks_is_stale(study: Path) -> None:
    changed(study, 'ko = "흔들림은 얼마나 걸릴까?"', 'ko = "흔들림의 주기"')
    assert all("what study.toml says about it changed" in text for text in found(study, "stale"))
    built(study)
    assert found(study, "stale") == []


def test_18_what_was_promised_has_a_row_and_a_status() -> None:
    study = load_study(ROOT)
    project = study.weeks[-1]
    assert (project.number, project.reports[0].id) == (None, "project")
    assert project.status in ("planned", "done")


def test_18_what_is_said_to_be_done_must_be_there(study: Path) -> None:
    changed(study, 'title = "What friction does"', 'title = "What friction does"\nstatus = "done"')
    assert "is done, but reports/week-02/report.md is not there" in found(study, "schedule")
