"""One report in one language, ready for its page: all that a site needs to know of a text.

It is kept by content, so that a site is made again from what did not change.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.digest import canonical_json
from generator.errors import Where, raise_all
from generator.maths.formulas import draw_formulas
from generator.model import Document, Heading, Report
from generator.store.cache import Cache
from generator.web.body import Section, web_body
from generator.web.pictures import Pictures


@dataclass(frozen=True, slots=True)
class Leaf:
    """html: the text with its drawings. files: path on the site → path in the study, of pictures.

    lists: "references" and "terms" → anchor → HTML of the entry. letters: the paths that formulas
    use, by id. length: of the text, in characters of HTML.
    """

    report: str
    language: str
    html: str
    headings: tuple[Heading, ...]
    sections: tuple[Section, ...]
    lists: Mapping[str, Mapping[str, str]]
    letters: Mapping[str, str]
    files: Mapping[str, str]
    length: int

    def packed(self) -> bytes:
        """This as JSON."""
        return canonical_json(
            {
                "report": self.report,
                "language": self.language,
                "html": self.html,
                "headings": [[h.level, h.number, h.text, h.anchor] for h in self.headings],
                "sections": [[s.anchor, s.title, s.text] for s in self.sections],
                "lists": {
                    name: list(map(list, found.items())) for name, found in self.lists.items()
                },
                "letters": dict(self.letters),
                "files": dict(self.files),
                "length": self.length,
            }
        )


@lru_cache(maxsize=128)  # a watch asks for the same ones after every save
def unpacked_leaf(content: bytes) -> Leaf:
    """The leaf that `Leaf.packed` gave."""
    kept: dict[str, Any] = json.loads(content)
    return Leaf(
        kept["report"],
        kept["language"],
        kept["html"],
        tuple(Heading(*item) for item in kept["headings"]),
        tuple(Section(*item) for item in kept["sections"]),
        {name: dict(found) for name, found in kept["lists"].items()},
        kept["letters"],
        kept["files"],
        kept["length"],
    )


def file_place(report: str, name: str) -> str:
    """Where the site keeps the file `name` of a report."""
    return f"files/{report}/{name}"


def leaf(
    root: Path,
    report: Report,
    document: Document,
    pages: Mapping[str, str],
    store: Cache | None,
) -> Leaf:
    """The leaf of `document`. pages: a report's id → the address of its page in this language.

    Raises StudyErrors, all together: formulas that can't be drawn, pictures that may not be shown.
    """
    drawn = draw_formulas(document.formulas, store, document.language)
    pictures = Pictures(root, report, Where(dict(report.texts)[document.language]))
    body = web_body(document, drawn, pictures.html, lambda name: pages.get(name, ""))
    raise_all(pictures.problems, report.id)
    return Leaf(
        report.id,
        document.language,
        body.html,
        document.headings,
        body.sections,
        body.lists,
        body.letters,
        pictures.files,
        len(document.body),
    )
