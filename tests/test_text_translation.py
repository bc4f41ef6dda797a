"""A translation quotes, shows, cites and refers to what its original does."""

from pathlib import Path

import pytest

from generator.text.translation import translation_problems
from tests.text_study import rendered

ENGLISH = """## Growth {#sec-a}

It is {{ value.height | digits(2) }} by @eq-a, see @fig-a and [@kim2020].

$$ x = {{ value.share }} $$ {#eq-a}

![Growth.](figure:growth){#fig-a fig-alt="Up to {{ value.count }}."}

### More

1. Why [95 %]{.const} and [2.5 billion]{.quoted cite=darwin1859}?
2. What?

**1.** This.

**2.** That.
"""
KOREAN = """## 성장 {#sec-a}

@fig-a과 @eq-a에서 {{value.height|digits(2)}}이다. @kim2020, 그리고 @fig-a.

![성장.](figure:growth){#fig-a fig-alt="{{ value.count }}까지."}

$$ x = {{ value.share }} $$ {#eq-a}

### 더

1. 왜 [95퍼센트]{.const}, [25억]{.quoted cite=darwin1859}인가?
2. 무엇인가?

**1.** 이것.

**2.** 저것.
"""


def differences(tmp_path: Path, korean: str) -> list[str]:
    original = rendered(tmp_path / "en", ENGLISH)
    translated = rendered(tmp_path / "ko", korean, language="ko")
    problems = translation_problems(original, translated)
    return [str(problem).replace("reports/week-07/", "") for problem in problems]


def test_a_faithful_translation_may_order_its_words_freely(tmp_path: Path) -> None:
    assert differences(tmp_path, KOREAN) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "digits(2)",
            "digits(3)",
            [
                "report.ko.md: report.md:3 quotes {{ value.height | digits(2) }}, "
                "this text does not",
                "report.ko.md:3: this text quotes {{ value.height | digits(3) }}, "
                "report.md does not",
            ],
        ),
        ("@eq-a에서 ", "", ["report.ko.md: report.md:3 refers to @eq-a, this text does not"]),
        ("@kim2020, ", "", ["report.ko.md: report.md:3 cites @kim2020, this text does not"]),
        (
            "95퍼",
            "90퍼",
            [
                "report.ko.md: report.md:11 says a number with the digits 95, this text does not",
                "report.ko.md:11: this text says a number with the digits 9, report.md does not",
            ],
        ),
        (
            "2. 무엇인가?\n",
            "",
            [
                "report.ko.md: report.md:11 has the numbered list 1 of 2 items, this text does not",
                "report.ko.md:11: this text has the numbered list 1 of 1 items, report.md does not",
            ],
        ),
        (
            "**2.** 저것.",
            "저것.",
            [
                "report.ko.md: report.md:16 has the bold number 2, answer 2 of all, "
                "this text does not"
            ],
        ),
        (
            "figure:growth",
            "figure:soil",
            [
                "report.ko.md: report.md:7 shows the figure growth, this text does not",
                "report.ko.md:5: this text shows the figure soil, report.md does not",
            ],
        ),
        (
            "### 더",
            "## 더",
            ["report.ko.md:9: heading 2 is ##, but ### in report.md:9"],
        ),
        ("### 더\n", "", ["report.ko.md: heading 2 (###) of report.md:9 is not in this text"]),
        ("### 더\n", "### 더\n\n## 끝\n", ["report.ko.md:11: heading 3 (##) is not in report.md"]),
    ],
)
def test_a_difference_in_substance_is_shown(
    tmp_path: Path, old: str, new: str, said: list[str]
) -> None:
    assert differences(tmp_path, KOREAN.replace(old, new)) == said
