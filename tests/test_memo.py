"""A memo gives what the call would give, and runs again exactly when something changed."""

import dataclasses
import enum
import re
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.compute.jobs.supervise import Start, cold
from generator.compute.jobs.warm import fork_is_safe, warm_server
from generator.compute.memo.contents import NotPlain, packed, unpacked
from generator.compute.memo.sources import imported_names
from generator.errors import ScriptError
from generator.model import Outcome
from tests.script_study import ScriptStudy

RAN = "the expensive step runs"

# Everything that a memo may depend on: a shared module with a module and a file of its own,
# functions, a global, data that is read, a local import, random numbers.
SCRIPT = """
import random
import numpy as np
from common import model
from common.settings import STEPS

SCALE = 2.0
PLOT = "red"


def half(x):
    return x / 2


def expensive(run, start, steps=STEPS):
    print("the expensive step runs")
    from common import late
    table = run.file("data/table.csv").read_text()
    noise = np.random.rand(), random.random()
    return {"x": model.step(start) * SCALE * steps, "n": len(table), "noise": noise,
            "half": half(start), "late": late.N, "array": np.arange(3) * start}


def compute(run):
    before = np.random.rand()
    got = run.memo(expensive, run, 3)
    after = np.random.rand(), random.random()
    run.value("x", got["x"] + got["late"] + got["n"] + got["half"])
    run.value("noise", sum(got["noise"]))
    run.value("sum", got["array"].sum())
    run.value("random", before + sum(after))
    run.string("plot", PLOT)
"""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    if not fork_is_safe():
        yield cold
        return
    with warm_server(tmp_path_factory.mktemp("warm"), ["numpy", "torch"]) as server:
        yield server.start


@pytest.fixture
def study(tmp_path: Path, start: Start) -> ScriptStudy:
    study = ScriptStudy(tmp_path / "study", start)
    study.write("common/__init__.py", "")
    study.write(
        "common/model.py",
        """
        from pathlib import Path
        from common.inner import factor
        WEIGHT = float((Path(__file__).parent / "weight.txt").read_text())
        def step(x):
            return x * factor() * WEIGHT
        """,
    )
    study.write("common/weight.txt", "1.5")
    study.write("common/inner.py", "def factor():\n    return 10\n")
    study.write("common/late.py", "N = 100\n")
    study.write("common/settings.py", "STEPS = 4\n")
    study.write("common/plots.py", "WIDTH = 1\n")
    study.write("week-01/data/table.csv", "1,2,3\n")
    study.script(SCRIPT)
    return study


def ran(outcome: Outcome) -> bool:
    return RAN in outcome.log


def test_hit_and_miss_give_equal_results_and_inputs(study: ScriptStudy) -> None:
    first, second = study.run(), study.run()
    assert ran(first)
    assert not ran(second)
    assert first.results == second.results
    assert first.inputs == second.inputs
    assert {"reports/week-01/data/table.csv", "reports/common/late.py"} <= set(second.inputs)


def test_a_memo_leaves_the_callers_random_numbers_alone(study: ScriptStudy) -> None:
    with_memo = study.run().results.values["random"]
    study.script(SCRIPT.replace("run.memo(expensive, run, 3)", "plain(run)").replace(
        "def compute", "def plain(run):\n    states = np.random.get_state(), random.getstate()\n"
        "    got = expensive(run, 3)\n    np.random.set_state(states[0])\n"
        "    random.setstate(states[1])\n    return got\n\ndef compute"))  # fmt: skip
    assert study.run().results.values["random"] == with_memo


