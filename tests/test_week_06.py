"""Week 6: its measures against closed forms, its findings against the real model."""

import csv
import math

import pytest
import torch
from common.bert import Trace, unit
from common.heads import (
    agreement,
    antisymmetric_share,
    content,
    cosine_limit,
    form,
    identity_share,
    moved_weight,
    off_diagonal_rows,
    popularity,
    scores,
    state_cosines,
    without_lengths,
)
from common.minilm import MiniLM, load_minilm
from common.vectors import correlation, cosine, degrees
from torch import Tensor

from tests.pinned import ROOT, model_path
from tests.scripts import script

WEEK = script("week-06")


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return load_minilm(
        model_path("minilm-weights"), model_path("minilm-tokenizer"), model_path("minilm-config")
    )


@pytest.fixture(scope="module")
def traces(minilm: MiniLM) -> list[Trace]:
    text = (ROOT / "reports/week-06/data/sentences.txt").read_text(encoding="utf-8")
    return [minilm.trace(sentence) for sentence in text.splitlines()]


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


# ---------------------------------------------------------------- vectors


def test_the_angle_of_a_diagonal_is_45_degrees() -> None:
    assert degrees(cosine(torch.tensor([1.0, 0]), torch.tensor([2.0, 2.0]))) == pytest.approx(45)
    assert correlation(torch.arange(5.0), 3 - 2 * torch.arange(5.0)) == pytest.approx(-1)


def test_the_contrast_is_the_mean_over_pairs_of_its_definition() -> None:
    capitals, cities = unit(drawn(2, 7, 5))
    found, _ = WEEK.contrast(capitals, cities)
    slow = [
        float(
            capitals[i] @ capitals[j]
            + cities[i] @ cities[j]
            - capitals[i] @ cities[j]
            - cities[i] @ capitals[j]
        )
        for i in range(7)
        for j in range(7)
        if i != j
    ]
    assert found == pytest.approx(sum(slow) / len(slow), abs=1e-12)


def test_coins_that_swap_nothing_leave_the_contrast_and_all_coins_average_to_zero() -> None:
    differences = drawn(4, 6)
    found, _ = WEEK.contrast(differences, torch.zeros(4, 6, dtype=torch.float64))
    many = WEEK.flipped_contrasts(differences, 4000, torch.Generator().manual_seed(1))
    # Four coins have sixteen outcomes: the contrast itself is among those that were drawn.
    assert float((many - found).abs().min()) < 1e-12
    # Every cross term has a random sign, so the mean is 0 within four standard errors.
    assert abs(float(many.mean())) < 4 * float(many.std()) / math.sqrt(4000)


def test_a_common_direction_is_found_and_noise_is_not() -> None:
    noise = drawn(24, 50)
    source = torch.Generator().manual_seed(1)
    for strength, significant in ((0.0, False), (1.0, True)):
        found, differences = WEEK.contrast(noise + strength, torch.zeros_like(noise))
        chance = WEEK.flipped_contrasts(differences, 2000, source)
        assert (float((chance >= found).double().mean()) < 0.01) is significant


# ---------------------------------------------------------------- heads


def test_a_head_with_the_identity_as_its_form_agrees_with_the_cosines() -> None:
    states = unit(drawn(9, 4))
    same = states.view(1, 1, 9, 4)
    nothing = torch.empty(0)
    found = Trace(states[None], same, same, nothing, nothing, nothing)
    assert agreement([found], 0, 0) == pytest.approx(1)
    assert torch.allclose(scores(found, 0, 0) * 2, state_cosines(found, 0))
    opposite = Trace(states[None], -same, same, nothing, nothing, nothing)
    assert agreement([opposite], 0, 0) == pytest.approx(-1)


def test_keys_that_please_every_query_alike_are_all_popularity() -> None:
    keys = drawn(1, 1, 8, 4)
    one_query = drawn(4).expand(1, 1, 8, 4)
    nothing = torch.empty(0)
    assert popularity([Trace(nothing, one_query, keys, *[nothing] * 3)], 0, 0) == pytest.approx(1)


def test_rows_are_centred_without_their_diagonal() -> None:
    matrix = torch.tensor([[99.0, 1, 3], [4, 99, 8], [0, 0, 99]])
    assert off_diagonal_rows(matrix).tolist() == [-1, 1, -2, 2, 0, 0]
    assert content(drawn(5, 5)).shape == (3, 3)


def test_the_antisymmetric_share_follows_its_closed_form() -> None:
    matrix = drawn(20, 20)
    closed = 0.5 - float((matrix @ matrix).trace() / (2 * matrix.square().sum()))
    assert antisymmetric_share(matrix) == pytest.approx(closed)
    assert antisymmetric_share(matrix + matrix.T) == 0
    assert antisymmetric_share(matrix - matrix.T) == pytest.approx(1)
    # A random product of rank 32 in 384 dimensions, as a fresh head would have.
    fresh = drawn(2, 32, 384)
    assert antisymmetric_share(fresh[0].T @ fresh[1]) == pytest.approx(0.5, abs=0.01)


def test_a_projection_comes_as_close_to_the_identity_as_its_rank_allows() -> None:
    basis, _ = torch.linalg.qr(drawn(384, 32))
    assert identity_share(basis @ basis.T) == pytest.approx(32 / 384)


