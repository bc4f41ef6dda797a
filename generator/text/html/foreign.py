"""What other dialects of Markdown mark and this one does not: refused by name, with the way here.

A construct that is merely unknown would be printed as plain letters, and nobody would notice before
a reader does. docs/coming-from.md shows what is said of each; the tests are driven from there.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from generator.text.markdown.marks import ATTRIBUTES, BLOCK, END, INLINE, Expanded, Hidden
from generator.text.markdown.outline import KINDS

_LETTER = r"\(?(?:[A-Za-z]|[ivx]{2,5})[.)][ \t]+\S"
_TEXT = (
    (
        rf"\A{_LETTER}.*\n{_LETTER}|\A[ai][.)][ \t]+\S",
        "letters number no list here",
        "write 1. 2. 3.",
    ),
    (r"^#\.[ \t]", "'#.' numbers no list here", "write 1. 2. 3."),
    (
        r"^\(@[\w-]*\)[ \t]",
        "'(@)' numbers no examples here",
        "write 1. 2. 3., or a box !!! example with a label {#exm-name}",
    ),
    (
        r"^\+[-=:+]{3,}\+[ \t]*$",
        "a grid table is no table here",
        "write | a | b | with a line |---|---| below its head",
    ),
    (
        r"\A(?:Table|Tabelle|표):[ \t]",
        "'Table:' is no caption here",
        "directly below its table: : Caption. {#tbl-name}",
    ),
    (
        r"^\([\w:.-]+\)=[ \t]*$",
        "'(label)=' labels nothing here",
        "write {#sec-name} behind the heading, {#fig-name} behind the picture",
    ),
    (
        rf"(?<!\\)\{{[A-Za-z][\w:.+-]*\}}(?={INLINE})",
        "{0} before code is no role here",
        "write $…$ for maths, @fig-name for a reference, [@key] for a citation",
    ),
    (
        rf"(?<={END})\{{=\w+\}}",
        "raw {0} is not let through",
        "write Markdown: what only one format shows is missing in the others",
    ),
    (
        r"^\.\.(?:[ \t]+[\w:-]+::|[ \t]+_[\w -]+:|[ \t]*$)",
        "'{0}' is reStructuredText",
        "a box is !!! note, a picture ![…](…), a comment <!-- … -->",
    ),
    (
        r"^(?:\[TOC\]|\[\[toc\]\]|\[\[_TOC_\]\]|\[toc\]|\$\{toc\}|@\[toc\]|\{:toc\})",
        "'{0}' makes no contents here",
        "delete it: a long report has its contents by itself",
    ),
    (
        r"!\[\[[^\]\n]*\]\]",
        "'{0}' embeds nothing here",
        'write ![Caption.](images/name.png){#fig-name fig-alt="…"}',
    ),
    (
        r"(?<![\\!])\[\[[^\]\n]+\]\]",
        "'{0}' is no link here",
        "write [words](https://…), or @week-07:sec-name for another report",
    ),
    (
        r"(?<![\\~])~(?!~)[^\s~]{1,24}~(?!~)",
        "'{0}' is no mark here, it would be printed as it stands",
        "write $H_2O$ for what is lowered, ~~…~~ for what is struck out",
    ),
    (
        r"(?<=[\w.)])~(?=[\w@(\[$" + INLINE + "])",
        "'~' is no space here",
        "write a space: @fig-name keeps its number beside it; \\~ is the character",
    ),
    (
        r"^\|[ \t](?!.*\|)",
        "'|' begins no line of verse here",
        "end each line with a backslash, or write a list",
    ),
    (
        r"(?<!\\)\|\|[^|\n]+\|\|",
        "'{0}' hides nothing here",
        "write the words themselves, or \\| for a bar",
    ),
    (
        r"(?<!\\)\{:[^}\n]*\}",
        "'{0}' are attributes of another dialect",
        "labels are {#sec-name} behind a heading, {#fig-name} behind a picture",
    ),
    (
        r"^\*\[[^\]\n]+\]:",
        "'{0}' explains no abbreviation here",
        "say it where it is first used, or put it into reports/glossary.toml",
    ),
    (
        r"(?<![\w\\])@[A-Za-z0-9][\w:.+/-]*[ \t]\[(?:pp?\.|chap|ch\.|sec|S\.|§)[^\]\n]*\]",
        "'{0}' loses its place in the work",
        "write [@key, p. 7]",
    ),
    (
        r"%%[^%\n]*%%|^%%[ \t]*$",
        "'{0}' is no comment here, it would be printed",
        "write <!-- … -->",
    ),
    (r"\A%[ \t]\S.*$", "'{0}' is no comment here, it would be printed", "write <!-- … -->"),
    (
        r"(?<![\S\\])#[A-Za-z][\w/-]*",
        "'{0}' tags nothing here",
        "delete it; \\# is the character itself",
    ),
    (
        r"(?<=\S)[ \t]\^[A-Za-z][\w-]*[ \t]*$",
        "'{0}' names no paragraph here",
        "give the heading above a label: {#sec-name}",
    ),
    (
        r"(?<!\\)\{(?:\+\+|--|~~|>>|==).*?\}",
        "'{0}' marks no change here",
        "write the text as it should be; Git keeps what it was",
    ),
    (r"^===[!+]?[ \t]\"[^\"\n]*\"", "'{0}' opens no tab here", "write headings: paper has no tabs"),
    (r"\A\+\+\+[ \t]*$", "'+++' parts nothing here", "write --- between blank lines"),
    (r"\(\\?#[a-z]+:[\w-]+\)", "'{0}' labels nothing here", "write {#fig-name} behind the caption"),
    (r"\\@ref\([\w:-]*\)", "'{0}' refers to nothing here", "write @fig-name, @tbl-name, @sec-name"),
    (r"(?<!\\)\{-\}[ \t]*$", "'{-}' is no attribute here", "write {.unnumbered}"),
    (
        r"\A\[[-/>?!*<~]\][ \t]",
        "'{0}' is no box to tick here",
        "write [ ] for what is to be done, [x] for what is done",
    ),
    (
        r"(?<![\w:\\/]):[a-z][a-z0-9_+-]*[a-z0-9]:(?![\w:/])",
        "'{0}' draws no sign here",
        "write the sign itself, or its name in words",
    ),
    (
        r"(?<![\\^])\^\^(?=\S)[^^\n]+\^\^",
        "'{0}' is no mark here, it would be printed as it stands",
        "write *…* or **…** for what stands out",
    ),
    (
        r"^(?:!include|!INCLUDE|@import|\{!)[ \t\"(].*$",
        "'{0}' includes nothing here",
        "write the text itself",
    ),
    (r"^@\[[a-z]+\]\(", "'{0}…' embeds nothing here", "write [words](https://…)"),
    (
        r"^:::+.*$",
        "'{0}' opens no box here",
        "write !!! note, and indent its text by four",
    ),
    (r"^<{3,}[ \t]*\S", "'{0}' embeds nothing here", "write the code between ``` and ```"),
    (r"^\*{3}[ \t]\[\w", "'{0}' is no mark here", "write a list with -"),
)
_RULES = tuple((re.compile(pattern, re.MULTILINE), said, hint) for pattern, said, hint in _TEXT)
# One search that finds whether any of them may be there at all: pages have thousands of lines.
_ANY = re.compile(
    r"(?m:^\(?(?:[A-Za-z]|[ivx]{2,5})[.)][ \t]|^[#+|.(*!@<=%:\[{]|^Table|^Tab|^표)"
    r"|[~^%\\]|\[\[|\|\||\{|:[a-z]|\(#|\\@|[ \t]#[A-Za-z]|\][ \t]|[ \t]\["
)
_RUNS = re.compile(r"\{(?:python|r|julia|ojs|eval|py)\}[ \t]+\S|r[ \t]+(?![=<>+*/-])\S")
_COMMENT = re.compile(r"^[ \t]{0,3}\[(?://|comment|_metadata_[^\]]*|#)\]:[ \t]", re.MULTILINE)
_RULED = re.compile(r"[ \t]*-{2,}(?:[ \t]+-{2,})+[ \t]*")
_EMPTY = re.compile(r"(?<!\\)\|\|")
_SPAN = re.compile(r"\|[ \t]*\^\^[ \t]*(?=\|)")

Found = tuple[int, str, str]  # line in the source, message, hint


def foreign(expanded: Expanded, tokens: Sequence[Token]) -> Iterator[Found]:
    """What in the blocks of a text belongs to another dialect."""
    lines = expanded.text.split("\n")
    for match in _COMMENT.finditer(expanded.text):
        row = expanded.text.count("\n", 0, match.start())
        yield expanded.source_line(row), f"'{match[0].strip()}' is no comment here", _WRITE_COMMENT
    for token in tokens:
        start, end = token.map or (0, 0)
        if token.type == "inline" and _ANY.search(token.content):
            yield from _in_text(expanded, token.content, start)
        elif token.type == "hr" and _RULED.fullmatch(lines[start]):
            yield (
                expanded.source_line(start),
                "a table whose columns are ruled by dashes is no table here",
                "write | a | b | with a line |---|---| below its head",
            )
        elif token.type == "table_open":
            for row in range(start, min(end, len(lines))):
                found = _EMPTY.search(lines[row]) or _SPAN.search(lines[row])
                if found:
                    yield (
                        expanded.source_line(row),
                        f"'{found[0].strip('| ') or '||'}' joins no cells here",
                        "write | | for an empty cell, and each cell's text in it",
                    )


_WRITE_COMMENT = "write <!-- … -->"


def _in_text(expanded: Expanded, content: str, start: int) -> Iterator[Found]:
    """Each kind of foreign mark once, and each mark as one kind."""
    taken: set[int] = set()
    for pattern, said, hint in _RULES:
        match = pattern.search(content)
        if match and taken.isdisjoint(range(match.start(), match.end())):
            taken.update(range(match.start(), match.end()))
            row = start + content.count("\n", 0, match.start())
            shown = match[0].strip().split("\n")[0]
            shown = re.sub(f"[{INLINE}{BLOCK}{ATTRIBUTES}][0-9]+{END}", "…", shown)[:40]
            yield expanded.source_line(row), said.replace("{0}", shown), hint


def runs_code(hidden: Hidden) -> tuple[str, str] | None:
    """Message and hint for code that another tool would run: `r 1+1`, `{python} x`."""
    if _RUNS.match(hidden.content):
        return (
            f"code in a text does not run: {hidden.content[:40]}",
            "compute it in compute.py and write {{ value.name }}",
        )
    return None


def meant_label(key: str) -> str:
    """A hint where @`key`, which is no source, was meant to be a label: @Fig-a, @fig:a."""
    if KINDS.get(key.partition("-")[0]):
        return f"give what is meant the label {{#{key}}}, or mend the name"
    lower = key[:1].lower() + key[1:]
    if KINDS.get(lower.partition("-")[0]):
        return f"labels are small: @{lower}"
    kind, _, name = key.partition(":")
    return f"labels have a hyphen: @{kind}-{name}" if KINDS.get(kind) and name else ""
