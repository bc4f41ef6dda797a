"""`study clean`: delete what a build makes again."""

import click

from generator.cli.amount import Amount
from generator.cli.commands import root_of
from generator.machine.stdio import say


@click.command()
@click.option("--size", "limit_mb", type=Amount(), metavar="MB", help="Keep up to MB.")
@click.option("--all", "everything", is_flag=True, help="Delete what run.memo keeps, too.")
@click.pass_context
def clean(ctx: click.Context, limit_mb: float | None, everything: bool) -> None:
    """Delete what a build makes again by itself, under .study/.

    Drawings, logs, digests and times go. What run.memo keeps is slow to make again, and stays:
    --all deletes it, too, and --size the oldest of it where all else is not enough.

    Example: study clean --size 200
    """
    from generator.store.cache import shrink

    if everything and limit_mb is not None:
        raise click.UsageError("--all keeps nothing; leave --size out")
    limit = None if limit_mb is None else int(limit_mb * 1e6)
    freed = shrink(root_of(ctx) / ".study", limit, everything=everything)
    text = f"freed {freed.total / 1e6:.1f} MB"
    if freed.memos:
        text += f", {freed.memos / 1e6:.1f} MB of them kept by run.memo: those steps run again"
    if freed.memos_left:
        text += f"; run.memo keeps {freed.memos_left / 1e6:.1f} MB"
        text += " (--all deletes them, too)" * (limit is None)
    say(text, err=True)
