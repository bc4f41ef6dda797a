"""What `study post` says of a week: its text and its PDFs, fresh ones only."""

from pathlib import Path

from generator.digest import digest_source
from generator.errors import StudyError, Where, raise_all
from generator.model import Report, Study, Week
from generator.plan.labels import Inputs
from generator.plan.staleness import pdf_path, staleness
from generator.publish.discord.message import (
    TITLE_CHARACTERS,
    Message,
    Upload,
    messages,
    plain,
    shortened,
    upload_names,
)
from generator.publish.discord.template import Kind, Link, full_title, message_text
from generator.publish.readme.escape import endonym, sentence
from generator.store.files import read_study_file
from generator.study.settings import week_key


def message_key(study: Study, week: Week, kind: Kind) -> str:
    """What discord.json calls the messages of `kind` about `week`: "week-07/reminder"."""
    key = week_key(study, week)
    return key if kind == "week" else f"{key}/{kind}"


def kind_messages(root: Path, study: Study, week: Week, kind: Kind) -> tuple[Message, ...]:
    """What is to be in the channel for `week`: of a week with its PDFs. Raises StudyError."""
    if kind == "week":
        return week_messages(root, study, week)
    links = [
        Link(pdf_path(study, week, report, language), language, report.label)
        for report in week.reports
        for language in report.languages()
    ]
    text = message_text(root, study, week, links, kind)
    return messages(text, [], study.publishing.channel_limit_bytes)


def week_messages(root: Path, study: Study, week: Week) -> tuple[Message, ...]:
    """What is to be in the channel for `week`, with its PDFs. Raises StudyError."""
    pairs = [
        (report, language)
        for report in week.reports
        for language in sorted(report.languages(), key=lambda code: code != study.spoken)
    ]
    if not pairs and not week.session.cancelled:
        raise StudyError(
            f"{week_key(study, week)} has no report to post",
            week.where,
            f"write {week.reports[0].folder}/report.md" if week.reports else "",
        )
    paths = _fresh_pdfs(root, study, week)
    names = upload_names(
        [
            (Path(paths[report.id, language]).name, _plain_name(study, report, language))
            for report, language in pairs
        ]
    )
    uploads = [
        _upload(root, study, week, report, language, paths[report.id, language], name)
        for (report, language), name in zip(pairs, names, strict=True)
    ]
    links = [Link(paths[report.id, lang], lang, report.label) for report, lang in pairs]
    text = message_text(root, study, week, links)
    return messages(text, uploads, study.publishing.channel_limit_bytes)


def _fresh_pdfs(root: Path, study: Study, week: Week) -> dict[tuple[str, str], str]:
    """The path of each PDF of `week` by (report, language). Raises StudyError if one is stale."""
    inputs = Inputs.load(root, study)
    paths: dict[tuple[str, str], str] = {}
    problems: list[StudyError] = []
    for report in week.reports:
        if not report.texts:
            continue
        stale = staleness(inputs, week, report)
        reasons = [*stale.compute, *(reason for _, several in stale.pdfs for reason in several)]
        if reasons:
            problems.append(
                StudyError(
                    f"{report.id} is not up to date: {'; '.join(dict.fromkeys(reasons))}",
                    Where(report.folder),
                    f"study build {report.id}",
                )
            )
            continue
        for language in report.languages():
            paths[report.id, language] = stale.record.pdfs[language].file
            content = read_study_file(root, paths[report.id, language])
            # The digest above may come from an earlier look; these are the bytes that go out.
            if digest_source(content) != stale.record.pdfs[language].sha256:
                problems.append(
                    StudyError(
                        "is not the file that was built",
                        Where(paths[report.id, language]),
                        f"study build {report.id}",
                    )
                )
    raise_all(problems, "post")
    return paths


def _upload(
    root: Path, study: Study, week: Week, report: Report, language: str, path: str, name: str
) -> Upload:
    title = plain(full_title(study, week, report.title, language))
    label = report.label.text(language)
    if label:
        title += f" ({plain(label)})"
    told = (plain(study.title.text(language)), title, plain(report.objective.text(language)))
    sentences = [sentence(text) for text in told if text]
    spoken = " ".join([*sentences, f"PDF, {endonym(language)}"])
    return Upload(
        path,
        name,
        shortened(title, TITLE_CHARACTERS),
        shortened(spoken, TITLE_CHARACTERS),
        read_study_file(root, path),
    )


def _plain_name(study: Study, report: Report, language: str) -> str:
    return f"{report.id}.pdf" if language == study.languages[0] else f"{report.id}.{language}.pdf"
