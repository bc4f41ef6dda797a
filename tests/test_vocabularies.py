"""Real vocabularies against their own libraries, round trips and published ids."""

import struct
import warnings
from pathlib import Path
from typing import Any

import pytest
from common.vocabularies import (
    CL100K_WORDS,
    O200K_WORDS,
    Vocabulary,
    load_gpt2,
    load_sentencepiece,
    load_tekken,
    load_tiktoken,
    load_tokenizer_json,
    merged,
    protobuf_fields,
    shown,
    visible_bytes,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from tests.pinned import model_path

TEXTS = (
    "나는 늦게 출발했지만 희망을 잃지 않는다.",
    "A late-bloomer isn't late: 12345 + 67 = 12412\n\n  def f(x):\n\treturn x",
    "🙂 naïve ﬁ  \r\n 漢字かな",
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture(scope="module")
def known() -> dict[str, Vocabulary]:
    return {
        "gpt2": load_gpt2(model_path("gpt2-vocabulary"), model_path("gpt2-merges")),
        "cl100k": load_tiktoken(model_path("cl100k"), CL100K_WORDS),
        "o200k": load_tiktoken(model_path("o200k"), O200K_WORDS),
        "deepseek": load_tokenizer_json(model_path("deepseek")),
        "mistral-v1": load_sentencepiece(model_path("mistral-v1")),
        "mistral-v3": load_sentencepiece(model_path("mistral-v3")),
        "tekken": load_tekken(model_path("mistral-tekken")),
        "bert": load_tokenizer_json(model_path("minilm-tokenizer")),
    }


def test_the_pair_of_lowest_rank_is_merged_first_and_leftmost() -> None:
    ranks = {b"ab": 1.0, b"bc": 0.0, b"aa": 2.0}
    assert merged([b"a", b"b", b"c"], ranks) == [b"a", b"bc"]
    assert merged([b"a"] * 3, ranks) == [b"aa", b"a"]
    assert merged([], ranks) == []


@pytest.fixture(scope="module")
def openai() -> Any:
    with warnings.catch_warnings():
        # It opens its data by a call that Python 3.11 calls outdated.
        warnings.simplefilter("ignore", DeprecationWarning)
        import bpe_openai  # type: ignore[import-untyped]
    return bpe_openai


@pytest.mark.parametrize("name", ["cl100k", "o200k"])
@given(text=ANY_TEXT | st.sampled_from(TEXTS))
@settings(max_examples=50, deadline=None)
def test_openais_vocabularies_give_the_ids_of_their_own_library(
    known: dict[str, Vocabulary], openai: Any, name: str, text: str
) -> None:
    assert known[name].encode(text) == openai.get_encoding(f"{name}_base").encode(text)


@pytest.fixture(scope="module")
def gpt2_library() -> Tokenizer:
    library = Tokenizer(
        models.BPE.from_file(str(model_path("gpt2-vocabulary")), str(model_path("gpt2-merges")))
    )
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return library


@given(text=ANY_TEXT | st.sampled_from(TEXTS))
@settings(max_examples=50, deadline=None)
def test_gpt2_gives_the_ids_of_the_library_tokenizers(
    known: dict[str, Vocabulary], gpt2_library: Tokenizer, text: str
) -> None:
    assert known["gpt2"].encode(text) == gpt2_library.encode(text).ids


@pytest.mark.parametrize(
    "name", ["gpt2", "cl100k", "o200k", "deepseek", "mistral-v1", "mistral-v3", "tekken"]
)
@given(text=ANY_TEXT | st.sampled_from(TEXTS))
@settings(max_examples=30, deadline=None)
def test_the_tokens_of_a_text_join_to_the_text(
    known: dict[str, Vocabulary], name: str, text: str
) -> None:
    joined = b"".join(known[name].pieces(text))
    # SentencePiece puts a space before the text, and its mark for a space is a letter too.
    if name in ("mistral-v1", "mistral-v3"):
        assert joined == (" " + text.replace("▁", " ")).encode()
    else:
        assert joined == text.encode()


def test_a_syllable_that_is_in_no_piece_falls_back_to_its_bytes(
    known: dict[str, Vocabulary],
) -> None:
    # The ids 238, 141, 169 stand in the group's own list for 늦: its bytes, each plus three.
    mistral = known["mistral-v1"]
    assert mistral.encode("늦")[1:] == [238, 141, 169]
    assert shown(mistral.pieces("늦")) == [" ", "EB", "8A", "A6"]
    assert "늦".encode().hex().upper() == "EB8AA6"


def test_sizes_are_the_published_ones_without_marks(known: dict[str, Vocabulary]) -> None:
    sizes = {name: vocabulary.size for name, vocabulary in known.items()}
    assert sizes["gpt2"] == 50_256
    assert sizes["cl100k"] == 100_256
    assert sizes["o200k"] == 199_998
    assert sizes["mistral-v1"] == 32_000
    assert sizes["mistral-v3"] == 32_768
    assert sizes["bert"] == 30_522


def test_wordpiece_splits_words_and_lowers_case(known: dict[str, Vocabulary]) -> None:
    assert shown(known["bert"].pieces("Embeddings")) == ["em", "bed", "ding", "s"]


def test_every_byte_has_a_letter_of_its_own() -> None:
    table = visible_bytes()
    assert len(set(table.values())) == 256
    assert (table[0x20], table[0x0A], table[0x41]) == ("Ġ", "Ċ", "A")


def test_protocol_buffers_are_read_field_by_field() -> None:
    message = b"\x08\x96\x01" + b"\x12\x03abc" + b"\x1d" + struct.pack("<f", 0.5)
    assert list(protobuf_fields(message)) == [(1, 150), (2, b"abc"), (3, struct.pack("<f", 0.5))]
    with pytest.raises(ValueError, match="type 3"):
        list(protobuf_fields(b"\x0b"))


def test_a_small_sentencepiece_model_merges_its_best_score_first(tmp_path: Path) -> None:
    entries = [("▁", -9.0, 1), ("a", -9.0, 1), ("b", -9.0, 1), ("ab", -1.0, 1), ("▁a", -2.0, 1)]
    entries += [(f"<0x{byte:02X}>", 0.0, 6) for byte in range(256)]
    model = b""
    for piece, score, kind in entries:
        text = piece.encode()
        entry = b"\x0a" + bytes([len(text)]) + text + b"\x15" + struct.pack("<f", score)
        entry += b"\x18" + bytes([kind])
        model += b"\x0a" + bytes([len(entry)]) + entry
    (tmp_path / "tiny.model").write_bytes(model)
    tiny = load_sentencepiece(tmp_path / "tiny.model")
    assert tiny.size == 261
    assert tiny.pieces("ab a") == [b" ", b"ab", b" a"]
    assert tiny.encode("c") == [0, 5 + ord("c")]
