"""The [publishing] and [check] tables of study.toml."""

import re

from generator.model import CheckLimits, Publishing
from generator.study.fields import Fields
from generator.study.mistakes import did_you_mean, listed, shown, tidy

KINDS = ("week", "reminder", "summary")  # of messages
_MOST_TAGS = 5  # that Discord gives one post


def read_publishing(fields: Fields | None) -> Publishing:
    if fields is None:
        return Publishing()
    for key in ("base_url", "site_url"):
        address = fields.text(key)
        if address and not re.match(r"https?://[^/\s]+", address):
            fields.wrong(
                key, f"found {shown(address)}, expected an address", 'such as "https://…/"'
            )
    pdf_name = fields.text("pdf_name", "{id}.pdf")
    _check_pdf_name(fields, pdf_name)
    days = fields.whole("reminder_days", at_most=60)
    limit_mib = fields.number("channel_limit_mib", 10.0)
    language = fields.text("language")
    if language and language not in fields.languages:
        fields.wrong(
            "language",
            f"found '{language}', expected one of {listed(fields.languages)}",
            did_you_mean(language, fields.languages),
        )
    publishing = Publishing(
        language=language,
        base_url=fields.text("base_url"),
        site_url=fields.text("site_url"),
        pdf_name=pdf_name,
        attach_sources=not fields.has("attach_sources") or fields.flag("attach_sources"),
        channel_limit_bytes=int(limit_mib * 1024 * 1024),
        thread_id=fields.text("thread_id"),
        thread_name=fields.text("thread_name"),
        tags=_tags(fields),
        silent=_silent(fields),
        reminder_days=1 if days is None else days,
        calendar_id=fields.text("calendar_id"),
    )
    fields.finish()
    return publishing


def _tags(fields: Fields) -> tuple[str, ...]:
    """The numbers of the forum's tags."""
    tags = fields.words("tags")
    for tag in tags:
        if not re.fullmatch(r"[0-9]{1,20}", tag):
            fields.wrong(
                "tags",
                f"found {shown(tag)}, expected the number of a tag",
                "in Discord, with developer mode on: right-click the tag, Copy ID",
            )
    if len(tags) > _MOST_TAGS:
        fields.wrong("tags", f"found {len(tags)}, Discord takes {_MOST_TAGS}", "take some out")
    if tags and not fields.has("thread_name"):
        fields.wrong(
            "tags", "stands without thread_name", "only a new post of a forum channel has tags"
        )
    return tags


def _silent(fields: Fields) -> tuple[str, ...]:
    """The kinds of messages that notify nobody: all (true), or those in a list."""
    if isinstance(fields.given("silent"), bool):
        return KINDS if fields.flag("silent") else ()
    kinds = fields.words("silent")
    for kind in kinds:
        if kind not in KINDS:
            fields.wrong(
                "silent",
                f"found '{kind}', expected some of {listed(KINDS)}",
                did_you_mean(kind, KINDS) or "or true for all of them",
            )
    return kinds


def _check_pdf_name(fields: Fields, pattern: str) -> None:
    known = ("id", "week", "title", "label", "language")
    listed_fields = ", ".join(f"{{{name}}}" for name in known)
    fields_used = re.findall(r"\{([^{}]*)\}", pattern)
    rest = re.sub(r"\{[^{}]*\}", "", pattern)
    for name in fields_used:
        if name not in known:
            fields.wrong(
                "pdf_name",
                f"found {{{name}}}, expected one of {listed_fields}",
                did_you_mean(name, known),
            )
    if "{" in rest or "}" in rest:
        fields.wrong("pdf_name", "found a brace without its partner", 'such as "{id}.pdf"')
    elif "/" in rest or "\\" in rest:
        fields.wrong("pdf_name", "found a slash, expected a file's name", 'such as "{id}.pdf"')
    elif not pattern.endswith(".pdf"):
        fields.wrong(
            "pdf_name",
            f"found {shown(pattern)}, expected a name that ends in .pdf",
            'such as "{id}.pdf"',
        )
    elif not fields_used:
        fields.wrong("pdf_name", "gives every report the same name", 'such as "{id}.pdf"')


def read_limits(fields: Fields | None) -> CheckLimits:
    if fields is None:
        return CheckLimits()
    default = CheckLimits()
    wording = fields.table("wording")
    pairs: list[tuple[str, str]] = []
    if wording is not None:
        for wrong in fields.entries("wording"):
            if tidy(wrong):
                pairs.append((tidy(wrong), wording.text(wrong)))
            else:
                wording.wrong(
                    wrong, "found an empty text, which is everywhere", '"not this" = "but this"'
                )
    limits = CheckLimits(
        figure_bytes=int(fields.number("figure_kb", default.figure_bytes / 1024) * 1024),
        report_bytes=int(fields.number("report_kb", default.report_bytes / 1024) * 1024),
        wording=tuple(pairs),
        leave_out=tuple(folder.strip("/") for folder in fields.words("leave_out")),
    )
    fields.finish()
    return limits
