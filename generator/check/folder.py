"""What `study check` looks for, over the functions that build: offline, all at once.

rule           what it finds
study          mistakes in study.toml and in the folders' names
schedule       done weeks without a report or progress, folders in no week, late reports
starter        titles and paragraphs that `study add` wrote, to be replaced
exercises      exercises without a solution, in a text that solves others
stale, text    figures and PDFs that are out of date, and what a text that changed has wrong
posts          a message that may be in the channel, or not; a damaged discord.json
rota           presenters twice in a row, away, or no members
readme         markers, hand edits, blocks that are out of date, a meeting in no block
readers        headings, links and rows that GitHub reads and Python-Markdown does not
links          links to files that don't exist and to headings that don't
bibliography   keys that are there twice or never cited
numbers        typed numbers in the README and in study.toml
unused         what no text uses of a script; tables that no text refers to
alternatives   alternative texts that repeat the caption or say that there is a picture
figures        words in a plot that are cut off, covered or too small; axes without a name
runs           comparisons of results that come from a single run
translations   texts of a report that differ in structure, values or figures
behind         sections that have not followed a change in the report's other language
terms          words that the glossary calls otherwise
wording        misspellings, and words that the study does not use
secrets        webhook addresses and keys in any file
names          names that are not NFC, or differ only in case
strays         files that belong to nothing: leftovers, desktops' files, merge conflicts
sizes          figures, reports and PDFs above their limits
network        (only when asked for) links to elsewhere that don't answer
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from generator.check.drawings import drawing_findings
from generator.check.finding import Finding, from_problems, in_order
from generator.check.fresh import build_findings, readme_findings
from generator.check.gaps import gap_findings
from generator.check.history import Kept
from generator.check.links import Site, link_findings, linked_paths, outside_links
from generator.check.readers import reader_findings
from generator.check.repository import name_findings, secret_findings, size_findings, study_files
from generator.check.runs import run_findings
from generator.check.strays import conflict_findings, stray_findings
from generator.check.terms import term_findings
from generator.check.texts import Text, alternative_findings, report_texts
from generator.check.translations import behind_findings, title_findings, translation_findings
from generator.check.unused import bibliography_findings, unmentioned_tables, unused_findings
from generator.check.wording import number_findings, wording_findings
from generator.errors import StudyError, Where, problems_in
from generator.model import Study
from generator.plan.labels import Inputs
from generator.plan.staleness import chosen
from generator.publish.discord.state import FILE, doubts
from generator.publish.meeting_time import zone_of
from generator.publish.readme.editions import editions
from generator.publish.schedule import schedule_rows
from generator.study.load import load_study
from generator.study.turns import objections


def check_folder(
    root: Path,
    wanted: Sequence[str] = (),
    *,
    today: dt.date | None = None,
    links: bool = False,
) -> list[Finding]:
    """Everything that is wrong with the study at `root`, also where it cannot be loaded.

    wanted: reports, by id or week; of a study that can be loaded only what lies in their folders
    is said. Raises StudyError for one that there is not.
    """
    try:
        study = load_study(root)
    except (StudyError, ExceptionGroup) as error:
        files = study_files(root)
        broken = from_problems("study", problems_in(error))
        return in_order([*broken, *name_findings(files), *secret_findings(root, files)])
    folders = tuple(
        f"{folder}/{report.id}/" for _, report in chosen(study, wanted) for folder in PLACES
    )
    findings = check_study(root, study, today=today, links=links)
    return [f for f in findings if not wanted or f"{f.where.path}/".startswith(folders)]


PLACES = ("reports", "figures")  # the folders that have one for each report


def check_study(
    root: Path, study: Study, *, today: dt.date | None = None, links: bool = False
) -> list[Finding]:
    """Everything that is wrong with `study`, by file and line; nothing of it is changed.

    today: also say which reports are late as seen on that day. links: also ask the network.
    """
    files = study_files(root)
    own = [path for path in files if not path.startswith(_left_out(study))]
    inputs = Inputs.load(root, study)
    kept = Kept.load(root)
    readmes = editions(root, study)
    findings = [
        *build_findings(root, study, inputs),
        *(finding for one in readmes for finding in readme_findings(root, one)),
        *_post_findings(root),
        *(f for one in readmes for f in reader_findings(root, one.readme.file, kept)),
        *number_findings(root, study),
        *wording_findings(root, study, own, kept),
        *title_findings(study),
        *term_findings(root, study),
        *gap_findings(root, study),
        *_zone_findings(study),
        *_rota_findings(study),
        *name_findings(files),
        *size_findings(root, study, files),
        *secret_findings(root, files, inputs, kept),
    ]
    every: list[Text] = []
    for _, report in study.reports():
        texts = report_texts(root, report, kept)
        every += texts.values()
        findings += unused_findings(root, report, texts, kept)
        findings += run_findings(root, report)
        findings += drawing_findings(root, report, kept)
        findings += translation_findings(texts)
        findings += behind_findings(root, report)
        for text in texts.values():
            findings += alternative_findings(text)
    findings += unmentioned_tables(every)
    findings += bibliography_findings(root, study, every)
    site = Site.of(root, study, files, kept)
    pages = [path for path in own if path.endswith(".md")]
    findings += link_findings(site, pages)
    findings += stray_findings(root, study, own, linked_paths(site, pages))
    findings += conflict_findings(root, own, inputs, kept)
    inputs.save()
    kept.save()
    if today:
        findings += _late(root, study, today)
    if links:
        # Imported only when asked for: the network's library takes a while to load.
        from generator.check.network import network_findings

        findings += network_findings(outside_links(site, pages), root / ".study" / "links.json")
    return in_order(findings)


def _post_findings(root: Path) -> list[Finding]:
    try:
        found = doubts(root)
    except StudyError as error:
        return from_problems("posts", [error])
    where = Where(FILE)
    return [Finding("posts", doubt.message, where, doubt.hint, "warning") for doubt in found]


def _rota_findings(study: Study) -> list[Finding]:
    where = Where("study.toml")
    return [
        Finding("rota", problem.message, problem.where or where, problem.hint, "warning")
        for problem in objections(study)
    ]


def _zone_findings(study: Study) -> list[Finding]:
    if study.meeting is None:
        return []
    try:
        zone_of(study.meeting)
    except StudyError as error:
        return from_problems("study", [error])
    return []


def _left_out(study: Study) -> tuple[str, ...]:
    return tuple(f"{folder}/" for folder in study.check.leave_out)


def _late(root: Path, study: Study, today: dt.date) -> list[Finding]:
    return [
        Finding(
            "schedule",
            f"{row.report.id} is late: {row.label} met on {row.week.date}",
            row.week.where or Where("study.toml"),
            f"write {row.report.folder}/report.md and run `study build {row.report.id}`",
            "warning",
        )
        for row in schedule_rows(root, study, today)
        if row.mark == "late" and row.report and row.week.date and row.week.date < today
    ]
