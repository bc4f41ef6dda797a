"""Week 4: its bytes, tokens and prices against independent counts."""

import csv
import math
from itertools import product

import pytest
import torch
from common.vocabularies import Vocabulary, load_sentencepiece, load_tokenizer_json

from tests.pinned import ROOT, model_path
from tests.scripts import script

WEEK = script("week-04")
FOLDER = ROOT / "reports/week-04/data"


@pytest.fixture(scope="module")
def deepseek() -> Vocabulary:
    return load_tokenizer_json(model_path("deepseek"))


@pytest.fixture(scope="module")
def mistral() -> Vocabulary:
    return load_sentencepiece(model_path("mistral-v1"))


@pytest.mark.parametrize("letter", ["늦", "가", "힣", "ࠀ", "€", "�"])
def test_the_formula_for_three_bytes_is_pythons_utf8(letter: str) -> None:
    assert WEEK.utf8_of_three(ord(letter)) == letter.encode()


def test_every_syllable_begins_with_one_of_four_bytes() -> None:
    firsts = {chr(point).encode()[0] for point in range(0xAC00, 0xD7A4)}
    assert firsts == {0xEA, 0xEB, 0xEC, 0xED}


def test_the_sentence_has_all_that_is_recorded_of_the_groups(mistral: Vocabulary) -> None:
    assert len(WEEK.SENTENCE) == WEEK.CHARACTERS == 43
    assert len(WEEK.SENTENCE.encode()) == WEEK.BYTES == 85
    ids = mistral.encode(WEEK.SENTENCE)
    assert len(ids) == WEEK.OPENCHAT == 41
    assert any(ids[i : i + 3] == [238, 141, 169] for i in range(len(ids)))
    for word in ("나는", "늦게", "희망", "late-bloomer"):
        assert word in WEEK.SENTENCE


def test_the_picture_of_76_tokens_was_not_made_with_deepseek_v3(deepseek: Vocabulary) -> None:
    # The picture has 207, 13 and 12 for these three.
    assert [deepseek.encode(mark)[0] for mark in (" ", ".", "-")] == [223, 16, 15]
    assert len(deepseek.encode(WEEK.SENTENCE)) < WEEK.OPENCHAT


def test_every_sentence_of_the_frames_takes_fewer_tokens_in_deepseek(
    deepseek: Vocabulary, mistral: Vocabulary
) -> None:
    lines = (FOLDER / "frames.txt").read_text(encoding="utf-8").split("\n")[:5]
    texts = ["".join(parts) for parts in product(*(line.split("|") for line in lines))]
    assert WEEK.SENTENCE in texts
    assert all(len(deepseek.encode(t)) < len(mistral.encode(t)) for t in texts[::7])


def test_a_text_that_costs_twice_everywhere_has_an_interval_of_no_width() -> None:
    english = torch.arange(1, 9, dtype=torch.float64)
    low, high = WEEK.ratio_interval(2 * english, english, torch.Generator().manual_seed(0))
    assert (low, high) == pytest.approx((2, 2))


def test_the_interval_of_a_ratio_has_the_width_of_the_delta_method() -> None:
    source = torch.Generator().manual_seed(0)
    english = 20 + torch.randn(400, generator=source, dtype=torch.float64)
    korean = 30 + 3 * torch.randn(400, generator=source, dtype=torch.float64)
    low, high = WEEK.ratio_interval(korean, english, source)
    ratio = float(korean.mean() / english.mean())
    spread = float((korean - ratio * english).std() / english.mean() / math.sqrt(400))
    # 4000 draws fix the two ends to about 3 % of the width each.
    assert high - low == pytest.approx(2 * 1.96 * spread, rel=0.08)


def test_gains_that_fall_like_one_over_t_have_slope_minus_one() -> None:
    assert WEEK.log_slope([10_000 // t for t in range(1, 101)], 10) == pytest.approx(-1, abs=0.01)


def test_remaining_tokens_fall_by_the_counts_of_the_merges() -> None:
    steps = [WEEK.Merge(b"a", b"b", 5), WEEK.Merge(b"ab", b"c", 2)]
    assert WEEK.remaining(20, steps) == [20, 15, 13]


def test_a_beginning_never_ends_inside_a_character() -> None:
    assert WEEK.beginning("늦게", 5) == "늦"
    assert WEEK.beginning("late", 2) == "la"


def test_who_is_cheap_follows_from_the_training_text() -> None:
    texts = {
        name: (FOLDER / f"training.{name}.txt").read_text(encoding="utf-8") for name in ("en", "ko")
    }
    with (FOLDER / "pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["english"], row["korean"]) for row in csv.DictReader(file)]
    english_only = WEEK.mixed_lengths(texts, 0.0, pairs)
    korean_only = WEEK.mixed_lengths(texts, 1.0, pairs)
    assert english_only[0] * 2 < english_only[1]
    assert korean_only[1] < korean_only[0]


def test_hangul_tokens_are_those_with_a_whole_syllable() -> None:
    tokens = ["가".encode(), b" a", "가".encode()[:2], " 나는".encode()]
    vocabulary = Vocabulary(4, lambda text: [], tokens.__getitem__)
    assert WEEK.hangul_tokens(vocabulary) == 2
    assert WEEK.hangul_tokens(vocabulary, " ") == 1
