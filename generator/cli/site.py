"""`study site`: parse, call one function, print."""

from pathlib import Path

import click

from generator.cli.commands import QUIET, opened
from generator.machine.stdio import say


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the site goes [default: .study/site].",
)
@QUIET
@click.pass_context
def site(ctx: click.Context, out: Path | None, quiet: bool) -> None:
    """Make a website of the study: static pages that also work from a folder.

    A page for each report and language, the schedule, the reading path, glossary and sources,
    with the PDFs to download. What did not change is not touched; prints what did.

    Example: study site --out /tmp/site
    """
    from generator.build.site.run import build_site

    root, study = opened(ctx)
    target = (out or root / ".study/site").absolute()
    changed = build_site(root, study, target)
    for name in changed:
        say(str(target / name) if out else f".study/site/{name}")
    if not (changed or quiet):
        say("up to date", err=True)
