from pathlib import Path

import pytest

from generator.digest import digest_source
from generator.model import Quantity, Results, Table
from generator.store.agree import (
    differences,
    drawing_moved,
    drawings_agree,
    keep_agreeing,
    results_agree,
    results_moved,
)
from generator.store.record import results_json


def results(value: float, digits: int | None = None) -> bytes:
    return results_json(Results(values={"a": Quantity(value, digits)}))


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (results(0.5), results(0.5 + 4e-6), True),
        (results(0.5), results(0.5 + 6e-6), False),
        (results(2.5, 3), results(2.500001, 3), True),
        # Within 1e-5, but the digits that the page shows differ.
        (results(0.12344999, 4), results(0.12345001, 4), False),
        (results(1), results(2), False),
        (results(1.0), results_json(Results(values={"b": Quantity(1.0)})), False),
    ],
)
def test_results_agree_to_the_tolerance_and_the_digits(
    one: bytes, other: bytes, agree: bool
) -> None:
    assert results_agree(one, other) is agree


def test_drawings_agree_where_the_eye_sees_no_difference() -> None:
    assert drawings_agree(b'<path d="M 1.0001 2"/>', b'<path d="M 1.0002 2"/>')
    assert not drawings_agree(b'<path d="M 1.0 2"/>', b'<path d="M 1.1 2"/>')
    assert not drawings_agree(b'<path d="M 1 2"/>', b'<line d="M 1 2"/>')


def test_all_committed_files_are_kept_or_none(tmp_path: Path) -> None:
    old = {"results.json": results(0.5), "f.svg": b"<svg>1.0</svg>"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    committed = {name: digest_source(content) for name, content in old.items()}
    near = {"results.json": results(0.500001), "f.svg": b"<svg>1.0001</svg>"}
    assert keep_agreeing(tmp_path, committed, near) == (old, ())
    far = near | {"f.svg": b"<svg>2.0</svg>"}
    moved = ("f.svg: 1 of 1 numbers moved, by 1 at most",)
    assert keep_agreeing(tmp_path, committed, far) == (far, moved)
    (tmp_path / "f.svg").write_bytes(b"edited")
    why = ("f.svg was not the file that had been computed",)
    assert keep_agreeing(tmp_path, committed, near) == (near, why)
    (tmp_path / "f.svg").unlink()
    assert keep_agreeing(tmp_path, committed, near) == (near, ("f.svg was missing",))


def test_what_moved_is_named_with_how_far() -> None:
    def whole(**changes: object) -> bytes:
        values = {"loss": Quantity(0.61234, 2), "count": Quantity(84), "tiny": Quantity(0.0)}
        table = Table(("run", "score"), (("one", Quantity(0.5)), ("two", Quantity(0.25, 1))))
        parts = {"values": values, "tables": {"runs": table}, "strings": {"word": "old"}}
        return results_json(Results(**(parts | changes)))  # type: ignore[arg-type]

    values = {"loss": Quantity(0.65, 2), "count": Quantity(88), "tiny": Quantity(1e-3)}
    assert results_moved(whole(), whole(values=values)) == [
        "value count: 84 → 88",
        "value loss: 0.61 → 0.65 (by 6.2 %)",
        "value tiny: 0 → 0.001 (by 0.001)",
    ]
    table = Table(("run", "score"), (("one", Quantity(0.5)), ("two", Quantity(0.2505, 1))))
    assert results_moved(whole(), whole(tables={"runs": table})) == [
        "table runs, row 2, column 2: 0.2 → 0.3 (by 0.2 %)"
    ]
    assert results_moved(whole(), whole(strings={"word": "new", "other": "x"})) == [
        "string other: is new",
        'string word: "old" → "new"',
    ]
    assert results_moved(whole(), whole()) == []


def test_of_many_differences_the_first_are_told_and_the_rest_counted() -> None:
    one = results_json(Results(values={f"v{i}": Quantity(1) for i in range(9)}))
    other = results_json(Results(values={f"v{i}": Quantity(2) for i in range(9)}))
    told = differences({"results.json": one, "a.svg": b"1"}, {"results.json": other, "b.svg": b"1"})
    assert told == [
        "a.svg is gone",
        "b.svg is new",
        *(f"value v{i}: 1 → 2" for i in range(3)),
        "and 6 more",
    ]


def test_a_drawing_says_how_many_of_its_numbers_moved() -> None:
    moved = drawing_moved(b'<path d="M 1 2 L 3 4"/>', b'<path d="M 1 2 L 3.5 4.25"/>')
    assert moved == ["2 of 4 numbers moved, by 0.5 at most"]
    assert drawing_moved(b"<p/>", b"<q/>") == ["has other parts or other words"]
