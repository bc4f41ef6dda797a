"""A Markdown document as blocks with their lines: headings, paragraphs, lists, tables, the rest.

Parsed by CommonMark with GitHub's tables. Inline content becomes plain words and the links in
them; bare addresses are links, too.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text: from `start` to `end` of its words. bare: it is only an address."""

    text: str
    url: str
    start: int
    end: int
    bare: bool = False
    image: bool = False


@dataclass(frozen=True, slots=True)
class Inline:
    """Words without marks, white space as one space. bold: all of it was strong.

    source: the Markdown that it was, where one token held it.
    """

    text: str
    links: tuple[Link, ...] = ()
    bold: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a list: its own words, the entries below it. line and end: from 1, end excluded.

    other: whether it holds more than that (a code block, a table), which only its lines show.
    """

    inline: Inline
    line: int
    end: int
    entries: tuple["Entry", ...] = ()
    other: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the top level, or of a quotation. rows: the first is the table's head.

    spare: lines of rows with more cells than the head, and what is in those, which no page shows.
    """

    kind: Literal["heading", "paragraph", "list", "table", "other", "comment"]
    line: int
    end: int
    inline: Inline = field(default_factory=lambda: Inline(""))
    level: int = 0
    entries: tuple[Entry, ...] = ()
    rows: tuple[tuple[Inline, ...], ...] = ()
    row_lines: tuple[int, ...] = ()
    spare: tuple[tuple[int, str], ...] = ()


_BARE = re.compile(r"(?:https?://|www\.)[^\s<>\"`]+", re.IGNORECASE)
_TAGS = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|center|code|del|details|div|em|font|h[1-6]|hr|i|img|kbd|li|mark"
    r"|ol|p|s|small|span|strong|sub|summary|sup|u|ul)\b[^>]*>|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
