"""SmolLM2-135M-Instruct, a small language model of the Llama family, run by our own code.

n tokens, d = 576 model width, L = 30 blocks, h = 9 query heads of width w = 64 that share g = 3
key and value heads, V = 49152 tokens in the vocabulary. Loading takes about a second, a text of
n tokens about 0.05 s + 0.003 s · n on one core.
Source: Allal et al., SmolLM2 (2025); Touvron et al., LLaMA (2023); Su et al., RoFormer (2021).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from torch.nn.functional import linear, silu

from common.gguf import Gguf, read_gguf

END_OF_TEXT, TURN_START, TURN_END = 0, 1, 2  # ids of <|endoftext|>, <|im_start|>, <|im_end|>
_CONTROL = 3  # GGUF's type of a token that is a mark, not text
_SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"


@dataclass(frozen=True, slots=True)
class Block:
    """The weights of one block.

    query, output: (d, d); key, value: (g·w, d); gate, up: (f, d); down: (d, f);
    attention_norm, ffn_norm: (d,).
    """

    attention_norm: Tensor
    query: Tensor
    key: Tensor
    value: Tensor
    output: Tensor
    ffn_norm: Tensor
    gate: Tensor
    up: Tensor
    down: Tensor


class Past(NamedTuple):
    """What a block remembers of earlier tokens. keys (rotated), values: (g, n, w)."""

    keys: Tensor
    values: Tensor


@dataclass(frozen=True, slots=True)
class Trace:
    """What one text did: hidden (L + 1, n, d), the embedding first; attention (L, h, n, n)."""

    hidden: Tensor
    attention: Tensor


@dataclass(frozen=True, slots=True)
class SmolLM2:
    """The model. embedding: (V, d), which is also the read-out; final_norm: (d,)."""

    tokenizer: Tokenizer
    embedding: Tensor
    final_norm: Tensor
    blocks: tuple[Block, ...]
    heads: int
    groups: int
    rope_base: float
    epsilon: float
    context: int

    # ------------------------------------------------------------ text

    def ids(self, text: str) -> list[int]:
        """The token ids of `text`; marks such as <|im_start|> become the tokens they name."""
        ids: list[int] = self.tokenizer.encode(text).ids
        return ids

    def text(self, ids: Sequence[int]) -> str:
        """The text of `ids`, marks included; bytes that are no UTF-8 show as U+FFFD."""
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=False)
        return text

    # ------------------------------------------------------------ probabilities

    def logits(self, ids: Sequence[int]) -> Tensor:
        """(n, V): row i scores every token as the one after ids[: i + 1]."""
        hidden, _ = self.states(ids)
        return self.readout(hidden)

    def next_logits(
        self, ids: Sequence[int], past: tuple[Past, ...] = ()
    ) -> tuple[Tensor, tuple[Past, ...]]:
        """(V,) scores of the token after `ids`, and the past to go on from.

        past: what an earlier call returned; `ids` are then only the tokens since. A past is
        never changed, so several continuations may start from the same one.
        """
        hidden, past = self.states(ids, past)
        return self.readout(hidden[-1]), past

    def log_probabilities(self, ids: Sequence[int]) -> Tensor:
        """(n - 1,): natural logarithm of p(ids[i + 1] | ids[: i + 1]). Needs two tokens."""
        log_p = torch.log_softmax(self.logits(ids[:-1]), dim=-1)
        return log_p[torch.arange(len(ids) - 1), torch.tensor(ids[1:])]

    def generate(
        self,
        ids: Sequence[int],
        count: int,
        choose: Callable[[Tensor], int] = lambda logits: int(logits.argmax()),
        past: tuple[Past, ...] = (),
    ) -> list[int]:
        """At most `count` new tokens after `ids`; ends before <|im_end|> or <|endoftext|>.

        choose: from (V,) logits to a token; the likeliest by default.
        """
        found: list[int] = []
        fresh = ids
        while len(found) < count:
            logits, past = self.next_logits(fresh, past)
            token = choose(logits)
            if token in (END_OF_TEXT, TURN_END):
                break
            found.append(token)
            fresh = [token]
        return found

    # ------------------------------------------------------------ inside

    def states(
        self, ids: Sequence[int], past: tuple[Past, ...] = ()
    ) -> tuple[Tensor, tuple[Past, ...]]:
        """(n, d) states after the last block, before the final norm, and the past to go on."""
        state = self.embedding[torch.tensor(ids)]
        rotation = self._rotation(past[0].keys.shape[1] if past else 0, len(ids))
        now = []
        for index, block in enumerate(self.blocks):
            state, _, remembered = self._step(block, state, rotation, past[index] if past else None)
            now.append(remembered)
        return state, tuple(now)

    def trace(self, ids: Sequence[int]) -> Trace:
        """The states after every block, and every head's attention."""
        state = self.embedding[torch.tensor(ids)]
        rotation = self._rotation(0, len(ids))
        hidden, attentions = [state], []
        for block in self.blocks:
            state, attention, _ = self._step(block, state, rotation, None)
            hidden.append(state)
            attentions.append(attention)
        return Trace(torch.stack(hidden), torch.stack(attentions))

    def readout(self, hidden: Tensor) -> Tensor:
        """(…, d) states of any depth → (…, V) logits, through the final norm."""
        return linear(rms_norm(hidden, self.final_norm, self.epsilon), self.embedding)

    def _rotation(self, start: int, count: int) -> tuple[Tensor, Tensor]:
        width = self.embedding.shape[1] // self.heads
        return rope_table(start, count, width, self.rope_base)

    def _step(
        self, block: Block, state: Tensor, rotation: tuple[Tensor, Tensor], past: Past | None
    ) -> tuple[Tensor, Tensor, Past]:
        """One block: new states (n, d), attention (h, n, m) to all m tokens so far, its past."""
        query, keys, values = queries_keys_values(self, block, state, rotation)
        if past is not None:
            keys = torch.cat([past.keys, keys], dim=1)
            values = torch.cat([past.values, values], dim=1)
        scores = grouped(query, keys.transpose(-1, -2)) / math.sqrt(query.shape[-1])
        attention = torch.softmax(scores + causal_mask(*scores.shape[-2:]), dim=-1)
        brought = grouped(attention, values)
        return after_heads(self, block, state, brought), attention, Past(keys, values)


