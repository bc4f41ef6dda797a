"""The computations of week 7 against closed forms and independent ways to the same number."""

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest
import torch

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def week() -> ModuleType:
    """The script of week 7 as a module."""
    spec = importlib.util.spec_from_file_location("week_07", ROOT / "reports/week-07/compute.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def source(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_worked_example_is_the_logistic_function_of_the_score(week: ModuleType) -> None:
    output, weights = week.attention(*week.two_keys())
    high = 1 / (1 + math.exp(-1 / math.sqrt(2)))
    assert weights[0].tolist() == pytest.approx([high, 1 - high], abs=1e-15)
    assert output[0].tolist() == pytest.approx([10 * high, 10 * (1 - high)], abs=1e-14)


@pytest.mark.parametrize("width", [4, 64, 256])
def test_the_variance_of_a_dot_product_is_the_width(week: ModuleType, width: int) -> None:
    found = week.pair_scores(width, 20_000, source()).var().item()
    # Four standard errors: one run in sixteen thousand would fail by chance, and this seed is
    # not one of them.
    assert found == pytest.approx(width, abs=4 * week.variance_error(width, 20_000))


def test_the_standard_error_of_the_variance_is_what_repetition_shows(week: ModuleType) -> None:
    draws = torch.stack([week.pair_scores(2, 500, source(seed)).var() for seed in range(400)])
    # A standard deviation from 400 draws has a relative error of about 1/sqrt(800) = 3.5 % for
    # normal draws; these have heavier tails, so twice that, three times over.
    assert draws.std().item() == pytest.approx(week.variance_error(2, 500), rel=0.21)


def test_scores_come_in_rows_with_keys_of_their_own(week: ModuleType) -> None:
    scores = week.row_scores(16, 70, 8, source())
    assert scores.shape == (70, 8)
    # Correlation of neighbouring keys of a row: same query, so uncorrelated but not independent.
    assert abs(torch.corrcoef(scores.T)[0, 1].item()) < 4 / math.sqrt(70)


def test_entropy_of_equal_weights_is_the_logarithm_of_their_number(week: ModuleType) -> None:
    assert week.entropy(torch.full((8,), 1 / 8).double()).item() == pytest.approx(math.log(8))
    assert week.entropy(torch.tensor([1.0, 0.0])).item() == 0


def test_the_entropy_of_many_normal_scores_falls_by_half_their_variance(week: ModuleType) -> None:
    scores = torch.randn(20, 50_000, generator=source(), dtype=torch.float64)
    found = week.entropy(week.softmax(scores)).mean().item()
    # Relative fluctuations of sum e^s over n keys are sqrt((e - 1) / n) = 0.6 %; the mean of
    # 20 rows has a quarter of that, and ln Z and the mean score each take part.
    assert found == pytest.approx(math.log(50_000) - 0.5, abs=0.01)


def test_the_jacobian_is_what_autograd_finds(week: ModuleType) -> None:
    scores = torch.randn(6, generator=source(), dtype=torch.float64)
    expected = torch.func.jacrev(lambda s: torch.softmax(s, dim=-1))(scores)
    found = week.softmax_jacobian(week.softmax(scores))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-16)


def test_the_jacobian_of_two_keys_keeps_its_digits_when_one_weight_is_nearly_1(
    week: ModuleType,
) -> None:
    gap = 40.0
    weights = week.softmax(torch.tensor([gap, 0.0], dtype=torch.float64))
    small = math.exp(-gap) / (1 + math.exp(-gap)) ** 2
    # All four entries are ± p1 p2; 1 - p1 would be exactly 0 here.
    expected = pytest.approx([small, -small, -small, small], rel=1e-14)
    assert week.softmax_jacobian(weights).flatten().tolist() == expected


def test_the_gradient_of_the_learning_task_is_what_autograd_finds(week: ModuleType) -> None:
    scores = torch.randn(3, 5, generator=source(), dtype=torch.float64, requires_grad=True)
    wanted = torch.eye(5, dtype=torch.float64)[:3]
    weights = week.softmax(scores)
    (0.5 * (weights - wanted).pow(2).sum()).backward()
    error = (weights - wanted).detach()
    by_hand = (week.softmax_jacobian(weights.detach()) @ error[..., None])[..., 0]
    torch.testing.assert_close(scores.grad, by_hand, rtol=0, atol=1e-16)


def test_no_step_size_teaches_an_unscaled_query_of_width_256(week: ModuleType) -> None:
    torch.manual_seed(1)  # another seed than the study's: not a matter of luck
    unscaled = max(week.learned_share(256, 1.0, rate) for rate in (0.03, 0.1, 1.0))
    assert unscaled < 0.4
    assert week.learned_share(256, 1 / 16, 3.0) > 0.95


def test_the_plain_formula_overflows_where_the_careful_one_does_not(week: ModuleType) -> None:
    scores = torch.tensor([89.0, 0.0])  # ln of the largest float32 is 88.72
    assert week.naive_softmax(scores).isnan().any()
    assert week.softmax(scores).tolist() == [1.0, pytest.approx(math.exp(-89), rel=1e-6)]


def test_fresh_layers_have_the_variance_of_their_weights(week: ModuleType) -> None:
    torch.manual_seed(3)
    matrix = torch.nn.MultiheadAttention(512, 8).in_proj_weight[:512].double()
    # 512 · 512 uniform numbers: the relative error of a variance is √(0.8 / 262144) = 0.2 %.
    assert matrix.var().item() * 512 == pytest.approx(1 / 2, rel=0.01)
    linear = torch.nn.Linear(512, 512).weight.double()
    assert linear.var().item() * 512 == pytest.approx(1 / 3, rel=0.01)


def test_no_eigenvalue_of_the_jacobian_exceeds_a_half(week: ModuleType) -> None:
    weights = torch.distributions.Dirichlet(torch.full((6,), 0.3)).sample((200,)).double()
    values = torch.linalg.eigvalsh(week.softmax_jacobian(weights))
    assert values.min().item() > -1e-7  # the weights are float32 and sum to 1 only to 1e-7
    assert values.max().item() <= 0.5 + 1e-7
    two = torch.tensor([0.5, 0.5, 0, 0], dtype=torch.float64)
    assert torch.linalg.eigvalsh(week.softmax_jacobian(two)).max().item() == pytest.approx(0.5)


def test_the_scale_in_the_query_is_another_learning_rate(week: ModuleType) -> None:
    # Scores c k·q move by η c² K Kᵀ g. From the same scores, c = 1 with η / d_k moves them as
    # c = 1/√d_k with η does.
    keys, query = torch.randn(5, 16, generator=source()).double(), torch.ones(16).double()
    g = torch.randn(5, generator=source(6)).double()

    def moved(c: float, rate: float, start: torch.Tensor) -> torch.Tensor:
        return c * keys @ (start - rate * c * (g @ keys)) - c * keys @ start

    torch.testing.assert_close(moved(1 / 4, 3.0, query), moved(1.0, 3.0 / 16, query / 4))
