"""Telling an attention layer where each token stands: added waves, a learned table, rotations.

All three pair the width up: pair i (from 0) is the dimensions 2i and 2i + 1 and turns by
ω_i = base^(−2i / width) radians from one position to the next.
"""

import torch
from torch import Tensor, nn


def frequencies(width: int, base: float = 10_000.0) -> Tensor:
    """ω_i of each pair, radians per position: (width / 2,), float64, falling from 1.

    Raises ValueError on an odd width.
    """
    if width % 2:
        raise ValueError(f"a width of {width} can't be split into pairs")
    return base ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)


def sinusoidal(positions: Tensor, width: int, base: float = 10_000.0) -> Tensor:
    """PE(p, 2i) = sin(p ω_i), PE(p, 2i + 1) = cos(p ω_i): (n, width), float64.

    positions: (n,), any real numbers. Source: Vaswani et al. (2017), 3.5.
    """
    angles = positions.double()[:, None] * frequencies(width, base)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(start_dim=-2)


def shift_matrix(offset: float, width: int, base: float = 10_000.0) -> Tensor:
    """R with R PE(p) = PE(p + offset) for every p: (width, width), float64, orthogonal.

    A 2 × 2 rotation for each pair down the diagonal; derived in week 10.
    """
    angles = offset * frequencies(width, base)
    even = torch.arange(0, width, 2)
    odd = even + 1
    matrix = torch.zeros(width, width, dtype=torch.float64)
    matrix[even, even] = matrix[odd, odd] = angles.cos()
    matrix[even, odd] = angles.sin()
    matrix[odd, even] = -angles.sin()
    return matrix


def rotate(x: Tensor, positions: Tensor, base: float = 10_000.0) -> Tensor:
    """Each pair of each row of `x` turned by the angle of its position (RoPE).

    x: (…, n, width), queries or keys; positions: (n,).
    Returns the shape and type of `x`. The dot product of two such rows
    depends on their positions by the difference alone.
    Source: Su et al. (2024), with neighbouring dimensions as pairs.
    """
    angles = positions.double()[:, None] * frequencies(x.shape[-1], base)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1)
    return turned.flatten(start_dim=-2)


class LearnedPositions(nn.Module):
    """A trainable vector for each of `longest` positions, added to the embeddings.

    Used by BERT and GPT-2.
    """

    def __init__(self, longest: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(longest, width)

    def forward(self, x: Tensor) -> Tensor:
        """x + the first rows of the table; x: (…, n, width), n at most `longest`.

        Raises ValueError on more tokens than the table has rows: it has learned nothing
        about them.
        """
        tokens = x.shape[-2]
        if tokens > self.table.num_embeddings:
            raise ValueError(
                f"{tokens} tokens, but positions were learned for {self.table.num_embeddings}"
            )
        out: Tensor = x + self.table.weight[:tokens]
        return out
