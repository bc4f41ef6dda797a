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
    help="Where the site goes [default: site/ in the study].",
)
@click.option("--today", metavar="DATE", help="Mark the next meeting as seen on DATE (YYYY-MM-DD).")
@QUIET
@click.pass_context
def site(ctx: click.Context, out: Path | None, today: str | None, quiet: bool) -> None:
    """Make a website of the study: static pages that also work from a folder.

    A page for each report and language, the schedule, the reading path, glossary and sources,
    with the PDFs to download. What did not change is not touched; prints what did.

    Example: study site --out /tmp/site
    """
    from generator.build.site import build_site
    from generator.publish.schedule import day_of

    root, study = opened(ctx)
    target = (out or root / "site").absolute()
    changed = build_site(root, study, target, today=day_of(today))
    for name in changed:
        say(str(target / name) if out else f"site/{name}")
    if not (changed or quiet):
        say("up to date", err=True)
