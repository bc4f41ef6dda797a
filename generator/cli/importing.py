"""`study import`: what it prints; see `importing/` for what it reads and writes."""

from pathlib import Path

import click

from generator.machine.stdio import say

_HEADS = {
    "linked": "linked to their weeks",
    "kept": "kept",
    "mended": "mended, one by one",
    "words": "your own words, kept in the README as they were",
    "by hand": "not turned into data, kept as it was",
    "to do": "for you to see to",
}


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path), metavar="PATH")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    metavar="DIR",
    help="Where the study is written, new or present [default: here].",
)
@click.option("--week", "week", metavar="REPORT", help="Convert one notebook for this report.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be.")
@click.option("--json", "as_data", is_flag=True, help="Print what was found, all of it, as JSON.")
@click.pass_context
def import_study(
    ctx: click.Context,
    path: Path,
    into: Path | None,
    week: str | None,
    dry_run: bool,
    as_data: bool,
) -> None:
    """Read an existing study: PATH is its folder, its README, or a notebook.

    A README with a schedule, a path day by day or a curated guide becomes study.toml and a README
    with generated blocks; PDFs and notebooks beside it go to their weeks. Nothing is overwritten,
    and whatever could not be read is listed with its line and stays as it was.

    Example: study import old-repository --into new-study --dry-run
    """
    from generator.importing.importer import read_study_at
    from generator.importing.listing import as_json, listing_text, readme_diff, summary
    from generator.importing.single import read_notebook_for

    started = ctx.find_root().obj  # of -C
    path = started / path
    if not path.exists():
        raise click.BadParameter(f"there is no '{path}'", param_hint="PATH")
    folder = started / (into or "")
    if week is not None:
        imported = read_notebook_for(path, folder, week)
    else:
        imported = read_study_at(path, folder)
    written = list(imported.files) if dry_run else imported.write(folder)
    if as_data:
        say(as_json(imported))
        return
    for target in written:
        say((folder / target).as_posix())
    if dry_run:
        say(readme_diff(imported), err=True, nl=False)
    say(listing_text(imported, _HEADS), err=True, nl=False)
    if imported.study is not None:
        say(summary(imported.study), err=True)
    if dry_run:
        say("nothing was written", err=True)