CHANGES = {
    "the function": ("week-01/compute.py", "return {", "return {'y': 0, "),
    "a function that it calls": ("week-01/compute.py", "x / 2", "x / 2.5"),
    "a global that it reads": ("week-01/compute.py", "SCALE = 2.0", "SCALE = 3.0"),
    "an argument": ("week-01/compute.py", "expensive, run, 3", "expensive, run, 4"),
    "a default taken from a shared module": ("common/settings.py", "4", "5"),
    "a shared module": ("common/model.py", "return x *", "return 1 + x *"),
    "a module that that imports": ("common/inner.py", "10", "11"),
    "a file that that read on import": ("common/weight.txt", "1.5", "2.5"),
    "a module imported inside": ("common/late.py", "100", "101"),
    "a file read inside": ("week-01/data/table.csv", "1,2,3", "1,2,3,4"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_memo_runs_again_after_a_change_of(study: ScriptStudy, what: str) -> None:
    path, old, new = CHANGES[what]
    before = study.run()
    text = (study.root / "reports" / path).read_text()
    assert old in text
    (study.root / "reports" / path).write_text(text.replace(old, new))
    after = study.run()
    assert ran(after)
    assert after.results != before.results or what == "the function"


KEPT = {
    "the plot": ("week-01/compute.py", 'PLOT = "red"', 'PLOT = "blue"'),
    "a comment elsewhere": ("week-01/compute.py", "import random", "# why\nimport random"),
    "what follows it": ("week-01/compute.py", "got[\"x\"] +", "2 * got[\"x\"] +"),
    "a shared module that it does not reach": ("common/plots.py", "1", "2"),
}  # fmt: skip


@pytest.mark.parametrize("what", KEPT)
def test_a_memo_is_kept_after_a_change_of(study: ScriptStudy, what: str) -> None:
    path, old, new = KEPT[what]
    study.run()
    text = (study.root / "reports" / path).read_text()
    assert old in text
    (study.root / "reports" / path).write_text(text.replace(old, new))
    assert not ran(study.run())


def test_another_seed_runs_a_memo_again(study: ScriptStudy) -> None:
    study.run()
    outcome = study.run(dataclasses.replace(study.job(), seed=8))
    assert ran(outcome)


def test_a_damaged_or_deleted_cache_only_costs_time(study: ScriptStudy) -> None:
    first = study.run()
    for path in (study.root / ".study/cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1])
    second = study.run()
    assert ran(second)
    assert second.results == first.results


def test_tensors_and_weights_are_kept_by_content(study: ScriptStudy) -> None:
    study.script(
        """
        import torch

        @torch.no_grad()
        def train(start, device=torch.device("cpu"), dtype=torch.float64):
            print("the expensive step runs")
            weights = start + torch.randn(3, dtype=dtype, device=device)
            return {"w": weights, "half": weights.to(torch.bfloat16), "none": torch.empty(0, 2)}

        def compute(run):
            got = run.memo(train, torch.ones(3, dtype=torch.float64))
            run.value("sum", got["w"].sum().item() + got["half"].float().sum().item())
            run.value("next", torch.rand(1).item())
            run.value("none", got["none"].numel())
        """
    )
    first, second = study.run(), study.run()
    assert ran(first)
    assert not ran(second)
    assert first.results == second.results
    assert first.inputs == second.inputs


@pytest.mark.parametrize(
    ("before", "call", "message"),
    [
        ("", "run.memo(lambda: 1)", "run.memo takes a function made with def"),
        (
            "def f(items):\n    items.append(1)\n",
            "run.memo(f, [])",
            "f() changed its arguments or a global",
        ),
        ("def f():\n    return object()\n", "run.memo(f)", "f() returned what a memo cannot keep"),
        ("def f():\n    yield 1\n", "run.memo(f)", "f() is a generator"),
        (
            "def f(x):\n    return 1\n",
            "run.memo(f, object())",
            "a memo cannot compare argument 1 of f() by content: it is or holds builtins.object",
        ),
        (
            "THING = object()\ndef f():\n    return THING\n",
            "run.memo(f)",
            "a memo cannot compare THING by content",
        ),
        (
            "def f(run):\n    run.value('a', 1)\n",
            "run.memo(f, run)",
            "value a is stored inside a memo, and would be missing the next time",
        ),
    ],
)
def test_what_a_memo_cannot_keep_is_told(
    study: ScriptStudy, before: str, call: str, message: str
) -> None:
    study.body(call, before=before)
    complaint = study.complaints()[0]
    assert complaint.startswith("reports/week-01/compute.py:")
    assert message in complaint


def test_a_memo_inside_a_memo_counts_for_both(study: ScriptStudy) -> None:
    study.script(
        """
        def inner(run):
            return run.file("data/table.csv").read_text()

        def outer(run):
            print("the expensive step runs")
            return len(run.memo(inner, run))

        def compute(run):
            run.value("n", run.memo(outer, run))
        """
    )
    study.run()
    assert not ran(study.run())
    study.write("week-01/data/table.csv", "9\n")
    third = study.run()
    assert ran(third)
    assert third.results.values["n"].value == 2


# ---------------------------------------------------------------- contents


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    names: tuple[str, ...] = ()


Pair = namedtuple("Pair", "left right")


class Colour(enum.Enum):
    RED = 1


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary() | st.complex_numbers(allow_nan=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner)
    | st.frozensets(st.integers() | st.text()),
    max_leaves=20,
)  # fmt: skip


@given(plain)
def test_plain_data_comes_back_as_it_was(thing: object) -> None:
    again = unpacked(packed(thing))
    assert again == thing
    assert type(again) is type(thing)
    assert packed(again) == packed(thing)


@pytest.mark.parametrize(
    "thing",
    [
        Point(1.5, ("a",)),
        Pair(1, [2]),
        Colour.RED,
        range(1, 10, 3),
        re.compile("a+", re.I),
        np.float32(1.5),
        np.dtype("int16"),
        {"a", "b"},
        ...,
    ],
)
def test_other_values_come_back_as_they_were(thing: object) -> None:
    assert unpacked(packed(thing)) == thing


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.arange(6).reshape(2, 3).T,
        np.zeros((0, 4)),
        np.array(1.5),
        np.array(["a", "토큰"]),
        np.array([(1, 2.0)], dtype=[("n", "i4"), ("x", "f8")]),
        np.array([1 + 2j, np.nan]),
    ],
)
def test_arrays_come_back_as_they_were(array: np.ndarray) -> None:
    again = unpacked(packed(array))
    np.testing.assert_array_equal(again, array)
    assert again.dtype == array.dtype
    assert again.flags.writeable


