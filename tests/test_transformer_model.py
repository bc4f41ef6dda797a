"""The assembled Transformer: parts against torch.nn's, and what each switch switches."""

import math
from dataclasses import replace

import pytest
import torch
from common.torch_twins import twins
from common.transformer.model import CrossBlock, Shape, Transformer, weights

SHAPE = Shape(vocabulary=11, longest=9, width=16, heads=4, blocks=2, inner=32)
IDS = torch.tensor([[1, 2, 3, 4, 5, 6, 7], [7, 3, 2, 9, 10, 1, 1]])


def model(**changes: object) -> Transformer:
    torch.manual_seed(3)
    found = Transformer(replace(SHAPE, **changes)).double()  # type: ignore[arg-type]
    torch.nn.init.normal_(found.embedding.weight)
    return found


@pytest.mark.parametrize("seed", [0, 1])
def test_every_part_computes_what_torch_computes(seed: int) -> None:
    for twin in twins(seed):
        assert twin.ours.shape == twin.theirs.shape
        # Sums of at most 192 products of size about 1 in float64: rounding is about
        # 192 * 1.1e-16 = 2e-14 at worst. A wrong epsilon (1e-6 for 1e-5) would show as 1e-6.
        assert twin.difference < 2e-14, twin.part


def test_twins_notice_a_wrong_mask() -> None:
    causal, everything = (t.theirs for t in (twins(0)[1], twins(1)[1]))
    assert float((causal - everything).abs().max()) > 0.1


def test_a_causal_model_does_not_see_what_comes_later() -> None:
    changed = IDS.clone()
    changed[:, 4:] = 8
    for kind in ({}, {"scale": 1.0}, {"skip": False}, {"positions": "waves"}):
        ours = model(**kind)
        torch.testing.assert_close(ours(IDS)[:, :4], ours(changed)[:, :4], rtol=0, atol=1e-13)


def test_a_model_without_mask_does() -> None:
    changed = IDS.clone()
    changed[:, 6] = 8
    ours = model(causal=False)
    difference = (ours(IDS) - ours(changed)).detach().abs()
    assert float(difference[:, 0].max()) > 1e-6


def test_without_mask_and_positions_reordering_the_words_reorders_the_outputs() -> None:
    ours = model(causal=False, positions="none")
    torch.testing.assert_close(ours(IDS.flip(1)), ours(IDS).flip(1), rtol=0, atol=1e-12)


def test_without_attention_a_token_depends_on_itself_and_its_place_alone() -> None:
    ours = model(attention=False)
    changed = IDS.clone()
    changed[:, 2] = 8
    difference = (ours(IDS) - ours(changed)).detach().abs().amax(dim=-1)
    assert float(difference[:, 2].min()) > 1e-6
    assert float(difference[:, [0, 1, 3, 4, 5, 6]].max()) == 0


def test_the_own_scale_of_one_over_root_d_is_the_default() -> None:
    torch.testing.assert_close(model(scale=1 / math.sqrt(4))(IDS), model()(IDS))


def test_the_number_of_weights_is_what_the_formula_says() -> None:
    d, f, vocabulary, longest = 16, 32, 11, 9
    block = 4 * (d * d + d) + 2 * d * f + f + d + 4 * d
    assert weights(model()) == vocabulary * d + longest * d + 2 * block + 2 * d
    cross = CrossBlock(d, 4, f)
    assert weights(cross) == block + 4 * (d * d + d) + 2 * d


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="10 tokens, but positions were learned for 9"):
        model()(torch.ones(1, 10, dtype=torch.long))
