"""`study watch`: what it prints; see `watch.py` for what it does."""

import time

import click

from generator.cli.commands import QUIET, REPORTS, report_problems, root_of
from generator.errors import StudyError


@click.command()
@REPORTS
@QUIET
@click.pass_context
def watch(ctx: click.Context, reports: tuple[str, ...], quiet: bool) -> None:
    """Rebuild on every save until Ctrl-C.

    The PDF keeps its path and is replaced in one step, so that viewers stay open. Problems stay
    on the screen until a save mends them.

    Example: study watch week-07
    """
    from generator.build.watch import watch as run
    from generator.cli.progress import talk

    root = root_of(ctx)

    def said(changed: str, written: list[str], problems: list[StudyError]) -> None:
        if changed and not quiet:
            click.secho(f"\n{time.strftime('%H:%M:%S')} {changed}", err=True, bold=True)
        for path in written:
            click.echo(path)
        if problems:
            report_problems(problems)
            click.echo("still as it was; waiting for a save that mends this", err=True)
        elif not quiet:
            click.echo("up to date; waiting for a save, Ctrl-C ends", err=True)

    with talk(root, quiet=quiet) as teller:
        try:
            run(root, reports, teller.tell, said, teller.remark)
        except KeyboardInterrupt:
            click.echo("", err=True)
