"""The example workflow and the pre-commit hooks call commands that exist, as they exist."""

import re
from pathlib import Path

import click
import pytest

from generator.cli import main

ROOT = Path(__file__).parent.parent
FILES = ("docs/workflow.yml", ".pre-commit-hooks.yaml")
COMMAND = re.compile(r"(?:run: |entry: |&& |^ {10})(study [^\n&#`]*)", re.MULTILINE)


def commands() -> list[str]:
    """Every call of `study` in the examples."""
    return [
        call.strip() for name in FILES for call in COMMAND.findall((ROOT / name).read_text("utf-8"))
    ]


@pytest.mark.parametrize("call", sorted(set(commands())))
def test_an_example_calls_a_command_with_options_that_it_has(call: str) -> None:
    name, *options = call.split()[1:]
    command = main.get_command(click.Context(main), name)
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(options) <= known


def test_the_examples_build_check_and_post() -> None:
    assert {call.split()[1] for call in commands()} >= {"build", "check", "post", "readme"}


def test_the_workflow_has_several_early_slots_none_on_the_full_hour() -> None:
    slots = re.findall(r'cron: "(\d+) (\d+) \* \* 3"', (ROOT / FILES[0]).read_text("utf-8"))
    # The meeting is at 12:00 UTC.
    assert len(slots) >= 3
    assert all(minute != "0" and int(hour) < 12 for minute, hour in slots)


def test_the_workflow_never_shows_the_secret_to_more_than_one_step() -> None:
    text = (ROOT / FILES[0]).read_text("utf-8")
    assert text.count("secrets.DISCORD_WEBHOOK_URL") == 1
    assert "cancel-in-progress: false" in text


def test_links_are_asked_in_one_of_the_slots_and_the_branch_is_named_once() -> None:
    text = (ROOT / FILES[0]).read_text("utf-8")
    (slot,) = re.findall(r"github\.event\.schedule == '([^']+)'", text)
    assert f'cron: "{slot}"' in text
    assert len(re.findall(r"\bmain\b", text)) == 1
    for page in (ROOT / "docs").glob("*.md"):
        assert "```yaml" not in page.read_text("utf-8"), "one workflow, in workflow.yml"
