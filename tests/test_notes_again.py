"""Notes of several paragraphs and notes called again; total rows; what the small print names."""

import subprocess
from pathlib import Path

import pytest

from generator.build import stages
from generator.build.pages import colophon_for, shown_versions
from generator.model import Record
from generator.plan.labels import Inputs
from generator.study.load import load_study
from tests.pdf_checks import everything_wrong
from tests.text_study import complaints, rendered


def words(root: Path, text: str, language: str = "en", script: str = "") -> str:
    """The words of the PDF of a report with that text."""
    folder = root / "reports" / "week-01"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "study.toml").write_text(
        f'title = "S"\nlanguages = ["{language}"]\n[[week]]\nnumber = 1\ntitle = "One"\n'
    )
    (folder / "report.md").write_text(text)
    if script:
        (folder / "compute.py").write_text(script)
    stages.build(root, load_study(root), workers=1)
    pdf = folder / "week-01.pdf"
    assert everything_wrong(pdf.read_bytes()) == []
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True)
    return done.stdout


TEXT = """Zero[^z], first[^a] and again[^a], then[^b] and a[^a].

| x | y |
|---|--:|
| k[^d] | 1 |
| l[^d] | 2 |
: A table. {#tbl-x}

See @tbl-x.

[^z]: Nothing more.

[^a]: The first paragraph.

    The second one, with *words* and $x^2$.

[^b]: Short.

[^d]: In the table.
"""


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_note_is_called_again_by_its_number_and_has_paragraphs(
    tmp_path: Path, language: str
) -> None:
    text = TEXT.replace("See @tbl-x.", "@tbl-x을 보라.") if language == "ko" else TEXT
    page = words(tmp_path, text, language)
    flat = " ".join(page.split())
    assert "Zero1, first2 and again2, then3 and a2." in flat
    table = page.partition("A table.")[2].partition("text" if language == "en" else "본문")[0]
    assert table.count("4") == 2  # raised figures may come out on a line of their own
    assert "2 The first paragraph." in flat
    assert flat.count("The second one, with words and") == 1
    assert flat.index("The second one") < flat.index("3 Short.")


@pytest.mark.parametrize(
    "content", ["- a list", "> words", "```text\n    code\n    ```", "| a |\n    |---|\n    | b |"]
)
def test_a_note_holds_paragraphs_alone(tmp_path: Path, content: str) -> None:
    found = complaints(tmp_path, f"Words[^a].\n\n[^a]: First.\n\n    {content}\n")
    assert any("the note [^a] is more than paragraphs" in problem for problem in found), found


def test_a_note_that_is_called_once_has_no_anchor_for_more(tmp_path: Path) -> None:
    body = rendered(tmp_path, "One[^a], two[^b], three[^b].\n\n[^a]: A.\n\n[^b]: B.\n").body
    assert 'id="fn-a--called"' not in body
    assert body.count('id="fn-b--called"') == 1
    assert body.count('class="note-again" href="#fn-b"') == 1


def test_a_total_row_is_set_apart(tmp_path: Path) -> None:
    script = (
        "def compute(run):\n"
        '    run.table("t", ["what", "n"], [["a", 1], ["b", 2], ["all", 3]], total=True)\n'
    )
    words(tmp_path, "See @tbl-t.\n\n{{ table.t }}\n: T. {#tbl-t}\n", script=script)
    fonts = subprocess.run(
        ["pdffonts", str(tmp_path / "reports/week-01/week-01.pdf")], capture_output=True, text=True
    ).stdout
    assert "Bold" in fonts or "bold" in fonts
    results = (tmp_path / "figures/week-01/results.json").read_text()
    assert '"total": true' in results


def test_the_small_print_names_what_the_script_imported(tmp_path: Path) -> None:
    labels = [
        "version:matplotlib", "version:kiwisolver", "version:pandas", "version:torch",
        "version:fontpkg-source-sans-3", "version:pillow", "seed", "reports/week-01/x.csv",
    ]  # fmt: skip
    shown = ["version:torch", "version:matplotlib", "version:pandas"]
    assert shown_versions(labels) == shown
    words(tmp_path, "Words.\n")
    study = load_study(tmp_path)
    report = study.reports()[0][1]
    record = Record(inputs=dict.fromkeys(labels, "9.9"))
    facts = colophon_for(Inputs.load(tmp_path, study), record, report, "en", shown)
    assert facts["versions"] == "torch 9.9, matplotlib 9.9, pandas 9.9"


def test_the_small_print_never_stands_alone(tmp_path: Path) -> None:
    sentence = "Paragraph {} says a thing or two, and then goes on for so long that it takes two "
    sentence += "lines on the page, or nearly."
    alone = []
    for count in range(34, 37):
        text = "\n\n".join(sentence.format(number) for number in range(count))
        pages = words(tmp_path, f"{text}\n").rstrip("\f\n ").split("\f")
        alone.append("Paragraph" not in pages[-1])
    assert alone == [False, False, False]
