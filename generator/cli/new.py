"""`study new`, `add` and `template`: what they print; see `starter.py` for what they write."""

import shlex
import shutil
from pathlib import Path

import click

from generator.cli import complete
from generator.cli.commands import opened, root_of
from generator.machine.stdio import say


@click.command()
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", required=False
)
@click.option("--title", help="The study's title [default: from the folder's name].")
@click.option("--language", default="en", metavar="CODE", help="The study's language: en, ko.")
@click.pass_context
def new(ctx: click.Context, folder: Path | None, title: str | None, language: str) -> None:
    """Start a small working study in a folder, new or not; `.` is this one.

    One week with a computed figure, a table, a formula and a citation: it builds at once, and is
    there to be changed. Nothing is overwritten: for a README that is there already, the lines to
    paste into it are printed.

    Example: study new reading-group
    """
    from generator.build.starter import start_study, starter_languages

    if folder is None:
        raise click.UsageError("name the study's folder: study new reading-group")
    if language not in starter_languages():
        known = ", ".join(starter_languages())
        raise click.UsageError(f"--language: found '{language}', expected one of {known}")
    folder = ctx.find_root().obj / folder
    named = title or folder.resolve().name.replace("-", " ").replace("_", " ").capitalize()
    started = start_study(folder, named, language)
    for path in started.written:
        say((folder / path).as_posix())
    for path, lines in started.missing.items():
        if lines:
            say(f"{path} was there and stays as it is; paste into it:\n\n{lines}", err=True)
    steps = [] if folder.resolve() == Path.cwd() else [f"cd {shlex.quote(folder.as_posix())}"]
    folders = (folder, *folder.resolve().parents)
    if shutil.which("git") and not any((above / ".git").exists() for above in folders):
        steps.append("git init")
    say(f"next: {' && '.join([*steps, 'study build'])}", err=True)


@click.command()
@click.argument("report", required=False, default="", shell_complete=complete.planned)
@click.option("--title", help="Append a week of this title to study.toml first.")
@click.pass_context
def add(ctx: click.Context, report: str, title: str | None) -> None:
    """Add the next week's report from the schedule: a text and a script that build at once.

    REPORT is the id or number of another week; the default is the first that has no report yet.
    With --title the schedule gets a new week at its end, and that week its report.

    Example: study add --title "Waiting times"
    """
    from generator.build.starter import add_report, add_week

    if title and report:
        raise click.UsageError("--title makes a new week; leave REPORT out")
    root, study = opened(ctx)
    for path in add_week(root, study, title) if title else add_report(root, study, report):
        say(path)
    say("next: write it, with `study watch` beside you", err=True)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete.templates)
@click.pass_context
def template(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Copy a template into templates/ of the study, to change it there.

    Without NAME, list those that there are. A template that the study does not have is ours.

    Example: study template report.css
    """
    from generator.build.starter import copy_template, template_names

    root = root_of(ctx)
    for name in names:
        say(copy_template(root, name))
    if not names:
        for name in template_names():
            say(f"{name}  (yours)" if (root / "templates" / name).exists() else name)