# What a unit is called that can be unfolded: a heading in another form.
_FOLDED = re.compile(
    r"<details[^>]*>\s*<summary>((?:\s|<[^>]+>)*(?:week|day|step)\s*\d[^\n]*?)</summary>",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r"<a\b[^>]*\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def blocks_of(text: str) -> list[Block]:
    """The blocks of `text`, in order; lines count from 1."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    lines = text.split("\n")
    return [
        replace(block, spare=tuple(_spare(block, lines))) if block.kind == "table" else block
        for block in _blocks(parser.parse(text))
    ]


def _spare(block: Block, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    for line in block.row_lines[1:]:
        cells = re.split(r"(?<!\\)\|", re.sub(r"^\||(?<!\\)\|$", "", lines[line - 1].strip()))
        beyond = [cell.strip() for cell in cells[len(block.rows[0]) :]]
        if any(beyond):
            yield line, " | ".join(beyond)


def _blocks(tokens: "Sequence[Token]") -> Iterator[Block]:
    index = 0
    while index < len(tokens):
        token = tokens[index]
        close = _closing(tokens, index)
        first, last = token.map or (0, 0)
        line, end = first + 1, last + 1
        inner = tokens[index + 1 : close]
        if token.type == "heading_open":
            yield Block("heading", line, end, inline_of(inner[0]), int(token.tag[1]))
        elif token.type == "paragraph_open":
            yield Block("paragraph", line, end, inline_of(inner[0]))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            entries = tuple(_entries(inner))
            yield Block("list", line, _last_line(entries, end), entries=entries)
        elif token.type == "table_open":
            yield _table(inner, line, end)
        elif token.type == "html_block" and re.match(r"<!--|</details>$", token.content.strip()):
            yield Block("comment", line, end, Inline(token.content.strip()))
        elif token.type == "html_block" and (folded := _FOLDED.fullmatch(token.content.strip())):
            yield Block("heading", line, end, _inline_html(folded.group(1)), 2)
        elif token.type == "html_block":
            yield Block("other", line, end, _inline_html(token.content))
        else:
            words = " ".join(part.content for part in (token, *inner) if part.content)
            yield Block("other", line, end, Inline(tidy(words)))
        index = close + 1


def _last_line(entries: Sequence[Entry], end: int) -> int:
    """Where a list really ends: markdown-it counts blank lines after it."""
    return max((entry.end for entry in entries), default=end)


def _closing(tokens: "Sequence[Token]", index: int) -> int:
    """The index of the token that closes the one at `index`."""
    depth = 0
    for place in range(index, len(tokens)):
        depth += tokens[place].nesting
        if depth <= 0:
            return place
    return len(tokens) - 1


def _entries(tokens: "Sequence[Token]") -> Iterator[Entry]:
    index = 0
    while index < len(tokens):
        close = _closing(tokens, index)
        yield _entry(tokens[index], tokens[index + 1 : close])
        index = close + 1


def _entry(token: "Token", tokens: "Sequence[Token]") -> Entry:
    words: list[Inline] = []
    entries: list[Entry] = []
    other = False
    line = (token.map or (0, 0))[0] + 1
    end = line + 1
    for block in _blocks(tokens):
        end = max(end, block.end)
        if block.kind in ("paragraph", "heading") and not entries:
            words.append(block.inline)
        elif block.kind == "list":
            entries += block.entries
        elif block.kind in ("paragraph", "heading"):
            entries.append(Entry(block.inline, block.line, block.end))
        else:
            other = True
    return Entry(joined(words), line, end, tuple(entries), other)


def joined(parts: Sequence[Inline]) -> Inline:
    """The words of `parts` one after the other, with their links."""
    text = ""
    links: list[Link] = []
    for part in parts:
        shift = len(text) + bool(text)
        text = f"{text} {part.text}" if text else part.text
        links += [
            Link(link.text, link.url, link.start + shift, link.end + shift, link.bare, link.image)
            for link in part.links
        ]
    return Inline(text, tuple(links), bool(parts) and all(part.bold for part in parts))


def _table(tokens: "Sequence[Token]", line: int, end: int) -> Block:
    rows: list[tuple[Inline, ...]] = []
    lines: list[int] = []
    for index, token in enumerate(tokens):
        if token.type == "tr_open":
            close = _closing(tokens, index)
            cells = [part for part in tokens[index:close] if part.type == "inline"]
            rows.append(tuple(inline_of(cell) for cell in cells))
            lines.append((token.map or (line - 1, line))[0] + 1)
    return Block("table", line, end, rows=tuple(rows), row_lines=tuple(lines))


# ---------------------------------------------------------------- words and links


def inline_of(token: "Token") -> Inline:
    """The words of an inline token, and its links."""
    pieces: list[str] = []
    links: list[Link] = []
    opened: list[tuple[str, int]] = []
    depth = strong = 0
    plain_outside = False
    for child in token.children or ():
        at = sum(map(len, pieces))
        if child.type == "link_open":
            opened.append((str(child.attrGet("href") or ""), at))
        elif child.type == "link_close" and opened:
            url, start = opened.pop()
            links.append(Link("".join(pieces)[start:at], url, start, at))
        elif child.type == "image":
            text = child.content
            links.append(Link(text, str(child.attrGet("src")), at, at + len(text), image=True))
            pieces.append(text)
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
        elif child.type == "html_inline":
            address = _ANCHOR.match(child.content)
            if address:
                opened.append((address.group(1), at))
            elif child.content.lower() == "</a>" and opened:
                url, start = opened.pop()
                links.append(Link("".join(pieces)[start:at], url, start, at))
            pieces.append(" " if _TAGS.fullmatch(child.content) else child.content)
        elif child.content:
            if child.type == "text" and not opened:
                links += _bare_links(child.content, at)
            pieces.append(child.content)
            plain_outside |= not strong and bool(child.content.strip(" :()"))
        strong += {"strong_open": 1, "strong_close": -1}.get(child.type, 0)
        # "**Optional** A text": set apart at the start, it is a mark as one in brackets is.
        apart = child.type in ("strong_close", "em_close") and not links
        if apart and re.fullmatch(r"\s*(optional|선택)\s*", "".join(pieces), re.IGNORECASE):
            pieces = [f"({''.join(pieces).strip()})"]
        depth += child.nesting
    text = "".join(pieces)
    bold = not plain_outside and bool(text.strip())
    return replace(_tidied(text, links, bold=bold), source=token.content)


def inline_blocks(line: str) -> Inline:
    """The words of one line of Markdown, whatever block it is."""
    return joined([block.inline for block in blocks_of(line.strip()) if block.inline.text])


def plain_inline(text: str) -> Inline:
    """Words that are no Markdown, with the bare addresses in them."""
    return _tidied(text, _bare_links(text, 0), bold=False)


def _inline_html(content: str) -> Inline:
    links = [
        Link(_TAGS.sub("", found.group(2)).strip(), found.group(1), 0, 0)
        for found in re.finditer(
            r"<a\b[^>]*\bhref\s*=\s*[\"']?([^\"'\s>]+)[^>]*>(.*?)</a>", content, re.I | re.S
        )
    ]
    return Inline(tidy(_TAGS.sub(" ", content)), tuple(links))


def _bare_links(text: str, shift: int) -> list[Link]:
    links = []
    for found in _BARE.finditer(text):
        url = found.group().rstrip(".,;:!?'*_")
        while url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1].rstrip(".,;:!?'")
        start = shift + found.start()
        links.append(Link(url, url, start, start + len(url), bare=True))
    return links


def _tidied(text: str, links: Sequence[Link], *, bold: bool) -> Inline:
    """White space as one space, the links' places moved along."""
    places: list[int] = []
    kept: list[str] = []
    for letter in text:
        places.append(len(kept))
        if not letter.isspace():
            kept.append(letter)
        elif kept and kept[-1] != " ":
            kept.append(" ")
    places.append(len(kept))
    out = "".join(kept)
    moved = tuple(
        Link(tidy(link.text), link.url, places[link.start], places[link.end], link.bare, link.image)
        for link in links
    )
    return Inline(unicodedata.normalize("NFC", out.rstrip()), moved, bold)


def tidy(text: str) -> str:
    """`text` in NFC with each run of white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())
