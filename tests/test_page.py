"""A report becomes a PDF that looks right, is tagged, and is the same every time."""

import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pikepdf
import pytest

from generator.errors import PageError, StudyError, problems_in
from generator.machine.fonts import font_file
from generator.model import Document
from generator.store.cache import Cache
from generator.typeset import parse as page_parse
from generator.typeset.page import typeset_report
from tests import pdf_checks
from tests.page_samples import COLOPHON, document, drawing, sample, study, write_figures
from tests.pdf_reading import Piece, page_sizes, pieces, structure, targets
from tests.random_pages import RandomText, faults, late

ROOT = Path(__file__).parents[1]
FIGURE = (
    '<figure id="fig-{0}"><img src="figure:walks.svg" alt="Two curves."><figcaption>'
    '<span class="caption-number">Figure 1.</span> {0}</figcaption></figure>'
)
WORDS = "<p>" + "Twice as far takes four times as long, whatever the walker does. " * 9 + "</p>"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write_figures(folder)
    return folder


@pytest.fixture(scope="module")
def english(root: Path) -> bytes:
    return typeset(root, sample("en"))


@pytest.fixture(scope="module")
def korean(root: Path) -> bytes:
    return typeset(root, sample("ko"))


def typeset(root: Path, text: Document, *, keep: bool = True) -> bytes:
    whole, week, report = study()
    store = Cache(root / ".study" / "cache") if keep else None
    return typeset_report(root, whole, week, report, text, colophon=COLOPHON, store=store)


def pdf(root: Path, body: str, language: str = "en") -> bytes:
    return typeset(root, document(body, language))


def problems(root: Path, body: str, language: str = "en") -> list[StudyError]:
    with pytest.raises((PageError, ExceptionGroup)) as caught:
        pdf(root, body, language)
    return list(problems_in(caught.value))


def words_in(found: list[Piece], tag: str) -> str:
    return "".join(piece.text for piece in found if tag in piece.tags)


def lines(content: bytes, page: int = 0) -> list[str]:
    """The lines of the text of a page, from the top."""
    rows: dict[float, list[Piece]] = {}
    for piece in pieces(content):
        if piece.page == page and piece.tags and piece.kind == "text":
            rows.setdefault(round(piece.box[1] / 3), []).append(piece)
    found = []
    for row in sorted(rows, reverse=True):
        line, end = "", rows[row][0].box[0]
        for piece in rows[row]:
            line += (" " if piece.box[0] > end + 1 and not line.endswith(" ") else "") + piece.text
            end = piece.box[2]
        found.append(line)
    return found


# ---------------------------------------------------------------- the whole


def test_a_report_in_english_has_nothing_wrong(english: bytes) -> None:
    assert pdf_checks.everything_wrong(english) == []


def test_a_report_in_korean_has_nothing_wrong(korean: bytes) -> None:
    assert pdf_checks.everything_wrong(korean) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_title_author_language_and_outline_are_the_reports(
    language: str, request: pytest.FixtureRequest
) -> None:
    content = request.getfixturevalue({"en": "english", "ko": "korean"}[language])
    title = {"en": "Random walks and diffusion", "ko": "무작위 걷기와 확산"}[language]
    with pikepdf.open(BytesIO(content)) as it:
        assert str(it.Root.Lang) == language
        assert str(it.docinfo["/Title"]).startswith(title)
        assert str(it.docinfo["/Author"]) == "A. Walker, 한걸음"
        assert "/CreationDate" not in it.docinfo
        with it.open_outline() as outline:
            assert [entry.title for entry in outline.root] == [title]
            assert len(outline.root[0].children) > 2


def test_struck_words_are_set(root: Path) -> None:
    made = pdf(root, "<p>Not <del>this</del>, that.</p>")
    assert "this" in [piece.text.strip() for piece in pieces(made)]


def test_empty_cells_are_cells(root: Path) -> None:
    rows = "<tr><td></td><td>1</td></tr><tr><td></td><td></td></tr><tr><td>2</td><td></td></tr>"
    head = '<thead><tr><th scope="col"></th><th scope="col">b</th></tr></thead>'
    made = pdf(root, f"<table>{head}<tbody>{rows}</tbody></table>")
    assert [path[-1] for path, _ in structure(made) if path[-1] in ("TH", "TD")] == [
        *["TH"] * 2,
        *["TD"] * 6,
    ]
    assert pdf_checks.failed_rules(made) == []
    bare = pdf(root, f"<table>{head}<tbody><tr><td></td><td></td></tr></tbody></table>")
    assert pdf_checks.failed_rules(bare) == []


