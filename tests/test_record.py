import json

import pytest

from generator.errors import StudyError
from generator.model import Figure, PdfRecord, Quantity, Record, Results, Table
from generator.store.record import record_from_json, record_json, results_from_json, results_json

RESULTS = Results(
    values={"a": Quantity(0.1), "n": Quantity(3, 0, "keys", 0.5)},
    strings={"word": "사랑"},
    tables={"t": Table(("x", "y"), (("one", Quantity(1.5, 2)), ("two", Quantity(2))))},
    figures={"f": Figure((("en", "f.en.svg"), ("ko", "f.ko.svg")), 150.0, 60.0)},
)
RECORD = Record({"seed": "0"}, {"f.svg": "ab"}, {"en": PdfRecord("a.pdf", "cd", {"renderer": "1"})})


DEEP = b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000


def test_results_and_records_come_back_as_they_were() -> None:
    assert results_from_json(results_json(RESULTS), "r") == RESULTS
    assert record_from_json(record_json(RECORD), "r") == RECORD


def test_a_table_in_several_languages_comes_back_and_others_keep_their_bytes() -> None:
    korean = Table(("가",), (("하나",),))
    table = Table(("a",), (("one",),), languages=(("ko", korean),))
    results = Results(tables={"t": table})
    assert results_from_json(results_json(results), "r") == results
    assert b"languages" not in results_json(RESULTS)


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'{"values": 3}', b"<<<<<<< HEAD\n", b"\xff\xfe", *DEEP],
    ids=range(9),
)
def test_a_damaged_file_is_a_clear_error(damage: bytes) -> None:
    for read in (results_from_json, record_from_json):
        with pytest.raises(StudyError, match="damaged") as caught:
            read(damage, "figures/week-01/results.json")
        assert "study build" in caught.value.hint


def test_a_flipped_bit_of_a_record_is_found_wherever_it_is() -> None:
    whole = record_json(RECORD)
    for position in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            with pytest.raises(StudyError, match="damaged"):
                record_from_json(bytes(damaged), "r")


def test_what_is_cut_added_or_exchanged_is_found() -> None:
    whole = record_json(RECORD)
    other = record_json(Record({"seed": "1"}))
    for damaged in (
        whole[:-1],
        whole + b"\n",
        whole + b" ",
        b" " + whole,
        whole[: whole.rindex(b",")] + other[other.rindex(b",") :],
        whole.decode().encode("utf-16"),
        whole.replace(b'"seed": "0"', b'"seed": "0" '),
    ):
        with pytest.raises(StudyError, match="damaged"):
            record_from_json(damaged, "r")


def test_a_checkout_with_other_line_ends_is_the_same_record() -> None:
    whole = record_json(RECORD)
    assert record_from_json(whole.replace(b"\n", b"\r\n"), "r") == RECORD
    assert record_from_json(b"\xef\xbb\xbf" + whole, "r") == RECORD


def test_a_record_of_before_there_were_seals_is_read() -> None:
    whole = record_json(RECORD)
    assert record_from_json(whole[: whole.rindex(b",")] + b"\n}\n", "r") == RECORD


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("value", "x"), ("value", [1]), ("value", True), ("value", 10**400), ("value", None),
        ("digits", 10**9), ("digits", -1), ("digits", "2"), ("unit", 3), ("error", "x"),
        ("digits", 16), ("runs", 2.5), ("unit", "m" * 1001),
    ],
)  # fmt: skip
def test_results_of_other_kinds_are_damaged(place: str, value: object) -> None:
    data = json.loads(results_json(RESULTS))
    data["values"]["a"][place] = value
    with pytest.raises(StudyError, match="damaged"):
        results_from_json(json.dumps(data).encode(), "r")


def test_numbers_that_are_none_are_damaged() -> None:
    for word in (b"NaN", b"Infinity", b"1e999"):
        with pytest.raises(StudyError, match="damaged"):
            results_from_json(results_json(RESULTS).replace(b"0.1", word), "r")


@pytest.mark.parametrize("label", ["a\0b", "a" * 300, "../x", "/etc/passwd", "a/../../b"])
def test_a_record_names_nothing_that_is_no_file_of_the_study(label: str) -> None:
    for record in (Record({label: "x"}), Record(outputs={label: "x"})):
        with pytest.raises(StudyError, match="damaged"):
            record_from_json(record_json(record), "r")


@pytest.mark.parametrize("file", ["../../study.toml", "a\0.svg", "/etc/passwd", 3])
def test_a_figure_is_no_file_elsewhere(file: object) -> None:
    data = json.loads(results_json(RESULTS))
    data["figures"]["f"]["files"]["en"] = file
    with pytest.raises(StudyError, match="damaged"):
        results_from_json(json.dumps(data).encode(), "r")
