"""common.bpe against the library tokenizers, hand-made cases and what merging must obey."""

from collections import Counter

import pytest
from common.bpe import (
    Merge,
    as_bytes,
    as_characters,
    encode,
    frequency,
    learn,
    length,
    likelihood,
    merge_pair,
    pair_counts,
    pieces,
    symbol_counts,
    words_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from tests.scripts import ROOT

TEXT = (ROOT / "reports/week-04/data/training.en.txt").read_text(encoding="utf-8")
KOREAN = (ROOT / "reports/week-04/data/training.ko.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=[TEXT, KOREAN], ids=["English", "Korean"])
def learned(request: pytest.FixtureRequest) -> tuple[str, list[Merge]]:
    words = Counter(as_bytes(word) for word in words_of(request.param))
    return request.param, learn(words, 200)


def test_a_pair_is_merged_from_the_left_and_never_twice_over_one_letter() -> None:
    assert merge_pair((b"a", b"a", b"a"), (b"a", b"a")) == (b"aa", b"a")
    assert merge_pair((b"a", b"b", b"a", b"b"), (b"a", b"b")) == (b"ab", b"ab")
    assert merge_pair((b"b",), (b"a", b"b")) == (b"b",)


def test_the_classic_example_merges_its_endings_first() -> None:
    # Sennrich et al., algorithm 1: e s, es t, est </w>, l o, lo w, … with ties broken otherwise.
    words = {"low·": 5, "lower·": 2, "newest·": 6, "widest·": 3}
    steps = learn({as_characters(word): often for word, often in words.items()}, 5)
    assert [(step.symbol.decode(), step.saved) for step in steps[:3]] == [
        ("es", 9),
        ("est", 9),
        ("est·", 9),
    ]
    assert {step.symbol.decode() for step in steps[3:]} == {"lo", "low"}


def test_the_first_merge_is_the_most_frequent_pair_of_the_text() -> None:
    words = Counter(as_bytes(word) for word in words_of("ab ab ac"))
    assert pair_counts(words) == {(b" ", b"a"): 2, (b"a", b"b"): 2, (b"a", b"c"): 1}
    assert learn(words, 1) == [Merge(b" ", b"a", 2)]


def test_equal_counts_go_to_the_smaller_bytes() -> None:
    assert learn({(b"c", b"d"): 2, (b"a", b"b"): 2}, 1) == [Merge(b"a", b"b", 2)]


def test_learning_ends_when_no_pair_repeats() -> None:
    assert learn({(b"a", b"b", b"c"): 1}, 10) == []
    assert len(learn({(b"a", b"b"): 2}, 10)) == 1


def test_each_merge_shortens_the_text_by_its_count(learned: tuple[str, list[Merge]]) -> None:
    text, steps = learned
    left = len(text.encode()) - sum(step.saved for step in steps)
    assert len(pieces(text, steps)) == left


def test_no_merge_saves_more_than_the_one_before(learned: tuple[str, list[Merge]]) -> None:
    gains = [step.saved for step in learned[1]]
    assert gains == sorted(gains, reverse=True)


def test_the_counts_kept_while_learning_are_those_of_the_text_itself() -> None:
    # The trainer counts only the words that change; here every count is made anew.
    words: dict[tuple[bytes, ...], int] = Counter(as_bytes(word) for word in words_of(TEXT[:1500]))
    for step in learn(words, 40):
        counts, symbols = pair_counts(words), symbol_counts(words)
        pair = (step.left, step.right)
        assert counts[pair] == max(counts.values())
        assert frequency(counts[pair], symbols[pair[0]], symbols[pair[1]]) >= step.saved
        before = length(words)
        words = {merge_pair(word, pair): often for word, often in words.items()}
        assert before - length(words) == step.saved


def test_the_library_tokenizers_learns_merges_that_save_as_much(
    learned: tuple[str, list[Merge]],
) -> None:
    text, steps = learned
    library = Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=256 + len(steps),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    library.train_from_iterator([text], trainer)
    theirs = len(library.encode(text).ids)
    # Ties are broken in another order, and near the end each merge saves about a dozen tokens.
    assert len(pieces(text, steps)) == pytest.approx(theirs, rel=0.01)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=100, deadline=None)
def test_the_pieces_of_any_text_join_to_its_bytes(text: str) -> None:
    steps = [Merge(b" ", b"a", 1), Merge(b"\xeb", b"\x8a", 1), Merge(b"\xeb\x8a", b"\xa6", 1)]
    assert b"".join(pieces(text, steps)) == text.encode()


def test_the_merge_learned_first_wins_over_a_longer_token() -> None:
    order = {(b"a", b"b"): 1, (b"b", b"c"): 0, (b"ab", b"c"): 2}
    assert encode((b"a", b"b", b"c"), order) == (b"a", b"bc")


def test_wordpieces_score_prefers_letters_that_are_rarely_seen_apart() -> None:
    words = {(b"q", b"u"): 3, (b"e", b"e"): 5, (b"e",): 20, (b"u",): 1}
    assert learn(words, 1)[0].symbol == b"ee"
    assert learn(words, 1, likelihood)[0].symbol == b"qu"
