"""The Markdown of reports: CommonMark and GitHub's tables, and a few rules of our own.

Why markdown-it and not Python-Markdown: GitHub, where members read the sources, is CommonMark,
so a list, a nested list or a heading after a table means the same in both; and its tokens carry
lines, so that every mistake can be shown where it was made.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from generator.text.markdown.attributes import LABEL
from generator.text.markdown.boxes import box
from generator.text.markdown.marks import ATTRIBUTES, BLOCK, END, INLINE, MARK, Expanded

_BLOCK_LINE = re.compile(f"{BLOCK}([0-9]+){END}[ \t]*(?:{ATTRIBUTES}([0-9]+){END})?[ \t]*$")
_PICTURES = re.compile(rf"(?:!\[[^\n]*\]\([^()\n]*\)(?:{ATTRIBUTES}[0-9]+{END})?\s*){{2,}}")
_KEY = r"[A-Za-z0-9]+(?:[_:.+/-]+[A-Za-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<only>-)?@(?:(?P<report>[A-Za-z0-9][\w-]*):)?(?P<label>{LABEL.pattern})"
)
_CITATION = re.compile(rf"(?P<only>-)?@(?P<key>{_KEY})")
_GROUP = re.compile(r"\[([^\[\]]*@[A-Za-z0-9][^\[\]]*)\](?![(\[])")


def grammar() -> MarkdownIt:
    """A parser for the text of `expand`; it holds no state between texts."""
    md = MarkdownIt("commonmark", {"maxNesting": 100})
    md.enable(["table", "strikethrough"])
    # The lexer has taken code out. Escaped characters stay tokens of their own, so that a stray
    # ** can be told from one that the author meant.
    md.disable(["backticks", "text_join"])
    # Every address goes through: what is not allowed is reported, not left as plain text.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    md.use(deflist_plugin).use(admon_plugin)
    md.block.ruler.at("admonition", box, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.use(footnote_plugin, move_to_end=False, always_match_refs=True)
    everywhere: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("table", "hidden_block", _hidden_block, everywhere)
    md.block.ruler.before("table", "caption", _caption, {"alt": ["blockquote"]})
    md.inline.ruler.at("emphasis", _emphasis)
    md.inline.ruler.before("link", "group", _group)
    md.inline.ruler.before("link", "span", _span)
    md.inline.ruler.push("reference", _reference)
    md.inline.ruler.push("hidden", _hidden)
    for opening in (INLINE, BLOCK, ATTRIBUTES):
        md.inline.add_terminator_char(opening)
    return md


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tokens of a text; `token.map` counts lines of `expanded.text` from 0.

    notes: the content of inline footnotes ^[…] by number.
    """

    expanded: Expanded
    tokens: list[Token]
    notes: dict[int, list[Token]]


def parsed(expanded: Expanded) -> Parsed:
    """The tokens of a text."""
    env: dict[str, Any] = {"expanded": expanded}
    tokens = grammar().parse(expanded.text, env)
    listed = env.get("footnotes", {}).get("list", {})
    notes = {number: note["tokens"] for number, note in listed.items() if "tokens" in note}
    return Parsed(expanded, tokens, notes)


# ---------------------------------------------------------------- blocks


def _hidden_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A fence, a display formula or a table of the results, alone on its line."""
    begin = state.bMarks[start] + state.tShift[start]
    if state.src[begin : begin + 1] != BLOCK:
        return False
    match = _BLOCK_LINE.match(state.src, begin, state.eMarks[start])
    if not match:
        return False
    if not silent:
        token = state.push("hidden_block", "", 0)
        token.map = [start, start + 1]
        token.meta = {"hidden": int(match[1]), "attributes": int(match[2]) if match[2] else None}
        token.meta["deep"] = state.sCount[start] - state.blkIndent >= 4
        state.line = start + 1
    return True


def _caption(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`: Caption. {#tbl-name}` below a table, to the next blank line."""
    begin = state.bMarks[start] + state.tShift[start]
    if state.src[begin : begin + 1] != ":" or state.src[begin + 1 : begin + 2] not in (" ", "\t"):
        return False
    if silent:
        return bool(state.parentType == "table")
    if not _follows_table(state) and not _follows_pictures(state):
        return False
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    token = state.push("caption_open", "figcaption", 1)
    token.map = [start, line]
    token = state.push("inline", "", 0)
    token.content = state.getLines(start, line, state.blkIndent, False).strip()[1:].lstrip()
    token.map = [start, line]
    token.children = []
    state.push("caption_close", "figcaption", -1)
    state.line = line
    return True


