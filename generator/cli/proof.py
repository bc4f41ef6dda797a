"""`study verify`: parse, call one function, print."""

from pathlib import Path

import click

from generator.machine.stdio import say, styled


@click.command()
@click.argument(
    "files",
    metavar="FILE.pdf...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--no-script", is_flag=True, help="Verify the page alone, from the results inside.")
@click.pass_context
def verify(ctx: click.Context, files: tuple[Path, ...], no_script: bool) -> None:
    """Check a PDF by the sources inside of it; no study is needed.

    The page is set again from the text and results in the PDF, and its script is run again under
    the guard of a build. Says "the same bytes", or what differs: text, a value, a figure, a file.
    Exit 1 if anything does. What this machine lacks is told, and no error.

    Example: study verify week-07.pdf
    """
    from generator.proof.verify import verify as verified

    sound = True
    for path in files:
        verdict = verified(
            path.read_bytes(),
            path.name,
            script=not no_script,
            remark=lambda text: say(text, err=True),
        )
        for note in verdict.notes:
            say(styled("note: ", fg="yellow", bold=True), f"{path}: {note}", err=True)
        for wrong in verdict.wrong:
            say(styled("error: ", fg="red", bold=True), f"{path}: {wrong}", err=True)
        if not verdict.wrong:
            say(f"{path}: {'; '.join(verdict.proved)}")
        sound = sound and not verdict.wrong
    if not sound:
        ctx.exit(1)
