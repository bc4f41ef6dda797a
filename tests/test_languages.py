"""A language that the compiler does not know needs nothing but a table of words in study.toml."""

import datetime as dt
import io
import subprocess
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.text.words import words_of
from generator.typeset.words import listed_names, long_date, words

GERMAN = """
title = "Pflanzen"
description = "Was wächst"
languages = ["de"]
unit = "Woche"
numbers = "strict"
audience = ["Wer einen Garten hat"]

[words.de]
figure = "Abbildung"
table = "Tabelle"
equation = "Gleichung"
section = "Abschnitt"
appendix = "Anhang"
exercise = "Aufgabe"
solution = "Lösung"
solution_of = "Lösung: {}"
note = "Hinweis"
references = "Literatur"
others = "u. a."
and = "und"
pages = "S. {}"
audience = "Für wen"
to_do = "offen"
contents = "Inhalt"
page_of_pages = "Seite {page} von {pages}"
months = "Jan., Feb., März, April, Mai, Juni, Juli, Aug., Sept., Okt., Nov., Dez."
long_date = "{day}. {month} {year}"
text = "Text"
rebuild = "Neu bauen"
week = "Woche"
content = "Inhalt"
date = "Datum"
objective = "Ziel"
resource = "Material"
report = "Bericht"

[[week]]
number = 1
title = "Boden"
objective = "Sehen, was Boden ist"
status = "done"
progress = "Gegraben"
date = 2026-03-04
authors = ["A. Müller", "B. Kraus"]
"""
TEXT = """Nach @eq-a in @sec-a und @tbl-a, siehe [@kim2020] und @exr-a.

## Erde {#sec-a}

$$ x = 1 $$ {#eq-a}

| a | b |
|---|---|
| 1 | 2 |

: Zahlen. {#tbl-a}

!!! exercise {#exr-a}
    Grabe.

!!! note
    Es ist nass.

!!! solution {of=exr-a}
    Gegraben.

- [ ] gießen
"""
BIBLIOGRAPHY = """@book{kim2020,
  author = {Kim, A. and Lee, B. and Park, C.},
  title = {Erde},
  publisher = {Feld},
  year = {2020},
}
"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study in German, built."""
    root = tmp_path_factory.mktemp("german")
    (root / "study.toml").write_text(GERMAN, "utf-8")
    blocks = "<!-- study:begin {0} -->\n<!-- study:end {0} -->\n\n"
    names = ("schedule", "resources", "progress")
    readme = "# Pflanzen\n\n" + "".join(blocks.format(name) for name in names)
    (root / "README.md").write_text(readme, "utf-8")
    folder = root / "reports" / "woche-01"
    folder.mkdir(parents=True)
    (folder / "report.md").write_text(TEXT, "utf-8")
    (root / "reports" / "references.bib").write_text(BIBLIOGRAPHY, "utf-8")
    result = CliRunner().invoke(main, ["-C", str(root), "build", "-q"])
    assert result.exit_code == 0, result.output
    return root


def test_its_page_says_nothing_in_english(german: Path) -> None:
    pdf = german / "reports" / "woche-01" / "woche-01.pdf"
    with pikepdf.open(io.BytesIO(pdf.read_bytes())) as opened:
        assert str(opened.Root.Lang) == "de"
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    said = " ".join(done.stdout.decode().split())
    for words_said in (
        "Gleichung (1) in Abschnitt 1 und Tabelle 1", "Kim u. a., 2020", "Aufgabe 1.",
        "Lösung: Aufgabe 1", "Hinweis", "Literatur", "Seite 1 von", "Für wen", "4. März 2026",
        "Woche 1", "Tabelle 1. Zahlen.",
    ):  # fmt: skip
        assert words_said in said, said
    for english in ("Figure", "Table", "Equation", "Section", "Exercise", "References", "page "):
        assert english not in said


def test_its_readme_says_nothing_in_english(german: Path) -> None:
    readme = (german / "README.md").read_text("utf-8")
    assert "| Woche | Datum | Inhalt | Ziel | Material |" in readme
    assert "[Bericht 1](reports/woche-01/woche-01.pdf)" in readme


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('figur = "Abbildung"', "words.de.figur: unknown key"),
        ('page_of_pages = "Seite"', "words.de.page_of_pages: expected a text with {page} in it"),
        ('months = "Januar"', "words.de.months: expected twelve names with commas between"),
        ("figure = 3", "words.de.figure: found 3, expected a text"),
    ],
)
def test_a_wrong_word_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    text = 'title = "P"\nlanguages = ["de"]\n[words.de]\n' + line + '\n[[week]]\ntitle = "B"\n'
    (tmp_path / "study.toml").write_text(text, "utf-8")
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "list"])
    assert result.exit_code == 1
    assert f"error: study.toml:4: {said}" in result.output


def test_words_of_a_language_that_the_study_has_not_are_told(tmp_path: Path) -> None:
    text = 'title = "P"\nlanguages = ["de"]\n[words.fr]\nfigure = "F"\n[[week]]\ntitle = "B"\n'
    (tmp_path / "study.toml").write_text(text, "utf-8")
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "list"])
    assert "words.fr: unknown key" in result.output


def test_numbers_stand_where_the_language_has_them() -> None:
    japanese = words_of("ja", {"figure": "図", "section": "{number}節", "edition": "第{}版"})
    assert japanese.kinds["fig"] == ("図", "図")
    assert japanese.section.format(number="2.1") == "2.1節"
    assert japanese.edition_of("3") == "第3版"
    assert japanese.kinds["tbl"] == ("Table", "Table")


def test_page_words_fill_their_places_and_leave_no_style() -> None:
    german = {"page_of_pages": 'S. "{page}" </style>', "and": "und", "long_date": "{day}.{month}."}
    content = words("de", german).page_of_pages
    assert content == '"S. \\22 " counter(page) "\\22  \\3c /style>"'
    assert listed_names(("A", "B", "C"), "de", german) == "A, B und C"
    assert long_date(dt.date(2026, 3, 4), "de", german) == "4.3."
    assert words("ko-KR", {}) is words("ko")
