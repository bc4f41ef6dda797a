"""Does a translation have the structure, the values, the figures of the original?"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from generator.check.finding import Finding, from_problems
from generator.check.texts import Text
from generator.errors import StudyError, Where
from generator.model import Report, Study, Week
from generator.plan.editions import behind, named


def translation_findings(texts: Mapping[str, Text]) -> list[Finding]:
    """Where texts of one report differ in what must not differ between languages.

    texts: language → text, main language first, which the others are held against.
    """
    findings: list[Finding] = []
    texts_in_order = list(texts.values())
    for other in texts_in_order[1:]:
        findings += _compared(texts_in_order[0], other)
    return findings


def _compared(main: Text, other: Text) -> list[Finding]:
    return [
        *_headings(main, other),
        *_things(main, other, _braced(main.quotes), _braced(other.quotes)),
        *_things(main, other, _targets(main), _targets(other)),
        *_things(main, other, _named("the label", main.labels), _named("the label", other.labels)),
        *_things(main, other, _at(main.mentions), _at(other.mentions)),
        *_sequences("formulas", main, other, main.formulas, other.formulas),
        *_sequences("code blocks", main, other, main.fences, other.fences),
    ]


def _headings(main: Text, other: Text) -> list[Finding]:
    """The first heading whose level or label differs."""
    name = PurePosixPath(main.path).name
    for (level, label, line), (level_, label_, line_) in zip(
        main.headings, other.headings, strict=False
    ):
        if (level, label) != (level_, label_):
            wanted = "#" * level + (f" … {{#{label}}}" if label else "")
            message = f"found a heading {'#' * level_}, where {name} has {wanted} in line {line}"
            if level == level_:
                message = f"found the heading's label '{label_}', where {name} has '{label}'"
            return [_finding(message, other, line_)]
    if len(main.headings) != len(other.headings):
        counts = f"{len(other.headings)} headings, where {name} has {len(main.headings)}"
        last = other.headings[-1][2] if other.headings else 1
        return [_finding(f"has {counts}", other, last)]
    return []


def _things(
    main: Text, other: Text, ours: Mapping[str, int], theirs: Mapping[str, int]
) -> Iterable[Finding]:
    """Things of which the order is free, but not the choice."""
    name = PurePosixPath(main.path).name
    for thing, line in ours.items():
        if thing not in theirs:
            yield _finding(f"lacks {thing}, which {name} has in line {line}", other, None)
    for thing, line in theirs.items():
        if thing not in ours:
            yield _finding(f"has {thing}, which {name} has not", other, line)


def _sequences(
    what: str,
    main: Text,
    other: Text,
    ours: tuple[tuple[str, int], ...],
    theirs: tuple[tuple[str, int], ...],
) -> Iterable[Finding]:
    """Things that come in the same order: the first that differs."""
    name = PurePosixPath(main.path).name
    for (one, line), (another, at) in zip(ours, theirs, strict=False):
        if one != another:
            message = f"its {what} differ from those of {name}, first from line {line} there"
            yield _finding(message, other, at)
            return
    if len(ours) != len(theirs):
        last = theirs[-1][1] if theirs else 1
        yield _finding(f"has {len(theirs)} {what}, where {name} has {len(ours)}", other, last)


def _finding(message: str, other: Text, line: int | None) -> Finding:
    return Finding(
        "translations", message, Where(other.path, line), "bring both texts to the same state"
    )


def _braced(names: Mapping[str, int]) -> dict[str, int]:
    return {f"{{{{ {name} }}}}": line for name, line in names.items()}


def _named(what: str, names: Mapping[str, int]) -> dict[str, int]:
    return {f"{what} {name}": line for name, line in names.items()}


def _at(names: Mapping[str, int]) -> dict[str, int]:
    return {f"@{name}": line for name, line in names.items()}


def _targets(text: Text) -> dict[str, int]:
    """The pictures; the language in the name of an own picture (map.ko.png) is left out."""
    return {
        f"the picture {re.sub(r'[.][a-z]{2}(?=[.][a-z]+$)', '', picture.target)}": picture.line
        for picture in text.pictures
    }


def behind_findings(root: Path, report: Report) -> list[Finding]:
    """Sections that have not followed a change in the report's other language."""
    try:
        late = behind(root, report)
    except StudyError as error:
        return from_problems("behind", [error])
    return [
        Finding(
            "behind",
            f"{named(section)} has not followed the change at {section.since}",
            section.where,
            f"bring it up to date; if it needs nothing, "
            f"`study translated {report.id} {section.language} {section.key}`",
            "warning",
        )
        for section in late
    ]


def title_findings(study: Study) -> list[Finding]:
    """Reports in a language in which study.toml does not say their title or objective."""
    findings: list[Finding] = []
    for week, report in study.reports():
        for language in report.languages():
            findings += _untitled(week, report, language)
    return findings


def _untitled(week: Week, report: Report, language: str) -> Iterable[Finding]:
    for what, phrase in (("title", report.title), ("objective", report.objective)):
        languages = {known for known, _ in phrase.texts}
        if phrase and not languages & {language, "*"}:
            yield Finding(
                "translations",
                f"{report.id} is written in '{language}', but its {what} is not",
                week.where or Where("study.toml"),
                f'write {what} = {{ …, {language} = "…" }}',
            )
