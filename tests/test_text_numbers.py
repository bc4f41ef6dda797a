"""What counts as a typed number, and what may stand in a text as it is."""

import pytest

from generator.text.values.numbers import typed_numbers

TYPED = [
    "0.568", "3.5", ".5", "50%", "50 %", "12.5 %", "５０％", "7 ‰", "3 ± 1", "3±1", "± 2",
    "3 +/- 1", "1e-5", "1E5", "2.5e10", "10^6", "10⁻⁵", "5.7×10⁻⁵", "5 x 10^3", "0,5", "1,234.5",
    "0.5mm", "2.5x", "50 percent", "50 per cent", "50퍼센트", "50\\%", "0&#46;5", "50&percnt;",
    "loss-0.5",
]  # fmt: skip
FINE = [
    "2017", "1,000", "10 000", "week 7", "21:00", "2026-08-02", "2026.08.02", "24.12.2025",
    "2026.05", "v1.2", "V2.0", "version 3.11", "Python 3.11", "3.11.2", "버전 2.1", "GPT-3.5",
    "fig1.2", "x2.5", "§3.2", "Section 3.2", "Chapter 4.1", "Theorem 2.1", "Eq. (3.1)", "3.2절",
    "그림 3.1", "arXiv:1706.03762", "10.1000/182", "https://example.org/0.5", "in 2017.",
    "PyTorch 2.13", "CUDA 12.1", "Ubuntu 22.04", "HTTP/1.1", "CC BY-SA 4.0", "Apache 2.0", "T5-3.1",
    "Qwen2.5-0.5B", "arXiv 1706.03762", "파이썬 3.11", "Part 2.3", "per cent", "3 프로젝트",
    "<https://example.org/0.5>", "[0.5](https://example.org)", "[x](y/0.5)", "[0.5]{.const}",
    "[28.4]{.quoted cite=k}", "`0.5`", "$0.5$", "{{ value.x }}", "{{ value.x * 0.5 }}",
    "\n\n```\n0.5\n```\n\n", "127.0.0.1", "3e8a1f", '<img width="50%">',
]  # fmt: skip


@pytest.mark.parametrize("number", TYPED)
def test_a_measured_number_is_typed(number: str) -> None:
    for text in (f"It is {number} here.", f"- {number}", f"| a | {number} |", f"약 {number}이다"):
        assert len(typed_numbers(text, "README.md")) == 1, text


@pytest.mark.parametrize("words", FINE)
def test_a_name_a_date_and_a_quoted_number_are_not(words: str) -> None:
    assert typed_numbers(f"It is {words} here.", "README.md") == []


def test_a_typed_number_is_shown_with_its_line() -> None:
    text = "One.\n\n```\n0.1\n```\n\nTwo `0.2\n0.3` and 0.4.\n\n"
    text = text + '![A 0.5.](x.png){#f fig-alt="A\n0.6"}\n'
    found = typed_numbers(text, "README.md", 10)
    assert [str(problem) for problem in found] == [
        "README.md:17: the number 0.4 is typed",
        "README.md:19: the number 0.5 is typed",
        "README.md:20: the number 0.6 is typed",
    ]
