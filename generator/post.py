"""`study post`: from the schedule and the built PDFs to messages in the channel, once."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from generator import __version__
from generator.digest import digest_source
from generator.errors import StudyError, Where, raise_all
from generator.inputs import Inputs
from generator.model import Report, Study, Week
from generator.plan import chosen, staleness
from generator.publish.discord_client import Pace
from generator.publish.discord_git import GitRemote, Overtaken
from generator.publish.discord_message import (
    TITLE_CHARACTERS,
    Message,
    Upload,
    messages,
    plain,
    shortened,
    upload_names,
)
from generator.publish.discord_post import (
    Channel,
    Destination,
    Journal,
    post_week,
    refuse_uncertain,
    steps,
)
from generator.publish.discord_state import (
    FILE,
    post_lock,
    settle,
    state_from,
    unsettled_weeks,
)
from generator.publish.discord_template import Link, full_title, language_name, message_text
from generator.publish.discord_webhook import Webhook
from generator.study.read import unit_slug

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages reach the channel. webhook None is enough as long as nothing is to be sent."""

    webhook: Webhook | None
    remote: GitRemote | None = None
    pace: Pace = field(default_factory=Pace)


def post(
    root: Path,
    study: Study,
    wanted: Sequence[str],
    today: dt.date,
    delivery: Delivery,
    notice: Notice,
) -> list[str]:
    """Bring the weeks that `wanted` names into the channel; the number of each message touched.

    wanted empty: the next meeting's week as of `today`, or the newest done one.
    Raises UncertainPost where a message may be there already, StudyError for all else.
    """
    touched: list[str] = []
    with post_lock(root):
        journal = Journal.load(root, delivery.remote)
        _mention_others(journal, notice)
        plans = [_checked(root, study, week, journal) for week in _weeks(study, wanted, today)]
        for key, wanted_messages, destination in plans:
            entries = journal.state.get(key, ())
            if all(step.action == "keep" for step in steps(entries, wanted_messages, destination)):
                notice(f"{key}: nothing changed since it was posted; nothing was sent")
                continue
            if delivery.webhook is None:
                raise StudyError(
                    "no webhook to post with",
                    None,
                    "put its address into DISCORD_WEBHOOK_URL, or into a file for --webhook-file",
                )
            channel = Channel(delivery.webhook, destination, _agent(study), delivery.pace, notice)
            try:
                done = post_week(journal, key, wanted_messages, channel)
            except Overtaken:
                if not _posted_elsewhere(delivery.remote, journal, key):
                    raise
                notice(f"{key}: somebody else's intent was pushed first; nothing was sent")
                continue
            for action, number in done:
                notice(f"{key}: {action} message {number}")
                touched.append(number)
            if done and delivery.remote is None:
                notice(f"commit {FILE}, so that nobody posts {key} again")
    return touched


def would_send(root: Path, study: Study, wanted: Sequence[str], today: dt.date) -> Iterator[str]:
    """The lines that tell exactly what `post` would send, without the webhook's address."""
    journal = Journal.load(root)
    for week in _weeks(study, wanted, today):
        key, wanted_messages, destination = _checked(root, study, week, journal)
        for step in steps(journal.state.get(key, ()), wanted_messages, destination):
            if step.request is None:
                yield f"{key}, message {step.index + 1}: nothing changed, nothing to send"
            else:
                yield f"{key}, message {step.index + 1}: {step.action}"
                yield from step.request.lines()


def settle_week(
    root: Path, study: Study, wanted: Sequence[str], verdict: str, remote: GitRemote | None
) -> str:
    """Settle the one uncertain week, or the one that `wanted` names; a sentence about it.

    Raises StudyError if it is not clear which week is meant.
    """
    with post_lock(root):
        journal = Journal.load(root, remote)
        keys = sorted({week_key(study, week) for week in _named(study, wanted)})
        keys = keys or unsettled_weeks(journal.state)
        if not keys:
            raise StudyError("nothing is uncertain: every message is known", Where(FILE))
        if len(keys) > 1:
            raise StudyError(
                f"--settle settles one week at a time; there are: {', '.join(keys)}",
                None,
                f"study post --settle {verdict} {keys[0]}",
            )
        state, sentence = settle(journal.state, keys[0], verdict)
        journal.record(keys[0], state.get(keys[0], ()), f"{keys[0]} settled")
        return sentence


