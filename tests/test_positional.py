"""common.transformer.positional against closed forms and the identities it must obey."""

import math

import pytest
import torch
from common.transformer.positional import (
    LearnedPositions,
    frequencies,
    rotate,
    shift_matrix,
    sinusoidal,
)

POSITIONS = torch.arange(100)


def test_the_formula_holds_entry_by_entry() -> None:
    table = sinusoidal(POSITIONS, 6)
    for position in (0, 1, 57):
        for i in range(3):
            angle = position / 10_000 ** (2 * i / 6)
            assert table[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-14)
            assert table[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-14)


def test_every_vector_has_the_norm_root_of_half_the_width() -> None:
    norms = sinusoidal(POSITIONS, 512).norm(dim=1)
    # 256 pairs with sin² + cos² = 1 each; the sum rounds at 256 ulp or better.
    torch.testing.assert_close(norms, torch.full((100,), 16.0).double(), rtol=1e-13, atol=0)


@pytest.mark.parametrize("offset", [0, 1, 17, -5, 0.5])
def test_a_shift_is_one_rotation_for_all_positions(offset: float) -> None:
    matrix = shift_matrix(offset, 64)
    moved = sinusoidal(POSITIONS, 64) @ matrix.T
    # Angles up to 117 rad carry a relative rounding of 2^-53: 1.3e-14 in the sine.
    expected = sinusoidal(POSITIONS + offset, 64)
    torch.testing.assert_close(moved, expected, rtol=0, atol=5e-14)
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(64).double(), rtol=0, atol=1e-15)


def test_the_dot_product_of_two_positions_is_a_sum_of_cosines_of_their_distance() -> None:
    table = sinusoidal(POSITIONS, 32)
    for first, second in ((3, 3), (3, 10), (90, 1)):
        expected = torch.cos((second - first) * frequencies(32)).sum().item()
        assert (table[first] @ table[second]).item() == pytest.approx(expected, abs=1e-12)


def test_rotated_rows_meet_by_the_difference_of_their_positions() -> None:
    source = torch.Generator().manual_seed(0)
    query, key = torch.randn(2, 1, 16, generator=source, dtype=torch.float64)

    def score(first: int, second: int) -> float:
        rows = [rotate(row, torch.tensor([at])) for row, at in ((query, first), (key, second))]
        return (rows[0] @ rows[1].T).item()

    assert score(5, 2) == pytest.approx(score(1005, 1002), abs=1e-11)
    assert abs(score(5, 2) - score(5, 3)) > 1e-3


def test_rotation_is_multiplication_by_a_complex_phase() -> None:
    source = torch.Generator().manual_seed(1)
    x = torch.randn(2, 3, 7, 8, generator=source, dtype=torch.float64)
    phases = torch.polar(
        torch.ones(7, 4, dtype=torch.float64),
        torch.arange(7, dtype=torch.float64)[:, None] * frequencies(8),
    )
    numbers = torch.view_as_complex(x.reshape(2, 3, 7, 4, 2)) * phases
    expected = torch.view_as_real(numbers).flatten(start_dim=-2)
    torch.testing.assert_close(rotate(x, torch.arange(7)), expected, rtol=0, atol=1e-14)


def test_rotation_keeps_norm_and_type() -> None:
    x = torch.randn(5, 8, generator=torch.Generator().manual_seed(2))
    turned = rotate(x, torch.arange(5))
    assert turned.dtype == torch.float32
    torch.testing.assert_close(turned.norm(dim=1), x.norm(dim=1), rtol=1e-6, atol=0)


def test_an_odd_width_is_refused() -> None:
    with pytest.raises(ValueError, match="can't be split into pairs"):
        frequencies(5)


def test_learned_positions_are_added_and_end_with_their_table() -> None:
    torch.manual_seed(3)
    layer = LearnedPositions(4, 6)
    added = layer(torch.zeros(2, 3, 6))
    assert torch.equal(added[1], layer.table.weight[:3])
    with pytest.raises(ValueError, match="5 tokens, but positions were learned for 4"):
        layer(torch.zeros(5, 6))
