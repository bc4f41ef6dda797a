import pickle

import pytest

from generator.errors import PageError, ScriptError, StudyError, Where, problems_in, raise_all


@pytest.mark.parametrize(
    "error",
    [
        StudyError("found, expected", Where("study.toml", 3), "do this"),
        ScriptError("it raised", Where("compute.py", 1), "", "printed"),
        PageError("missing glyph"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_the_way_through_a_process_pool(error: StudyError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (str(copy), copy.hint, copy.args) == (str(error), error.hint, error.args)


def test_an_error_says_where_first() -> None:
    assert (
        str(StudyError("found 1, expected 2", Where("a/b.md", 7)))
        == "a/b.md:7: found 1, expected 2"
    )


def test_nested_groups_are_flattened_in_order() -> None:
    one, two, three = (StudyError(str(n)) for n in range(3))
    group = ExceptionGroup("outer", [one, ExceptionGroup("inner", [two, three])])
    assert list(problems_in(group)) == [one, two, three]


def test_a_bug_of_ours_among_problems_is_raised_as_it_is() -> None:
    group = ExceptionGroup("outer", [StudyError("x"), KeyError("ours")])
    with pytest.raises(KeyError, match="ours"):
        list(problems_in(group))


def test_one_problem_is_raised_alone_and_none_is_not_raised() -> None:
    raise_all([])
    with pytest.raises(StudyError, match="alone"):
        raise_all([StudyError("alone")])
    with pytest.raises(ExceptionGroup):
        raise_all([StudyError("a"), StudyError("b")])
