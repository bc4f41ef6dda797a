"""`study new`, `add` and `template`: what they print; see `starter.py` for what they write."""

from pathlib import Path

import click

from generator.cli import opened, root_of


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


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.pass_context
def template(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Copy a template into templates/ of the study, to change it there.

    Without NAME, list those that there are. A template that the study does not have is ours.

    Example: study template report.css
    """
    from generator.starter import copy_template, template_names

    root = root_of(ctx)
    for name in names:
        click.echo(copy_template(root, name))
    if not names:
        for name in template_names():
            click.echo(f"{name}  (yours)" if (root / "templates" / name).exists() else name)
