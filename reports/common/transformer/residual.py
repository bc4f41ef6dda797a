"""The way around a branch, the two places for its normalisation, and a whole block of both."""

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from common.transformer.attention import MultiHeadAttention
from common.transformer.feed_forward import Activation, FeedForward, relu
from common.transformer.layer_norm import LayerNorm

Placement = Literal["pre", "post", "none"]
PLACEMENTS: tuple[Placement, ...] = ("pre", "post", "none")


def residual(
    x: Tensor,
    branch: Callable[[Tensor], Tensor],
    norm: Callable[[Tensor], Tensor],
    placement: Placement = "pre",
) -> Tensor:
    """`x` plus what the branch says about it, normalised before or after.

    Source: He et al. (2016); Xiong et al. (2020) for the placements.
    """
    if placement == "pre":
        return x + branch(norm(x))
    if placement == "post":
        return norm(x + branch(x))
    if placement == "none":
        return x + branch(x)
    raise ValueError(f"placement {placement!r}, not {PLACEMENTS}")


class Block(nn.Module):
    """A Transformer block: attention, then a feed-forward layer, each with a way around it.

    With placement "pre" the last block of a stack is to be followed by a norm of its own: the
    sum that leaves it has never been through one.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        inner: int,
        *,
        placement: Placement = "pre",
        activation: Activation = relu,
    ) -> None:
        super().__init__()
        self.placement: Placement = placement
        self.attention = MultiHeadAttention(width, heads)
        self.feed_forward = FeedForward(width, inner, activation)
        self.attention_norm = LayerNorm(width)
        self.feed_forward_norm = LayerNorm(width)

    def attended(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """The states between the two halves: (…, n, width) → (…, n, width)."""

        def attend(y: Tensor) -> Tensor:
            mixed: Tensor = self.attention(y, mask)[0]
            return mixed

        return residual(x, attend, self.attention_norm, self.placement)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(…, n, width) → (…, n, width); mask as in `attention`."""
        middle = self.attended(x, mask)
        return residual(middle, self.feed_forward, self.feed_forward_norm, self.placement)
