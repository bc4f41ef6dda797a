"""SmolLM2 against a second formulation, and GGUF against its definition, block by block."""

import math
import struct
from pathlib import Path

import pytest
import torch
from common.gguf import Gguf, q4_0, q4_1, q8_0, read_gguf
from common.smollm2 import SmolLM2, chat, load_smollm2, rms_norm, rope_table, rotated
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from tests.pinned import model_path

PROMPT = "The capital of France is"


@pytest.fixture(scope="module")
def model() -> SmolLM2:
    return load_smollm2(model_path("smollm2"))


# ---------------------------------------------------------------- the file


def half(value: float) -> bytes:
    return struct.pack("<e", value)


def as_blocks(*blocks: bytes) -> Tensor:
    return torch.frombuffer(bytearray(b"".join(blocks)), dtype=torch.uint8).view(len(blocks), -1)


def test_four_bit_blocks_hold_low_halves_first_then_high_halves() -> None:
    packed = bytes(low | (15 - low) << 4 for low in range(16))
    expected = [*range(16), *range(15, -1, -1)]
    with_minimum = q4_1(as_blocks(half(0.5) + half(-2.0) + packed))
    assert with_minimum[0].tolist() == [0.5 * number - 2 for number in expected]
    without = q4_0(as_blocks(half(0.5) + packed))
    assert without[0].tolist() == [0.5 * (number - 8) for number in expected]


def test_eight_bit_blocks_are_signed() -> None:
    numbers = [*range(-16, 15), -128]
    block = half(0.25) + struct.pack("32b", *numbers)
    assert q8_0(as_blocks(block))[0].tolist() == [0.25 * number for number in numbers]


def gguf_string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def tiny_gguf(kind: int = 0) -> bytes:
    """A file with three values and one 2 × 3 tensor of the numbers 0 … 5."""
    head = struct.pack("<4sIQQ", b"GGUF", 3, 1, 3)
    head += gguf_string("a.count") + struct.pack("<II", 4, 7)
    head += gguf_string("a.words") + struct.pack("<IIQ", 9, 8, 2)
    head += gguf_string("하나") + gguf_string("two")
    head += gguf_string("a.rate") + struct.pack("<If", 6, 0.5)
    head += gguf_string("w") + struct.pack("<IQQIQ", 2, 3, 2, kind, 0)
    return head + bytes(-len(head) % 32) + struct.pack("<6f", *range(6))


def test_a_small_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(tiny_gguf())
    found: Gguf = read_gguf(tmp_path / "tiny.gguf")
    assert found.integer("a.count") == 7
    assert found.strings("a.words") == ["하나", "two"]
    assert found.number("a.rate") == 0.5
    assert found.tensors["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(TypeError, match=r"a\.rate: expected int, found float"):
        found.integer("a.rate")


def test_what_is_not_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"JUNK" + tiny_gguf()[4:])
    with pytest.raises(ValueError, match="expected GGUF"):
        read_gguf(path)
    path.write_bytes(tiny_gguf(kind=12))
    with pytest.raises(ValueError, match="w has type 12"):
        read_gguf(path)


# ---------------------------------------------------------------- the model


def by_halves(rows: Tensor, heads: int) -> Tensor:
    """The rows (heads · w, d) with the pairs (2i, 2i + 1) moved to (i, i + w/2)."""
    return rows.view(heads, -1, 2, rows.shape[-1]).transpose(1, 2).reshape(rows.shape)


