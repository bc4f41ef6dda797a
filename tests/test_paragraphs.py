"""Paragraphs end their lines where they look best as a whole."""

from itertools import pairwise
from pathlib import Path

import pytest

from generator.store.cache import Cache
from generator.typeset.page import typeset_report
from generator.weasy.optimum import KOREAN_SCALE, SCALE, Chance, best_breaks, scale_of, spread
from tests.page_samples import COLOPHON, document, study
from tests.pdf_reading import Piece, pieces, structure

ROOT = Path(__file__).parents[1]
LEFT, RIGHT = 30 / 25.4 * 72, (210 - 30) / 25.4 * 72
PROSE = (
    "Twice as far takes four times as long, whatever the walker does; the remaining question is "
    "whether a representation of position, however indirectly, depends on the distance between two "
    "observations. "
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


def pdf(root: Path, body: str, language: str = "en") -> bytes:
    whole, week, report = study()
    store = Cache(root / ".study" / "cache")
    text = document(body, language)
    return typeset_report(root, whole, week, report, text, colophon=COLOPHON, store=store)


def rows(content: bytes, *tags: str) -> list[list[Piece]]:
    """The lines of the paragraphs, from the top, each from left to right."""
    found: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces(content):
        if set(tags or ("P",)) & set(piece.tags) and 9 < piece.size < 11 and "Serif" in piece.font:
            found.setdefault((piece.page, -round(piece.box[1] / 4)), []).append(piece)
    return [sorted(found[key], key=lambda piece: piece.box[0]) for key in sorted(found)]


def text(row: list[Piece]) -> str:
    return "".join(piece.text for piece in row)


def words(*widths: float, space: float = 0.25) -> list[Chance]:
    """Chances between words of these widths, the last of them the end."""
    chances, at = [], 0.0
    for number, width in enumerate(widths):
        at += width
        chances.append(Chance(at, number, at, at + space, number + 1, at + space))
        at += space
    return chances


def test_the_whole_paragraph_counts_and_not_each_line_for_itself() -> None:
    # Line after line, the first takes three words and the second is left with a hole.
    chances = words(4.0, 4.0, 1.0, 8.4, 4.0, 4.0, 4.0, 4.0, 4.0)
    found = best_breaks(chances, 10.0, 10.0, 1.0, 0.0)
    assert found is not None
    starts = [-1, *found]
    widths = [
        chances[end].end - (chances[start].start if start >= 0 else 0.0)
        for start, end in pairwise(starts)
    ]
    assert found[-1] == len(chances) - 1
    assert found[0] == 1
    assert max(widths) < 10.2


def test_a_last_line_is_not_left_short() -> None:
    even = words(*[2.0] * 14, 1.0)  # five words fill a line of 11 em
    loose = best_breaks(even, 11.0, 11.0, 1.0, 0.0)
    held = best_breaks(even, 11.0, 11.0, 1.0, 4.0)
    assert loose is not None
    assert held is not None
    short = even[-1].end - even[held[-2]].start
    assert short >= 4.0


def test_a_piece_wider_than_the_line_is_left_to_others() -> None:
    assert best_breaks(words(2.0, 30.0, 2.0), 10.0, 10.0, 1.0, 0.0) is None


@pytest.mark.parametrize("extra", [-0.9, -0.2, 0.0, 0.3, 1.5])
def test_a_line_is_filled_exactly_and_letters_by_two_per_cent_at_most(extra: float) -> None:
    scale, space = spread(extra, 30.0, 9)
    assert scale * 30.0 + space * 9 == pytest.approx(extra)
    assert abs(scale) <= SCALE


def test_korean_letters_bear_more() -> None:
    assert scale_of("ko-KR") == KOREAN_SCALE > scale_of("en") == scale_of(None) == SCALE
    scale, space = spread(1.5, 30.0, 9, KOREAN_SCALE)
    assert scale == pytest.approx(KOREAN_SCALE)
    assert space < spread(1.5, 30.0, 9)[1]


def test_every_line_but_the_last_reaches_the_margin(root: Path) -> None:
    content = pdf(root, f"<p>{PROSE * 4}</p>")
    lines = rows(content)
    assert len(lines) > 6
    for line in lines[:-1]:
        assert line[0].box[0] == pytest.approx(LEFT, abs=0.2)
        assert line[-1].box[2] == pytest.approx(RIGHT, abs=0.3), text(line)


def test_lines_with_emphasis_code_links_notes_and_formulas_reach_the_margin(root: Path) -> None:
    body = "".join(
        f"<p>{PROSE[: 60 + 7 * n]}<em>{PROSE[:30]}</em> and <code>a.long_name(of, {n})</code>, "
        f'<strong>so <a href="https://example.org">x</a></strong> $a_{n} + b = c + d + e$ is it'
        f'<span class="footnote">A note.</span>. {PROSE}</p>'
        for n in range(12)
    )
    lines = rows(pdf(root, body))
    full = [line for line, after in pairwise(lines) if after[0].page == line[0].page]
    ends = [line[-1].box[2] for line in full if line[-1].box[2] > RIGHT - 25]
    assert len(ends) > 30
    assert [end for end in ends if end > RIGHT + 0.3] == []


def test_text_on_the_left_stays_on_the_left(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    ours = (ROOT / "templates" / "report.css").read_text()
    (tmp_path / "templates" / "report.css").write_text(ours + "p { text-align: left }")
    lines = rows(pdf(tmp_path, f"<p>{PROSE * 4}</p>"))
    ends = [round(line[-1].box[2]) for line in lines]
    assert len(set(ends)) > 3
    assert max(ends) <= RIGHT + 1


def test_words_are_parted_by_liang_s_patterns(root: Path) -> None:
    words = "counted recorded directly " * 60
    parts = [text(line).rstrip() for line in rows(pdf(root, f"<p>{words}</p>"))]
    ends = {line.rpartition(" ")[2] for line in parts if line.endswith("-")}
    assert ends.isdisjoint({"coun-", "recor-", "dir-"})


def test_korean_words_stay_whole_and_lines_full(root: Path) -> None:
    body = (
        "걷는 사람이 멀리 가는 데에는 거리의 제곱만큼 시간이 걸리므로 두 배를 가려면 네 배가 든다. "
        * 5
    )
    lines = [line for line in rows(pdf(root, f"<p>{body}</p>", "ko")) if len(text(line)) > 20]
    assert len(lines) > 3
    starts = {word[:2] for word in body.split()}
    for line in lines:
        assert text(line).split()[0][:2] in starts
    for line in lines[:-1]:
        assert line[-1].box[2] == pytest.approx(RIGHT, abs=0.5)


def test_a_long_formula_goes_on_in_the_next_line_and_stays_one_formula(root: Path) -> None:
    formula = "$a_1 + a_2 + a_3 + a_4 = b_1 + b_2 + b_3 + b_4 = c_1 + c_2 + c_3 + c_4$"
    content = pdf(root, f"<p>{PROSE[:155]} {formula} {PROSE}</p>")
    places = {round(p.box[1]) for p in pieces(content) if p.tags[-1:] == ("Formula",)}
    assert len(places) == 2
    said = [entries["Alt"] for path, entries in structure(content) if path[-1] == "Formula"]
    assert len(said) == 1


def test_a_displayed_formula_too_wide_is_broken_and_never_shrunk(root: Path) -> None:
    terms = " + ".join(f"x_{{{n}}}" for n in range(14))
    long = pdf(root, f'<div class="equation">$$y = {terms} = {terms}, \\qquad z = 1$$</div>')
    places = {round(p.box[1]) for p in pieces(long) if p.tags[-1:] == ("Formula",)}
    assert len(places) >= 2
    assert [p for p in pieces(long) if p.kind == "text" and p.box[2] > RIGHT + 1] == []
    said = [entries["Alt"] for path, entries in structure(long) if path[-1] == "Formula"]
    assert len(said) == 1


def test_indents_to_either_side_leave_the_right_margin_alone(root: Path) -> None:
    for indent in ("2em", "-1.6em"):
        lines = rows(
            pdf(root, f'<p style="text-indent: {indent}; padding-left: 2em">{PROSE * 3}</p>')
        )
        assert {round(line[-1].box[2], 0) for line in lines[:-1]} == {round(RIGHT, 0)}


def test_pages_end_at_the_same_height(root: Path) -> None:
    # Paragraphs that can't be parted, each with its equation: pages would end at any height.
    part = f"<h3>So</h3><p>{PROSE}</p><div class='equation'>$$x = \\frac{{a}}{{b}}$$</div>"
    content = pdf(root, "".join(part * 1 + f"<p>{PROSE * (n % 3)}</p>" for n in range(24)))
    lowest: dict[int, float] = {}
    for piece in pieces(content):
        if piece.tags:  # the form of a formula hangs over by half an em
            bottom = piece.box[1] + (5.3 if piece.kind == "form" else 0.0)
            lowest[piece.page] = min(bottom, lowest.get(piece.page, 900.0))
    pages = sorted(lowest)
    assert len(pages) > 3
    assert max(lowest[page] for page in pages[:-1]) < (30 + 6) / 25.4 * 72
    assert min(lowest[page] for page in pages[:-1]) > 30 / 25.4 * 72 - 2