def test_contents_of_many_sections_leave_no_empty_page(root: Path) -> None:
    body = "".join(
        f'<h2 id="sec--{n}"><span class="heading-number">{n}</span> Part</h2>\n'
        f'<h3 id="sec--{n}-1"><span class="heading-number">{n}.1</span> Steps</h3>\n{WORDS}'
        for n in range(1, 41)
    )
    made = pdf(root, body)
    assert pdf_checks.empty_pages(made, pieces(made)) == []


def test_equations_in_a_row_may_go_on_on_the_next_page(root: Path) -> None:
    made = pdf(root, WORDS * 5 + '<div class="equation">$$x = y$$</div>\n' * 20)
    lowest = min(piece.box[1] for piece in pieces(made) if piece.page == 0 and piece.tags)
    assert lowest < 120  # points above the page's lower edge


def test_a_long_report_has_contents_and_a_short_one_has_none(english: bytes, root: Path) -> None:
    assert [path for path, _ in structure(english) if path[-1] == "TOCI"]
    assert not [path for path, _ in structure(pdf(root, WORDS)) if "TOC" in path]


def test_the_same_input_gives_the_same_bytes_anywhere(
    english: bytes, tmp_path: Path, root: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[1:2];"
        "from tests.page_samples import sample, write_figures; from tests.test_page import typeset;"
        "root = Path(sys.argv[2]); write_figures(root);"
        "sys.stdout.buffer.write(typeset(root, sample('en'), keep=False))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), str(tmp_path)],
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Seoul"},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert hashlib.sha256(other.stdout).digest() == hashlib.sha256(english).digest()
    assert typeset(root, sample("en")) == english


def test_nothing_is_written_but_the_cache(tmp_path: Path) -> None:
    write_figures(tmp_path)
    before = set(Path("/tmp").glob("weasyprint-*"))
    pdf(tmp_path, WORDS)
    assert {path.name for path in tmp_path.iterdir()} <= {"figures", ".study"}
    assert set(Path("/tmp").glob("weasyprint-*")) == before


# ---------------------------------------------------------------- tags


def test_headers_and_page_numbers_are_artifacts(english: bytes) -> None:
    found = pieces(english)
    numbers = [piece for piece in found if piece.text == "page 2 of 5"]
    assert numbers
    assert not any(piece.tags for piece in numbers)
    body = [piece for piece in found if piece.kind == "text" and 90 < piece.box[1] < 760]
    drawn_by_css = {piece.text.strip(" .»") for piece in body if not piece.tags}
    assert drawn_by_css <= set("12345") | {""}  # leaders, marks, numbers of the contents


def test_a_paragraph_on_two_pages_is_one(root: Path) -> None:
    def paragraphs(body: str) -> int:
        return [path[-1] for path, _ in structure(pdf(root, body))].count("P")

    assert paragraphs(WORDS * 14) == paragraphs(WORDS) + 13


def test_lists_have_labels_and_bodies(root: Path) -> None:
    content = pdf(root, "<ol><li>one<ul><li>inner</li></ul></li><li>two</li></ol>")
    paths = ["/".join(path) for path, _ in structure(content)]
    assert paths.count("Document/L/LI/Lbl") == 2
    assert "Document/L/LI/LBody/L/LI/LBody" in paths
    assert sorted(words_in(pieces(content), "Lbl").split()) == ["1.", "2.", "•"]


@pytest.mark.parametrize("start", [0, 4, 12])
def test_a_list_begins_with_the_number_it_says(root: Path, start: int) -> None:
    content = pdf(root, f'<ol start="{start}"><li>One</li><li>Two</li></ol>')
    labels = [piece.text.strip() for piece in pieces(content) if "Lbl" in piece.tags]
    assert labels == [f"{start}.", f"{start + 1}."]


def test_terms_and_their_meaning_are_one_item(root: Path) -> None:
    content = pdf(root, "<dl><dt>walk</dt><dd>steps</dd><dd>more steps</dd></dl>")
    paths = ["/".join(path) for path, _ in structure(content)]
    assert paths.count("Document/L/LI") == 1
    assert words_in(pieces(content), "Lbl") == "walk"


def test_table_headers_have_a_scope_and_are_read_once(root: Path) -> None:
    rows = "".join(f'<tr><th scope="row">{n}</th><td>{n}</td></tr>' for n in range(90))
    content = pdf(
        root,
        '<figure class="table" id="tbl-a"><figcaption>Long</figcaption><table><thead><tr>'
        f"<th>head</th><th>other</th></tr></thead><tbody>{rows}</tbody></table></figure>",
    )
    headers = [entries["A"] for path, entries in structure(content) if path[-1] == "TH"]
    assert [header["Scope"] for header in headers[:3]] == ["/Column", "/Column", "/Row"]
    assert len(headers) == 92
    found = [piece for piece in pieces(content) if piece.text == "head"]
    assert len(found) > 1
    assert [bool(piece.tags) for piece in found] == [True, *[False] * (len(found) - 1)]
    assert structure(content)[-1][0][-1] != "Caption"


def test_pictures_formulas_notes_and_links_say_what_they_are(english: bytes) -> None:
    found = structure(english)
    kinds = [path[-1] for path, _ in found]
    assert kinds.count("Figure") == 4
    assert kinds.count("Formula") > 25
    assert [entries["ID"] for path, entries in found if path[-1] == "Note"] == [
        "note-0001",
        "note-0002",
    ]
    with pikepdf.open(BytesIO(english)) as it:
        notes = [str(note.Contents) for page in it.pages for note in page.get("/Annots", [])]
    assert "Figure 1" in notes


def test_a_ticked_box_is_read_as_a_word(english: bytes) -> None:
    spoken = [entries["ActualText"] for _, entries in structure(english) if "ActualText" in entries]
    assert spoken == ["done", "to do", "to do"]


# ---------------------------------------------------------------- lines and pages


def test_korean_words_stay_whole_at_line_ends(korean: bytes) -> None:
    source = " ".join(sample("ko").body.split())
    for line in lines(korean)[5:-1]:
        last = line.rstrip().split(" ")[-1]
        if last.isalpha() and not last.isascii():
            assert f"{last} " in source or f"{last}<" in source, line


def test_korean_lines_reach_the_margin(korean: bytes) -> None:
    ends = [piece.box[2] for piece in pieces(korean) if piece.page == 0 and "P" in piece.tags]
    margin = 180 / 25.4 * 72
    assert sum(abs(end - margin) < 0.4 for end in ends) > 10
    assert max(ends) < margin + 0.4


def test_justified_lines_end_exactly_at_the_margin(english: bytes) -> None:
    # The form of a formula has room for what may hang over.
    found = [piece for piece in pieces(english) if piece.page == 0 and "P" in piece.tags]
    ends = [piece.box[2] for piece in found if piece.kind == "text"]
    margin = 180 / 25.4 * 72
    assert sum(abs(end - margin) < 0.03 for end in ends) > 10
    assert max(ends) < margin + 0.03


def test_a_line_that_only_weasyprint_can_write_is_justified_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.weasy import glyphs as page_text

    def ends() -> list[float]:
        return [piece.box[2] for piece in pieces(pdf(root, WORDS)) if "P" in piece.tags]

    ours = ends()

    def unusual(*_: object) -> None:
        raise page_text._Unusual

    monkeypatch.setattr(page_text._Line, "add", unusual)
    # Its corrections are cut to thousandths of an em, and it forgets kerning beside spaces.
    assert ends() == pytest.approx(ours, abs=0.6)


def test_a_line_is_not_cut_after_its_first_word(root: Path) -> None:
    body = (
        '<p style="width: 285px; font-size: 12.5px; text-align: left; hyphens: none">Derrida, B. '
        "(1981). Random-energy model: An exactly solvable model of disordered systems. "
        "<em>Physical Review B</em></p>"
    )
    assert "exactly" not in [line.strip() for line in lines(pdf(root, body))]


def test_a_formula_stays_with_the_word_it_touches(root: Path) -> None:
    body = "<p>" + "the " * 40 + "($x$-axis) </p>"
    for width in range(60, 90):
        page = pdf(root, body.replace("<p>", f'<p style="width: {width}mm">', 1))
        assert not any(line.lstrip().startswith("-axis") for line in lines(page))


def test_text_goes_past_a_figure_that_does_not_fit(root: Path) -> None:
    content = pdf(root, WORDS * 6 + FIGURE.format("one") + FIGURE.format("two") + WORDS * 6)
    assert pdf_checks.empty_pages(content, pieces(content)) == []
    lowest = min(piece.box[1] for piece in pieces(content) if piece.page == 0 and piece.tags)
    assert lowest < 130
    assert targets(content)["fig-one"] == 1
    captions = words_in(pieces(content), "Caption")
    assert captions.index("one") < captions.index("two")


def test_text_does_not_run_away_from_its_figures(root: Path) -> None:
    for before in range(5, 9):
        body = WORDS * before
        for name in ("one", "two", "three", "four"):
            body += FIGURE.format(name) + f'<p><a class="ref" href="#fig-{name}">Here</a>.</p>'
        assert pdf_checks.distant_figures(pdf(root, body + WORDS * 9)) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_points_of_a_column_meet_and_its_text_stays_plain(root: Path, language: str) -> None:
    texts = ["7.5", "−12.125", "3", "1043.25"]
    cells = [
        '<td class="number" data-pad="00">7.5</td>',
        '<td class="number">−12.125</td>',
        '<td class="number" data-pad=".000">3</td>',
        '<td class="number" data-pad="0">1043.25</td>',
    ]
    rows = "".join(f'<tr><th scope="row">키</th>{cell}</tr>' for cell in cells)
    content = pdf(root, f"<table><tbody>{rows}</tbody></table>", language)
    found = [p for p in pieces(content) if "TD" in p.tags and p.kind == "text"]
    assert [piece.text for piece in found] == texts
    digit = found[3].box[2] - found[0].box[2]  # one decimal more
    right = [piece.box[2] for piece in found]
    assert right[1] - right[3] == pytest.approx(digit, abs=0.02)
    assert right[0] - right[2] > digit  # a point and a digit


def test_points_meet_only_where_no_smaller_type_is_needed(root: Path) -> None:
    cell = '<td class="number">1234.5</td>'
    padded = '<td class="number" data-pad="000">1234.5</td>'

    def height(one: str, columns: int) -> tuple[float, float]:
        rows = f"<tr>{one * columns}</tr><tr>{'<td>1</td>' * columns}</tr>"
        found = [
            p for p in pieces(pdf(root, f"<table><tbody>{rows}</tbody></table>")) if "TD" in p.tags
        ]
        return found[0].size, found[1].box[0] - found[0].box[0]

    assert height(padded, 8) == height(cell, 8)
    assert height(padded, 3)[0] == height(cell, 3)[0]
    assert height(padded, 3)[1] > height(cell, 3)[1] + 10


def test_whole_paragraphs_go_past_a_table_that_lies_sideways(root: Path) -> None:
    cells = "".join('<td class="number">1234.567</td>' for _ in range(20))
    table = f'<figure class="table" id="tbl-a"><table><tr>{cells}</tr></table></figure>'
    after = "".join(f"<p>Part {n}. {WORDS[3:]}" for n in range(6))
    content = pdf(root, f'{WORDS}{table}<h3 id="sec-a">Deeper</h3>{after}')
    with pikepdf.open(BytesIO(content)) as it:
        wide = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in it.pages]
    assert wide[:3] == [False, True, False]
    found = [piece for piece in pieces(content) if piece.tags and "Deeper" in piece.text]
    assert [piece.page for piece in found] == [0]
    # Three parts fit behind the heading; the fourth begins behind the table and is not cut.
    starts = {n: p.page for n in range(6) for p in pieces(content) if f"Part {n}." in p.text}
    assert starts[0] == 0
    assert all(page != 1 for page in starts.values())
    last = min((p for p in pieces(content) if p.page == 0 and p.tags), key=lambda p: p.box[1])
    assert last.text.rstrip().endswith(".")
    assert pdf_checks.stranded_headings(pieces(content)) == []


