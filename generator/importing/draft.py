"""What an import has found so far: units, texts, and what it lists for the author."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.errors import Where
from generator.importing.dates import Day
from generator.importing.phrases import family
from generator.model import (
    Column,
    Link,
    LinkTable,
    Meeting,
    Phrase,
    ReadingBlock,
    ReadingItem,
    Report,
    Session,
    Study,
    Update,
    Week,
)

ANY = "*"


def phrase(text: str) -> Phrase:
    """`text` for any language; an empty phrase for an empty text."""
    text = " ".join(text.split())
    return Phrase(((ANY, text),)) if text else Phrase()


_PICTOGRAPHS = re.compile("[\U00010000-\U0010ffff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]")


def without_pictographs(text: str) -> str:
    """`text` without emoji, for which a page's fonts have no signs; as it is if nothing is left."""
    return " ".join(_PICTOGRAPHS.sub("", text).split()) or text


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of the listing. kind: "mended", "by hand" (kept as it was), "to do", "linked"."""

    kind: str
    text: str
    where: Where | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


@dataclass(slots=True)
class Unit:
    """A week, day, step or appendix while it is being read. key: word and number.

    links: column → pairs of (address, name). cells: column → Markdown. items: what these link to.
    day: what names it, where no number does. paths: where the links beside its name lead.
    """

    word: str
    number: int | None
    title: str = ""
    section: str = ""
    objective: str = ""
    progress: str = ""
    topic: str = ""
    topic_label: str = ""
    done: bool = False
    date: str = ""
    intro: list[str] = field(default_factory=list)
    blocks: list[ReadingBlock] = field(default_factory=list)
    tables: list[LinkTable] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    no_report: bool = False
    where: Where | None = None
    presenters: tuple[str, ...] = ()
    links: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    items: tuple[ReadingItem, ...] = ()
    day: Day | None = None
    paths: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is called: "Week 3", "3주차", "Appendix"."""
        if self.number is None:
            return self.word.replace("{n}", "").strip() or self.word
        said = self.word.replace("{n}", str(self.number))
        return said if "{n}" in self.word else f"{said} {self.number}"


@dataclass(slots=True)
class Part:
    """A report of a unit while it is being read."""

    label: str = ""
    title: str = ""
    objective: str = ""
    resource: str = ""
    name: str = ""
    link: str = ""
    code: str = ""
    authors: tuple[str, ...] = ()
    number: int | None = None


@dataclass(slots=True)
class Draft:
    """All that an import gathers; `study` makes it a value of the model.

    own: the study's own columns, id → heading. same: what a cell said → what says the same now.
    """

    title: str = ""
    description: str = ""
    language: str = "en"
    unit: str = ""
    audience: list[str] = field(default_factory=list)
    methodology: list[str] = field(default_factory=list)
    meeting: Meeting | None = None
    units: list[Unit] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    sources: list[ReadingItem] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    blocks: list[str] = field(default_factory=list)
    readme: str = "README.md"
    remarks: list[Remark] = field(default_factory=list)
    listed: set[Remark] = field(default_factory=set)
    own: dict[str, str] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)

    def remark(self, kind: str, text: str, where: Where | None = None) -> bool:
        """List something; whether that is new."""
        remark = Remark(kind, text, where)
        if remark in self.listed:
            return False
        self.listed.add(remark)
        self.remarks.append(remark)
        return True

    def find(self, word: str, number: int | None) -> Unit | None:
        """The unit of that name; without a word, the first that has the number."""
        for unit in self.units:
            if unit.number == number and (not word or family(unit.word) == family(word)):
                return unit
        return None

    def unit_for(self, word: str, number: int | None, where: Where | None = None) -> Unit:
        """The unit of that name, made if it is not there; units stay in order of appearance."""
        known = self.find(word, number)
        if known is None:
            known = Unit(word, number, where=where)
            self.units.append(known)
        return known

    def study(self) -> Study:
        """The study that was found. Units without a number come last but keep their order."""
        from generator.model import ReadmeStyle

        word = self.unit or next((u.word for u in self.units if u.number is not None), "Week")
        return Study(
            title=phrase(without_pictographs(self.title)),
            description=phrase(self.description),
            languages=(self.language,),
            unit=phrase(word),
            weeks=tuple(_week(unit, word) for unit in self.units),
            meeting=self.meeting,
            audience=tuple(map(phrase, self.audience)),
            methodology=tuple(map(phrase, self.methodology)),
            numbers="warn",
            readme=ReadmeStyle(
                file=self.readme,
                blocks=tuple(self.blocks),
                columns=(("schedule", self.columns),) if self.columns else (),
                words=tuple((word, phrase(text)) for word, text in self.words.items()),
            ),
            sources=tuple(self.sources),
            updates=tuple(self.updates),
            columns=tuple(
                Column(id_, phrase(head) or phrase(id_)) for id_, head in self.own.items()
            ),
        )


def _week(unit: Unit, word: str) -> Week:
    import datetime as dt

    title = unit.title or unit.label
    return Week(
        number=unit.number,
        title=phrase(title),
        objective=phrase(unit.objective),
        progress=phrase(unit.progress),
        topic=phrase(unit.topic),
        topic_label=phrase(unit.topic_label),
        status="done" if unit.done else "planned",
        unit=Phrase() if unit.word == word and unit.number is not None else phrase(unit.word),
        date=dt.date.fromisoformat(unit.date) if unit.date else None,
        section=phrase(unit.section),
        intro=tuple(Phrase(((ANY, text),)) for text in unit.intro),
        reading=(*unit.blocks, *((ReadingBlock(unit.items),) if unit.items else ())),
        tables=tuple(unit.tables),
        session=_session(unit),
        reports=tuple(_reports(unit, title)),
    )


def _session(unit: Unit) -> Session:
    links = {
        column: tuple(Link(url, phrase(name)) for url, name in pairs)
        for column, pairs in unit.links.items()
    }
    said = {column: (Phrase(((ANY, text),)),) for column, text in unit.cells.items()}
    ours = ("place", "notes", "homework", "discussion")
    return Session(
        presenters=unit.presenters,
        place=phrase(unit.cells.get("place", "")),
        slides=links.get("slides", ()),
        recording=links.get("recording", ()),
        notes=said.get("notes", ()),
        homework=said.get("homework", ()),
        discussion=said.get("discussion", ()),
        columns=tuple((column, cell) for column, cell in said.items() if column not in ours),
    )


def _reports(unit: Unit, title: str) -> list[Report]:
    if unit.no_report or (unit.number is None and not unit.parts):
        return []
    slug = "" if unit.number is not None else re.sub(r"[^a-z0-9]+", "-", unit.word.lower())
    return [
        Report(
            id=(f"{slug}-{index}" if index > 1 else slug) if slug else "",
            title=phrase(part.title or title),
            objective=phrase(part.objective or unit.objective),
            resource=phrase(part.resource),
            label=phrase(part.label),
            authors=part.authors,
            name=part.name,
            link=part.link,
            code=part.code,
        )
        for index, part in enumerate(unit.parts or [Part()], 1)
    ]


def report_id(study: Study, week: Week, index: int) -> str:
    """The folder's name of the week's report at `index`: "week-07", "week-09-2"."""
    from generator.study.settings import unit_slug

    slug = unit_slug(week.unit) if week.unit else unit_slug(study.unit)
    if week.number is None:
        return slug
    stem = f"{slug}-{week.number:02}"
    return f"{stem}-{index + 1}" if len(week.reports) > 1 else stem


Files = Mapping[str, bytes]
