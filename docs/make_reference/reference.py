"""docs/reference.md: commands, keys, the script's contract and every error, read from the code."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.make_reference.commands import commands_text, escaped, script_text
from docs.make_reference.errors import Errors, Reported
from docs.make_reference.flow import Code
from docs.make_reference.keys import keys_text

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference.md"
MENDS = Path(__file__).with_name("mends.toml")

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

A message is `path:line: what was found, what was expected`, then a hint. Below is every message,
`…` for what varies, and how to mend it. All mistakes of a file are said at once, and nothing is
overwritten before there are none.
"""
# Chapter → the parts of the code that say its errors; the first that fits takes an error.
CHAPTERS: Sequence[tuple[str, Sequence[str]]] = (
    ("The study: study.toml and folders (`key: …`)", ("study/",)),
    ("The script", ("compute/child/", "compute/script", "compute/arguments",
                    "compute/jobs/supervise")),
    ("Steps that are kept: run.memo", ("compute/memo/",)),
    ("Pinned models: models.toml", ("machine/models",)),
    ("A cluster", ("compute/",)),
    ("The text", ("text/",)),
    ("Formulas", ("maths/",)),
    ("Pages, pictures, fonts", ("typeset/", "weasy/", "drawing/", "machine/fonts",
                                "build/workers", "build/book")),
    ("The README", ("publish/readme/",)),
    ("Meetings and calendar", ("publish/meeting_time", "publish/calendar", "publish/schedule")),
    ("Discord", ("publish/discord/", "cli/post")),
    ("What only `study check` says", ("check/",)),
    ("Importing", ("importing/", "cli/importing")),
    ("Building and the rest", ("",)),
)  # fmt: skip


def reference() -> str:
    """The whole page."""
    code = Code(ROOT / "generator")
    parts = [HEAD, COMMANDS, *commands_text(), KEYS, *keys_text(code), SCRIPT, *script_text()]
    parts += [ERRORS, *errors_text(with_mends(Errors(code)))]
    return "\n".join(part.rstrip("\n") if part.startswith("|") else part for part in parts)


def with_mends(errors: Errors) -> list[Reported]:
    """Every error with its mend, from mends.toml, else from the code."""
    mends = mends_said()
    return [Reported(e.path, e.rule, e.message, mends.get(e.message, e.hint)) for e in errors.all()]


def mends_said() -> dict[str, str]:
    """Message → mend, for messages that carry none."""
    said: dict[str, str] = tomllib.loads(MENDS.read_text("utf-8"))
    return said


def chapter_of(path: str) -> str:
    """The chapter that has the errors of a module."""
    name = path.removeprefix("generator/")
    return next(title for title, parts in CHAPTERS if name.startswith(tuple(parts)))


def errors_text(errors: Sequence[Reported]) -> Iterator[str]:
    """The chapter on errors."""
    for title, _ in CHAPTERS:
        mine = [error for error in errors if chapter_of(error.path) == title]
        if not mine:
            continue
        yield f"### {title}\n"
        rows = {(error.message, error.hint, error.rule) for error in mine}
        yield "\n".join(entry(*row) for row in sorted(rows))
        yield ""


def entry(message: str, mend: str, rule: str = "") -> str:
    """One error: its message as code, what to do as words."""
    marks = "``" if "`" in message else "`"
    pad = " " if message.startswith("`") or message.endswith("`") else ""
    kind = f" ({rule})" if rule else ""
    return f"- {marks}{pad}{message}{pad}{marks}{kind}" + (f": {escaped(mend)}" if mend else "")