def test_a_heading_is_never_last_on_a_page(root: Path) -> None:
    for lines_before in range(20, 30):
        body = f"<p>{'line<br>' * lines_before}</p>" + "<h2 id='sec-a'>Heading</h2>" + WORDS * 2
        content = pdf(root, body)
        assert pdf_checks.stranded_headings(pieces(content)) == []


def test_long_lines_of_code_are_wrapped_with_a_mark_and_nothing_is_lost(root: Path) -> None:
    code = "value = " + " + ".join(f"term_{n}" for n in range(30)) + "\n한글 = " + "가" * 120
    content = pdf(root, f'<div class="highlight"><pre><code>{code}</code></pre></div>')
    found = [piece for piece in pieces(content) if piece.font.startswith(("Study-M", "Study-K"))]
    marks = [piece for piece in found if "»" in piece.text]
    assert len(marks) == 6
    assert not any(piece.tags for piece in marks)
    written = "".join(piece.text for piece in found if "Code" in piece.tags)
    assert written.replace(" ", "") == code.replace(" ", "").replace("\n", "")
    assert pdf_checks.outside_margins(content, pieces(content)) == []


def test_a_footnote_stands_at_the_foot(root: Path) -> None:
    note = '<span class="footnote" id="fn-1">Below,\n   on one line.</span>'
    content = pdf(root, f"<p>Text{note}.</p>{WORDS}")
    below = [piece for piece in pieces(content) if "Note" in piece.tags]
    assert max(piece.box[1] for piece in below) < 110
    assert "".join(piece.text for piece in below).split() == ["1", "Below,", "on", "one", "line."]


