"""`study notebook`: a report as a Jupyter notebook."""

from pathlib import Path

import click

from generator.cli import complete
from generator.cli.commands import opened
from generator.machine.stdio import say


@click.command()
@click.argument("report", shell_complete=complete.reports)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it."
)
@click.option("--language", default="", help="Of the text [default: the report's first].")
@click.pass_context
def notebook(ctx: click.Context, report: str, output: Path | None, language: str) -> None:
    """Write a report's text and script as a Jupyter notebook that runs the code.

    REPORT is an id or number. The notebook is written into the current folder, week-07.ipynb; it
    runs in the study's folder or below, in Jupyter or on Colab. Its code runs without the guard
    of a build.

    Example: study notebook week-07
    """
    from generator.build.notebook import notebook as made
    from generator.plan.staleness import chosen
    from generator.store.cache import write_whole

    root, study = opened(ctx)
    for week, found in chosen(study, [report]):
        wanted = language or (found.languages() or ("",))[0]
        ending = "" if wanted == (found.languages() or ("",))[0] else f".{wanted}"
        path = output or Path(f"{found.id}{ending}.ipynb")
        write_whole(path, made(root, study, week, found, wanted))
        say(path.as_posix())
