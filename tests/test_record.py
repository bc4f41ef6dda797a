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
    [b"", b"{", b"[]", b"null", b'{"values": 3}', b"<<<<<<< HEAD\n", b"\xff\xfe"],
)
def test_a_damaged_file_is_a_clear_error(damage: bytes) -> None:
    for read in (results_from_json, record_from_json):
        with pytest.raises(StudyError, match="damaged") as caught:
            read(damage, "figures/week-01/results.json")
        assert "study build" in caught.value.hint