@pytest.mark.parametrize("seed", [11, 23])
def test_random_texts_lose_nothing_and_keep_their_notes_in_order(root: Path, seed: int) -> None:
    text = RandomText(
        seed, notes=(0.3, 0.6, 0.9)[seed % 3], longest=(10, 30, 60, 150)[seed // 4 % 4]
    )
    content = pdf(root, text.body)
    assert faults(text, content) == []
    assert set(late(content)) <= {0, 1}
    assert late(content).count(1) <= 0.1 * len(late(content))


def test_a_page_that_loses_something_is_an_error_that_names_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from weasyprint.layout import block

    layout = block.block_container_layout

    def forgets(context: object, box: Any, *rest: object, **more: object) -> object:
        element = box.element
        if element is not None and element.get("class") == "gone":
            box.children = []
        return layout(context, box, *rest, **more)

    monkeypatch.setattr(block, "block_container_layout", forgets)
    items = "<ul><li class='gone'>Three</li><li>Four</li></ul>"
    body = f"<h2 id='a' class='gone'>One two</h2><p>Words.</p>{items}"
    found = {problem.message for problem in problems(root, body)}
    assert found == {
        "the heading “One two” is not on any page",
        "the list item “Three” is not on any page",
    }


def test_a_note_longer_than_a_page_is_an_error(root: Path) -> None:
    note = "far " * 3000
    found = problems(root, f"<p>Words<span class='footnote' id='fn-a'>{note}</span>.</p>")
    assert "stands" in found[0].message


def test_a_note_on_a_number_is_no_part_of_its_columns_width(root: Path) -> None:
    note = f"<span class='footnote' id='fn-a'>{'far away ' * 60}</span>"
    content = pdf(root, f"<table><tr><td class='number'>0.5{note}</td><td>so</td></tr></table>")
    assert len(page_sizes(content)) == 1
    (number,) = [piece for piece in pieces(content) if piece.text.startswith("0.5")]
    notes = [piece for piece in pieces(content) if "far" in piece.text]
    assert len(notes) > 2
    assert {round(piece.size, 1) for piece in notes} == {8.5}
    assert {piece.font for piece in notes} != {number.font}


def test_a_wide_table_is_set_smaller_then_sideways_then_refused(root: Path) -> None:
    def table(columns: int) -> str:
        cells = "".join('<td class="number">1234.567</td>' for _ in range(columns))
        return f'<figure class="table" id="tbl-a"><table><tr>{cells}</tr></table></figure>'

    for columns in (7, 9, 12, 20):
        content = pdf(root, table(columns))
        assert pdf_checks.outside_margins(content, pieces(content)) == []
        with pikepdf.open(BytesIO(content)) as it:
            wide = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in it.pages]
        assert any(wide) == (columns == 20)
    (problem,) = problems(root, table(30))
    assert "too wide even for a page of its own" in problem.message


