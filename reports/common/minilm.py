"""all-MiniLM-L6-v2, a sentence encoder of 22.7 million parameters, run by our own code.

Six BERT blocks of width 384 with twelve heads; the mean of the last states is the sentence's
vector. Source: Wang et al., MiniLM (2020); Reimers & Gurevych, Sentence-BERT (2019).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from common.bert import Affine, Block, Encoder, Trace, mean_pooled, trace, unit

_DTYPES = {"F32": torch.float32, "I64": torch.int64}


@dataclass(frozen=True, slots=True)
class MiniLM:
    """The model: its tokenizer, word vectors (30522, 384) and encoder."""

    tokenizer: Tokenizer
    words: Tensor
    encoder: Encoder

    def ids(self, text: str) -> list[int]:
        """The token ids of `text` between [CLS] and [SEP], neither padded nor cut."""
        ids: list[int] = self.tokenizer.encode(text).ids
        return ids

    def tokens(self, text: str) -> list[str]:
        """The word pieces of `text` as strings; a piece that continues a word begins with ##."""
        tokens: list[str] = self.tokenizer.encode(text).tokens
        return tokens

    def trace(self, text: str, head_weights: Tensor | None = None) -> Trace:
        """Everything that `text` does inside the encoder; see `bert.trace`."""
        return trace(self.encoder, self.words[self.ids(text)], head_weights)

    def raw(self, texts: Iterable[str]) -> Tensor:
        """The vectors of `texts` before normalisation: (texts, 384), rows of any length."""
        return torch.stack([mean_pooled(self.trace(text).hidden[-1]) for text in texts])

    def embed(self, texts: Iterable[str]) -> Tensor:
        """The vectors of `texts` as the published model gives them: (texts, 384), length one."""
        return unit(self.raw(texts))


def load_minilm(weights: Path, tokenizer: Path, config: Path) -> MiniLM:
    """The model from its three files: model.safetensors, tokenizer.json, config.json."""
    tensors = read_safetensors(weights)
    settings = json.loads(config.read_text(encoding="utf-8"))
    reader = Tokenizer.from_str(tokenizer.read_text(encoding="utf-8"))
    # The published file pads every text to 128 tokens, which would enter the mean.
    reader.no_padding()
    reader.no_truncation()
    encoder = Encoder(
        positions=tensors["embeddings.position_embeddings.weight"],
        segment=tensors["embeddings.token_type_embeddings.weight"][0],
        embedding_norm=_affine(tensors, "embeddings.LayerNorm"),
        blocks=tuple(_block(tensors, i) for i in range(settings["num_hidden_layers"])),
        heads=settings["num_attention_heads"],
        epsilon=settings["layer_norm_eps"],
    )
    return MiniLM(reader, tensors["embeddings.word_embeddings.weight"], encoder)


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name.

    Format: eight bytes with the header's length, little-endian; the header, JSON that gives each
    tensor's type, shape and place; then the numbers, one tensor after the other.
    """
    # A bytearray, because torch warns about memory that it may not write to.
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(
            content,
            dtype=_DTYPES[entry["dtype"]],
            offset=start + entry["data_offsets"][0],
            count=torch.Size(entry["shape"]).numel(),
        ).view(entry["shape"])
        for name, entry in header.items()
    }


def _affine(tensors: dict[str, Tensor], name: str) -> Affine:
    return Affine(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _block(tensors: dict[str, Tensor], index: int) -> Block:
    name = f"encoder.layer.{index}"
    return Block(
        query=_affine(tensors, f"{name}.attention.self.query"),
        key=_affine(tensors, f"{name}.attention.self.key"),
        value=_affine(tensors, f"{name}.attention.self.value"),
        output=_affine(tensors, f"{name}.attention.output.dense"),
        attention_norm=_affine(tensors, f"{name}.attention.output.LayerNorm"),
        expand=_affine(tensors, f"{name}.intermediate.dense"),
        contract=_affine(tensors, f"{name}.output.dense"),
        ffn_norm=_affine(tensors, f"{name}.output.LayerNorm"),
    )
