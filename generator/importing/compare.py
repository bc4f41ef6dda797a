"""What differs between the tables and lists of a README and the blocks that replace them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from generator.importing.blocks import Block, Entry, Inline, blocks_of, tidy
from generator.importing.dates import date_of
from generator.importing.forms.items import only_a_form, says_link, without_links_called_so
from generator.importing.phrases import (
    MUST_MARKS,
    SPELT,
    box_of,
    bracketed_span,
    label_of,
    marks_of,
    span_of,
    unit_of,
)
from generator.publish.readme.reading_list import spelt_time
from generator.study.readme import WORDS

# Words that only said where a link was, or that a mark says in another way.
_DROPPED = frozenset(("link", "here", "url", "total", "overall", "총"))
_OPTIONAL = ("optional", "선택", "opt")


@dataclass(frozen=True, slots=True)
class Difference:
    """At a line of the source: what it said, what the block says. loss: words or links missing."""

    line: int
    before: str
    after: str
    loss: bool


def word_list(text: str) -> list[str]:
    """The words of `text`, small; small numbers in words as digits, as units are written."""
    words = re.findall(r"\w+", text.casefold())
    return [str(SPELT.get(word, re.sub(r"^(\d+)(?:st|nd|rd|th)$", r"\1", word))) for word in words]


def plain_address(url: str) -> str:
    """`url` with nothing percent-encoded, for comparing."""
    return unquote(url).rstrip("/")


def table_differences(block: Block, made: str, moved: dict[str, str]) -> list[Difference]:
    """How the rows of a table come out. moved: address as it was → as it is on purpose."""
    tables = [found for found in blocks_of(made) if found.kind == "table"]
    rows = tables[0].rows if tables else ()
    found: list[Difference] = []
    source = [
        (row, line)
        for row, line in zip(block.rows, block.row_lines, strict=True)
        if any(cell.text for cell in row)
    ]
    left = list(rows)
    for row, line in source:
        # A week with several reports has several rows: each row against the one most like it.
        new = max(left, key=lambda other: _alike(row, other), default=())
        left = [other for other in left if other is not new]
        for place, cell in enumerate(row):
            after = new[place] if place < len(new) else Inline("")
            found += _cell_differences(cell, after, line, moved)
    for row in left:
        words = " | ".join(cell.text for cell in row)
        found.append(Difference(block.line, "", words, loss=False))
    return found


def _alike(row: Sequence[Inline], other: Sequence[Inline]) -> int:
    """In how many cells two rows say the same."""
    return sum(a.text == b.text for a, b in zip(row, other, strict=False))


def list_differences(block: Block, made: str, moved: dict[str, str]) -> list[Difference]:
    """How the lines of a list come out, each against the one that shares most words with it."""
    left = [entry.inline for found in blocks_of(made) for entry in found.entries]
    found: list[Difference] = []
    for entry in block.entries:
        after = max(left, key=lambda line: _shared(entry.inline, line), default=Inline(""))
        if after in left:
            left.remove(after)
        found += _cell_differences(entry.inline, after, entry.line, moved)
    found += [Difference(block.line, "", extra.text, loss=False) for extra in left]
    return found


def _shared(one: Inline, other: Inline) -> float:
    """How many words two lines share; the first words, which name the week, count most."""
    words, others = word_list(one.text), word_list(other.text)
    begin = sum(a == b for a, b in zip(words[:2], others[:2], strict=False))
    return 10 * begin + len(set(words) & set(others))


def _cell_differences(
    before: Inline, after: Inline, line: int, moved: dict[str, str]
) -> list[Difference]:
    found: list[Difference] = []
    left = [plain_address(link.url) for link in after.links]
    for link in before.links:
        wanted = plain_address(moved.get(link.url, link.url))
        if wanted in left:
            left.remove(wanted)
            if moved.get(link.url, link.url) != link.url:
                found.append(Difference(line, link.url, moved[link.url], loss=False))
        else:
            found.append(Difference(line, link.url, "", loss=True))
    if tidy(before.text) == tidy(after.text):
        return found
    missing = word_list(box_of(before.text)[1])
    for word in word_list(after.text):
        if word in missing:
            missing.remove(word)
    same = moved.get(before.text) == after.text or _same_meaning(before.text, after.text)
    loss = bool(missing) and not same
    found.append(Difference(line, before.text, after.text, loss=loss))
    return found


def _same_meaning(before: str, after: str) -> bool:
    """Whether two cells are one date, or one part of one unit: "9-1주차" and "9주차 (1)"."""
    date, rest = date_of(before)
    if date and not rest:
        return after == date.isoformat()
    one, other = unit_of(before), unit_of(after)
    if not one or not other or one.part is None or one.to:
        return False
    return (one.number, f"({one.part})", one.rest) == (other.number, other.rest, "")


def lost_lines(blocks: Sequence[Block], made: str) -> list[tuple[int, list[str]]]:
    """The lines of reading blocks of which a word or a link is not in `made` as often, and which.

    Times and dates are left out: they are spelt in one way there.
    """
    from collections import Counter

    made_blocks = blocks_of(made)
    words = Counter(word_list(" ".join(map(_without_times, _all_words(made_blocks)))))
    addresses = {plain_address(url) for block in made_blocks for url in _addresses(block)}
    lost = []
    for block in blocks:
        for line, inline in _lines_of(block) if block.kind != "comment" else ():
            text = date_of(bracketed_span(without_links_called_so(inline))[0])[1]
            said_optional = marks_of(text).optional or marks_of(inline.text).optional
            missing = []
            for word in word_list(_without_times(text)):
                if words[word]:
                    words[word] -= 1
                elif word not in _DROPPED and not (said_optional and word in _OPTIONAL):
                    missing.append(word)
            gone = [link.url for link in inline.links if plain_address(link.url) not in addresses]
            gone = [url for url in gone if not url.startswith("#")]
            if missing or gone:
                lost.append((line, [*missing, *gone]))
    return lost


def _without_times(text: str) -> str:
    """`text` without its spans of time, which are spelt in one way in ours."""
    while span := span_of(text):
        text = f"{text[: span.start]} {text[span.end :]}"
    return text


def respelt(blocks: Sequence[Block]) -> list[tuple[int, str]]:
    """What marks and words of reading blocks are spelt otherwise in ours, each with its line."""
    found: list[tuple[int, str]] = []
    for block in blocks:
        words = block.inline.text
        if block.kind in ("paragraph", "heading") and not (
            label_of(words, alone=True) or (block.kind == "heading" and unit_of(words))
        ):
            continue  # words that stay as they are
        for line, inline in _lines_of(block):
            found += [(line, said) for said in _respelt(inline)]
    return found


def _respelt(inline: Inline) -> list[str]:
    said = []
    marks = marks_of(inline.text)
    for letter in inline.text:
        if letter in MUST_MARKS and marks.level == "must" and letter not in marks.text:
            said.append(f"{letter} is now the word 'must'")
        elif marks.kind and letter != "\ufe0f" and marks_of(letter).kind:
            said.append(f"{letter} is now the word '{marks_of(letter).kind}'")
    if marks.optional or marks_of(without_links_called_so(inline)).optional:
        said.append(f"'{_optional_word(inline.text)}' now stands behind the title as 'optional'")
    said += [
        f"the link '{link.text}' is now on the title"
        for link in inline.links[:1] + tuple(x for x in inline.links[1:] if says_link(x.text))
        if only_a_form(link.text)
    ]
    span = span_of(inline.text)
    if span and bracketed_span(inline.text)[1]:
        words = {name: texts["en"] for name, texts in WORDS.items()}
        ours, theirs = spelt_time(span.minutes, words), inline.text[span.start : span.end]
        around = re.search(rf"[(\[]([^()\[\]]*{re.escape(theirs)}[^()\[\]]*)[)\]]", inline.text)
        theirs = around.group(1).strip() if around else theirs
        if ours != theirs:
            said.append(f"'{theirs}' is now '{ours}'")
    name = unit_of(inline.text)
    if name and name.number is not None and str(name.number) not in inline.text:
        said.append(f"'{inline.text}' is {name.word.replace('{n}', '')} {name.number} now")
    date, rest = date_of(inline.text)
    if date and not inline.text.startswith(date.isoformat()):
        said.append(f"'{inline.text.removesuffix(rest).strip(' :')}' is now '{date.isoformat()}'")
    return said


def _optional_word(text: str) -> str:
    found = re.search(r"optional|선택|opt\.?", text, re.IGNORECASE)
    return found.group() if found else "optional"


def _lines_of(block: Block) -> list[tuple[int, Inline]]:
    found = [(block.line, block.inline)] if block.inline.text else []
    found += [(line, inline) for entry in block.entries for line, inline in _entry_lines(entry)]
    for row, line in zip(block.rows, block.row_lines, strict=True):
        found += [(line, cell) for cell in row]
    return found


def _entry_lines(entry: Entry) -> list[tuple[int, Inline]]:
    return [
        (entry.line, entry.inline),
        *(pair for inner in entry.entries for pair in _entry_lines(inner)),
    ]


def _all_words(blocks: Sequence[Block]) -> list[str]:
    return [inline.text for block in blocks for _, inline in _lines_of(block)]


def _addresses(block: Block) -> list[str]:
    return [link.url for _, inline in _lines_of(block) for link in inline.links]