# ---------------------------------------------------------------- mistakes


def test_a_character_without_a_glyph_is_named(root: Path) -> None:
    found = problems(root, "<p>An old \N{CUNEIFORM SIGN A} and a \U0001f600, in passing.</p>")
    assert [problem.message.split(", in")[0] for problem in found] == [
        "no font has the character U+12000 (CUNEIFORM SIGN A)",
        "no font has the character U+1F600 (GRINNING FACE)",
    ]
    assert str(found[0].where) == "reports/week-03/report.md"


def test_the_words_around_a_character_end_with_its_paragraph(root: Path) -> None:
    (found,) = problems(
        root,
        "<!-- ꙮ --><p>Before.</p><p>An <em>old \N{CUNEIFORM SIGN A}</em> stood.</p><h2>After</h2>",
    )
    assert found.message.endswith("in “An old \N{CUNEIFORM SIGN A} stood.”")


def test_what_only_a_bold_font_has_is_missing_and_kana_are_as_light_as_their_sentence(
    root: Path,
) -> None:
    (found,) = problems(root, "<p>Chinese, as in 学习, is not there.</p>")
    assert found.message.startswith("no font has Chinese letters: 习")
    content = pdf(root, "<p>Kana, ひらがな and カタカナ, and 漢字.</p>")
    with pikepdf.open(BytesIO(content)) as it:
        names = {
            str(font.BaseFont).partition("+")[2]
            for page in it.pages
            for font in page.Resources.Font.values()
        }
    assert "Study-Korean-Serif" in names
    assert not [name for name in names if "Korean" in name and "Bold" in name]


