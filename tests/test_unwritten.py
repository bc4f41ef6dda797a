"""Characters without a glyph are told by writing system, with what to write or to install."""

from pathlib import Path

import pytest

from generator.machine.unwritten import from_right, unwritten
from tests.script_study import ScriptStudy


@pytest.mark.parametrize(
    ("character", "tex"),
    [
        ("ℝ", r"$\mathbb R$"),
        ("𝔼", r"$\mathbb E$"),
        ("ℱ", r"$\mathcal F$"),
        ("ℌ", r"$\mathfrak H$"),
        ("𝔄", r"$\mathfrak A$"),
        ("𝐱", r"$\mathbf x$"),
        ("𝛼", r"$\alpha$"),
        ("𝑥", "$x$"),
        ("𝚡", r"$\mathtt x$"),
        ("↦", r"$\mapsto$"),
        ("⌈", r"$\lceil$"),
        ("∎", r"$\blacksquare$"),
    ],
)
def test_a_sign_of_mathematics_is_written_as_a_formula(character: str, tex: str) -> None:
    ((first, message, hint),) = unwritten([character])
    assert first == character
    assert f"U+{ord(character):04X}" in message
    assert hint == f"write it as a formula: {tex}"


@pytest.mark.parametrize(
    ("text", "system", "package"),
    [
        ("สวัสดี", "Thai", "fontpkg-noto-sans-thai"),
        ("नमस्ते", "Devanagari", "fontpkg-noto-sans-devanagari"),
        ("标题", "Chinese", "noto-cjk-sans-jp-regular"),
        ("வணக்கம்", "Tamil", "fontpkg-noto-sans-tamil"),
    ],
)
def test_a_writing_system_is_one_problem_and_names_its_font(
    text: str, system: str, package: str
) -> None:
    ((_, message, hint),) = unwritten(sorted(set(text)))
    assert message.startswith(f"no font has {system} letters: ")
    assert f"pip install {package}" in hint


def test_every_other_character_is_a_problem_of_its_own_and_emoji_are_one() -> None:
    found = list(unwritten("ꙮ\N{CUNEIFORM SIGN A}😀🎠✅"))
    assert [message for _, message, _ in found] == [
        "no font has the character U+A66E (CYRILLIC LETTER MULTIOCULAR O)",
        "no font has the character U+12000 (CUNEIFORM SIGN A)",
        "no font has the emoji U+1F600 (GRINNING FACE), U+1F3A0 (CAROUSEL HORSE), "
        "U+2705 (WHITE HEAVY CHECK MARK)",
    ]
    many = [chr(0x1F600 + n) for n in range(9)]
    ((_, message, _),) = unwritten(many)
    assert message.endswith("and 5 more")


def test_what_runs_from_right_to_left_is_found() -> None:
    ((message, hint),) = from_right("a שלום b")
    assert message.startswith("found Hebrew letters (ש ל ו ם), which run from right to left")
    assert "fig-alt" in hint
    ((message, _),) = from_right("مرحبا")
    assert "Arabic" in message
    assert list(from_right("ℵ and 한글 and नम")) == []


def test_a_plot_says_what_it_cannot_write(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "study")
    body = """
    figure = run.new_figure(30)
    axes = figure.subplots()
    axes.plot([1, 2])
    axes.set_title("标题 \N{CUNEIFORM SIGN A}")
    axes.set_xlabel("שלום")
    run.figure("f", figure)
    """
    found = study.problems(study.body(body))
    assert [problem.message for problem in found] == [
        "figure f: no font has the character U+12000 (CUNEIFORM SIGN A)",
        "figure f: no font has Chinese letters: 标 题",
        "figure f: found Hebrew letters (ש ל ו ם), which run from right to left: "
        "pages and figures are set from left to right",
    ]
    assert "the fonts of the page alone" in found[0].hint
