"""The command line: each command parses, calls one function, prints."""

import re
import signal
from pathlib import Path
from typing import Any, ClassVar

import click

from generator import __version__
from generator.cli import complete
from generator.cli.amount import Amount
from generator.cli.problems import report_problems
from generator.errors import StudyError, UncertainPost, problems_in
from generator.machine.stdio import open_missing, say, unprinted
from generator.model import Study


class StudyGroup(click.Group):
    """Commands in the order of the weekly job, each imported only when it is asked for."""

    ELSEWHERE: ClassVar = {
        "post": ("generator.cli.post", "post", "Put the week's PDFs into the Discord channel."),
        "watch": ("generator.cli.watch", "watch", "Rebuild on every save until Ctrl-C."),
        "check": ("generator.cli.check", "check", "Look for everything that could be wrong."),
        "translated": (
            "generator.cli.translated",
            "translated",
            "Say that a translation needs no change where it is behind.",
        ),
        "calendar": ("generator.cli.check", "calendar", "Write the meetings as an .ics file."),
        "new": ("generator.cli.new", "new", "Start a small working study in a folder."),
        "add": ("generator.cli.new", "add", "Add the next week's report from the schedule."),
        "template": (
            "generator.cli.new",
            "template",
            "Copy a template into the study to change it.",
        ),
        "clean": ("generator.cli.clean", "clean", "Delete what a build makes again by itself."),
        "rota": ("generator.cli.rota", "rota", "Propose who presents next."),
        "notebook": ("generator.cli.notebook", "notebook", "Write a report as a Jupyter notebook."),
        "site": ("generator.cli.site", "site", "Make a website of the study."),
        "verify": ("generator.cli.proof", "verify", "Check a PDF against the sources inside it."),
        "explain": ("generator.cli.proof", "explain", "Say where a value or figure comes from."),
        "import": ("generator.cli.importing", "import_study", "Read an existing study."),
    }
    ORDER = (
        "new", "add", "import", "template", "list", "rota", "build", "watch", "why", "check",
        "translated", "readme", "explain", "verify", "notebook", "site", "post", "calendar",
        "clean", "doctor", "completion",
    )  # fmt: skip

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run the command that the shell asked for; tests and other callers use `main`."""
        try:
            return self.main(*args, **options)
        finally:
            # All has been said: a late Ctrl-C must not end the process by a signal.
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, the weekly job's order."""
        known = set(self.ELSEWHERE) | set(self.commands)
        return [name for name in self.ORDER if name in known]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command, imported now if it lives in a module of its own."""
        if name in self.commands or name not in self.ELSEWHERE:
            return super().get_command(ctx, name)
        from importlib import import_module

        module, attribute, _ = self.ELSEWHERE[name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands without importing any of them."""
        rows = []
        for name in self.list_commands(ctx):
            if name in self.ELSEWHERE:
                rows.append((name, self.ELSEWHERE[name][2]))
            else:
                rows.append((name, self.commands[name].get_short_help_str(70)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """The context; --help and --version print while it is made."""
        try:
            return super().make_context(*args, **options)
        except OSError as error:
            problem = unprinted(error)
            if problem is None:
                raise
            report_problems([problem])
            raise click.exceptions.Exit(1) from None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; problems that the author can mend become messages and exit 1."""
        try:
            return super().invoke(ctx)
        except (StudyError, ExceptionGroup) as error:
            problems = list(problems_in(error))
            report_problems(problems)
            uncertain = any(isinstance(problem, UncertainPost) for problem in problems)
            ctx.exit(3 if uncertain else 1)
        except OSError as error:
            problem = unprinted(error)
            if problem is None:
                raise
            report_problems([problem])
            ctx.exit(1)


def root_of(ctx: click.Context) -> Path:
    """The study's root: above the folder given by -C, else above this one."""
    from generator.store.folder import sound_folder
    from generator.study.load import find_root

    root = find_root(ctx.find_root().obj)
    sound_folder(root)
    return root


def opened(ctx: click.Context) -> tuple[Path, Study]:
    """The study's root and the study. Raises its problems."""
    from generator.study.load import load_study

    root = root_of(ctx)
    return root, load_study(root)


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    """Print the version, and where this compiler comes from."""
    if not wanted or ctx.resilient_parsing:
        return
    from generator.machine.origin import origin

    known = origin()
    say(f"study, version {__version__}, {known.said}")
    if known.pin:
        say(f'to pin it: STUDYPRESS: "{known.pin}"')
    ctx.exit()


@click.group(cls=StudyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version, where it comes from and how to pin it, and exit.",
)
@click.option(
    "-C",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("."),
    metavar="DIR",
    help="Work as if started in DIR.",
)
@click.pass_context
def main(ctx: click.Context, folder: Path) -> None:
    """Compile a study group's weekly reports.

    Each week's computation script makes figures and numbers; Markdown and templates become a
    tagged PDF; the README's schedule, resources and progress follow; the PDFs go to Discord.

    Example: `study build week-07` builds one report, `study build` all that is out of date.
    """
    open_missing()
    ctx.obj = folder


REPORTS = click.argument(
    "reports", nargs=-1, metavar="[REPORT]...", shell_complete=complete.reports
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")


_DASK = re.compile(r"dask:([a-z]+://)?[^\s/]+:\d+")


def _executor(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value and not _DASK.fullmatch(value):
        raise click.BadParameter(f"found '{value}', expected dask:ADDRESS, dask:tcp://host:8786")
    return value


@main.command("list")
@click.option("--today", metavar="DATE", help="Mark the next meeting as seen on DATE (YYYY-MM-DD).")
@click.pass_context
def list_(ctx: click.Context, today: str | None) -> None:
    """Show the schedule: each week, its reports, and what is done.

    next: the first meeting from today on or, where no week has a date, the first week after
    the newest one that is done. late: its meeting is over and its report is not built; without a
    date nothing is late.

    Example: study list --today 2026-03-04
    """
    from generator.publish.discord.state import doubts
    from generator.publish.schedule import schedule_lines

    root, study = opened(ctx)
    for line in schedule_lines(root, study, today=today):
        say(line)
    for doubt in doubts(root):
        say(f"{doubt.message}\n  hint: {doubt.hint}", err=True)


@main.command()
@REPORTS
@click.option("-j", "--jobs", type=click.IntRange(1), help="Work on N at once [default: cores].")
@click.option(
    "--executor",
    default="",
    callback=_executor,
    metavar="dask:ADDRESS",
    help="Compute on a Dask cluster: dask:tcp://HOST:8786.",
)
@click.option(
    "-P",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Try another value of a parameter, in trials/.",
)
@click.option("--force", is_flag=True, help="Build even what is up to date.")
@click.option("--no-scripts", is_flag=True, help="Run no script; use the committed results alone.")
@click.option("--verify", is_flag=True, help="Hash every file again; trust no time stamp.")
@click.option("--wait", type=Amount(), default=0, metavar="SECONDS", help="Wait for another build.")
@click.option(
    "--book",
    is_flag=True,
    help="Also set the whole study as one PDF a language: book.pdf, book.ko.pdf.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Only list what would run, in order.")
@QUIET
@click.pass_context
def build(
    ctx: click.Context,
    reports: tuple[str, ...],
    jobs: int | None,
    executor: str,
    parameters: tuple[str, ...],
    force: bool,
    no_scripts: bool,
    verify: bool,
    wait: float,
    book: bool,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Compute and set what is out of date, then refresh the README.

    REPORT is a report's id (week-07) or a week's number (9 is both of week 9); none means all.
    Prints the path of each file that really changed, one a line, records included: what to commit.

    A build runs the study's scripts, kept from your files, the network and other programs as far
    as this system can: `study doctor` says how far. With --no-scripts none of them runs, and pages
    are set from the committed figures/ alone: for a study whose authors you don't know. A report
    whose committed results are missing or out of date is then an error.

    With -P nothing that is committed changes: what reads the parameter is built with that value
    into trials/NAME=VALUE/, which git passes over. To keep a value, write it into study.toml.

    Example: study build 7 -j 2
    """
    import os

    from generator.build import stages as pipeline

    if no_scripts and executor:
        raise click.UsageError("--no-scripts computes nothing; leave --executor out")
    root, study = opened(ctx)
    where = ""
    if parameters:
        from generator.cli.trial import opened_trial

        root, study, where = opened_trial(root, study, parameters)
    if dry_run:
        from generator.plan.explain import would_run

        for line in would_run(root, study, reports, force=force, scripts=not no_scripts):
            say(line)
        return
    from generator.cli.progress import talk

    with talk(root, quiet=quiet) as teller:
        pipeline.build(
            root,
            study,
            reports,
            workers=jobs or os.cpu_count() or 1,
            executor=executor,
            force=force,
            scripts=not no_scripts,
            readme=not where,
            verify=verify,
            wait_s=wait,
            notice=teller.tell,
            wrote=lambda path: teller.product(where + path),
            remark=teller.remark,
        )
    changed = [] if where else pipeline.refresh_readme(root, study)
    for path in changed:
        say(path)
    if not (teller.took or changed or quiet):
        say("up to date", err=True)
    if book:
        from generator.build.book import bind, whole_languages

        for language in whole_languages(study):
            say(where + bind(root, study, language))


@main.command()
@REPORTS
@click.pass_context
def why(ctx: click.Context, reports: tuple[str, ...]) -> None:
    """Say what is out of date and because of what.

    Inputs are all that went into a report: text, script, data, what it imports, cited sources,
    its part of study.toml, templates, fonts, the versions of the programs that made it.

    Example: study why week-07
    """
    from generator.plan.explain import reasons

    root, study = opened(ctx)
    for line in reasons(root, study, reports):
        say(line)


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; print the diff; exit 1 if any.")
@click.option("--force", is_flag=True, help="Overwrite hand edits inside blocks; print them.")
@click.pass_context
def readme(ctx: click.Context, check: bool, force: bool) -> None:
    """Rewrite the generated blocks of README.md, and of README.ko.md where there is one.

    Example: study readme --check
    """
    from generator.publish.readme.change import readme_changes

    root, study = opened(ctx)
    changes = readme_changes(root, study, force=force)
    if check:
        for change in changes:
            say(change.diff, nl=False)
        if any(change.diff for change in changes):
            raise StudyError("the README is out of date", None, "run `study readme`")
        return
    for change in changes:
        if change.lost:
            say(change.lost, err=True, nl=False)
        for path in change.write(root):
            say(path)


@main.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Say what is there, what is missing, and how to get it.

    Example: study doctor
    """
    from generator.cli.doctor import findings

    lines, sound = findings(ctx.find_root().obj)
    for line in lines:
        say(line)
    if not sound:
        ctx.exit(1)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    Example: eval "$(study completion bash)"
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    say(kind(main, {}, "study", "_STUDY_COMPLETE").source())
