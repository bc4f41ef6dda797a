"""Week 8: the layer against torch's, the bug that shapes miss, heads against closed forms."""

import csv
import math
from collections.abc import Callable

import pytest
import torch
from common.bert import Trace, trace
from common.combining import checks, combine_as_written, layer, normals
from common.heads import divergences, effective_rank, entropy, form, previous_weight, recovered
from common.minilm import MiniLM, load_minilm
from common.pronouns import best_of_coins, pronoun_weights
from common.pruning import kept_vectors
from common.transformer.attention import MultiHeadAttention, merge_heads, split_heads
from torch import Tensor, nn

from tests.pinned import ROOT, model_path
from tests.scripts import script

WEEK = script("week-08")
# Sums of at most 64 float64 products of size 1 in two orders.
ROUNDING = 1e-12


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return load_minilm(
        model_path("minilm-weights"), model_path("minilm-tokenizer"), model_path("minilm-config")
    )


@pytest.fixture(scope="module")
def traces(minilm: MiniLM) -> list[Trace]:
    text = (ROOT / WEEK.SENTENCES).read_text(encoding="utf-8")
    return [minilm.trace(sentence) for sentence in text.splitlines()]


def source() -> torch.Generator:
    return torch.Generator().manual_seed(0)


# ---------------------------------------------------------------- the notebook's bug


def notebook() -> tuple[Tensor, list[Tensor]]:
    """One sentence of 6 tokens of width 16, and four matrices."""
    drawn = source()
    return normals(1, 6, 16, source=drawn), [normals(16, 16, source=drawn) for _ in range(4)]


def torchs(x: Tensor, maps: list[Tensor], heads: int) -> tuple[Tensor, Tensor]:
    """The same layer by torch.nn.MultiheadAttention."""
    reference = nn.MultiheadAttention(16, heads, bias=False, batch_first=True).double()
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([matrix.T for matrix in maps[:3]]))
        reference.out_proj.weight.copy_(maps[3].T)
        output, weights = reference(x, x, x, average_attn_weights=False)
    return output, weights


@pytest.mark.parametrize("combine", [merge_heads, combine_as_written])
def test_every_shape_and_every_weight_is_right_with_and_without_the_bug(
    combine: Callable[[Tensor], Tensor],
) -> None:
    x, maps = notebook()
    output, weights = layer(x, maps, 4, combine)
    assert (output.shape, weights.shape) == ((1, 6, 16), (1, 4, 6, 6))
    torch.testing.assert_close(weights, torchs(x, maps, 4)[1], rtol=0, atol=ROUNDING)


def test_the_right_layer_agrees_with_torch_and_the_notebooks_does_not() -> None:
    x, maps = notebook()
    expected, _ = torchs(x, maps, 4)
    # Outputs of size 10 from three products of 16 terms each.
    torch.testing.assert_close(layer(x, maps, 4, merge_heads)[0], expected, rtol=0, atol=1e-11)
    assert (layer(x, maps, 4, combine_as_written)[0] - expected).abs().max() > 10


def test_permuting_the_tokens_catches_the_bug() -> None:
    x, maps = notebook()
    order = torch.tensor([5, 4, 3, 2, 1, 0])

    def moves_with_them(combine: Callable[[Tensor], Tensor]) -> bool:
        there, _ = layer(x[:, order], maps, 4, combine)
        here, _ = layer(x, maps, 4, combine)
        return torch.allclose(there, here[:, order], rtol=0, atol=1e-11)

    assert moves_with_them(merge_heads)
    assert not moves_with_them(combine_as_written)


def test_three_of_the_seven_checks_notice_the_bug() -> None:
    assert all(checks(merge_heads).values())
    failed = [name for name, passed in checks(combine_as_written).items() if not passed]
    assert failed == [
        "permuting the tokens permutes the outputs",
        "combining undoes splitting",
        "changing head 1 changes its four columns only",
    ]


def test_the_studys_own_layer_and_encoder_combine_their_heads_rightly(minilm: MiniLM) -> None:
    own = MultiHeadAttention(16, 4).double()
    x = normals(2, 5, 16, source=source())
    order = torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(own(x[:, order])[0], own(x)[0][:, order], rtol=0, atol=ROUNDING)
    torch.testing.assert_close(merge_heads(split_heads(x, 4)), x, rtol=0, atol=0)
    nowhere = WEEK.replace(minilm.encoder, positions=torch.zeros_like(minilm.encoder.positions))
    words = minilm.words[minilm.ids("the cat saw the dog")[:5]]
    there = trace(nowhere, words[order]).hidden[-1]
    # Six layers of float32.
    torch.testing.assert_close(there, trace(nowhere, words).hidden[-1][order], rtol=0, atol=2e-5)


# ---------------------------------------------------------------- definitions, kernel, capacity


def test_the_layer_is_the_sum_of_its_heads() -> None:
    x, maps = notebook()
    query, key, value, output = maps
    total = torch.zeros_like(x)
    for head in range(4):
        part = slice(4 * head, 4 * head + 4)
        alone = [matrix[:, part] for matrix in (query, key, value)]
        weights = torch.softmax(x @ alone[0] @ (x @ alone[1]).transpose(1, 2) / 2, dim=-1)
        total += weights @ x @ (alone[2] @ output[part])
    torch.testing.assert_close(total, layer(x, maps, 4, merge_heads)[0], rtol=0, atol=1e-11)


@pytest.mark.parametrize("heads", [1, 2, 4, 8])
def test_the_number_of_weights_does_not_depend_on_the_heads(heads: int) -> None:
    own = MultiHeadAttention(16, heads)
    assert sum(p.numel() for p in own.parameters()) == 4 * 16**2 + 4 * 16


