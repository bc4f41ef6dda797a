"""Scores against hand calculations, published examples and brute force."""

import math
import random
from itertools import combinations

import pytest
from common.scores import (
    bleu,
    common_subsequence,
    exact_match,
    rouge_l,
    rouge_n,
    token_f1,
    words,
)


def test_words_leave_case_and_punctuation_behind() -> None:
    assert words("Norway's capital: OSLO!") == ["norway's", "capital", "oslo"]
    assert exact_match("Oslo.", "oslo") == 1
    assert exact_match("Oslo, Norway", "Oslo") == 0


def test_f1_by_hand() -> None:
    # Two of three words shared, two of four due: 2 * 2 / (3 + 4).
    assert token_f1("a b x", "a b c d") == pytest.approx(4 / 7)
    assert token_f1("x", "y") == 0
    assert token_f1("", "") == 1
    assert token_f1("a a a", "a b") == pytest.approx(2 / 5)  # a counts once: clipped


def test_bleu_clips_as_in_the_paper_that_introduced_it() -> None:
    # Papineni et al. (2002), example 2: "the" seven times, twice in the reference.
    candidate, reference = "the the the the the the the", "the cat is on the mat"
    assert bleu([candidate], [reference], longest=1) == pytest.approx(2 / 7)


def test_bleu_by_hand_with_its_penalty() -> None:
    # Precisions 1 and 1 for n = 1, 2; three words of four: exp(1 - 4/3).
    assert bleu(["a b c"], ["a b c d"], longest=2) == pytest.approx(math.exp(-1 / 3))
    assert bleu(["a b c d e"], ["a b c d"], longest=2) == pytest.approx(math.sqrt(4 / 5 * 3 / 4))
    assert bleu(["a b", "c d"], ["a b", "c d"], longest=2) == pytest.approx(1)
    assert bleu(["a b c"], ["a b c"]) == 0  # no four words in a row, and no smoothing


def test_rouge_l_of_the_paper_that_introduced_it() -> None:
    # Lin (2004), section 3: "police kill the gunman" and "the gunman kill police" for
    # "police killed the gunman" share sequences of three and two words of four.
    reference = "police killed the gunman"
    assert rouge_l("police kill the gunman", reference) == pytest.approx(3 / 4)
    assert rouge_l("the gunman kill police", reference) == pytest.approx(2 / 4)
    assert rouge_n("police kill the gunman", reference, 2) == pytest.approx(1 / 3)


def test_the_longest_common_subsequence_is_what_trying_all_finds() -> None:
    source = random.Random(1)
    for _ in range(30):
        a, b = (source.choices("abc", k=source.randrange(7)) for _ in range(2))
        in_b = {part for k in range(len(b) + 1) for part in combinations(b, k)}
        longest = max(k for k in range(len(a) + 1) if any(p in in_b for p in combinations(a, k)))
        assert common_subsequence(a, b) == longest


@pytest.mark.parametrize("score", [exact_match, token_f1, rouge_l])
def test_scores_are_symmetric_and_between_0_and_1(score: object) -> None:
    assert callable(score)
    source = random.Random(2)
    for _ in range(40):
        a, b = (" ".join(source.choices("abcd", k=source.randrange(1, 6))) for _ in range(2))
        assert score(a, b) == score(b, a)
        assert 0 <= score(a, b) <= 1
        assert score(a, a) == 1
