"""`study build --book`: chapters, links between them, one list of references."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import page as validation
import pikepdf
import pytest
from click.testing import CliRunner

from generator.build.book import whole_languages
from generator.cli import main
from generator.study.load import load_study

SECOND = """
As the exact period of @week-01:eq-period says, a swing is slow [@kidd2002].

## Friction {#sec-exact}

@sec-exact is a name that no other chapter has to know.
"""


@pytest.fixture
def bound(study_copy: Callable[[str], Path]) -> tuple[Path, list[str]]:
    """The tiny study with a second report, and what `build --book` printed."""
    root = study_copy("tiny")
    (root / "reports" / "week-02").mkdir()
    (root / "reports" / "week-02" / "report.md").write_text(SECOND, "utf-8")
    result = CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["-C", str(root), "build", "--book"])
    assert result.exit_code == 0, result.stderr
    return root, result.stdout.splitlines()


def text_of(pdf: Path) -> str:
    import subprocess

    command = ["pdftotext", "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_book_holds_every_chapter_and_each_source_once(bound: tuple[Path, list[str]]) -> None:
    root, printed = bound
    assert "book.pdf" in printed
    text = text_of(root / "book.pdf")
    assert "How long does a swing take?" in text
    assert "What friction does" in text
    assert text.count("Kidd, R.") == 1
    assert "page 1 of" in text


def test_references_between_chapters_are_links(bound: tuple[Path, list[str]]) -> None:
    root, _ = bound
    with pikepdf.open(root / "book.pdf") as pdf:
        names = pdf.Root.Names.Dests.Names
        known = {str(names[i]) for i in range(0, len(names), 2)}
        wanted = {
            str(link.Dest)
            for each in pdf.pages
            for link in each.get("/Annots", [])
            if "/Dest" in link
        }
    assert "week-01--eq-period" in wanted
    assert "week-02--sec-exact" in wanted
    assert "ref-kidd2002" in wanted
    assert wanted <= known


def test_the_book_is_tagged_bookmarked_and_the_same_every_time(
    bound: tuple[Path, list[str]],
) -> None:
    root, _ = bound
    path = root / "book.pdf"
    report = validation.validate_pdf(str(path), profile=validation.ValidationProfile.PDF_UA_1)
    assert "0 failed" in str(report)
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root][1:] == [
            "How long does a swing take?",
            "What friction does",
            "References",
        ]
    first = path.read_bytes()
    result = CliRunner().invoke(main, ["-C", str(root), "build", "--book", "-q"])
    assert result.exit_code == 0
    assert path.read_bytes() == first


def test_a_language_has_a_book_when_all_reports_are_written_in_it() -> None:
    study = load_study(Path(__file__).parent.parent)
    assert whole_languages(study)[0] == "en"
    extras: list[tuple[tuple[str, str], ...]] = [(("ko", "x.md"),)] * len(study.weeks)
    extras[0] = ()
    weeks = tuple(
        replace(week, reports=tuple(replace(r, texts=(*r.texts[:1], *extra)) for r in week.reports))
        for week, extra in zip(study.weeks, extras, strict=True)
    )
    assert whole_languages(replace(study, weeks=weeks)) == ["en"]
    assert whole_languages(replace(study, weeks=weeks[1:])) == ["en", "ko"]
