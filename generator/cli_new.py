"""`study new` and `study add`: what they print; see `starter.py` for what they write."""

from pathlib import Path

import click

from generator.cli import opened


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--title", help="The study's title [default: from the folder's name].")
@click.pass_context
def new(ctx: click.Context, folder: Path, title: str | None) -> None:
    """Start a small working study in a folder, which may be new or empty.

    One week with a computed figure, a table, a formula and a citation: it builds at once, and is
    there to be changed. Files that are there are never overwritten.

    Example: study new reading-group
    """
    from generator.starter import start_study

    folder = ctx.find_root().obj / folder
    named = title or folder.resolve().name.replace("-", " ").replace("_", " ").capitalize()
    for path in start_study(folder, named):
        click.echo((folder / path).as_posix())
    click.echo(f"next: cd {folder.as_posix()}, then `study build`", err=True)


@click.command()
@click.argument("report", required=False, default="")
@click.pass_context
def add(ctx: click.Context, report: str) -> None:
    """Add the next week's report from the schedule: a text and a script that build at once.

    REPORT is the id or number of another week; the default is the first that has no report yet.

    Example: study add
    """
    from generator.starter import add_report

    root, study = opened(ctx)
    for path in add_report(root, study, report):
        click.echo(path)
    click.echo("next: write it, with `study watch` beside you", err=True)
