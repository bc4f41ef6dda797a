"""`study watch`: what it prints; see `watch.py` for what it does."""

import time
from contextlib import ExitStack

import click

from generator.cli.commands import QUIET, REPORTS, root_of
from generator.cli.problems import report_problems
from generator.errors import StudyError
from generator.machine.stdio import say, styled


@click.command()
@REPORTS
@click.option("--serve", is_flag=True, help="Also show the site in a browser, on this machine.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="For --serve."
)
@QUIET
@click.pass_context
def watch(
    ctx: click.Context, reports: tuple[str, ...], serve: bool, port: int, quiet: bool
) -> None:
    """Rebuild on every save until Ctrl-C.

    The PDF keeps its path and is replaced in one step, so that viewers stay open. Problems stay
    on the screen until a save mends them. With --serve pages load again after every save, before
    their PDFs are set, and show what is wrong.

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

    with talk(root, quiet=quiet) as teller, ExitStack() as stack:
        live = None
        if serve:
            from generator.build.live import Live
            from generator.build.serve import Server

            out = root / ".study/site"
            live = Live(root, out, stack.enter_context(Server(root, out, port)))
            say(live.server.address, err=True)
        try:
            run(root, reports, teller.tell, said, teller.remark, live)
        except KeyboardInterrupt:
            say("", err=True)
