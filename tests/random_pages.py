"""Pages of random text with notes, lists, tables and figures, and what of it a PDF holds.

Every note, call, item, row, heading, caption and paragraph has a word of its own, so that it can be
found in the PDF: `note12x`, `call12x`.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, field

from tests.page_samples import FIGURES
from tests.pdf_reading import Piece, pieces

_WORDS = ["a", "walker", "goes", "twice", "as far", "in four", "times", "whatever", "it", "does"]
_MARK = re.compile(r"(?:note|call|item|row|head|caption|par|cell)\d+x")


@dataclass
class RandomText:
    """The body of a report, made from `seed`; `marks` are the words to be found, in order.

    notes: how likely a sentence is to have one. longest: words of the longest note.
    """

    seed: int
    notes: float = 0.3
    longest: int = 60
    marks: list[str] = field(default_factory=list)
    body: str = ""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.count: Counter[str] = Counter()
        blocks = [self.block() for _ in range(self.random.randint(6, 40))]
        self.body = "<h2 id='a'>Start</h2>" + "".join(blocks)

    def mark(self, kind: str) -> str:
        self.count[kind] += 1
        self.marks.append(f"{kind}{self.count[kind]}x")
        return self.marks[-1]

    def words(self, most: int) -> str:
        return " ".join(self.random.choices(_WORDS, k=self.random.randint(1, most)))

    def note(self) -> str:
        call, note = self.mark("call"), self.mark("note")
        text = self.words(self.longest if self.random.random() < 0.8 else 4 * self.longest)
        return f' {call}<span class="footnote" id="fn-{note}">{note} {text}</span>'

    def sentence(self) -> str:
        note = self.note() if self.random.random() < self.notes else ""
        return f"{self.words(30)}{note}. "

    def text(self, most: int) -> str:
        return "".join(self.sentence() for _ in range(self.random.randint(1, most)))

    def block(self) -> str:
        kind = self.random.choices(
            ("p", "list", "table", "figure", "head", "quote"), (8, 2, 1, 1.5, 1.5, 0.7)
        )[0]
        return str(getattr(self, f"_{kind}")())

    def _p(self) -> str:
        return f"<p>{self.mark('par')} {self.text(8)}</p>"

    def _quote(self) -> str:
        return f"<blockquote>{self._p()}{self._p()}</blockquote>"

    def _head(self) -> str:
        mark = self.mark("head")
        level = self.random.choice((2, 3))
        return f'<h{level} id="{mark}">{mark} {self.words(6)}</h{level}>'

    def _list(self) -> str:
        tag = self.random.choice(("ul", "ol"))
        items = "".join(
            f"<li>{self.mark('item')} {self.text(3)}</li>" for _ in range(self.random.randint(1, 9))
        )
        return f"<{tag}>{items}</{tag}>"

    def _table(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{self.mark('row')}</th>"
            f"<td>{self.mark('cell')} {self.text(1)}</td>"
            f"<td>{self.words(4)}</td></tr>"
            for _ in range(self.random.randint(1, 40))
        )
        mark = self.mark("caption")
        return (
            f'<figure class="table" id="tbl-{mark}"><figcaption>{mark} {self.words(9)}</figcaption>'
            f"<table><thead><tr><th scope='col'>A</th><th scope='col'>B</th><th scope='col'>C</th>"
            f"</tr></thead><tbody>{rows}</tbody></table></figure>"
        )

    def _figure(self) -> str:
        mark = self.mark("caption")
        return (
            f'<figure id="fig-{mark}">'
            f'<img src="figure:{self.random.choice(FIGURES)}.svg" alt="A."/>'
            f"<figcaption>{mark} {self.words(20)}</figcaption></figure>"
        )


def faults(text: RandomText, content: bytes) -> list[str]:
    """What of `text` the PDF `content` has lost, doubled, or put out of order."""
    pages = _marks(pieces(content))
    found = Counter(mark for page in pages for mark in page)
    wanted = Counter(text.marks)
    wrong = [f"{mark}: {found[mark]} times" for mark in (wanted | found) if found[mark] != 1]
    notes = [int(mark[4:-1]) for page in pages for mark in page if mark.startswith("note")]
    if notes != sorted(notes):
        wrong.append(f"notes in the order {notes}")
    for kind in ("par", "item", "row", "head"):
        order = [
            int(m[len(kind) : -1]) for page in pages for m in page if re.match(rf"{kind}\d", m)
        ]
        if order != sorted(order):
            wrong.append(f"{kind} in the order {order}")
    return wrong


def late(content: bytes) -> list[int]:
    """By how many pages each note stands behind its call."""
    at = {mark: n for n, page in enumerate(_marks(pieces(content))) for mark in page}
    return [page - at["call" + mark[4:]] for mark, page in at.items() if mark.startswith("note")]


def _marks(found: list[Piece]) -> list[list[str]]:
    """The marks on each page, in the order in which they are drawn."""
    pages: dict[int, str] = {}
    for piece in found:
        if not {"Artifact", "TOCI", "TOC"} & set(piece.tags):
            pages[piece.page] = pages.get(piece.page, "") + " " + piece.text
    return [_MARK.findall(text) for _, text in sorted(pages.items())]