def test_the_form_gives_the_scores_up_to_terms_of_bias(minilm: MiniLM) -> None:
    found = minilm.trace("Paris is a city")
    block = minilm.encoder.blocks[1]
    rows = slice(3 * 32, 4 * 32)
    states = found.hidden[1]
    popular = (states @ block.key.weight[rows].T) @ block.query.bias[rows]
    expected = (states @ form(minilm.encoder, 1, 3) @ states.T + popular) / math.sqrt(32)
    difference = scores(found, 1, 3) - expected
    # What is left is one number a row: the softmax cannot see it.
    assert float(difference.std(dim=1).max()) < 1e-4


def test_no_softmax_of_cosines_exceeds_its_limit() -> None:
    extreme = torch.tensor([1.0, *[-1.0] * 9], dtype=torch.float64)
    assert float(torch.softmax(extreme, 0)[0]) == pytest.approx(cosine_limit(10))
    assert float(torch.softmax(drawn(500, 10).clamp(-1, 1), 1).max()) <= cosine_limit(10)
    assert cosine_limit(1) == 1


def test_lengths_are_taken_away_and_directions_stay() -> None:
    vectors = drawn(3, 6, 4)
    flat = without_lengths(vectors)
    assert torch.allclose(
        flat.norm(dim=-1), vectors.norm(dim=-1).mean(-1, keepdim=True).expand(3, 6)
    )
    assert torch.allclose(unit(flat), unit(vectors))
    assert float(moved_weight(torch.tensor([1.0, 0]), torch.tensor([0.0, 1]))) == 1


# ---------------------------------------------------------------- what the report says


def test_what_is_said_of_paris_holds(minilm: MiniLM) -> None:
    paris, chicago, berlin, lyon, busan = minilm.embed(
        ["Paris", "Chicago", "Berlin", "Lyon", "Busan"]
    )
    near = [round(float(paris @ other), 3) for other in (chicago, berlin, lyon, busan)]
    assert near == [0.573, 0.568, 0.497, 0.166]


def test_every_shouted_word_is_shorter_than_it_was(minilm: MiniLM) -> None:
    for word in (*WEEK.SHOUTED, "화재", "고양이"):
        plain, loud = minilm.raw([word, word + "!!!!!!!"]).norm(dim=1)
        assert float(loud) < float(plain)


def test_the_place_names_are_whole_and_different() -> None:
    with (ROOT / "reports/week-06/data/places.csv").open(encoding="utf-8") as file:
        places = list(csv.DictReader(file))
    names = [name for place in places for name in place.values()]
    assert len(places) == 24
    assert len(set(names)) == 72


def test_head_9_of_layer_2_is_the_most_alike_and_the_most_symmetric(
    minilm: MiniLM, traces: list[Trace]
) -> None:
    places = [(layer, head) for layer in range(6) for head in range(12)]
    agrees = {place: agreement(traces, *place) for place in places}
    odd = {place: antisymmetric_share(form(minilm.encoder, *place)) for place in places}
    assert max(agrees, key=lambda place: agrees[place]) == WEEK.ALIKE == (2, 9)
    assert [place for place in places if agrees[place] > 0.5] == [WEEK.ALIKE]
    assert min(odd, key=lambda place: odd[place]) == WEEK.ALIKE
    assert sum(share < 0.5 for share in odd.values()) >= 68


def test_the_nearest_city_gets_the_smallest_weight_in_the_layers_that_the_report_names(
    minilm: MiniLM,
) -> None:
    found, tokens = minilm.trace(WEEK.CITIES), minilm.tokens(WEEK.CITIES)
    paris, *others = (tokens.index(word) for word in ("paris", "berlin", "beijing", "seoul"))
    for layer, nearest in ((0, 0), (2, 1)):
        near = state_cosines(found, layer)[paris, others]
        weights = found.attention[layer].mean(0)[paris, others]
        assert int(near.argmax()) == int(weights.argmin()) == nearest
    there, back = found.attention[0].mean(0)[[paris, others[1]], [others[1], paris]].tolist()
    assert there > 2 * back


# ---------------------------------------------------------------- examples by hand


def test_a_head_that_swaps_looks_at_the_other_token() -> None:
    weights = WEEK.swapped_weights()
    other = 1 / (1 + math.exp(-1 / math.sqrt(2)))
    assert weights[0].tolist() == pytest.approx([1 - other, other], abs=1e-15)
    assert weights[1].tolist() == pytest.approx([other, 1 - other], abs=1e-15)


def test_the_average_of_vectors_with_one_cosine_has_the_length_of_the_formula() -> None:
    # The rows of a square root of the Gram matrix have exactly these lengths and cosines.
    gram = torch.full((4, 4), 0.25, dtype=torch.float64).fill_diagonal_(1)
    rows = torch.linalg.cholesky(gram)
    found = rows.mean(dim=0).norm().item()
    assert WEEK.average_length(4, 0.25) == pytest.approx(found, abs=1e-15)


def test_the_antisymmetric_share_is_a_half_less_the_trace_of_the_square() -> None:
    matrix = torch.randn(7, 7, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    expected = 0.5 - torch.trace(matrix @ matrix) / (2 * matrix.square().sum())
    assert antisymmetric_share(matrix) == pytest.approx(expected.item(), abs=1e-14)