def test_equal_sets_have_equal_bytes_whatever_their_order() -> None:
    assert packed({"a", "b", "c"}) == packed({"c", "b", "a"})


def test_one_and_true_and_one_point_nought_differ() -> None:
    assert len({packed(thing) for thing in (1, True, 1.0, "1", b"1", [1], (1,), {1})}) == 8


@pytest.mark.parametrize("thing", [object(), open, lambda: 1, np.array([object()])])
def test_what_has_no_contents_is_refused(thing: object) -> None:
    with pytest.raises(NotPlain):
        packed(thing)


def test_a_list_that_holds_itself_is_refused() -> None:
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(NotPlain):
        packed(ring)


def test_imports_are_read_from_the_source() -> None:
    text = "import common.a\nfrom common import b\nfrom . import c\nfrom .d import e\n"
    found = set(imported_names(text, "common.pkg.mod", "common.pkg"))
    assert {"common.a", "common.b", "common.pkg.c", "common.pkg.d"} <= found


# ---------------------------------------------------------------- which one ran


def said(study: ScriptStudy) -> str:
    """What became of the memos of a run, without how long they ran."""
    return re.sub(r"\d+\.\d s", "… s", " / ".join(study.run().memos))


WHY = {
    "a global": ("week-01/compute.py", "SCALE = 2.0", "SCALE = 3.0", "SCALE changed"),
    "its code": ("week-01/compute.py", "x / 2", "x / 4", "the code of half changed"),
    "an argument": ("week-01/compute.py", "run, 3", "run, 4", "argument 2 of expensive() changed"),
    "a module": ("common/inner.py", "10", "11", "reports/common/inner.py changed"),
    "a file": ("week-01/data/table.csv", "3", "33", "reports/week-01/data/table.csv changed"),
}


@pytest.mark.parametrize("what", WHY)
def test_a_run_says_which_memo_ran_and_because_of_what(study: ScriptStudy, what: str) -> None:
    path, old, new, because = WHY[what]
    assert said(study) == "expensive() ran, … s (nothing was kept yet)"
    assert said(study) == "expensive() kept"
    assert study.run().log == "[expensive() kept]\n"
    text = (study.root / "reports" / path).read_text()
    study.write(path, text.replace(old, new))
    assert said(study) == f"expensive() ran, … s ({because})"
    study.write(path, text)
    assert said(study) in (
        "expensive() kept",
        "expensive() ran, … s (reports/week-01/data/table.csv changed)",  # one for each key
    )


def test_many_calls_of_one_function_are_told_in_a_line(study: ScriptStudy) -> None:
    text = """
    def square(x):
        return x * x

    def outer(x):
        return x + 1

    def compute(run):
        run.value("x", sum(run.memo(square, n) for n in range(LAST)))
        run.value("y", run.memo(outer, 1))
    """
    study.script(text.replace("LAST", "3"))
    first = said(study).split(" / ")
    assert first[0] == "square() ran 3 times of 3, … s (nothing was kept yet)"
    assert said(study) == "square() kept, 3 calls / outer() kept"
    study.script(text.replace("LAST", "4"))
    assert said(study).startswith("square() ran 1 times of 4, … s (argument 1 of square() changed)")
    for kept in (study.root / ".study/cache/memo").rglob("*"):
        if kept.is_file():
            kept.unlink()
    assert "outer() ran, … s (its result was no longer kept)" in said(study)


def test_a_script_that_fails_says_in_its_log_what_is_kept(study: ScriptStudy) -> None:
    study.script(SCRIPT + "    1 / 0\n")
    error = study.problems()[0]
    assert isinstance(error, ScriptError)
    assert re.search(
        r"^\[expensive\(\) ran, \d+\.\d s \(nothing was kept yet\)\]$", error.log, re.M
    )
    study.script(SCRIPT)
    assert said(study) == "expensive() kept"