# ---------------------------------------------------------------- the parts of a block


def queries_keys_values(
    model: SmolLM2, block: Block, state: Tensor, rotation: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries (h, n, w), keys and values (g, n, w) of n tokens (n, d), the first two rotated."""
    normed = rms_norm(state, block.attention_norm, model.epsilon)
    return (
        rotated(_split(linear(normed, block.query), model.heads), rotation),
        rotated(_split(linear(normed, block.key), model.groups), rotation),
        _split(linear(normed, block.value), model.groups),
    )


def grouped(left: Tensor, right: Tensor) -> Tensor:
    """(h, …, n, i) @ (g, …, i, m) → (h, …, n, m), where h/g heads in a row share one matrix.

    The heads of a group are taken as more rows, so that nothing of `right` is copied.
    """
    groups, share, inner = len(right), len(left) // len(right), left.shape[1:]
    rows = left.reshape(groups, share, *inner).movedim(1, -3)
    product = rows.flatten(-3, -2) @ right
    split = product.view(*rows.shape[:-1], product.shape[-1]).movedim(-3, 1)
    return split.flatten(0, 1)


def attended(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """(h, …, n, w): what queries (h, …, n, w) bring from keys and values (g, …, m, w).

    mask: broadcast to (…, n, m), 0 where a query may look and −∞ elsewhere.
    """
    scores = grouped(query, keys.transpose(-1, -2)) / math.sqrt(query.shape[-1])
    return grouped(torch.softmax(scores + mask, -1), values)


def after_heads(model: SmolLM2, block: Block, state: Tensor, brought: Tensor) -> Tensor:
    """(n, d) after the block, from the states before it and what its heads bring, (h, n, w)."""
    state = state + linear(brought.transpose(0, 1).flatten(1), block.output)
    normed = rms_norm(state, block.ffn_norm, model.epsilon)
    inner = silu(linear(normed, block.gate)) * linear(normed, block.up)
    return state + linear(inner, block.down)


def load_smollm2(path: Path) -> SmolLM2:
    """The model from its GGUF file, dequantised to float32 (540 MB)."""
    gguf = read_gguf(path)
    return SmolLM2(
        tokenizer=_tokenizer(gguf),
        embedding=gguf.tensors["token_embd.weight"],
        final_norm=gguf.tensors["output_norm.weight"],
        blocks=tuple(_block(gguf, i) for i in range(gguf.integer("llama.block_count"))),
        heads=gguf.integer("llama.attention.head_count"),
        groups=gguf.integer("llama.attention.head_count_kv"),
        rope_base=gguf.number("llama.rope.freq_base"),
        epsilon=gguf.number("llama.attention.layer_norm_rms_epsilon"),
        context=gguf.integer("llama.context_length"),
    )


def chat(messages: Sequence[Mapping[str, str]]) -> str:
    """The prompt for `messages`, each with a "role" (system, user, assistant) and "content".

    The model's own template: a system message of its makers comes first unless one is given,
    and the text ends where the assistant is to begin.
    """
    if messages[0]["role"] != "system":
        messages = [{"role": "system", "content": _SYSTEM}, *messages]
    turns = (f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
    return "".join(turns) + "<|im_start|>assistant\n"


def rms_norm(states: Tensor, gain: Tensor, epsilon: float) -> Tensor:
    """(…, d) divided by the root of its mean square, times the gain (d,).

    Source: Zhang & Sennrich, Root Mean Square Layer Normalization (2019).
    """
    return states * torch.rsqrt(states.square().mean(-1, keepdim=True) + epsilon) * gain


def rope_table(start: int, count: int, width: int, base: float) -> tuple[Tensor, Tensor]:
    """The turns of `count` positions from `start`; see `turns`."""
    return turns(torch.arange(start, start + count), width, base)


def turns(positions: Tensor, width: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines, each (n, width/2), of the angle position · base^(-2i/width)."""
    frequency = base ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)
    angle = positions.double()[:, None] * frequency
    return angle.cos().float(), angle.sin().float()


