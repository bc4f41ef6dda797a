"""The pieces of a text are the text, code is never touched, and every line is known."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import StudyError, problems_in
from generator.text.markdown.lexer import pieces_of
from generator.text.problems import Problems
from generator.text.report import render_report
from generator.text.values.expand import expand
from tests.text_study import RESULTS, write_study

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "word", " ", "\n", "\n\n", "$", "$$", "`", "```", "~~~", "{{", "}}", "{%", "%}", "{#",
            "{", "}", "\\", "[", "]", "(", ")", "|", "> ", "- ", "1. ", "    ", "## ", ": ", '"',
            "value.height", "{{ value.height }}", "{% if value.height %}\n", "{% endif %}\n",
            "#fig-a", "{#eq-a}", "\\$", "\\text{", "@", "한국어",
        ]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(FRAGMENTS)
def test_the_pieces_joined_are_the_text(text: str) -> None:
    pieces = pieces_of(text, Problems("x"))
    assert "".join(piece.text for piece in pieces) == text
    line = 1
    for piece in pieces:
        assert piece.line == line
        line += piece.text.count("\n")


@given(FRAGMENTS)
def test_any_text_is_read_to_its_end_and_every_problem_has_a_line_of_it(text: str) -> None:
    problems = Problems("x")
    expanded = expand(pieces_of(text, problems), RESULTS, problems)
    last = text.count("\n") + 1
    assert len(expanded.lines) == expanded.text.count("\n") + 1
    assert all(1 <= line <= last for line in expanded.lines)
    for problem in problems.found:
        assert problem.where is not None
        assert 1 <= (problem.where.line or 0) <= last


CODE = st.text(
    st.characters(blacklist_categories=["Cs", "Co", "Cc"], blacklist_characters="`\u2028\u2029")
    | st.sampled_from("{}%$#\n"),
    min_size=1,
    max_size=60,
)


@given(CODE, st.integers(0, 3), st.integers(0, 3))
def test_code_in_a_fence_is_never_touched(code: str, before: int, after: int) -> None:
    text = (
        f"{'x' * bool(before)}{chr(10) * (before + 1)}```text\n{code}\n```{chr(10) * (after + 1)}"
    )
    text += "{{ value.height }}\n"
    problems = Problems("x")
    expanded = expand(pieces_of(text, problems), RESULTS, problems)
    assert not problems.found
    fences = [hidden for hidden in expanded.hidden if hidden.kind == "fence"]
    assert [fence.content for fence in fences] == [code]
    assert fences[0].line == before + 2
    assert expanded.lines[-2] == text.count("\n")


@given(CODE.filter(lambda code: "\n" not in code and code.strip() == code))
def test_code_in_a_line_is_never_touched(code: str) -> None:
    problems = Problems("x")
    expanded = expand(pieces_of(f"Say `{code}` here.", problems), RESULTS, problems)
    assert [hidden.content for hidden in expanded.hidden] == [code]


def test_code_inside_a_quotation_and_a_list_loses_their_marks_only() -> None:
    text = "> ```text\n> a\n>   b\n> ```\n\n1. x\n\n   ~~~text\n   c\n     d\n   ~~~\n"
    pieces = [piece for piece in pieces_of(text, Problems("x")) if piece.kind == "fence"]
    assert [piece.content for piece in pieces] == ["a\n  b", "c\n  d"]


def test_a_longer_fence_may_hold_a_shorter_one() -> None:
    text = "````md\n```python\nx\n```\n````\n"
    (fence,) = [piece for piece in pieces_of(text, Problems("x")) if piece.kind == "fence"]
    assert fence.content == "```python\nx\n```"


WORDS = [
    "word", "한국어", " ", "\n", "\n\n", "**", "*", "_", '"', "'", "[", "]", "(", ")", "|",
    "!", "\\", "\\*", "#", "~~", "&amp;", "---", "===", "    ", "> ", "- ", "1. ", ": ",
    "- [x] t\n",
]  # fmt: skip
LINES = [
    "$x$", "`c`", "{{ value.height }}", "@fig-a", "[@kim2020]", "@darwin1859", "@week-05:eq-heat",
    "[^a]", "^[note]", "![x](y)", "[l](https://a.org)", "https://a.org", "<https://a.org>", "<b>",
    "{.const}", "[x]{.const}", "{#fig-b}",
]  # fmt: skip
BLOCKS = [
    "\n\n$$ x $$ {#eq-a}\n\n", "\n\n```python\nx\n```\n\n", "\n\n{{ table.heights }}\n",
    ": Cap. {#tbl-a}\n", "\n| a | b |\n|---|---|\n| 1 | 2 |\n", "\n\n## Head {#sec-a}\n\n",
    "\n\n### Sub\n\n", "\n\n[^a]: Note.\n\n", "\n\n!!! note\n    x\n\n", "> [!NOTE]\n",
    '\n\n![C.](figure:growth){#fig-a fig-alt="x"}\n\n', "\n{% endfor %}\n",
    "\n{% for r in table.heights.rows %}\n",
]  # fmt: skip
WILD = st.lists(st.sampled_from(WORDS + LINES + BLOCKS), max_size=25).map("".join)


@settings(max_examples=120)
@given(WILD)
def test_any_text_becomes_a_document_or_is_explained_with_lines(text: str) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        study, report = write_study(root, f"x{text}")
        try:
            document = render_report(root, study, study.weeks[1], report, "en", RESULTS)
        except (StudyError, ExceptionGroup) as error:
            for problem in problems_in(error):
                assert problem.where is not None
                assert problem.where.line is not None
                assert 1 <= problem.where.line <= text.count("\n") + 1
            return
        assert not any("\ue000" <= character <= "\uf8ff" for character in document.body)
        ElementTree.fromstring(f"<x>{_as_xml(document.body)}</x>")


def _as_xml(html: str) -> str:
    """HTML as this room writes it, with its void elements closed."""
    html = re.sub(r"<(img|br|hr|input)([^>]*)>", r"<\1\2/>", html)
    return re.sub(r" (disabled|checked)(?=[ /])", r' \1=""', html)
