"""Reports' texts as `check` sees them: what they quote, show and cite, and what nobody uses."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from generator.check.finding import Finding
from generator.check.history import Kept
from generator.errors import StudyError, Where
from generator.model import Report
from generator.store.files import study_text
from generator.text.markdown.attributes import LIST, read_attributes
from generator.text.markdown.lexer import Piece, pieces_of
from generator.text.problems import Problems
from generator.text.shared import whole_text

_HIDDEN = ("fence", "code", "inline", "display")
_PICTURE = re.compile(r"!\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]\(\s*<?([^()\s<>]+)>?[^()]*\)")
_NAME = re.compile(
    r"\b(value|string|table|parameter)\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['\"](\w+)['\"]\s*\])?"
)
# Letters of ASCII only: a Korean particle follows a label without a space.
_MENTION = re.compile(r"(?<![A-Za-z0-9_.+@/\\-])-?@([A-Za-z0-9_][A-Za-z0-9_:.#$%&+?~/-]*)")
_CAPTION = re.compile(r'\bcaption="(?:\\.|[^"\\])*"')
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*)$")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure or picture as a text shows it: `![caption](target){attributes}`."""

    target: str
    caption: str
    alt: str
    line: int


@dataclass(frozen=True, slots=True)
class Text:
    """What one text of a report holds, each thing with the lines where it stands.

    names: ("value", "loss") as expressions name them; ("value", "") names all of them.
    quotes: the expressions themselves, white space tidied. mentions: what stands behind @.
    headings: (level, label). formulas: display formulas, their words for readers left out.
    """

    path: str
    names: Mapping[tuple[str, str], int]
    quotes: Mapping[str, int]
    mentions: Mapping[str, int]
    labels: Mapping[str, int]
    pictures: tuple[Picture, ...]
    headings: tuple[tuple[int, str, int], ...]
    formulas: tuple[tuple[str, int], ...]
    fences: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class _Reader:
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    quotes: dict[str, int] = field(default_factory=dict)
    mentions: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    def expression(self, content: str, line: int) -> None:
        """Note what an expression or statement names."""
        for match in _NAME.finditer(content):
            name = match.group(2) or match.group(3) or ""
            self.names.setdefault((match.group(1), name), line)

    def quote(self, content: str, line: int) -> None:
        """Note an expression that is shown."""
        self.expression(content, line)
        self.quotes.setdefault(" ".join(content.split()), line)


def read_report_text(content: str, path: str) -> Text:
    """What the text `content` holds. A text with mistakes is read as far as it goes."""
    pieces = pieces_of(content, Problems(path))
    reader = _Reader()
    formulas: list[tuple[str, int]] = []
    fences: list[tuple[str, int]] = []
    for piece in pieces:
        _read_piece(piece, reader, formulas, fences)
    bare = _joined(pieces, without=_HIDDEN)
    for match in _MENTION.finditer(bare):
        reader.mentions.setdefault(match.group(1).rstrip(".:?"), _line(bare, match.start()))
    return Text(
        path,
        reader.names,
        reader.quotes,
        reader.mentions,
        reader.labels,
        tuple(_pictures(_joined(pieces, without=("fence", "display")))),
        tuple(_headings(bare)),
        tuple(formulas),
        tuple(fences),
    )


def _read_piece(
    piece: Piece,
    reader: _Reader,
    formulas: list[tuple[str, int]],
    fences: list[tuple[str, int]],
) -> None:
    if piece.kind == "expression":
        reader.quote(piece.content, piece.line)
    elif piece.kind == "statement":
        reader.expression(piece.content, piece.line)
    elif piece.kind in ("inline", "display"):
        for match in re.finditer(r"\{\{\s*((?:value|string)\.\w+[^{}]*?)\s*\}\}", piece.content):
            line = piece.line + piece.content.count("\n", 0, match.start())
            reader.quote(match.group(1), line)
        if piece.kind == "display":
            spoken = re.sub(r"\\(?:text|mathrm)\{[^{}]*\}", r"\\text{}", piece.content)
            # The sentence's full stop is not the formula's, and not every language puts one there.
            formulas.append(("".join(spoken.split()).rstrip(".,;:"), piece.line))
    elif piece.kind == "fence":
        fences.append((_CAPTION.sub("", piece.info), piece.line))
    if piece.kind in ("attributes", "fence"):
        for found in LIST.finditer(piece.info if piece.kind == "fence" else piece.text):
            attributes = read_attributes(found[0])
            if attributes.label:
                reader.labels.setdefault(attributes.label, piece.line)
            if "cite" in attributes.values:
                reader.mentions.setdefault(attributes.values["cite"].lstrip("@"), piece.line)
            for value in attributes.values.values():
                for match in re.finditer(r"\{\{(.*?)\}\}", value):
                    reader.quote(match.group(1).strip(), piece.line)