def test_one_head_tells_of_each_token_its_weights_square_over_the_sum_of_squares() -> None:
    mixing = torch.tensor([[0.6, 0.3, 0.1]], dtype=torch.float64)
    found = recovered(mixing, torch.eye(2, dtype=torch.float64)[None], source())
    expected = mixing[0].square() / mixing.square().sum()
    # 4000 samples: R² is known to about 2 √(R² (1 − R²)² / 4000) < 0.02.
    torch.testing.assert_close(found, expected, rtol=0, atol=0.02)


def test_heads_carry_as_many_tokens_as_the_rank_of_their_weights() -> None:
    # Two heads that tell the first two tokens apart; a third would make the fit rank-deficient.
    mixing = torch.tensor([[1, 0, 0, 0], [0.5, 0.5, 0, 0]], dtype=torch.float64)
    maps = torch.eye(2, dtype=torch.float64).expand(2, 2, 2)
    found = recovered(mixing, maps, source())
    torch.testing.assert_close(
        found, torch.tensor([1, 1, 0, 0], dtype=torch.float64), rtol=0, atol=0.01
    )


# ---------------------------------------------------------------- measures


def test_equal_singular_values_have_their_number_as_effective_rank() -> None:
    assert effective_rank(torch.tensor([2.0, 2, 2, 0])) == pytest.approx(3)
    assert effective_rank(torch.tensor([5.0, 0, 0])) == pytest.approx(1)


def test_entropy_and_divergence_have_their_known_values() -> None:
    uniform, sharp = torch.full((1, 2, 4), 0.25), torch.eye(4)[None, :2]
    other = torch.eye(4)[None, 2:]
    torch.testing.assert_close(entropy(uniform), torch.full((1, 2), 2.0))
    found = divergences(torch.cat([uniform, sharp, other]))
    assert found.diagonal().abs().max() < 1e-6
    assert found[1, 2] == pytest.approx(1)
    # m = (5, 1, 1, 1)/8 against a uniform and a certain distribution.
    mean = -(5 / 8 * math.log2(5 / 8) + 3 / 8 * math.log2(1 / 8))
    assert found[0, 1] == pytest.approx(mean - 2 / 2)


def test_the_best_of_many_coins_is_that_of_a_simulation() -> None:
    assert best_of_coins(1, 24) == pytest.approx(12)
    drawn = torch.randint(0, 2, (2000, 72, 24), generator=source())
    best = drawn.sum(dim=2).amax(dim=1).double()
    # The mean of 2000 draws is known to best.std() / √2000, about 0.025; four of them.
    assert best_of_coins(72, 24) == pytest.approx(float(best.mean()), abs=0.1)


# ---------------------------------------------------------------- the real model


def test_every_head_has_full_rank_and_an_effective_rank_of_thirty(minilm: MiniLM) -> None:
    every = [
        torch.linalg.svdvals(form(minilm.encoder, *place).double())
        for place in [(i, head) for i in range(6) for head in range(12)][::5]
    ]
    assert all(s[31] > 1e5 * s[32] for s in every)
    mean = sum(map(effective_rank, every)) / len(every)
    assert mean == pytest.approx(30.3, abs=0.5)


def test_head_two_of_layer_zero_looks_back_and_differs_most(
    minilm: MiniLM, traces: list[Trace]
) -> None:
    weights = torch.stack([previous_weight(t) for t in traces]).mean(dim=0)
    assert divmod(int(weights.argmax()), 12) == WEEK.LOOK_BACK
    assert weights[WEEK.LOOK_BACK] > 0.99
    between = torch.stack([divergences(t.attention.flatten(end_dim=1)) for t in traces[:5]])
    assert divmod(int(between.mean(dim=0).sum(dim=1).argmax()), 12) == WEEK.LOOK_BACK


def test_the_pronoun_head_finds_the_nouns_but_not_the_right_one(minilm: MiniLM) -> None:
    with (ROOT / "reports/week-08/data/pronouns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first, second = pronoun_weights(minilm, rows)
    both = torch.stack([first, second]).sum(dim=-1).mean(dim=(0, 1))
    assert divmod(int(both.argmax()), 12) == WEEK.PRONOUN
    right = (first[..., 0] > first[..., 1]).sum(dim=0) + (second[..., 1] > second[..., 0]).sum(
        dim=0
    )
    assert int(right.max()) < best_of_coins(72, 2 * len(rows))


def test_the_famous_sentence_gives_the_famous_weight(minilm: MiniLM) -> None:
    tokens = minilm.tokens(WEEK.TIRED)
    row = minilm.trace(WEEK.TIRED).attention[WEEK.PRONOUN][tokens.index("it")]
    assert float(row[tokens.index("animal")]) == pytest.approx(0.677, abs=5e-4)


def test_pruning_no_head_changes_nothing(minilm: MiniLM) -> None:
    texts = ["The cat slept."]
    whole = kept_vectors(minilm, texts, None)
    # The same numbers with sums in another order.
    assert torch.allclose(whole, minilm.embed(texts), atol=1e-6)
    assert torch.equal(kept_vectors(minilm, texts, torch.ones(6, 12)), whole)
    assert float((kept_vectors(minilm, texts, torch.zeros(6, 12)) * whole).sum()) < 0.9


def test_the_bug_is_harmless_for_one_head_or_one_token_only() -> None:
    for heads, tokens in ((1, 5), (4, 1), (2, 2), (3, 4)):
        x = torch.arange(float(heads * tokens * 2)).view(1, heads, tokens, 2)
        same = torch.equal(merge_heads(x), combine_as_written(x))
        assert same == (heads == 1 or tokens == 1)
