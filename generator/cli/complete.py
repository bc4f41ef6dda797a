"""What the Tab key completes: reports and templates of the study that the shell stands in."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from click import Context, Parameter
from click.shell_completion import CompletionItem

from generator.errors import StudyError

if TYPE_CHECKING:
    from generator.model import Report, Study, Week  # 20 ms that --help saves


def reports(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """The reports that are written, by id; by number where a digit stands there already."""
    return _named(ctx, param, incomplete, written=True)


def planned(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """The reports of the schedule that nobody has written yet."""
    return _named(ctx, param, incomplete, written=False)


def templates(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """The templates that a study may have as its own, without those that it has."""
    from generator.build.starter import template_names

    folder = _folder(ctx) / "templates"
    given = ctx.params.get(param.name or "") or ()
    names = [name for name in template_names() if name not in given]
    return [
        CompletionItem(name)
        for name in names
        if name.startswith(incomplete) and not (folder / name).exists()
    ]


def _named(
    ctx: Context, param: Parameter, incomplete: str, *, written: bool
) -> list[CompletionItem]:
    study = _study(ctx)
    if study is None:
        return []
    given = ctx.params.get(param.name or "") or ()
    language = study.languages[0]
    return [
        CompletionItem(name, help=(report or week).title.text(language))
        for week, report, name in _names(study, by_number=incomplete[:1].isdigit())
        if bool(report.texts) is written and name.startswith(incomplete) and name not in given
    ]


def _names(study: "Study", *, by_number: bool) -> "Iterable[tuple[Week, Report, str]]":
    seen: set[str] = set()
    for week, report in study.reports():
        name = str(week.number) if by_number and week.number is not None else report.id
        if name not in seen:
            seen.add(name)
            yield week, report, name


def _study(ctx: Context) -> "Study | None":
    """The study; None outside of one, or where it has mistakes: the shell is no place to tell."""
    from generator.study.load import load_study

    try:
        return load_study(_folder(ctx))
    except (StudyError, ExceptionGroup, OSError):
        return None


def _folder(ctx: Context) -> Path:
    """The study's root, seen from -C or from here; this folder if there is none above."""
    from generator.study.load import find_root

    # While completing no command is invoked, so that the group has not kept it yet.
    folder = Path(ctx.find_root().params.get("folder") or ".")
    try:
        return find_root(folder)
    except (StudyError, OSError):
        return folder
