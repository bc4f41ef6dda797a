import re
import subprocess
import sys

import click
import pytest

from docs.make_reference.code import Code
from docs.make_reference.errors import entry, errors, pieces, row_of
from docs.make_reference.keys import gaps
from docs.make_reference.reference import REFERENCE, ROOT, reference
from generator.cli import main

AGAIN = "run `.venv/bin/python -m docs.make_reference`"
TOLD = re.compile(r"^(?:error|warning): (.*)$", re.MULTILINE)
BROKEN = sorted((ROOT / "tests" / "studies" / "broken").glob("*/expected.txt"))


@pytest.fixture(scope="module")
def code() -> Code:
    return Code(ROOT / "generator")


def test_the_committed_reference_is_what_the_code_says() -> None:
    assert REFERENCE.read_text("utf-8") == reference(), AGAIN


def test_what_broken_studies_are_told_is_in_the_table() -> None:
    told = [line for path in BROKEN for line in TOLD.findall(path.read_text("utf-8"))]
    assert len(told) > 200
    missing = sorted({line for line in told if row_of(line) is None})
    assert missing == [], "write them, and how they are mended, into errors.toml"


def test_no_row_of_the_table_is_left_over(code: Code) -> None:
    words = code.words()
    rows = [message for chapter in errors().values() for message in chapter]
    gone = [row for row in rows if not any(_longest(p) in words for p in pieces(row)[:3])]
    assert gone == [], "the code has no such words: take the row out of errors.toml"


def _longest(piece: str) -> str:
    """The part of a message that stands in one text of the code: between marks and names."""
    return max(re.split(r"[“”`'\"():;,\[\]{}=0-9]", piece), key=len).strip()


def test_every_row_says_how_it_is_mended() -> None:
    rows = [pair for chapter in errors().values() for pair in chapter.items()]
    assert [message for message, mend in rows if not mend] == []


def test_a_message_finds_its_row_and_nothing_else_does() -> None:
    assert row_of("study.toml:3: week.number: found 1 again, already at study.toml:2")
    assert row_of("reports/a.md:1: nobody ever wrote this sentence") is None
    assert entry("`a` is … (links)", "mend") == "- `` `a` is … `` (links): mend"


def test_every_key_of_study_toml_has_its_purpose(code: Code) -> None:
    assert gaps(code) == []


def test_the_documented_command_writes_the_page() -> None:
    command = [sys.executable, "-c", "import docs.make_reference.__main__ as m; print(m.__doc__)"]
    assert "python -m docs.make_reference" in subprocess.check_output(command, cwd=ROOT, text=True)


@pytest.mark.parametrize("name", ["", *main.list_commands(click.Context(main))])
def test_every_command_has_an_example(name: str) -> None:
    command = main.get_command(click.Context(main), name) if name else main
    assert command is not None
    assert "Example: " in (command.help or "")