def test_characters_that_are_never_drawn_need_no_glyph(root: Path) -> None:
    pdf(root, "<p>soft\u00adhyphen zero\u200bwidth word\u2060joiner vari\ufe0fation</p>")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.png",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file://localhost/etc/passwd",
        "figure:../../secret.svg",
        "figure:%2e%2e/secret.svg",
        "image:/etc/passwd",
        "data:image/svg+xml,<svg/>",
        "figure:missing.svg",
        "figure:walks.exe",
        "walks.svg",
    ],
)
def test_nothing_is_loaded_from_elsewhere(root: Path, url: str) -> None:
    assert problems(root, f'<p><img src="{url}" alt="A picture."></p>')


def test_a_link_out_of_the_study_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.svg").write_text(drawing(1))
    link = root / "figures" / "week-03" / "link.svg"
    link.symlink_to(tmp_path / "secret.svg")
    (problem,) = problems(root, '<p><img src="figure:link.svg" alt="A picture."></p>')
    assert "leads out of the study" in problem.message
    link.unlink()


def test_a_drawing_that_names_a_file_is_refused(root: Path) -> None:
    spy = drawing(1).replace("</svg>", '<image href="file:///etc/passwd" width="9"/></svg>')
    (root / "figures" / "week-03" / "spy.svg").write_text(spy)
    assert problems(root, '<p><img src="figure:spy.svg" alt="A picture."></p>')


def test_a_picture_without_words_is_a_mistake(root: Path) -> None:
    (problem,) = problems(root, '<p><img src="figure:walks.svg" alt=" "></p>')
    assert "no alternative text" in problem.message


def test_a_formula_too_wide_for_the_page_is_a_mistake_at_its_line(root: Path) -> None:
    tex = "+".join(f"x_{{{n}}}" for n in range(60))
    (problem,) = problems(root, f'<p>Text</p><div class="equation">$${tex}$$</div>')
    assert "em wide" in problem.message
    assert str(problem.where) == "reports/week-03/report.md:1"
    assert "aligned" in problem.hint