# ---------------------------------------------------------------- which weeks


def week_key(study: Study, week: Week) -> str:
    """What discord.json calls `week`: "week-07". It stays when reports come or are renamed."""
    if week.number is not None:
        return f"{unit_slug(week.unit or study.unit)}-{week.number:02}"
    return week.reports[0].id if week.reports else unit_slug(week.title)


def _named(study: Study, wanted: Iterable[str]) -> list[Week]:
    """The weeks of the reports that `wanted` names, in its order. Raises StudyError."""
    found: list[Week] = []
    for name in wanted:
        whole = [week for week in study.weeks if week_key(study, week) == name and week.reports]
        weeks = whole or [week for week, _ in chosen(study, [name])]
        found += [week for week in weeks if week not in found]
    return found


def _weeks(study: Study, wanted: Sequence[str], today: dt.date) -> list[Week]:
    if wanted:
        return _named(study, wanted)
    days = [week.date for week in study.weeks if week.date]
    if days:
        coming = [day for day in days if day >= today]
        if not coming:
            raise StudyError(
                f"no meeting on or after {today}", Where("study.toml"), "name the week to post"
            )
        return [week for week in study.weeks if week.date == min(coming)]
    done = [
        week
        for week in study.weeks
        if week.status == "done" and any(report.texts for report in week.reports)
    ]
    if not done:
        raise StudyError(
            'no week has status = "done" and a report', Where("study.toml"), "name the week to post"
        )
    return done[-1:]


# ---------------------------------------------------------------- what is said


def _checked(
    root: Path, study: Study, week: Week, journal: Journal
) -> tuple[str, tuple[Message, ...], Destination]:
    """The week's name in discord.json, its messages and where they go.

    Raises UncertainPost first of all, then everything that speaks against posting.
    """
    key = week_key(study, week)
    refuse_uncertain(key, journal.state.get(key, ()))
    language = study.languages[0]
    title = full_title(study, week, week.title, language)
    publishing = study.publishing
    name = publishing.thread_name.replace("{title}", title)
    destination = Destination(publishing.thread_id, plain(name))
    destination.check()
    return key, week_messages(root, study, week), destination


def week_messages(root: Path, study: Study, week: Week) -> tuple[Message, ...]:
    """What is to be in the channel for `week`, with its PDFs. Raises StudyError."""
    pairs = [(report, language) for report in week.reports for language, _ in report.texts]
    if not pairs:
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
            content = (root / paths[report.id, language]).read_bytes()
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
    sentences = [text if text.endswith((".", "?", "!")) else f"{text}." for text in told if text]
    spoken = " ".join([*sentences, f"PDF, {language_name(language)}"])
    return Upload(
        path,
        name,
        shortened(title, TITLE_CHARACTERS),
        shortened(spoken, TITLE_CHARACTERS),
        (root / path).read_bytes(),
    )


def _plain_name(study: Study, report: Report, language: str) -> str:
    return f"{report.id}.pdf" if language == study.languages[0] else f"{report.id}.{language}.pdf"


# ---------------------------------------------------------------- odds and ends


def _agent(study: Study) -> str:
    """The User-Agent in the form that Discord asks for."""
    address = study.publishing.base_url or "https://discord.com/developers/docs/reference"
    return f"DiscordBot ({quote(address, safe=':/?&=%#~')}, {__version__})"


def _mention_others(journal: Journal, notice: Notice) -> None:
    for key in unsettled_weeks(journal.state):
        notice(f"{key}: still uncertain; settle it with --settle")


def _posted_elsewhere(remote: GitRemote | None, journal: Journal, key: str) -> bool:
    """Whether the remote's discord.json says more about the week `key` than ours does."""
    if remote is None:
        return False
    theirs = state_from(remote.theirs(FILE))
    return theirs.get(key, ()) != journal.state.get(key, ())