def _follows_pictures(state: StateBlock) -> bool:
    """Whether a paragraph of nothing but pictures, more than one, ends here."""
    last = state.tokens[-2] if len(state.tokens) > 2 else None
    if last is None or last.type != "inline" or state.tokens[-1].type != "paragraph_close":
        return False
    return bool(_PICTURES.fullmatch(last.content))


def _follows_table(state: StateBlock) -> bool:
    if not state.tokens:
        return False
    last = state.tokens[-1]
    if last.type == "table_close":
        return True
    expanded: Expanded = state.env["expanded"]
    return last.type == "hidden_block" and expanded.hidden[last.meta["hidden"]].kind in (
        "table",
        "gone",
    )


# ---------------------------------------------------------------- inside a line


def _hidden(state: StateInline, silent: bool) -> bool:
    match = MARK.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        kind = "attributes" if match[0][0] == ATTRIBUTES else "hidden"
        token = state.push(kind, "", 0)
        token.meta = {"hidden": int(match[1])}
    state.pos = match.end()
    return True


def _span(state: StateInline, silent: bool) -> bool:
    """`[text]{.class}`."""
    if state.src[state.pos] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    if end < 0:
        return False
    match = MARK.match(state.src, end + 1)
    if not match or match[0][0] != ATTRIBUTES:
        return False
    if not silent:
        maximum, start = state.posMax, state.pos + 1
        state.pos, state.posMax = start, end
        token = state.push("span_open", "span", 1)
        token.meta = {"hidden": int(match[1]), "words": state.src[start:end]}
        state.md.inline.tokenize(state)
        state.push("span_close", "span", -1)
        state.posMax = maximum
    state.pos = match.end()
    return True


def _reference(state: StateInline, silent: bool) -> bool:
    """`@fig-name`, `@week-07:eq-name`, `@key` in a sentence."""
    if state.src[state.pos] != "@" or _in_word(state):
        return False
    match = _REFERENCE.match(state.src, state.pos, state.posMax)
    kind = "reference" if match else "citation"
    match = match or _CITATION.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push(kind, "", 0)
        token.meta = match.groupdict()
    state.pos = match.end()
    return True


def _in_word(state: StateInline) -> bool:
    before = state.src[state.pos - 1] if state.pos else " "
    return before.isascii() and (before.isalnum() or before in "_.+")


def _group(state: StateInline, silent: bool) -> bool:
    """`[@key]`, `[see @a, p. 3; -@b; @fig-name]`."""
    if state.src[state.pos] != "[":
        return False
    group = _GROUP.match(state.src, state.pos, state.posMax)
    if not group:
        return False
    items: list[dict[str, Any]] = []
    for part in group[1].split(";"):
        match = _REFERENCE.search(part) or _CITATION.search(part)
        if not match:
            return False
        found = match.groupdict()
        found["prefix"] = part[: match.start()].strip()
        found["suffix"] = part[match.end() :].strip()
        items.append(found)
    if not silent:
        token = state.push("group", "", 0)
        token.meta = {"items": items, "lines": group[1].count("\n")}
    state.pos = group.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """CommonMark's emphasis, with Hangul, Han and Kana read like punctuation beside a mark.

    Korean joins particles to words, so that **강조(strong)**는 would keep its asterisks: the
    closing ones stand between a bracket and a letter. A mark may also split such words.
    """
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    can_open, can_close = scanned.can_open, scanned.can_close
    if marker == "*":
        before = state.src[state.pos - 1] if state.pos else " "
        end = state.pos + scanned.length
        after = state.src[end] if end < state.posMax else " "
        if _east_asian(before) and not after.isspace():
            can_open = True
        if _east_asian(after) and not before.isspace():
            can_close = True
    for _ in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos += scanned.length
    return True


def _east_asian(character: str) -> bool:
    return ord(character) > 0x1100 and unicodedata.east_asian_width(character) in "WF"
