"""What a script writes where its answer goes: it is data, and calls nothing."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from generator.compute.jobs.answers import read_answer
from generator.errors import ScriptError, Where
from generator.model import Figure, Outcome, Quantity, Results, Table
from tests.script_study import ScriptStudy

RESULTS = Results(
    values={"a": Quantity(1.5, 2, "m", 0.1, 3)},
    strings={"b": "c"},
    tables={"t": Table(("x",), ((Quantity(1.0),), ("y",)))},
    figures={"f": Figure((("*", "f.svg"), ("ko", "f.ko-KR.svg")), 160.0, 90.0)},
)
OUTCOME = Outcome("week-01", RESULTS, {"f.svg": b"<svg/>", "f.ko-KR.svg": b""}, {"x": "y"})


class Calls:
    """Its pickle calls `function`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize(
    "answer", [OUTCOME, (ScriptError("a", Where("b", 3), "c", "d"), ScriptError("e"))]
)
def test_what_a_child_answers_arrives_as_it_was(answer: Any) -> None:
    read = read_answer(pickle.dumps(answer), "week-01")
    if isinstance(answer, Outcome):
        assert read == answer
    else:
        assert isinstance(read, tuple)
        assert [(type(e), e.args) for e in read] == [(type(e), e.args) for e in answer]


def forged(**parts: Any) -> Outcome:
    whole: dict[str, Any] = {
        "report": "week-01",
        "results": RESULTS,
        "files": {},
        "inputs": {},
    } | parts
    return Outcome(**whole)


FORGED = {
    "calls the system": Calls(os.system, "true"),
    "calls a function of ours": Calls(ScriptStudy, Path("x")),
    "another report": forged(report="week-02"),
    "a file elsewhere": forged(files={"../../.git/hooks/pre-commit": b"#!/bin/sh"}),
    "a file in a folder": forged(files={"a/b.svg": b""}),
    "a hidden file": forged(files={".svg": b""}),
    "the record": forged(files={"record.json": b"{}"}),
    "a text for a drawing": forged(files={"f.svg": "<svg/>"}),
    "files of a list": forged(files=[1]),
    "inputs of numbers": forged(inputs={"a": 1}),
    "no results": forged(results={}),
    "no error": (),
    "an error of another kind": (ValueError("x"),),
    "a number": 7,
}


@pytest.mark.parametrize("kind", FORGED)
def test_an_answer_of_another_kind_is_none(kind: str) -> None:
    assert read_answer(pickle.dumps(FORGED[kind]), "week-01") is None


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x80\x05" + b"(" * 99, bytes(range(256))])
def test_bytes_that_are_no_answer_are_none(content: bytes) -> None:
    assert read_answer(content, "week-01") is None


FORGERY = """
import os, pickle, stat, struct, time
class Call:
    def __reduce__(self):
        return os.system, ("echo > {there}",)
"""


def test_a_script_that_writes_the_answer_itself_runs_nothing_outside(tmp_path: Path) -> None:
    there = tmp_path / "made.txt"
    study = ScriptStudy(tmp_path / "study")
    job = study.body(
        """
        content = pickle.dumps(Call())
        for number in range(3, 64):
            try:
                if stat.S_ISFIFO(os.fstat(number).st_mode):
                    os.write(number, struct.pack(">Q", len(content)) + content)
            except OSError:
                pass
        time.sleep(2)
        """,
        before=FORGERY.format(there=there),
    )
    assert study.complaints(job) == [
        "reports/week-01/compute.py: wrote its results past run.value, run.table and run.figure"
    ]
    assert not there.exists()
