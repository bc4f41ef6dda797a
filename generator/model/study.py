"""What study.toml and the folders say: the study, its weeks and reports, how it is published."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from generator.errors import Where


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that may differ by language: pairs of (language, text), "*" for any language."""

    texts: tuple[tuple[str, str], ...] = ()

    def text(self, language: str) -> str:
        """The text in `language`, else the one for any language, else the first; "" if none."""
        known = dict(self.texts)
        if language in known:
            return known[language]
        return known.get("*") or (self.texts[0][1] if self.texts else "")

    def __bool__(self) -> bool:
        return any(text for _, text in self.texts)


@dataclass(frozen=True, slots=True)
class Meeting:
    """When and where the group meets; dates only where the study gives them.

    weekday: 0 is Monday. start, end: wall-clock times in `timezone` (an IANA name).
    dates: the day of each meeting in order, empty where the study gives none.
    first, interval_days: the rule that dates follow; first is None where there is none.
    skipped: days without a meeting, each with why, or an empty phrase.
    """

    weekday: int
    start: dt.time
    end: dt.time
    timezone: str
    place: Phrase
    dates: tuple[dt.date, ...] = ()
    first: dt.date | None = None
    interval_days: int = 7
    skipped: tuple[tuple[dt.date, Phrase], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is: an address, or a path of the study. name: what it is called, or ""."""

    url: str
    name: Phrase = Phrase()


@dataclass(frozen=True, slots=True)
class Session:
    """A week's meeting: who, where, and what there is before and after it.

    moved_from: the day that the rule gave it, where it is on another. notes, discussion,
    homework and columns (pairs of a column's id and its cell) are Markdown.
    """

    presenters: tuple[str, ...] = ()
    place: Phrase = Phrase()
    cancelled: bool = False
    moved_from: dt.date | None = None
    slides: tuple[Link, ...] = ()
    recording: tuple[Link, ...] = ()
    notes: tuple[Phrase, ...] = ()
    discussion: tuple[Phrase, ...] = ()
    homework: tuple[Phrase, ...] = ()
    columns: tuple[tuple[str, tuple[Phrase, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the schedule that the study makes up itself."""

    id: str
    title: Phrase


@dataclass(frozen=True, slots=True)
class Absence:
    """When a member cannot present: days, both included, or the numbers of weeks."""

    name: str
    first: dt.date | None = None
    last: dt.date | None = None
    weeks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rota:
    """Who takes turns at presenting, in the group's order. each: how many present in a week."""

    members: tuple[str, ...] = ()
    each: int = 1
    away: tuple[Absence, ...] = ()


# What a parameter may be; a list holds numbers and texts.
Parameter = bool | int | float | str | tuple[int | float | str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One report: a folder under reports/, with a text for each language and maybe a script.

    id: the folder's name. texts: pairs of (language, path of report[.LANG].md), the study's
    main language first; empty while the report is only planned. script: path or None.
    label tells two reports of one week apart ("Basic"). All paths are relative to the root.
    name, link: what the README calls it and where it leads, in place of the built PDF; "" each.
    code: the address of its code where that is no script of ours, or "available".
    prerequisites: what its reader needs; outcomes: what the reader can do afterwards.
    date: its own, where the study declares one beside the week's. version: as the study writes it.
    parameters: pairs of (name, value), its own before the study's. accelerator: its script may
    compute on a GPU.
    """

    id: str
    title: Phrase
    objective: Phrase
    resource: Phrase = Phrase()
    label: Phrase = Phrase()
    folder: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    script: str | None = None
    authors: tuple[str, ...] = ()
    where: Where | None = None
    name: str = ""
    link: str = ""
    code: str = ""
    prerequisites: tuple[Phrase, ...] = ()
    outcomes: tuple[Phrase, ...] = ()
    date: dt.date | None = None
    version: str = ""
    abstract: Phrase = Phrase()
    keywords: tuple[Phrase, ...] = ()
    parameters: tuple[tuple[str, Parameter], ...] = ()
    accelerator: bool = False

    def languages(self) -> tuple[str, ...]:
        """The languages in which this report is written, main language first."""
        return tuple(language for language, _ in self.texts)


ReadingKind = Literal["video", "article", "paper", "course", "documentation", "library", "notebook"]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark, with the remarks below it."""

    text: Phrase
    notes: tuple["Note", ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingItem:
    """Something to watch or read. by, by_url: author or publisher. minutes: None if unsaid.

    short: a name before the title ("GPT-2"). level: "" where must and further are not told apart.
    more: what stands over the children ("Also helpful").
    """

    title: Phrase
    kind: ReadingKind = "article"
    url: str = ""
    by: str = ""
    by_url: str = ""
    short: str = ""
    minutes: int | None = None
    optional: bool = False
    level: Literal["", "must", "further"] = ""
    notes: tuple[Note, ...] = ()
    more: Phrase = Phrase()
    children: tuple["ReadingItem", ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingBlock:
    """Items with a time budget: minutes is the block's own, or None if only items have theirs."""

    items: tuple[ReadingItem, ...]
    title: Phrase = Phrase()
    minutes: int | None = None

    @property
    def budget(self) -> int | None:
        """Minutes for everything in the block that is not optional; None if nobody said."""
        if self.minutes is not None:
            return self.minutes
        said = [item.minutes for item in self.items if item.minutes and not item.optional]
        return sum(said) if said else None


@dataclass(frozen=True, slots=True)
class LinkTable:
    """A table whose cells are texts, each with a link or "": rows as long as `columns`."""

    columns: tuple[Phrase, ...]
    rows: tuple[tuple[tuple[Phrase, str], ...], ...]
    title: Phrase = Phrase()


@dataclass(frozen=True, slots=True)
class Update:
    """An entry of the log of changes. plans: what it announces."""

    text: Phrase
    date: dt.date | None = None
    plans: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Week:
    """One unit of the schedule. number is None for a unit without one (Appendix, Project).

    section: the part of the study it belongs to. intro: paragraphs of Markdown before its reading.
    """

    number: int | None
    title: Phrase
    objective: Phrase = Phrase()
    progress: Phrase = Phrase()
    topic: Phrase = Phrase()
    topic_label: Phrase = Phrase()
    status: Literal["planned", "done"] = "planned"
    unit: Phrase = Phrase()
    date: dt.date | None = None
    reports: tuple[Report, ...] = ()
    where: Where | None = None
    section: Phrase = Phrase()
    intro: tuple[Phrase, ...] = ()
    reading: tuple[ReadingBlock, ...] = ()
    tables: tuple[LinkTable, ...] = ()
    session: Session = Session()


@dataclass(frozen=True, slots=True)
class Publishing:
    """How products are named and where they go.

    language: of messages and the calendar, "" for the study's main one.
    attach_sources: whether a PDF carries what it was made from.
    tags: numbers of the forum's tags. silent: kinds of messages that notify nobody.
    reminder_days: how many days before a meeting it may be reminded of. calendar_id: what the
    events of this study have in common; "" is its title.
    site_url: where what `study site` makes is.
    """

    base_url: str = ""
    site_url: str = ""
    pdf_name: str = "{id}.pdf"
    attach_sources: bool = True
    channel_limit_bytes: int = 10 * 1024 * 1024
    thread_id: str = ""
    thread_name: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    reminder_days: int = 1
    calendar_id: str = ""


@dataclass(frozen=True, slots=True)
class ReadmeStyle:
    """How the generated blocks of the README look.

    blocks: those that the file must hold. language: "" is the study's main language.
    columns: pairs of (block, its columns in order). words: pairs of (word of ours, what the
    study says instead).
    """

    file: str = "README.md"
    blocks: tuple[str, ...] = ("schedule", "resources", "progress")
    language: str = ""
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    words: tuple[tuple[str, Phrase], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """What `study check` holds a study to. wording: pairs of (never write this, but this).

    leave_out: folders whose Markdown is not the study's own words, such as test cases.
    """

    figure_bytes: int = 150 * 1024
    report_bytes: int = 480 * 1024
    wording: tuple[tuple[str, str], ...] = ()
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that study.toml and the folders say.

    words: language → (word of ours, what it says there), for languages that we don't know.
    """

    title: Phrase
    description: Phrase
    languages: tuple[str, ...]
    unit: Phrase
    weeks: tuple[Week, ...]
    meeting: Meeting | None = None
    audience: tuple[Phrase, ...] = ()
    methodology: tuple[Phrase, ...] = ()
    licence: str = ""
    numbers: Literal["strict", "warn", "off"] = "strict"
    seed: int = 0
    timeout_s: float = 300.0
    publishing: Publishing = field(default_factory=Publishing)
    readme: ReadmeStyle = field(default_factory=ReadmeStyle)
    check: CheckLimits = field(default_factory=CheckLimits)
    sources: tuple[ReadingItem, ...] = ()
    updates: tuple[Update, ...] = ()
    words: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    columns: tuple[Column, ...] = ()
    rota: Rota = field(default_factory=Rota)
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def parameters_of(self, report: Report) -> dict[str, Parameter]:
        """Every parameter that the script and the texts of `report` may name."""
        return dict(self.parameters) | dict(report.parameters)

    def own_words(self, language: str) -> dict[str, str]:
        """What the study says in `language` in place of words of ours."""
        known = dict(self.words)
        return dict(known.get(language, known.get(language.partition("-")[0], ())))

    @property
    def spoken(self) -> str:
        """The language of messages and of the calendar."""
        return self.publishing.language or self.languages[0]

    def unit_label(self, week: Week, language: str) -> str:
        """What `week` is called in `language`: "Week 7", "7주차" (a unit "{n}주차"), "Project"."""
        unit = (week.unit or self.unit).text(language)
        if week.number is None:
            return unit.replace("{n}", "").strip()
        return unit.replace("{n}", str(week.number)) if "{n}" in unit else f"{unit} {week.number}"

    def reports(self) -> tuple[tuple[Week, Report], ...]:
        """Every report with its week, in the order of the schedule."""
        return tuple((week, report) for week in self.weeks for report in week.reports)
