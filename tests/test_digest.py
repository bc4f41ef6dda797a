import pytest

from generator.digest import canonical_json, digest_bytes, digest_source


def test_a_text_is_the_same_with_either_line_end() -> None:
    assert digest_source(b"a\r\nb\r\n") == digest_source(b"a\nb\n")


def test_a_binary_file_is_taken_as_it_is() -> None:
    assert digest_source(b"\0a\r\n") == digest_bytes(b"\0a\r\n")


def test_the_digest_is_sha_256() -> None:
    # FIPS 180-4, example "abc".
    assert digest_bytes(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_json_has_one_form_whatever_the_order() -> None:
    assert canonical_json({"b": 1, "a": "한"}) == canonical_json({"a": "한", "b": 1})


def test_json_has_no_word_for_nan() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
