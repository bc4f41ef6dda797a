"""`study check` and `study calendar`: parse, call one function, print."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import click

from generator.cli.commands import REPORTS, opened, root_of
from generator.machine.stdio import hand_over, say, styled


@click.command()
@REPORTS
@click.option("--links", is_flag=True, help="Also ask the network whether links to elsewhere work.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--ci", is_flag=True, help="Print annotations for a hosted CI (::error file=…).")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings, too.")
@click.option("--today", metavar="DATE", help="Say what is late as seen on DATE (YYYY-MM-DD).")
@click.pass_context
def check(
    ctx: click.Context,
    reports: tuple[str, ...],
    links: bool,
    as_json: bool,
    ci: bool,
    strict: bool,
    today: str | None,
) -> None:
    """Look for everything that could be wrong; change nothing.

    Stale figures, PDFs and README; broken links; typed numbers; unused figures, values and
    sources; alternative texts; translations; secrets; names; sizes. Exit 1 on any error.
    With a report's id or a week's number, only what lies in its folders.

    Example: study check 7 --links
    """
    from generator.check.finding import for_ci, for_machines, for_people
    from generator.check.folder import check_folder
    from generator.publish.schedule import day_of

    root = root_of(ctx)
    findings = check_folder(root, reports, today=day_of(today), links=links)
    if as_json:
        say(for_machines(findings))
    elif ci:
        for line in for_ci(findings):
            say(line)
    else:
        for line in for_people(findings):
            say(*_coloured(line), err=True)
        if not findings:
            say("nothing found", err=True)
    if (strict and findings) or any(finding.severity == "error" for finding in findings):
        ctx.exit(1)


def _coloured(line: str) -> tuple[str, ...]:
    word, colon, rest = line.partition(":")
    colours = {"error": "red", "warning": "yellow"}
    if colon and word in colours:
        return styled(f"{word}:", fg=colours[word], bold=True), rest
    return (line,)


@click.command()
@click.option("--first", metavar="DATE", help="The first meeting, where study.toml gives no dates.")
@click.option("--today", metavar="DATE", help="Where neither does: begin with the next from DATE.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file instead of standard output.",
)
@click.option("--language", metavar="CODE", help="In another of the study's languages: ko.")
@click.pass_context
def calendar(
    ctx: click.Context,
    first: str | None,
    today: str | None,
    output: Path | None,
    language: str | None,
) -> None:
    """Print the meetings as an .ics calendar, with links to the reports.

    Each week with a date is an event; the others meet by one weekly rule from the next meeting
    on. With -o a file that is there already is brought up to date: events keep their identity, and
    one that changed, was cancelled or is gone says so to the calendars that know it.

    Example: study calendar -o meetings.ics
    """
    from generator.publish.calendar.file import calendar as calendar_of
    from generator.publish.calendar.file import meets_by_rule
    from generator.publish.schedule import day_of
    from generator.store.cache import write_whole

    _, study = opened(ctx)
    if language:
        if language not in study.languages:
            known = ", ".join(study.languages)
            raise click.UsageError(f"--language: found '{language}', expected one of {known}")
        study = replace(study, publishing=replace(study.publishing, language=language))
    begin = day_of(first) if first else None
    if begin is None and study.meeting and meets_by_rule(study):
        day = day_of(today)
        begin = day + dt.timedelta(days=(study.meeting.weekday - day.weekday()) % 7)
    before = output.read_bytes() if output and output.exists() else b""
    content = calendar_of(study, first=begin, before=before)
    if output:
        write_whole(output, content)
        say(str(output))
    else:
        hand_over(content)
