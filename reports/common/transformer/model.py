"""The whole Transformer from this package's parts: embedding, positions, blocks, read-out.

Shapes are written (…, n, d): n tokens, d model width, V tokens in the vocabulary. A `Shape` says
which parts a model has, so that an experiment can take one out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from common.transformer.attention import MultiHeadAttention, causal_mask, merge_heads, split_heads
from common.transformer.attention import attention as scaled_attention
from common.transformer.feed_forward import Activation, FeedForward, gelu, relu
from common.transformer.layer_norm import LayerNorm
from common.transformer.positional import LearnedPositions, sinusoidal
from common.transformer.residual import Block, Placement, residual

Positions = Literal["learned", "waves", "none"]


class CrossBlock(nn.Module):
    """A decoder's block with an encoder beside it: itself, then the memory, then feed-forward.

    Source: Vaswani et al. (2017), section 3.1.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        inner: int,
        *,
        placement: Placement = "post",
        activation: Activation = relu,
    ) -> None:
        super().__init__()
        self.placement: Placement = placement
        self.attention = MultiHeadAttention(width, heads)
        self.memory_attention = MultiHeadAttention(width, heads)
        self.feed_forward = FeedForward(width, inner, activation)
        self.attention_norm = LayerNorm(width)
        self.memory_norm = LayerNorm(width)
        self.feed_forward_norm = LayerNorm(width)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """(…, m, d) → (…, m, d); memory: (…, n, d), all of it visible; mask: among the m."""

        def attend(y: Tensor) -> Tensor:
            mixed: Tensor = self.attention(y, mask)[0]
            return mixed

        def recall(y: Tensor) -> Tensor:
            mixed: Tensor = self.memory_attention(y, None, memory)[0]
            return mixed

        x = residual(x, attend, self.attention_norm, self.placement)
        x = residual(x, recall, self.memory_norm, self.placement)
        return residual(x, self.feed_forward, self.feed_forward_norm, self.placement)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model is made of.

    scale: of the scores, 1/√(width of a head) if None; spread: standard deviation of the word
    vectors and of the positions before training, root mean square of the waves.
    """

    vocabulary: int
    longest: int
    width: int = 48
    heads: int = 4
    blocks: int = 3
    inner: int = 192
    causal: bool = True
    positions: Positions = "learned"
    placement: Placement = "pre"
    skip: bool = True
    attention: bool = True
    feed_forward: bool = True
    activation: Activation = gelu
    scale: float | None = None
    spread: float = 0.02


class Transformer(nn.Module):
    """One stack of blocks: a GPT with a causal mask, a BERT without.

    The read-out shares the embedding's weights, as in both.
    Source: Radford et al. (2019); Devlin et al. (2019).
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        nn.init.normal_(self.embedding.weight, std=shape.spread)
        self.positions: LearnedPositions | None = None
        if shape.positions == "learned":
            self.positions = LearnedPositions(shape.longest, shape.width)
            nn.init.normal_(self.positions.table.weight, std=shape.spread)
        elif shape.positions == "waves":
            # Not a parameter: nothing to learn, and nothing to store.
            waves = sinusoidal(torch.arange(shape.longest), shape.width).float()
            self.register_buffer("waves", waves, persistent=False)
        self.blocks = nn.ModuleList(
            Block(
                shape.width,
                shape.heads,
                shape.inner,
                placement=shape.placement,
                activation=shape.activation,
            )
            for _ in range(shape.blocks)
        )
        self.norm = LayerNorm(shape.width)

    def states(self, ids: Tensor) -> Tensor:
        """(…, n) token ids → (…, n, d) states after the last norm; n at most `longest`."""
        n = ids.shape[-1]
        x: Tensor = self.embedding(ids)
        if self.positions is not None:
            x = self.positions(x)
        elif self.shape.positions == "waves":
            # Waves have a root mean square of 1/√2. In 2017 the words were brought to their size
            # by √d; here the waves are brought to the size of the words.
            x = x + self.get_buffer("waves")[:n] * self.shape.spread * math.sqrt(2)
        mask = causal_mask(n) if self.shape.causal else None
        for block in self.blocks:
            assert isinstance(block, Block)
            x = self._through(block, x, mask)
        normed: Tensor = self.norm(x)
        return normed

    def forward(self, ids: Tensor) -> Tensor:
        """(…, n) token ids → (…, n, V) logits."""
        return self.states(ids) @ self.embedding.weight.T

    def _through(self, block: Block, x: Tensor, mask: Tensor | None) -> Tensor:
        shape = self.shape
        if shape.skip and shape.attention and shape.feed_forward and shape.scale is None:
            through: Tensor = block(x, mask)
            return through

        def attend(y: Tensor) -> Tensor:
            return self._attend(block.attention, y, mask)

        around = residual if shape.skip else _straight
        if shape.attention:
            x = around(x, attend, block.attention_norm, shape.placement)
        if shape.feed_forward:
            x = around(x, block.feed_forward, block.feed_forward_norm, shape.placement)
        return x

    def _attend(self, layer: MultiHeadAttention, x: Tensor, mask: Tensor | None) -> Tensor:
        if self.shape.scale is None:
            mixed: Tensor = layer(x, mask)[0]
            return mixed
        queries, keys, values = (
            split_heads(part(x), layer.heads) for part in (layer.query, layer.key, layer.value)
        )
        outputs, _ = scaled_attention(queries, keys, values, mask, self.shape.scale)
        out: Tensor = layer.output(merge_heads(outputs))
        return out


def _straight(
    x: Tensor,
    branch: Callable[[Tensor], Tensor],
    norm: Callable[[Tensor], Tensor],
    placement: Placement,
) -> Tensor:
    """`residual` without the skip connection."""
    if placement == "post":
        return norm(branch(x))
    return branch(norm(x) if placement == "pre" else x)


def weights(model: nn.Module) -> int:
    """How many trainable numbers a model has, shared ones counted once."""
    return sum(parameter.numel() for parameter in model.parameters())
