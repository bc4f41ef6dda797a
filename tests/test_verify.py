"""A PDF proves itself: set again from what it carries, its script run again, changes found."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.build.stages import build
from generator.cli import main
from generator.errors import StudyError
from generator.model import Phrase, Report, Study, Week
from generator.plan.said import said
from generator.proof.reading import carried, opened
from generator.proof.verify import verify
from generator.study.load import load_study
from generator.study.part import part_from_json, part_json, part_of
from tests.altered_pdfs import altered

ROOT = Path(__file__).parent.parent
PDFS = sorted((ROOT / "reports").glob("*/*.pdf"))
SAMPLE = (ROOT / "reports" / "week-07" / "week-07.pdf").read_bytes()
COPIES = dict(altered(SAMPLE, "reports/week-07/compute.py", "figures/week-07/results.json"))


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.name)
def test_a_committed_pdf_proves_itself(path: Path) -> None:
    verdict = verify(path.read_bytes(), path.name, script=False)
    assert verdict.wrong == ()
    assert verdict.proved == ("the same bytes",)


# What a reader is told, in part; each copy differs in more than this.
TOLD = {
    "a white box over a number": "page 1: something is drawn that its sources do not give",
    "a line drawn through": "page 1: something is drawn that its sources do not give",
    "two words swapped": "page 2: ",
    "a word taken out": "page 1: ",
    "a line in a figure": "the figure idea on its pages is not the one that was made",
    "two figures swapped": "the figure learning on its pages is not the one that was made",
    "a note on the page": "page 1: a letter, picture, note or link on it is another",
    "a link that leads elsewhere": "a letter, picture, note or link on it is another",
    "another title": "its Title is “Another title”",
    "another claim in the metadata": "its metadata (XMP)",
    "another language": "its language is fr, its sources give en",
    "other words for a figure": "a Figure says “Nothing to see” to those who listen",
    "another formula for the ear": "a Formula says “<math",
    "a page taken out": "pages, its sources give",
    "the script changed": "compute.py in it is not the one that was run",
    "a value in the results": "results.json in it is not the one that was computed",
    "a version in the pins": "weasyprint 170.0 is not installed, but",
    "another file carried": "carries reports/more.py, which is no source of it",
    "the text not carried": "does not carry reports/week-07/report.md",
    "saved again": "its metadata (XMP)",
    "bytes appended": "8 bytes are appended to it",
    "an update appended": "bytes are appended to it",
    "a bit of a page": "is no whole PDF",
    "the end cut off": "is no whole PDF",
    "the identifier": "in no page, word or file",
}


@pytest.mark.parametrize("name", COPIES)
def test_an_altered_copy_is_found(name: str) -> None:
    try:
        told = list(verify(COPIES[name], "it.pdf", script=False).wrong)
    except StudyError as error:
        told = [str(error)]
    assert any(TOLD[name] in sentence for sentence in told), told


def test_a_value_is_told_as_it_was_and_as_it_is() -> None:
    told = verify(COPIES["a value in the results"], "it.pdf", script=False).wrong
    assert any("says “1.99.”, its sources give “11.99.”" in sentence for sentence in told), told


@pytest.fixture
def built(study_copy: Callable[[str], Path]) -> Path:
    root = study_copy("tiny")
    build(root, load_study(root))
    return root


def test_the_script_is_run_again_without_the_study(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "alone.pdf"
    shutil.copy(next((built / "reports").glob("*/*.pdf")), path)
    shutil.rmtree(built)
    result = CliRunner().invoke(main, ["verify", str(path)])
    assert result.exit_code == 0, result.stderr
    assert result.stdout == (
        f"{path}: the same bytes; the script gives the same numbers and drawings\n"
    )


def test_results_that_the_script_does_not_give_are_found(built: Path) -> None:
    """The numbers are changed by hand, and record and page made to fit: only a run can tell."""
    import json

    from generator.digest import digest_source
    from generator.store.record import load_record, record_json

    path = next((built / "figures").glob("*/results.json"))
    data = json.loads(path.read_bytes())
    name = sorted(data["values"])[0]
    data["values"][name]["value"] = 12345
    path.write_text(json.dumps(data))
    record = load_record(built, path.parent.name)
    outputs = {**record.outputs, "results.json": digest_source(path.read_bytes())}
    path.with_name("record.json").write_bytes(record_json(replace(record, outputs=outputs)))
    build(built, load_study(built))
    pdf = next((built / "reports").glob("*/*.pdf"))
    assert verify(pdf.read_bytes(), pdf.name, script=False).wrong == ()
    told = verify(pdf.read_bytes(), pdf.name).wrong
    assert any(f"the script gives value {name}: 12345" in sentence for sentence in told), told


def test_without_sources_a_pdf_says_so(built: Path) -> None:
    toml = built / "study.toml"
    toml.write_text(toml.read_text("utf-8") + "\n[publishing]\nattach_sources = false\n", "utf-8")
    build(built, load_study(built), force=True)
    pdf = next((built / "reports").glob("*/*.pdf"))
    result = CliRunner().invoke(main, ["verify", str(pdf)])
    assert result.exit_code == 1
    assert "does not carry its sources" in result.stderr


def test_what_is_no_pdf_is_told(tmp_path: Path) -> None:
    path = tmp_path / "it.pdf"
    for content in (b"", b"words", b"%PDF-1.7\n%%EOF\n", b"\0" * 99):
        path.write_bytes(content)
        result = CliRunner().invoke(main, ["verify", str(path)])
        assert result.exit_code == 1
        assert "error: it.pdf: is no whole PDF" in result.stderr


@pytest.mark.parametrize("path", ["/etc/passwd", "../out.py", ".study/cache/memo/x", "a/../../b"])
def test_a_file_that_would_lie_elsewhere_is_not_written(path: str) -> None:
    import io
    from typing import Any

    import pikepdf

    with pikepdf.open(io.BytesIO(SAMPLE)) as pdf:
        spec: Any = pikepdf.AttachedFileSpec
        pdf.attachments[path] = spec(pdf, b"x", filename="x")
        out = io.BytesIO()
        pdf.save(out)
    with opened(out.getvalue(), "it.pdf") as pdf:
        found = carried(pdf)
    assert path not in found.files
    assert any(repr(path) in sentence for sentence in found.problems)


def test_the_part_of_a_study_reads_back_and_says_the_same() -> None:
    study = load_study(ROOT)
    for week, report in study.reports():
        for language in report.languages():
            part = part_from_json(part_json(part_of(study, week, report, language)))
            ((its_week, its_report),) = part.reports()
            assert said(part, its_week, its_report) == said(study, week, report)
            assert part_of(part, its_week, its_report, language) == part
            assert dict(its_report.texts) == {language: dict(report.texts)[language]}


def test_a_part_keeps_parameters_that_are_used_and_reports_that_are_named() -> None:
    text = Phrase((("*", "A"),))
    two, one = (
        Report(f"week-0{n}", text, text, texts=(("en", f"reports/week-0{n}/report.md"),))
        for n in (2, 1)
    )
    values = (("deep", 3), ("flag", True), ("list", (1, 2.5, "x")), ("warm", 0.5))
    one = replace(one, parameters=values)
    weeks = (Week(1, text, reports=(one,)), Week(2, text, reports=(two,)))
    whole = Study(text, text, ("en",), Phrase((("*", "Week"),)), weeks)
    used = {"flag", "list", "warm", "gone"}
    part = part_from_json(part_json(part_of(whole, weeks[0], one, "en", ["week-02"], used)))
    assert [report.id for _, report in part.reports()] == ["week-01", "week-02"]
    assert part.reports()[0][1].parameters == values[1:]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"title": 3}', b"\xff", b"[" * 9999])
def test_a_part_that_no_build_wrote_is_refused(content: bytes) -> None:
    with pytest.raises(StudyError, match=r"study\.json"):
        part_from_json(content)


def test_what_another_report_cites_is_not_carried() -> None:
    with opened(SAMPLE, "it.pdf") as pdf:
        files = carried(pdf).files
    assert files["reports/references.bib"].count(b"@") < 20
    assert b"vaswani2017" in files["reports/references.bib"]
    assert b"ablation" not in files["reports/glossary.toml"]