def bare_text(content: str) -> str:
    """`content` with code and formulas as blanks, its lines where they were."""
    return _joined(pieces_of(content, Problems("")), without=_HIDDEN)


def _joined(pieces: Iterable[Piece], *, without: Sequence[str]) -> str:
    return "".join(
        re.sub(r"[^\n]", " ", piece.text) if piece.kind in without else piece.text
        for piece in pieces
    )


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _pictures(text: str) -> Iterable[Picture]:
    for match in _PICTURE.finditer(text):
        attributes = LIST.match(text, match.end())
        alt = read_attributes(attributes[0]).values.get("fig-alt", "") if attributes else ""
        caption = " ".join(match.group(1).split())
        yield Picture(match.group(2), caption, alt, _line(text, match.start()))


def _headings(text: str) -> Iterable[tuple[int, str, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _HEADING.match(line)
        if match:
            attributes = LIST.search(match.group(2))
            label = read_attributes(attributes[0]).label if attributes else ""
            yield len(match.group(1)), label, number


def report_texts(root: Path, report: Report, kept: Kept) -> dict[str, Text]:
    """Language → text of a report, main language first; texts that are not UTF-8 left out."""
    texts = {}
    for language, path in report.texts:
        content = study_text(root, path)
        if content is not None and "{%" in content and "include" in content:
            try:
                content = whole_text(root, path)[0].text
            except (StudyError, ExceptionGroup):
                content = None
        if content is None:
            continue  # the text room says so when the report is built
        texts[language] = _from_plain(path, kept.of("text", content, partial(_plain, content)))
    return texts


def _plain(content: str) -> list[object]:
    """What a text holds as values of JSON; `_from_plain` makes it a Text again."""
    text = read_report_text(content, "")
    return [
        [[kind, name, line] for (kind, name), line in text.names.items()],
        dict(text.quotes),
        dict(text.mentions),
        dict(text.labels),
        [[p.target, p.caption, p.alt, p.line] for p in text.pictures],
        *map(list, (text.headings, text.formulas, text.fences)),
    ]


def _from_plain(path: str, plain: list[Any]) -> Text:
    names, quotes, mentions, labels, pictures, headings, formulas, fences = plain
    return Text(
        path,
        {(kind, name): line for kind, name, line in names},
        quotes,
        mentions,
        labels,
        tuple(Picture(*picture) for picture in pictures),
        tuple((level, label, line) for level, label, line in headings),
        tuple((formula, line) for formula, line in formulas),
        tuple((info, line) for info, line in fences),
    )


# ---------------------------------------------------------------- alternative texts

_SAYS_PICTURE = re.compile(
    r"(?:(?:an?|the|this)\s+)?"
    r"(?:image|picture|photo|photograph|screenshot|graphic|illustration|figure)\s+"
    r"(?:of|shows|showing|that shows|depicting|with)\b"
    r"|.*(?:이미지|사진|그림)(?:입니다|이다)?[.\s]*$"
    r"|(?:이미지|사진|그림)\s*[:：]",
    re.IGNORECASE,
)


def alternative_findings(text: Text) -> list[Finding]:
    """Alternative texts that repeat the caption, or say only that there is a picture."""
    findings = []
    for picture in text.pictures:
        where = Where(text.path, picture.line)
        if picture.alt and _same_words(picture.alt, picture.caption):
            findings.append(
                Finding(
                    "alternatives",
                    f"the alternative text of {picture.target} repeats its caption",
                    where,
                    "a listener hears both: say what there is to see instead",
                )
            )
        elif _SAYS_PICTURE.match(picture.alt):
            begin = " ".join(picture.alt.split()[:3])
            findings.append(
                Finding(
                    "alternatives",
                    f"the alternative text of {picture.target} says that it is a picture:"
                    f" “{begin} …”",
                    where,
                    "readers are told so anyway: begin with what there is to see",
                )
            )
    return findings


def _same_words(one: str, other: str) -> bool:
    """Whether the texts are the same, or one holds nearly all of the other, by their words."""
    first, second = (re.findall(r"\w+", text.casefold()) for text in (one, other))
    if not first or not second:
        return False
    if first == second:
        return True
    shared = len(set(first) & set(second))
    # Nine words in ten are the same, counted on both sides: a repetition with a word changed.
    return shared >= 0.9 * max(len(set(first)), len(set(second)))