def turned(vectors: Tensor, base: float) -> Tensor:
    """Rotary positions as complex multiplication, for coordinates paired i with i + w/2."""
    _, n, width = vectors.shape
    step = base ** (-2 * torch.arange(width // 2, dtype=torch.float64) / width)
    turn = torch.polar(torch.ones(n, width // 2).double(), torch.outer(torch.arange(n), step))
    first, second = vectors.double().chunk(2, -1)
    moved = torch.complex(first, second) * turn
    return torch.cat([moved.real, moved.imag], -1)


def reference_logits(model: SmolLM2, ids: list[int]) -> Tensor:
    """Another formulation, in float64: fused attention, complex rotation, other row order."""
    state = model.embedding[torch.tensor(ids)].double()
    n = len(ids)

    def norm(states: Tensor, gain: Tensor) -> Tensor:
        layer = torch.nn.RMSNorm(576, eps=model.epsilon, dtype=torch.float64)
        layer.weight = torch.nn.Parameter(gain.double(), requires_grad=False)
        found: Tensor = layer(states)
        return found

    for block in model.blocks:
        normed = norm(state, block.attention_norm)
        query = (normed @ by_halves(block.query, 9).double().T).view(n, 9, 64).transpose(0, 1)
        keys = (normed @ by_halves(block.key, 3).double().T).view(n, 3, 64).transpose(0, 1)
        values = (normed @ block.value.double().T).view(n, 3, 64).transpose(0, 1)
        mixed = scaled_dot_product_attention(
            turned(query, model.rope_base)[None],
            turned(keys, model.rope_base)[None],
            values[None],
            is_causal=True,
            enable_gqa=True,
        )[0]
        state = state + mixed.transpose(0, 1).reshape(n, 576) @ block.output.double().T
        normed = norm(state, block.ffn_norm)
        gate = normed @ block.gate.double().T
        inner = gate * torch.sigmoid(gate) * (normed @ block.up.double().T)
        state = state + inner @ block.down.double().T
    return norm(state, model.final_norm) @ model.embedding.double().T


def test_logits_equal_a_second_formulation_in_double_precision(model: SmolLM2) -> None:
    ids = model.ids(PROMPT + " a city that")
    ours, reference = model.logits(ids), reference_logits(model, ids)
    # Logits reach 20 and states 1e4 in thirty blocks of float32: 1e-3 is 5e-5 of the largest.
    assert float((ours - reference).abs().max()) < 1e-3


def test_paris_follows_with_the_probability_of_the_findings(model: SmolLM2) -> None:
    logits, _ = model.next_logits(model.ids(PROMPT))
    p = torch.softmax(logits, -1)
    assert model.text([int(p.argmax())]) == " Paris"
    assert float(p.max()) == pytest.approx(0.773, abs=1e-3)
    assert float(-(p * p.log2()).sum()) == pytest.approx(2.14, abs=5e-3)


def test_going_on_from_a_past_equals_starting_over(model: SmolLM2) -> None:
    ids = model.ids("Once upon a time there was a king who")
    _, past = model.next_logits(ids[:4])
    whole = model.logits(ids)
    continued, _ = model.next_logits(ids[4:], past)
    assert torch.allclose(continued, whole[-1], atol=1e-3)
    # The past was not changed by its first use.
    again, _ = model.next_logits(ids[4:], past)
    assert torch.equal(continued, again)


def test_probabilities_of_a_text_multiply_along_it(model: SmolLM2) -> None:
    ids = model.ids(PROMPT + " Paris.")
    found = model.log_probabilities(ids)
    for i in range(1, len(ids)):
        logits, _ = model.next_logits(ids[:i])
        expected = float(torch.log_softmax(logits, -1)[ids[i]])
        assert float(found[i - 1]) == pytest.approx(expected, abs=1e-3)


def test_the_trace_ends_in_the_logits_and_never_looks_ahead(model: SmolLM2) -> None:
    ids = model.ids(PROMPT)
    found = model.trace(ids)
    assert found.hidden.shape == (31, len(ids), 576)
    assert found.attention.shape == (30, 9, len(ids), len(ids))
    assert torch.equal(model.readout(found.hidden[-1]), model.logits(ids))
    assert float(found.attention.triu(1).abs().max()) == 0
    assert torch.allclose(found.attention.sum(-1), torch.ones(30, 9, len(ids)), atol=1e-6)


def test_it_answers_a_question_in_the_chat_format(model: SmolLM2) -> None:
    prompt = chat([{"role": "user", "content": "What is the capital of Korea? One sentence."}])
    ids = model.ids(prompt)
    assert model.text(ids) == prompt
    assert ids[0] == 1  # <|im_start|> is one token
    assert "Seoul" in model.text(model.generate(ids, 20))


def test_text_survives_the_tokenizer_and_digits_stand_alone(model: SmolLM2) -> None:
    text = "나는 늦게 2025  def f(x):\n\treturn x"
    assert model.text(model.ids(text)) == text
    assert [model.text([i]) for i in model.ids("2025")] == ["2", "0", "2", "5"]


def test_rotation_keeps_lengths_and_scores_depend_on_distance_only() -> None:
    vectors = torch.randn(1, 1, 64, generator=torch.Generator().manual_seed(0))
    query, key = vectors, vectors.flip(-1)

    def score(at_query: int, at_key: int) -> float:
        q = rotated(query, rope_table(at_query, 1, 64, 1e5))
        k = rotated(key, rope_table(at_key, 1, 64, 1e5))
        assert float(q.norm()) == pytest.approx(float(query.norm()), rel=1e-6)
        return float((q * k).sum())

    assert score(5, 2) == pytest.approx(score(1005, 1002), abs=1e-4)
    assert abs(score(5, 2) - score(5, 4)) > 0.1


def test_rms_norm_gives_the_gain_its_scale() -> None:
    states = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    normed = rms_norm(states, torch.full((8,), 2.0), 0.0)
    assert torch.allclose(normed.square().mean(-1).sqrt(), torch.full((3,), 2.0))
    assert math.isfinite(float(rms_norm(torch.zeros(1, 8), torch.ones(8), 1e-5).sum()))
