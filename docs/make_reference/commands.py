"""The commands, from Click; the script's contract, from the docstrings of Run."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import FunctionType

import click

from generator.cli import main
from generator.compute.script import Run

HARNESS = ("finish",)  # methods that the harness calls, not a script


def commands_text() -> Iterator[str]:
    """The chapter on commands, in the order of `study --help`."""
    context = click.Context(main, info_name="study")
    yield f"`study {_usage(main, context)}`\n"
    yield from _options(main, context)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield f"### `study {name}`\n"
        yield f"`study {name} {_usage(command, inner)}`\n"
        yield from _paragraphs(command.help or "")
        yield from _options(command, inner)


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join(command.collect_usage_pieces(context))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        words = " ".join(paragraph.split())
        example = words.removeprefix("Example: ")
        if example != words and "`" not in words:
            words = f"Example: `{example}`"
        yield f"{words}\n"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    rows = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[0].startswith("-") and "--help" not in record[0]:
            names, purpose = record[0], re.sub(r"\s*\[x>=[\d.]+\]", "", record[1])
            rows.append(f"| `{names}` | {escaped(purpose)} |")
    if rows:
        yield "| option | |\n|---|---|"
        yield from rows
        yield ""


def escaped(text: str) -> str:
    """`text` as words of Markdown: code between backticks stays, marks elsewhere are escaped."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if MARKED.fullmatch(part) else _plain(part) for part in parts)


MARKED = re.compile(r"`[^`]+`")


def _plain(words: str) -> str:
    words = re.sub(r"([\\*<|$`~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))", r"\\\1", words)
    return re.sub(r"\[([^\[\]]*)\]\(", r"\\[\1\\](", words)


def script_text() -> Iterator[str]:
    """The chapter on the script: each method of Run with its signature and docstring."""
    for name, member in vars(Run).items():
        if name.startswith("_") or name in HARNESS:
            continue
        function = member.fget if isinstance(member, property) else member
        if not inspect.isfunction(function):
            continue
        if isinstance(member, property):
            yield f"### `run.{name}`\n"
        else:
            yield f"### `run.{name}({_signature(function)})`\n"
        yield from _paragraphs(function.__doc__ or "")


def _signature(function: FunctionType) -> str:
    """The parameters as the source spells them."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.args.args = definition.args.args[1:]
    return (
        ast.unparse(definition.args)
        .replace("'", '"')
        .replace('"matplotlib.figure.Figure"', "Figure")
    )
