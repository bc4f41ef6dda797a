import subprocess
import sys
from pathlib import Path

import click
import pytest

from docs.make_reference.errors import Errors
from docs.make_reference.flow import Code
from docs.make_reference.keys import gaps
from docs.make_reference.reference import (
    REFERENCE,
    ROOT,
    chapter_of,
    entry,
    mends_said,
    reference,
    with_mends,
)
from generator.cli import main

AGAIN = "run `.venv/bin/python -m docs.make_reference`"


@pytest.fixture(scope="module")
def code() -> Code:
    return Code(ROOT / "generator")


@pytest.fixture(scope="module")
def errors(code: Code) -> Errors:
    return Errors(code)


def test_the_committed_reference_is_what_the_code_says() -> None:
    assert REFERENCE.read_text("utf-8") == reference(), AGAIN


def test_every_error_is_in_the_reference_and_says_how_it_is_mended(errors: Errors) -> None:
    page = REFERENCE.read_text("utf-8").splitlines()
    found = with_mends(errors)
    assert len(found) > 400
    assert [e.message for e in found if not e.hint] == [], "give it a hint, or a mend in mends.toml"
    assert [e for e in found if entry(e.message, e.hint, e.rule) not in page] == [], AGAIN


def test_the_words_of_every_error_are_found(errors: Errors) -> None:
    errors.all()
    assert errors.unresolved == [], "say in errors.py whose words these are"


def test_no_mend_is_left_over(errors: Errors) -> None:
    said = {error.message for error in errors.all()}
    assert [message for message in mends_said() if message not in said] == []


def test_every_key_of_study_toml_has_its_purpose(code: Code) -> None:
    assert gaps(code) == []


def test_errors_written_in_other_ways_are_found_too(tmp_path: Path) -> None:
    (tmp_path / "generator").mkdir()
    (tmp_path / "generator" / "room.py").write_text(
        'LIMIT = "at most ten"\n'
        "def wrong(name):\n"
        '    if name:\n        return f"{name} is taken", "choose another"\n'
        '    return "no name", f"write {name}"\n'
        "class Desk:\n"
        "    def problem(self, message, hint=''):\n"
        "        self.found.append(StudyError(message, None, hint))\n"
        "    def look(self, things):\n"
        "        for thing in things:\n"
        '            self.problem(f"{thing} is {LIMIT}" if thing else "nothing", "less")\n'
        "        message, hint = wrong(things)\n"
        "        raise StudyError(message, None, hint)\n"
    )
    found = {(e.message, e.hint) for e in Errors(Code(tmp_path / "generator")).all()}
    assert found == {
        ("… is at most ten", "less"),
        ("nothing", "less"),
        ("… is taken", "choose another"),
        ("no name", "write …"),
    }


def test_every_error_has_its_chapter() -> None:
    assert chapter_of("generator/text/markdown/lexer.py") == "The text"
    assert chapter_of("generator/somewhere/new.py") == "Building and the rest"


def test_the_documented_command_writes_the_page() -> None:
    command = [sys.executable, "-c", "import docs.make_reference.__main__ as m; print(m.__doc__)"]
    assert "python -m docs.make_reference" in subprocess.check_output(command, cwd=ROOT, text=True)


@pytest.mark.parametrize("name", ["", *main.list_commands(click.Context(main))])
def test_every_command_has_an_example(name: str) -> None:
    command = main.get_command(click.Context(main), name) if name else main
    assert command is not None
    assert "Example: " in (command.help or "")
