"""The computations of week 10 against closed forms and independent ways to the same number."""

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest
import torch
from common.minilm import read_safetensors
from common.transformer.attention import MultiHeadAttention, causal_mask
from common.transformer.positional import frequencies, sinusoidal

from tests.pinned import model_path

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def week() -> ModuleType:
    """The script of week 10 as a module."""
    spec = importlib.util.spec_from_file_location("week_10", ROOT / "reports/week-10/compute.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_attention_without_positions_only_reorders_what_is_reordered(week: ModuleType) -> None:
    torch.manual_seed(0)
    layer = MultiHeadAttention(16, 2).double()
    x = torch.randn(5, 16, dtype=torch.float64)
    with torch.no_grad():
        # Sums of 16 products in another order: a few ulp of numbers near 1.
        assert week.equivariance_gap(layer, x, None) < 1e-14
        assert week.equivariance_gap(layer, x, causal_mask(5)) > 0.01


@pytest.mark.parametrize(("number", "power"), [(1e-15, -15), (9e-16, -15), (1.1e-15, -14)])
def test_a_rounding_error_is_given_as_the_next_power_of_ten(
    week: ModuleType, number: float, power: int
) -> None:
    assert week.exponent(number) == power


def test_the_table_of_the_report_is_the_formula() -> None:
    table = sinusoidal(torch.arange(3), 4)
    assert table[1].tolist() == pytest.approx(
        [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)], abs=1e-15
    )
    wide = sinusoidal(torch.arange(3), 512)
    angle = 2 * 10_000 ** (-2 / 512)
    assert wide[2, 2:4].tolist() == pytest.approx([math.sin(angle), math.cos(angle)], abs=1e-14)


def test_cosines_fall_with_the_logarithm_of_the_distance(week: ModuleType) -> None:
    offsets = torch.tensor([20.0, 60.0, 300.0], dtype=torch.float64)
    wide = 2**16  # so wide that the sum is the integral
    sums = torch.cos(offsets[:, None] * frequencies(wide)).mean(dim=1)
    # Left out: Ci(k) / ln B, at most 1 / (k ln B) = 5.4e-3 at k = 20, and (k / B)^2 / 4.
    torch.testing.assert_close(sums, week.log_law(offsets), rtol=0, atol=5.5e-3)


def test_band_spread_is_0_for_scores_by_distance_and_the_range_for_others(
    week: ModuleType,
) -> None:
    places = torch.arange(6.0)
    assert week.band_spread(places[:, None] - places[None, :]) == 0
    assert week.band_spread(places[:, None].expand(6, 6)) == 5


def test_the_spectrum_of_two_waves_has_two_bands_at_their_periods(week: ModuleType) -> None:
    rows = torch.arange(510, dtype=torch.float64)[:, None]
    waves = torch.cat(
        [torch.sin(2 * math.pi * rows / 6), 2 * torch.cos(2 * math.pi * rows / 51)], dim=1
    )
    bands = week.bands(week.spectrum(waves), floor=1e-3)
    # 10 and 85 cycles fit whole; power goes with the square of the amplitude.
    assert [cycles for cycles, _ in bands] == pytest.approx([10, 85], abs=0.01)
    assert [share for _, share in bands] == pytest.approx([0.8, 0.2], abs=0.001)


def test_sinusoidal_rows_shift_without_error_and_random_rows_not_at_all(week: ModuleType) -> None:
    rows = sinusoidal(torch.arange(200), 8)
    assert week.shift_misfit(rows, 7) < 1e-10
    noise = torch.randn(200, 8, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    assert week.shift_misfit(noise, 1) > 0.9


def test_the_learned_table_of_minilm_consists_of_five_waves_in_steps_of_three(
    week: ModuleType,
) -> None:
    tensors = read_safetensors(model_path("minilm-weights"))
    rows = tensors["embeddings.position_embeddings.weight"].double()[1:511]
    periods = [510 / cycles for cycles, _ in week.bands(week.spectrum(rows), floor=1e-3)]
    # The last wave and the last but one are too long for 510 rows to tell apart.
    assert periods[1:] == pytest.approx([54.6, 18.2, 6.1], rel=0.01)
    sizes = torch.linalg.svdvals(rows - rows.mean(dim=0)) ** 2
    assert (sizes[:10].sum() / sizes.sum()).item() == pytest.approx(0.94, abs=0.005)
    assert sizes[10] < sizes[9] / 2


def test_two_half_tables_of_a_steady_wave_show_one_period(week: ModuleType) -> None:
    places = torch.arange(510, dtype=torch.float64)[:, None]
    rows = torch.cat([(places / 17 * 2 * math.pi).sin(), (places / 17 * 2 * math.pi).cos()], 1)
    for half in (rows[:255], rows[255:]):
        (band,) = week.bands(week.spectrum(half), floor=2e-3)
        assert 255 / band[0] == pytest.approx(17, rel=0.02)
