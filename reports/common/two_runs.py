"""The two runs that the group's week 9 printed, and the weights that can be got back from them.

Everything printed has few decimals, so all of it is kept in whole tenths and the search is exact.
Rows are tokens. X (2, 3) → X W₁ + b₁ → ReLU → … W₂ + b₂, everything three wide.
Source: the first version of the advanced report, figures 2 and 4.
"""

from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor

# Run A, with weights that the report does not print: input, before ReLU, output.
INPUT_A = ((1.0, -2.0, 0.5), (-0.5, 1.2, 0.0))
INNER_A = ((-0.1, -1.95, 2.4), (0.21, 1.34, -1.52))
OUTPUT_A = ((-1.88, 2.02, 2.46), (0.299, 0.573, -0.935))
# Run B, with the identity for both matrices.
INPUT_B = ((1.0, 0.0, 1.5), (0.0, 1.0, 0.0))
INNER_B = ((1.1, 0.0, 1.3), (0.1, 1.0, -0.2))
OUTPUT_B = ((0.9, 0.1, 1.6), (-0.1, 1.1, 0.3))

Matrix = Sequence[Sequence[float]]


def tenths(matrix: Matrix, factor: int) -> list[list[int]]:
    """The numbers times `factor`, as whole numbers."""
    return [[round(number * factor) for number in row] for row in matrix]


def biases() -> tuple[Tensor, Tensor]:
    """b₁ and b₂, each (3,): run B with the identity for its weights shows them plainly."""
    x, inner, out = (torch.tensor(run, dtype=torch.float64) for run in (INPUT_B, INNER_B, OUTPUT_B))
    first, second = inner - x, out - inner.clamp(min=0)
    for found in (first, second):
        if not torch.allclose(found[0], found[1], rtol=0, atol=1e-12):
            raise ValueError("the two tokens of run B do not agree on a bias")
    return first[0].mul(10).round() / 10, second[0].mul(10).round() / 10


def columns_that_fit(
    rows: Matrix, bias: float, wanted: Sequence[float], most: float = 2.0
) -> list[Tensor]:
    """Columns w (3,) of one-decimal numbers up to ±`most` with rows · w + bias = wanted.

    Exact, in thousandths: rows have two decimals and w one.
    """
    reach = torch.arange(-round(most * 10), round(most * 10) + 1)
    columns = torch.cartesian_prod(reach, reach, reach)
    x = torch.tensor(tenths(rows, 100))
    target = torch.tensor([round((number - bias) * 1000) for number in wanted])
    fits = (columns @ x.T == target).all(dim=1)
    return list(columns[fits].double() / 10)


def first_matrices() -> list[Tensor]:
    """Every W₁ (3, 3) of one-decimal numbers up to ±2 that gives run A's inner numbers."""
    b1, _ = biases()
    choices = [
        columns_that_fit(INPUT_A, b1[j].item(), [row[j] for row in INNER_A]) for j in range(3)
    ]
    return [torch.stack(columns, dim=1) for columns in product(*choices)]


def second_matrices() -> list[Tensor]:
    """Every W₂ (3, 3) of one-decimal numbers up to ±2 that gives run A's output."""
    _, b2 = biases()
    opened = [[max(number, 0.0) for number in row] for row in INNER_A]
    choices = [
        columns_that_fit(opened, b2[j].item(), [row[j] for row in OUTPUT_A]) for j in range(3)
    ]
    return [torch.stack(columns, dim=1) for columns in product(*choices)]