def rotated(vectors: Tensor, table: tuple[Tensor, Tensor]) -> Tensor:
    """(heads, n, w) with each pair of coordinates (2i, 2i + 1) turned by its angle.

    GGUF stores Llama's query and key rows so that neighbours are pairs; other formats pair i
    with i + w/2, which is the same up to the order of the rows.
    """
    cosine, sine = table
    even, odd = vectors[..., 0::2], vectors[..., 1::2]
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], -1).flatten(-2)


def _split(states: Tensor, heads: int) -> Tensor:
    """(n, heads · w) → (heads, n, w)."""
    return states.view(len(states), heads, -1).transpose(0, 1)


def causal_mask(new: int, total: int) -> Tensor:
    """(new, total): 0 where a new token may look, −∞ at the tokens after it."""
    return torch.full((new, total), -math.inf).triu(total - new + 1)


def _block(gguf: Gguf, index: int) -> Block:
    def weight(name: str) -> Tensor:
        return gguf.tensors[f"blk.{index}.{name}.weight"]

    return Block(
        attention_norm=weight("attn_norm"),
        query=weight("attn_q"),
        key=weight("attn_k"),
        value=weight("attn_v"),
        output=weight("attn_output"),
        ffn_norm=weight("ffn_norm"),
        gate=weight("ffn_gate"),
        up=weight("ffn_up"),
        down=weight("ffn_down"),
    )


def _tokenizer(gguf: Gguf) -> Tokenizer:
    """Byte-level BPE from the file's own vocabulary: digits alone, then GPT-2's words."""
    tokens = gguf.strings("tokenizer.ggml.tokens")
    merges = [
        (left, right) for left, right in map(str.split, gguf.strings("tokenizer.ggml.merges"))
    ]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    kinds = gguf.values["tokenizer.ggml.token_type"]
    assert isinstance(kinds, list)
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, kinds, strict=True)
            if kind == _CONTROL
        ]
    )
    return tokenizer
