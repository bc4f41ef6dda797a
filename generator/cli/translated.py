"""`study translated`: a section that changed in one language needs no change in the other."""

import click

from generator.cli import complete
from generator.cli.commands import opened
from generator.errors import StudyError
from generator.machine.stdio import say


@click.command()
@click.argument("report", shell_complete=complete.reports)
@click.argument("language")
@click.argument("sections", nargs=-1, metavar="[SECTION]...")
@click.pass_context
def translated(ctx: click.Context, report: str, language: str, sections: tuple[str, ...]) -> None:
    """Say that a report's text in LANGUAGE needs no change where it is behind.

    A section of a report in several languages that changes in one of them leaves the other behind
    until that is changed, too: `study list` and `study check` name it. Where the change needs
    nothing (a misspelling mended), say so here. SECTION is a section's label as `study check`
    names it; none means all that are behind.

    Example: study translated week-07 ko sec-limits
    """
    from generator.build.writes import keep_in_step
    from generator.plan.editions import behind, named
    from generator.plan.staleness import chosen

    root, study = opened(ctx)
    names = tuple(name.removeprefix("#") for name in sections)
    for _, found in chosen(study, [report]):
        if language not in found.languages():
            known = ", ".join(found.languages())
            raise StudyError(
                f"{found.id} is not written in '{language}'", None, f"there are: {known}"
            )
        late = [section for section in behind(root, found) if section.language == language]
        unknown = [name for name in names if name not in [section.key for section in late]]
        if unknown:
            keys = ", ".join(section.key for section in late)
            raise StudyError(
                f"'{unknown[0]}' of {found.id} ({language}) is not behind",
                None,
                f"behind are: {keys}" if keys else "nothing is",
            )
        keep_in_step(root, found, say, language, names or None)
        for section in late:
            if not names or section.key in names:
                say(f"{section.where}: {named(section)} needs nothing", err=True)
        if not late:
            say(f"{found.id} ({language}) is not behind", err=True)
