"""docs/reference.md: commands, keys and the script's contract from the code, and the errors."""

from pathlib import Path

from docs.make_reference.code import Code
from docs.make_reference.commands import commands_text, script_text
from docs.make_reference.errors import errors_text
from docs.make_reference.keys import keys_text

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference.md"

HEAD = """\
# Reference

<!-- Written by `python -m docs.make_reference` from the code; do not edit by hand. -->

[Commands](#commands) · [study.toml](#studytoml) · [The script](#the-script) ·
[The text](writing.md) · [Templates](../templates/README.md) · [Errors](#errors)
"""
COMMANDS = """\
## Commands

Products go to standard output, one path a line; talk goes to standard error. Exit status: 0 done,
1 a problem that you can mend, 2 a wrong command line, 3 a message that may have been posted
(`study post` alone). `NO_COLOR` switches colours off. Reports are named by id (`week-07`) or by
number (`9` is both of week 9). A study is found from any folder inside it.
"""
KEYS = """\
## study.toml

A *text* is `"…"`, or one for each language: `{ en = "…", ko = "…" }`. A *plain text* is the same in
every language. Dates and numbers stand without quotes. Nothing but titles is required; a key that
is not here is an error.
"""
SCRIPT = """\
## The script

`reports/ID/compute.py` defines `compute(run: Run) -> None`, with
`from generator.compute.script import Run` and `from common import NAME` for modules of
`reports/common/`. It runs in a process of its own: `random`, NumPy and PyTorch seeded, one thread,
deterministic, without network, writing only into a scratch folder, for at most `timeout_s`
seconds. `python -m generator.compute.child week-07` runs one by hand and prints its log and values.
Names of values, strings and tables are small letters, digits and `_`; of figures, `-` too.
"""
ERRORS = """\
## Errors

A message is `path:line: what was found, what was expected`, then a hint. Below are the messages,
`…` for what varies, and how to mend each. All mistakes of a file are said at once, and nothing is
overwritten before there are none.
"""


def reference() -> str:
    """The whole page."""
    code = Code(ROOT / "generator")
    parts = [HEAD, COMMANDS, *commands_text(), KEYS, *keys_text(code), SCRIPT, *script_text()]
    parts += [ERRORS, *errors_text()]
    return "\n".join(part.rstrip("\n") if part.startswith("|") else part for part in parts)
