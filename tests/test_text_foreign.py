"""Every construct of docs/coming-from.md does what its row says; ordinary text is left alone."""

import html
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from generator.errors import StudyError, problems_in
from tests.text_study import complaints, rendered

ROOT = Path(__file__).parents[1]


def _rows() -> list[tuple[str, str, str]]:
    """What is written, what is said of it ("works" or a message), and the page's words or hint."""
    text = (ROOT / "docs" / "coming-from.md").read_text("utf-8")
    rows, row = [], list[str]()
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            code = [part.content for part in token.children or [] if part.type == "code_inline"]
            row.append(code[0] if code else token.content)
        elif token.type == "tr_close" and row[0] != "you wrote":
            rows.append((row[0].replace("⏎", "\n"), row[1], row[2]))
    return rows


ROWS = _rows()


def _words(body: str) -> str:
    """The words of a page, without the list of references; a formula is "…"."""
    body = re.sub(r'<section class="references">.*', "", body, flags=re.DOTALL)
    body = re.sub("<img[^>]*>", "…", body).replace("<br>", " ")
    return " ".join(html.unescape(re.sub("<[^>]*>", "", body)).split())


def test_the_table_is_long() -> None:
    assert len(ROWS) >= 120
    assert len({written for written, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("written", "said", "then"), ROWS, ids=[row[0] for row in ROWS])
def test_a_construct_does_what_the_table_says(
    tmp_path: Path, written: str, said: str, then: str
) -> None:
    if said == "works":
        assert _words(rendered(tmp_path, f"{written}\n").body) == then
        return
    with pytest.raises((StudyError, ExceptionGroup)) as caught:
        rendered(tmp_path, f"{written}\n")
    first = next(iter(problems_in(caught.value)))
    assert (first.message, first.hint) == (said, then)
    assert first.where is not None
    assert first.where.line is not None
    assert first.where.line <= written.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        "A. Walker wrote this, and so did B. Runner.",
        "At 10:30:15, in std::vector::x, the ratio a:b:c held; ~5 of /~user's C# files, #1 first.",
        "Write `H~2~O`, `[[x]]`, `:smile:` and `{ref}` as code.",
        "It is \\~5\\~, \\:smile\\: and \\#tag.",
        "| a | b |\n|---|---|\n| 1 | |\n| `x||y` | $p$ |",
        "1. One\n2. Two\n\n   And more.",
        "Let `r = 5` and (a) be small, f(a) large.",
        "Half | of | this",
        "- (a) the first of them;\n- (b) the other.",
    ],
)
def test_ordinary_text_is_left_alone(tmp_path: Path, text: str) -> None:
    assert complaints(tmp_path, f"{text}\n") == []


def test_a_mark_is_found_at_its_line_in_cells_notes_and_lists(tmp_path: Path) -> None:
    text = (
        "Words[^1]\nand [[one]].\n\n- item\n\n  of H~2~O\n\n| a | b |\n|---|---|\n| :tada: | 2 |\n"
        "\n[^1]: See {ref}`x`.\n"
    )
    assert [said.partition(": ")[0] for said in complaints(tmp_path, text)] == [
        "report.md:2",
        "report.md:6",
        "report.md:10",
        "report.md:12",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!-- one -->\n\nWords", "Words"),
        ("Words <!-- inside --> here", "Words here"),
        ("Words {# inside\nof two #} here", "Words here"),
        ("<!-- $x and {{ value.nothing }}, @nobody, 0.5 -->\nWords", "Words"),
        ("- one <!-- c -->\n- two", "one two"),
        ("`<!-- code -->` and `{# x #}`", "<!-- code --> and {# x #}"),
    ],
)
def test_an_authors_comment_is_not_on_the_page(tmp_path: Path, text: str, words: str) -> None:
    assert _words(rendered(tmp_path, f"{text}\n").body) == words


def test_lines_behind_a_comment_keep_their_numbers(tmp_path: Path) -> None:
    text = "<!--\nof\nthree\n-->\n\nWords @nobody\n"
    assert complaints(tmp_path, text) == ["report.md:6: @nobody is not in reports/references.bib"]


def test_a_comment_that_is_never_closed_is_said_once(tmp_path: Path) -> None:
    said = "report.md:3: a comment opens with <!-- and is never closed"
    assert complaints(tmp_path, "Words\n\n<!-- and\n\nmore\n") == [said]


def test_shortened_years_begin_with_an_apostrophe(tmp_path: Path) -> None:
    assert _words(rendered(tmp_path, "The '90s, '5' and 'so' it's\n").body) == (
        "The ’90s, ‘5’ and ‘so’ it’s"
    )


def test_parts_of_an_unnumbered_section_have_no_number(tmp_path: Path) -> None:
    text = "## A\n\n## Thanks {.unnumbered}\n\n### Sub\n\n## After\n\n### B\n"
    found = [heading.number for heading in rendered(tmp_path, text).headings]
    assert found == ["1", "", "", "2", "2.1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "    ```\n    aaa\n    ```\n",
            "a line indented by four or more is code for other readers",
        ),
        ("> ```\nfoo\n```\n", "a line of code in a quotation that has no >"),
        ("- a\n- b\n\n<!-- c -->\n\n- d\n", "a comment between items ends the list"),
        ("- a\n\n<!-- c -->\n\n    code\n", "a comment between items ends the list"),
        ("Words </a> here.\n", "raw HTML: </a>"),
    ],
)
def test_what_other_readers_see_otherwise_is_refused(tmp_path: Path, text: str, said: str) -> None:
    found = complaints(tmp_path, text)
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    "text",
    [
        "- a\n\n  ```text\n  code\n  ```\n",
        "1. a\n\n   ```text\n   code\n   ```\n",
        "> ```text\n> foo\n>\n> bar\n> ```\n",
        "- a\n- b\n\n<!-- c -->\n\nWords.\n\n- d\n",
        "- a\n\n  <!-- c -->\n\n- b\n",
    ],
)
def test_what_all_readers_see_alike_stays(tmp_path: Path, text: str) -> None:
    assert complaints(tmp_path, text) == []
