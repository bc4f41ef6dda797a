"""`study rota`: parse, ask whose turn it is, print or write."""

import click

from generator.cli.commands import REPORTS, opened
from generator.errors import StudyError
from generator.machine.stdio import say


@click.command()
@REPORTS
@click.option("--write", is_flag=True, help="Write the names into study.toml.")
@click.option("--check", is_flag=True, help="Only report objections to the names already there.")
@click.option("--today", metavar="DATE", help="Look at meetings from DATE on (YYYY-MM-DD).")
@click.pass_context
def rota(
    ctx: click.Context, reports: tuple[str, ...], write: bool, check: bool, today: str | None
) -> None:
    """Propose who presents in the weeks that nobody has yet.

    Whoever presented least comes first, then whoever did longest ago; nobody who is away, or who
    presents in the meeting before or after. REPORT names weeks; none means all that are to come.
    [rota] in study.toml names the members and when they are away.

    Example: study rota 7 --write
    """
    from generator.publish.schedule import day_of
    from generator.study.turns import held, objections, proposals, turn_lines, weeks_named

    root, study = opened(ctx)
    against = objections(study)
    if check:
        if against:
            raise ExceptionGroup("rota", against)
        say("nobody presents twice in a row, is away, or is no member", err=True)
        return
    if reports:
        weeks = weeks_named(study, reports)
        taken = [week for week in weeks if week.session.presenters]
        if taken:
            raise ExceptionGroup(
                "rota",
                [
                    StudyError(
                        f"{', '.join(week.session.presenters)} presents there already",
                        week.where,
                        "take the line out to have another proposed",
                    )
                    for week in taken
                ],
            )
    else:
        day = day_of(today)
        weeks = [
            week
            for week in held(study)
            if week.status != "done" and (week.date is None or week.date >= day)
        ]
    turns = proposals(study, weeks)
    for line in turn_lines(study, turns):
        say(line)
    for problem in against:
        say(f"{problem}", err=True)
    if not turns:
        say("every week to come has somebody", err=True)
    if write:
        from generator.build.presenters import write_presenters

        places = {study.weeks.index(turn.week): turn.names for turn in turns}
        for path in write_presenters(root, study, places):
            say(path, err=True)
