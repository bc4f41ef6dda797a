"""`study watch`: what it prints; see `watch.py` for what it does."""

import time

import click

from generator.cli.commands import QUIET, REPORTS, root_of
from generator.cli.problems import report_problems
from generator.errors import StudyError
from generator.machine.stdio import say, styled


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
            say(styled(f"\n{time.strftime('%H:%M:%S')} {changed}", bold=True), err=True)
        for path in written:
            say(path)
        if problems:
            report_problems(problems)
            say("still as it was; waiting for a save that mends this", err=True)
        elif not quiet:
            say("up to date; waiting for a save, Ctrl-C ends", err=True)

    with talk(root, quiet=quiet) as teller:
        try:
            run(root, reports, teller.tell, said, teller.remark)
        except KeyboardInterrupt:
            say("", err=True)
