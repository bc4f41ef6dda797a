from pathlib import Path

import pytest

from generator.digest import digest_source
from generator.model import Quantity, Results
from generator.store.agree import drawings_agree, keep_agreeing, results_agree
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
    assert keep_agreeing(tmp_path, committed, near) == old
    far = near | {"f.svg": b"<svg>2.0</svg>"}
    assert keep_agreeing(tmp_path, committed, far) == far
    (tmp_path / "f.svg").write_bytes(b"edited")
    assert keep_agreeing(tmp_path, committed, near) == near
