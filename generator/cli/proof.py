"""`study verify` and `study explain`: parse, call one function, print."""

from pathlib import Path

import click

from generator.cli import complete
from generator.cli.commands import opened
from generator.errors import Where
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
    """Check a PDF against the sources inside it; no study is needed.

    The page is set again from the text and results in the PDF, and its script is run again under
    the guard of a build. Says "the same bytes", or what differs: text, a value, a figure, a file.
    Exit 1 if anything does. What this machine lacks is reported, and is not an error.

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


@click.command()
@click.argument("report", shell_complete=complete.reports)
@click.argument("name", default="")
@click.pass_context
def explain(ctx: click.Context, report: str, name: str) -> None:
    """Say where a value, string, table or figure of a report comes from.

    REPORT is an id, a number, or a PDF, which carries its sources. NAME is what the text quotes:
    its value, the line of the script that kept it, when that line changed, what it was made from.
    Without NAME all are listed, a line each.

    Example: study explain week-01
    """
    from generator.plan.staleness import chosen
    from generator.proof.explain import explained
    from generator.store.record import load_record

    if report.endswith(".pdf"):
        for line in _from_pdf(Path(report), name):
            say(line)
        return
    root, study = opened(ctx)
    for _, found in chosen(study, [report]):
        for line in explained(root, found, load_record(root, found.id), name):
            say(line)


def _from_pdf(path: Path, name: str) -> list[str]:
    import tempfile

    from generator.errors import unreadable
    from generator.proof.explain import explained
    from generator.proof.reading import carried
    from generator.proof.reading import opened as read
    from generator.proof.rebuild import unpacked

    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(error, Where(path.name)) from error
    with read(content, path.name) as pdf:
        found = carried(pdf)
    with tempfile.TemporaryDirectory(prefix="study-explain-") as folder:
        sources = unpacked(found, Path(folder).resolve(), path.name)
        return explained(sources.root, sources.report, sources.record, name)
