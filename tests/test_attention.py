"""common.transformer.attention against torch's own, and against what attention must obey."""

import math

import pytest
import torch
from common.transformer.attention import (
    MultiHeadAttention,
    attention,
    causal_mask,
    merge_heads,
    padding_mask,
    softmax,
    split_heads,
)
from torch import Tensor, nn

# Two different orders of summing at most 64 float64 products of size 1.
ROUNDING = 1e-13


@pytest.fixture
def triple() -> tuple[Tensor, Tensor, Tensor]:
    """Queries (2, 5, 8), keys (2, 7, 8) and values (2, 7, 3)."""
    source = torch.Generator().manual_seed(1)
    return (
        torch.randn(2, 5, 8, generator=source, dtype=torch.float64),
        torch.randn(2, 7, 8, generator=source, dtype=torch.float64),
        torch.randn(2, 7, 3, generator=source, dtype=torch.float64),
    )


def test_softmax_of_two_scores_is_the_logistic_function_of_their_difference() -> None:
    high, low = softmax(torch.tensor([1 / math.sqrt(2), 0.0], dtype=torch.float64)).tolist()
    assert high == pytest.approx(1 / (1 + math.exp(-1 / math.sqrt(2))), abs=1e-15)
    assert low == pytest.approx(1 - high, abs=1e-15)


def test_softmax_survives_scores_whose_exponential_overflows() -> None:
    scores = torch.tensor([1000.0, 999.0, -1000.0])
    expected = softmax(scores.double() - 1000)
    assert torch.equal(softmax(scores).double(), expected.float().double())


def test_attention_agrees_with_torch(triple: tuple[Tensor, Tensor, Tensor]) -> None:
    ours, weights = attention(*triple)
    theirs = nn.functional.scaled_dot_product_attention(*triple)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=ROUNDING)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 5).double(), rtol=0, atol=ROUNDING)


def test_masked_attention_agrees_with_torch(triple: tuple[Tensor, Tensor, Tensor]) -> None:
    queries, keys, values = triple
    mask = padding_mask(torch.tensor([3, 7]), 7)
    ours, weights = attention(queries, keys, values, mask)
    theirs = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=ROUNDING)
    assert torch.all(weights[0, :, 3:] == 0)


def test_a_causal_mask_hides_exactly_what_follows() -> None:
    assert causal_mask(3).int().tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_a_mask_that_hides_every_key_of_a_query_is_refused(
    triple: tuple[Tensor, Tensor, Tensor],
) -> None:
    with pytest.raises(ValueError, match="without any key"):
        attention(*triple, torch.zeros(5, 7, dtype=torch.bool))


def test_merging_undoes_splitting() -> None:
    x = torch.arange(2 * 3 * 8).reshape(2, 3, 8)
    heads = split_heads(x, 4)
    assert heads.shape == (2, 4, 3, 2)
    assert torch.equal(heads[1, 2, 0], x[1, 0, 4:6])
    assert torch.equal(merge_heads(heads), x)


def test_a_width_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="not divisible into 3 heads"):
        split_heads(torch.zeros(2, 8), 3)
    with pytest.raises(ValueError, match="not divisible into 3 heads"):
        MultiHeadAttention(8, 3)


@pytest.mark.parametrize("masked", [False, True])
def test_multi_head_attention_agrees_with_torch(masked: bool) -> None:
    torch.manual_seed(2)
    ours = MultiHeadAttention(12, 3).double()
    theirs = nn.MultiheadAttention(12, 3, batch_first=True).double()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(
            torch.cat([ours.query.weight, ours.key.weight, ours.value.weight])
        )
        theirs.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key.bias, ours.value.bias]))
        theirs.out_proj.weight.copy_(ours.output.weight)
        theirs.out_proj.bias.copy_(ours.output.bias)
        x = torch.randn(2, 5, 12, dtype=torch.float64)
        mask = causal_mask(5) if masked else None
        output, weights = ours(x, mask)
        reference, reference_weights = theirs(
            x, x, x, attn_mask=None if mask is None else ~mask, average_attn_weights=False
        )
    torch.testing.assert_close(output, reference, rtol=0, atol=ROUNDING)
    torch.testing.assert_close(weights, reference_weights, rtol=0, atol=ROUNDING)


def test_cross_attention_takes_keys_and_values_from_the_memory() -> None:
    torch.manual_seed(3)
    layer = MultiHeadAttention(8, 2)
    output, weights = layer(torch.randn(4, 8), memory=torch.randn(6, 8))
    assert output.shape == (4, 8)
    assert weights.shape == (2, 4, 6)


def test_every_head_of_a_batch_sees_its_own_padding() -> None:
    torch.manual_seed(4)
    _, weights = MultiHeadAttention(8, 2)(
        torch.randn(2, 5, 8), padding_mask(torch.tensor([2, 5]), 5)
    )
    assert torch.all(weights[0, :, :, 2:] == 0)
    assert torch.all(weights[1] > 0)