def test_a_style_sheet_of_the_study_is_used_and_its_mistakes_are_found(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    ours = (ROOT / "templates" / "report.css").read_text()
    sheet = tmp_path / "templates" / "report.css"
    sheet.write_text(ours + "h1 { color: #ff0000 }")
    content = pdf(tmp_path, WORDS)
    assert content != pdf(tmp_path / "none", WORDS)
    sheet.write_text(ours + "h1 { colour: red }")
    for _ in range(2):
        (problem,) = problems(tmp_path, WORDS)
        assert "colour" in problem.message


def test_a_study_may_bring_a_font_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    shutil.copy(font_file("serif"), tmp_path / "templates" / "ours.ttf")
    ours = (ROOT / "templates" / "report.css").read_text()
    face = '@font-face { font-family: "Ours"; src: url("template:ours.ttf") }'
    sheet = tmp_path / "templates" / "report.css"
    sheet.write_text(f'{ours}{face} .title-block h1 {{ font: 700 30pt "Ours" }}')
    fonts = {piece.font for piece in pieces(pdf(tmp_path, WORDS))}
    assert any(name.startswith("Ours") for name in fonts)
    sheet.write_text(ours + face.replace("ours.ttf", "theirs.ttf"))
    assert any("theirs.ttf" in problem.message for problem in problems(tmp_path, WORDS))


def test_all_mistakes_are_reported_together(root: Path) -> None:
    found = problems(root, '<p>\U0001f600<img src="figure:walks.svg" alt=""></p>')
    assert len(found) == 2


def test_the_colophon_speaks_the_reports_language(root: Path) -> None:
    whole, week, report = study()
    facts = {"text": "02d", "versions": "torch", "results": "6f1", "seed": "0", "rebuild": "x"}
    store = Cache(root / ".study" / "cache")
    said = {}
    for language in ("en", "ko"):
        text = document("<p>A.</p>", language)
        content = typeset_report(root, whole, week, report, text, colophon=facts, store=store)
        said[language] = " ".join(piece.text for piece in pieces(content))
    assert all(fact in said["en"] for fact in facts)
    assert not any(fact in said["ko"] for fact in facts if fact != "x")
    assert "다시 만들기" in said["ko"]


def test_a_report_of_another_language_has_a_page_all_the_same(root: Path) -> None:
    whole, week, report = study()
    german = dataclasses.replace(report, texts=(("de", "reports/week-03/report.de.md"),))
    text = document("<p>Der Würfel ist gefallen.</p>", "de")
    content = typeset_report(root, whole, week, german, text, colophon={}, store=None)
    assert pdf_checks.everything_wrong(content) == []


# ---------------------------------------------------------------- speed that must not show


def outline(element: Element) -> object:
    """`element` and all in it, white space collapsed."""

    def flat(text: str | None) -> str:
        return " ".join((text or "").split())

    attributes = {name: flat(value) for name, value in element.attrib.items()}
    kids = [(outline(child), flat(child.tail)) for child in element]
    return element.tag, attributes, flat(element.text), kids


@pytest.mark.parametrize(
    "body",
    [
        '<p>a<br>b<img src="figure:a.svg" alt="a > b"> &amp; c</p><hr class="page-break">',
        '<ul><li><input type="checkbox" disabled checked> done</li></ul>',
        "<pre><code>if a &lt; b:\n    pass\n</code></pre>",
        "<p>unclosed <b>bold</p><p>& a bare ampersand, &nbsp;an entity",
        "<pre>\nfirst line</pre>",
    ],
)
def test_both_ways_of_parsing_give_the_same_tree(body: str) -> None:
    head = "<!doctype html>\n<html lang='en'><head><meta charset=\"utf-8\"></head>"
    html = f"{head}<body>{body}</body></html>"
    quick, slow = page_parse.parse(html).find("body"), page_parse.parse_slowly(html).find("body")
    assert quick is not None
    assert slow is not None
    assert outline(quick) == outline(slow)


def test_what_was_kept_is_what_would_be_made(english: bytes, tmp_path: Path) -> None:
    """A first process fills the cache; a second finds declarations, fonts, drawings in it."""
    write_figures(tmp_path)
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[1:2];"
        "from tests.page_samples import sample; from tests.test_page import typeset;"
        "sys.stdout.buffer.write(typeset(Path(sys.argv[2]), sample('en')))"
    )
    for _ in range(2):
        run = [
            sys.executable,
            "-W",
            "error",
            "-c",
            code,
            str(ROOT),
            str(tmp_path),
        ]
        # Where Python may write no .pyc, nothing is kept beside them either.
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        made = subprocess.run(run, capture_output=True, check=True, env=environment)
        assert made.stdout == english
    kept = {folder.name for folder in (tmp_path / ".study" / "cache").iterdir()}
    assert {"cffi", "fonts"} <= kept
