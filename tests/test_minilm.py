"""MiniLM against torch's own transformer layer, published values and conservation laws."""

import pytest
import torch
from common.minilm import MiniLM, load_minilm, read_safetensors
from safetensors.torch import load_file
from torch import Tensor, nn

from tests.pinned import model_path

TEXTS = ("Paris", "The animal didn't cross the street because it was too tired.", "화재!!!")


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return load_minilm(
        model_path("minilm-weights"), model_path("minilm-tokenizer"), model_path("minilm-config")
    )


def reference_states(tensors: dict[str, Tensor], ids: list[int]) -> Tensor:
    """The last states, by torch.nn.TransformerEncoderLayer: another formulation of the block."""
    place = torch.arange(len(ids))
    name = "embeddings."
    state = nn.functional.layer_norm(
        tensors[name + "word_embeddings.weight"][torch.tensor(ids)]
        + tensors[name + "position_embeddings.weight"][place]
        + tensors[name + "token_type_embeddings.weight"][0],
        (384,),
        tensors[name + "LayerNorm.weight"],
        tensors[name + "LayerNorm.bias"],
        1e-12,
    )
    for index in range(6):
        layer = nn.TransformerEncoderLayer(
            384, 12, 1536, 0.0, "gelu", layer_norm_eps=1e-12, batch_first=True
        ).eval()
        block = f"encoder.layer.{index}."
        heads = [f"{block}attention.self.{part}." for part in ("query", "key", "value")]
        layer.load_state_dict(
            {
                "self_attn.in_proj_weight": torch.cat([tensors[h + "weight"] for h in heads]),
                "self_attn.in_proj_bias": torch.cat([tensors[h + "bias"] for h in heads]),
                **{
                    f"{ours}.{kind}": tensors[f"{block}{theirs}.{kind}"]
                    for ours, theirs in (
                        ("self_attn.out_proj", "attention.output.dense"),
                        ("norm1", "attention.output.LayerNorm"),
                        ("linear1", "intermediate.dense"),
                        ("linear2", "output.dense"),
                        ("norm2", "output.LayerNorm"),
                    )
                    for kind in ("weight", "bias")
                },
            }
        )
        with torch.no_grad():
            state = layer(state[None])[0]
    return state


def test_safetensors_are_read_as_the_library_reads_them() -> None:
    ours = read_safetensors(model_path("minilm-weights"))
    theirs = load_file(model_path("minilm-weights"))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize("text", TEXTS)
def test_the_encoder_equals_torchs_transformer_layer(minilm: MiniLM, text: str) -> None:
    reference = reference_states(load_file(model_path("minilm-weights")), minilm.ids(text))
    # Six blocks in float32: rounding 6e-8 a step, states of size about 1, some 1e3 terms a sum.
    assert torch.allclose(minilm.trace(text).hidden[-1], reference, atol=1e-5)


def test_the_groups_cosines_come_out(minilm: MiniLM) -> None:
    paris, *others = minilm.embed(["Paris", "Paris", "Berlin", "Beijing", "Seoul"])
    # As printed by the group's notebook, which used the sentence-transformers library.
    expected = [1, 0.568, 0.518, 0.515]
    assert [float(paris @ other) for other in others] == pytest.approx(expected, abs=5e-4)


def test_attention_rows_sum_to_one_and_shapes_are_as_documented(minilm: MiniLM) -> None:
    found = minilm.trace("Paris is a city")
    n = len(minilm.tokens("Paris is a city"))
    assert found.hidden.shape == (7, n, 384)
    assert found.query.shape == found.key.shape == found.value.shape == (6, 12, n, 32)
    assert found.attention.shape == (6, 12, n, n)
    assert found.activation.shape == (6, n, 1536)
    assert torch.allclose(found.attention.sum(-1), torch.ones(6, 12, n), atol=1e-6)


def test_a_pruned_head_adds_nothing_and_all_ones_change_nothing(minilm: MiniLM) -> None:
    text = TEXTS[1]
    whole = minilm.trace(text).hidden[-1]
    assert torch.equal(minilm.trace(text, torch.ones(6, 12)).hidden[-1], whole)
    one_gone = torch.ones(6, 12)
    one_gone[3, 1] = 0
    assert not torch.allclose(minilm.trace(text, one_gone).hidden[-1], whole, atol=1e-3)
    assert torch.equal(minilm.trace(text, one_gone).hidden[3], minilm.trace(text).hidden[3])


def test_texts_are_neither_padded_nor_cut(minilm: MiniLM) -> None:
    assert minilm.tokens("fire!!!") == ["[CLS]", "fire", "!", "!", "!", "[SEP]"]
    assert len(minilm.ids("word " * 200)) == 202
