"""`study post` on the command line: reads the secret, calls one function, prints."""

import datetime as dt
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.commands import REPORTS, root_of
from generator.errors import StudyError
from generator.machine.stdio import say, unheard
from generator.model import Study

if TYPE_CHECKING:
    from generator.publish.discord.choice import Moment
    from generator.publish.discord.template import Kind

SECRET = "DISCORD_WEBHOOK_URL"


@click.command()
@REPORTS
@click.option("--today", metavar="DATE", help="Choose the next meeting as seen on DATE.")
@click.option("-n", "--dry-run", is_flag=True, help="Print what would be sent; send nothing.")
@click.option("--reminder", is_flag=True, help="Remind of the meeting instead.")
@click.option("--summary", is_flag=True, help="Sum up the meeting instead: recording, notes.")
@click.option("--silent", is_flag=True, help="Post without a notification.")
@click.option("--settle", metavar="VERDICT", help="posted=LINK, posted=NUMBER or not-posted.")
@click.option("--webhook-file", metavar="FILE", help="Read the address from FILE, - for stdin.")
@click.option("--allow-host", multiple=True, metavar="HOST", help="Accept HOST besides Discord.")
@click.option("--push", is_flag=True, help="Push each change of discord.json, intents first.")
@click.option(
    "--deadline",
    type=click.FloatRange(0.1),
    default=90.0,
    metavar="SECONDS",
    help="Give a message up after this long, pauses included [default: 90].",
)
@click.option(
    "--retry-wait",
    type=click.FloatRange(0),
    default=1.0,
    metavar="SECONDS",
    help="The first pause between attempts; each is twice the last [default: 1].",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def post(
    ctx: click.Context,
    reports: tuple[str, ...],
    today: str | None,
    dry_run: bool,
    reminder: bool,
    summary: bool,
    silent: bool,
    settle: str | None,
    webhook_file: str | None,
    allow_host: tuple[str, ...],
    push: bool,
    deadline: float,
    retry_wait: float,
    quiet: bool,
) -> None:
    """Put the week's PDFs into the group's Discord channel, once.

    REPORT names a week by number or report; none means the next meeting's week, or where the
    study gives no dates the newest done one. A second run edits the message, or does nothing.
    --reminder tells of the meetings of the next days, --summary what meetings that are over left;
    each is a message of its own, posted once like the week's.
    The webhook's address comes from DISCORD_WEBHOOK_URL or --webhook-file, never from an option.
    Exit code 3: a message may be in the channel and must be settled by hand.

    Example: study post 7 --dry-run
    """
    from generator.study.load import load_study

    if reminder and summary:
        raise click.UsageError("--reminder and --summary are two messages; post one at a time")
    secret = _secret(webhook_file)
    try:
        root = root_of(ctx)
        study = load_study(root)
        from generator.publish.discord.weeks import Wanted, would_send

        kind: Kind = "reminder" if reminder else "summary" if summary else "week"
        wanted = Wanted(reports, _moment(today, study), kind, silent)
        if dry_run and settle is None:
            for line in would_send(root, study, wanted):
                say(line)
            return
        from generator.publish.discord.client import Pace
        from generator.publish.discord.git import GitRemote
        from generator.publish.discord.webhook import webhook_from
        from generator.publish.discord.weeks import Delivery, settle_week
        from generator.publish.discord.weeks import post as post_weeks

        # Git and its hooks run without the secret.
        environment = {key: value for key, value in os.environ.items() if key != SECRET}
        remote = GitRemote.open(root, environment) if push else None

        def notice(text: str) -> None:
            if not quiet:
                say(text, err=True)

        if settle is not None:
            notice(settle_week(root, study, reports, settle, remote))
            return
        webhook = webhook_from(secret, allow_host) if secret is not None else None
        pace = Pace(deadline_s=deadline, answer_s=min(deadline, 30.0), wait_s=retry_wait)
        delivery = Delivery(webhook, remote, pace)
        for number in post_weeks(root, study, wanted, delivery, notice):
            say(number)
    except (StudyError, ExceptionGroup, click.ClickException, click.exceptions.Exit):
        raise
    except OSError as error:
        if problem := unheard(error):
            raise problem from None
        _told(secret)
        ctx.exit(1)
    except Exception:
        _told(secret)
        ctx.exit(1)


def _told(secret: str | None) -> None:
    """Print our own bug with its traceback, but an exception's text may quote the address."""
    token = (secret or "").strip().rstrip("/").rpartition("/")[2]
    text = traceback.format_exc()
    say(text.replace(token, "…") if token else text, err=True, nl=False)


def _secret(webhook_file: str | None) -> str | None:
    """The webhook's address as given; None if it was not."""
    if webhook_file == "-":
        return sys.stdin.read()
    if webhook_file is not None:
        from generator.publish.discord.webhook import permissions_hint, read_address

        address = read_address(Path(webhook_file))
        hint = permissions_hint(Path(webhook_file))
        if hint:
            say(f"warning: {hint}", err=True)
        return address
    return os.environ.get(SECRET, "").strip() or None


def _moment(today: str | None, study: Study) -> "Moment":
    """When it is where the group meets: the day that is named, else what the clock says."""
    from generator.publish.discord.choice import Moment

    if today is not None:
        try:
            return Moment(dt.date.fromisoformat(today))
        except ValueError:
            raise click.BadParameter(
                f"found '{today}', expected a date such as 2026-03-04", param_hint="--today"
            ) from None
    if study.meeting is None:
        return Moment(dt.date.today())
    from generator.publish.meeting_time import zone_of

    now = dt.datetime.now(zone_of(study.meeting))
    return Moment(now.date(), now)
