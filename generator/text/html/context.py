"""What rendering one text gathers and needs: one small desk that blocks and lines share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it.token import Token

from generator.digest import digest_bytes
from generator.errors import Where
from generator.model import Formula, Heading, Report, Results, Study
from generator.store.cache import Cache
from generator.text.macros import MACROS, Macro, used_macros
from generator.text.markdown.grammar import Parsed
from generator.text.markdown.marks import Hidden
from generator.text.markdown.outline import Outline
from generator.text.problems import Problems
from generator.text.words import Words
from generator.text.works.citations import Citations
from generator.text.works.glossary import Term

# TeX takes it for the start of a comment: 50% would be drawn as 50.
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%")


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote's text: the inline tokens of each paragraph, from `line` of the expanded text."""

    paragraphs: tuple[Token, ...]
    line: int


@dataclass(slots=True)
class Desk:
    """Everything about one text while it becomes HTML.

    referred: labels and footnotes that the text refers to. inputs: labels as in `plan/labels.py`.
    recalled: notes that are called twice or more.
    terms: those of the glossary that the text marks, with the line of the first time.
    """

    root: Path
    study: Study
    report: Report
    language: str
    results: Results
    words: Words
    problems: Problems
    parsed: Parsed
    outline: Outline
    citations: Citations
    store: Cache | None = None
    notes: dict[str, Note] = field(default_factory=dict)
    referred: set[str] = field(default_factory=set)
    recalled: set[str] = field(default_factory=set)
    formulas: dict[str, Formula] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)
    images: dict[str, None] = field(default_factory=dict)
    inputs: set[str] = field(default_factory=set)
    glossary: Mapping[str, Term] = field(default_factory=dict)
    terms: dict[str, int] = field(default_factory=dict)
    macros: Mapping[str, Macro] = field(default_factory=dict)
    raw_html: bool = False  # whether some has been reported

    @property
    def korean(self) -> bool:
        """Whether the text is Korean, whose particles follow what stands before them."""
        return self.language.partition("-")[0] == "ko"

    def hidden(self, number: int) -> Hidden:
        """What the mark `number` stands for."""
        return self.parsed.expanded.hidden[number]

    def formula(self, hidden: Hidden) -> str:
        """The key of a formula, which is kept for the page to draw."""
        display = hidden.kind == "display"
        if not hidden.content:
            self.problems.add(hidden.line, "a formula with nothing in it")
        if _COMMENT.search(hidden.content):
            self.problems.add(
                hidden.line,
                "a % in a formula hides the rest of its line",
                "write \\% for the sign; a formula has no comments",
            )
        if re.search("[√∛∜]", hidden.content):
            self.problems.add(
                hidden.line,
                "a root sign in a formula, which would have no bar",
                "write \\sqrt{…}, or \\sqrt[3]{…}",
            )
        macros = used_macros(hidden.content, self.macros) if self.macros else []
        self.inputs |= {f"{MACROS}@{macro.name}" for macro in macros}
        definitions = "".join(macro.definition for macro in macros)
        kind = "display" if display else "inline"
        key = digest_bytes(f"{kind}\0{definitions}{hidden.content}".encode())[:16]
        where = Where(self.problems.path, hidden.line)
        formula = Formula(key, hidden.content, display, where, definitions)
        self.formulas.setdefault(key, formula)
        return key
