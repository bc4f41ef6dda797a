"""A report's text in one language, on its way to the page."""

from dataclasses import dataclass

from generator.errors import StudyError, Where


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as its author wrote it. key: what `<img src="formula:KEY">` in the body names.

    macros: definitions of the commands of the study that it uses.
    """

    key: str
    tex: str
    display: bool
    where: Where
    macros: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the report: level 2 is the first below the title; number is "" if unnumbered."""

    level: int
    number: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a text names, for comparing translations. kind: "value", "citation", …"""

    kind: str
    what: str
    where: Where


@dataclass(frozen=True, slots=True)
class Document:
    """A report's text in one language, ready to be set.

    body: an HTML fragment. Its pictures are `<img src="figure:FILE">` (a file in figures/ID/),
    `<img src="image:PATH">` (relative to the report's folder) and
    `<img class="formula" src="formula:KEY">`; the page fills in formulas' size and alternative
    text. inputs: labels of what the text was made from (see `plan.py`). mentions: what a
    translation must name, too. warnings: what the author should look at though nothing is lost.
    """

    report: str
    language: str
    body: str
    formulas: tuple[Formula, ...] = ()
    headings: tuple[Heading, ...] = ()
    images: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    warnings: tuple[StudyError, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside of a PDF, by its path in the study.

    relation: to the page, in PDF/A's words: "Source", "Data", "Supplement" or "Alternative".
    """

    path: str
    content: bytes
    media_type: str
    relation: str
    description: str
