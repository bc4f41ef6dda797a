"""Comparing models: each tool against its definition, a closed form or a second way."""

import math

import numpy as np
import pytest
from common.comparison import (
    apart,
    bradley_terry,
    brier,
    calibration_error,
    coverage,
    elo,
    exact_power_unpaired,
    expected_score,
    holm,
    honest_errors,
    mcnemar,
    needed,
    played,
    power_paired,
    power_unpaired,
    quantile,
    question_error,
    results_table,
    sign_flip,
    simulated_ratings,
    spread,
    wald,
    wilson,
)
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_both_ends_of_wilsons_interval_are_z_away_from_what_was_seen(case: tuple[int, int]) -> None:
    right, n = case
    for end in wilson(right, n):
        distance = abs(right / n - end)
        # The defining equation; at an end of 0 or 1 both sides are 0.
        assert distance == pytest.approx(
            quantile(0.95) * math.sqrt(end * (1 - end) / n), rel=1e-9, abs=1e-9
        )


def test_one_right_answer_of_one_says_little_and_the_textbook_claims_certainty() -> None:
    assert wilson(1, 1) == pytest.approx((0.207, 1), abs=5e-4)
    assert wilson(0, 1) == pytest.approx((0, 0.793), abs=5e-4)
    assert wald(1, 1) == (1, 1)


def test_coverage_counts_the_outcomes_whose_interval_holds_p() -> None:
    # Two throws of a fair coin: Wilson holds 1/2 in every outcome, the textbook only at one of two.
    assert coverage(wilson, 2, 0.5) == 1
    assert coverage(wald, 2, 0.5) == pytest.approx(0.5)


@pytest.mark.parametrize(("n", "power"), [(20, 0.11), (100, 0.37), (300, 0.81)])
def test_power_of_eighty_against_seventy_is_that_of_the_findings(n: int, power: float) -> None:
    assert power_unpaired(0.8, 0.7, n) == pytest.approx(power, abs=5e-3)
    # The normal approximation is good to half a per cent from 20 questions on.
    assert exact_power_unpaired(0.8, 0.7, n) == pytest.approx(power_unpaired(0.8, 0.7, n), abs=5e-3)


def test_power_without_a_difference_is_the_level() -> None:
    assert power_unpaired(0.7, 0.7, 50) == pytest.approx(0.05)
    assert power_paired(0.2, 0.2, 50) == pytest.approx(0.05)
    assert power_paired(0.0, 0.0, 50) == 0


def test_the_fewest_questions_are_the_first_that_reach_the_aim() -> None:
    n = needed(lambda n: power_unpaired(0.8, 0.7, n))
    assert power_unpaired(0.8, 0.7, n - 1) < 0.8 <= power_unpaired(0.8, 0.7, n)


def test_paired_power_agrees_with_simulated_questions() -> None:
    only_first, only_second = apart(0.8, 0.7, 0.3)
    source = np.random.default_rng(0)
    shares = [only_first, only_second, 1 - only_first - only_second]
    counts = source.multinomial(200, shares, size=20_000)
    b, c = counts[:, 0], counts[:, 1]
    seen = np.mean((b - c) ** 2 > quantile(0.95) ** 2 * (b + c))
    # Simulation error 0.003; the approximation itself is good to about 0.01 here.
    assert power_paired(only_first, only_second, 200) == pytest.approx(seen, abs=0.02)


def test_impossible_correlations_are_refused() -> None:
    with pytest.raises(ValueError, match="correlation"):
        apart(0.9, 0.1, 0.9)
    assert apart(0.5, 0.5, 1.0) == pytest.approx((0, 0))


def test_mcnemar_throws_a_fair_coin_for_each_question_that_parts_the_models() -> None:
    assert mcnemar(5, 0) == pytest.approx(2 / 2**5)
    assert mcnemar(1, 1) == 1
    assert mcnemar(0, 0) == 1


def test_the_sign_flip_test_agrees_with_mcnemars_coin() -> None:
    differences = np.array([1.0] * 17 + [-1.0] * 5 + [0.0] * 38)
    p = sign_flip(differences, 40_000, np.random.default_rng(0))
    # p = 0.017 with a simulation error of 0.0006; four of them.
    assert p == pytest.approx(mcnemar(17, 5), abs=0.0026)


def test_holm_raises_the_smallest_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]


def test_parts_of_the_variance_are_found_again() -> None:
    source = np.random.default_rng(0)
    chance = source.beta(2, 2, size=20_000)
    scores = (source.random((20_000, 4)) < chance[:, None]).astype(float)
    found = spread(scores)
    # Beta(2, 2) has the variance 1/20, and E[p(1 − p)] = 1/4 − 1/20; sampling errors below 0.002.
    assert found == pytest.approx((0.05, 0.2), abs=0.004)
    assert found.error(20_000, 4) == pytest.approx(question_error(scores), rel=1e-6)


def test_bradley_terry_of_two_players_is_the_logarithm_of_their_odds() -> None:
    first, second = bradley_terry(np.array([[0.0, 75.0], [25.0, 0.0]]))
    assert first - second == pytest.approx(400 * math.log10(3))
    assert first + second == pytest.approx(0)
    assert expected_score(first - second) == pytest.approx(0.75)


def test_bradley_terry_expects_the_wins_that_each_player_had() -> None:
    wins = np.array([[0, 6, 9, 4], [3, 0, 5, 7], [1, 4, 0, 2], [2, 1, 5, 0]], dtype=float)
    rating = bradley_terry(wins)
    for i in range(4):
        due = sum(
            (wins[i, j] + wins[j, i]) * expected_score(rating[i] - rating[j]) for j in range(4)
        )
        # The zero of the likelihood's gradient; wins[i, i] is 0.
        assert due == pytest.approx(wins[i].sum(), rel=1e-9)


def test_a_circle_of_wins_gives_equal_ratings() -> None:
    circle = np.array([[0, 70, 30], [30, 0, 70], [70, 30, 0]], dtype=float)
    assert bradley_terry(circle) == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_player_without_a_win_has_no_rating() -> None:
    with pytest.raises(ValueError, match="never beaten"):
        bradley_terry(np.array([[0.0, 3.0], [0.0, 0.0]]))


def test_elo_depends_on_the_order_of_the_games() -> None:
    games = [(0, 1)] * 5 + [(1, 0)] * 5
    forward, backward = elo(games, 2), elo(games[::-1], 2)
    assert forward[0] < 0 < backward[0]
    assert sum(forward) == pytest.approx(0)


def test_games_are_played_where_just_one_is_right() -> None:
    a, b = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]])
    games = played([a, b])
    assert games == [(1, 0), (0, 1), (0, 1)]
    assert results_table(games, 2).tolist() == [[0, 2], [1, 0]]


def test_simulated_ratings_scatter_as_the_delta_method_says() -> None:
    fits = simulated_ratings((0.0, 0.0), 400, 4000, np.random.default_rng(0))
    # 2 · 400/ln 10 / √400 = 17.4 points; 4000 draws give the spread to 1.1 %.
    lead = (fits[:, 0] - fits[:, 1]).std()
    assert lead == pytest.approx(2 * 400 / math.log(10) / 20, rel=0.04)


def test_calibration_error_and_brier_score_of_simple_forecasts() -> None:
    said, came = np.array([0.9, 0.9, 0.1, 0.1]), np.array([1.0, 0.0, 0.0, 0.0])
    assert calibration_error(said, came) == pytest.approx((0.4 + 0.1) / 2)
    assert brier(said, came) == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)
    assert brier(np.full(4, 0.5), came) == 0.25


def test_honest_forecasters_have_less_error_with_more_forecasts() -> None:
    source = np.random.default_rng(0)
    few, many = (np.mean(honest_errors(source.random(n), 200, source)) for n in (60, 6000))
    assert few / many == pytest.approx(10, rel=0.15)  # as 1/√n
