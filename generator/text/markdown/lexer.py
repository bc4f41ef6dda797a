"""Cuts a text into pieces: what templating and Markdown may see, and what they must not.

Code, maths, expressions, statements and attribute lists are found here, before anything else
reads the text, so that a chat template in a fence or x^{{n}} in a formula reaches the page as it
was written. The pieces of a text, joined, are the text.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from generator.text.markdown.attributes import LIST
from generator.text.markdown.unlike import BETWEEN_ITEMS, NOT_QUOTED, ends_a_list, without_mark
from generator.text.problems import Problems

Kind = Literal[
    "prose", "fence", "code", "inline", "display", "expression", "statement", "attributes"
]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text from `line` on. content: what its delimiters hold.

    info: what stands behind the opening of a fence. alone: whether it has its line to itself.
    """

    kind: Kind
    text: str
    line: int
    content: str = ""
    info: str = ""
    alone: bool = False


_START = re.compile(
    r"""
    (?P<fence>^(?P<prefix>[ \t>]*(?:(?:[-*+:]|\d{1,9}[.)])[ \t]+)*)
              (?P<ticks>`{3,}(?=[^`\n]*$)|~{3,}))
    | (?P<escape>\\[!-/:-@\[-`{-~])
    | (?P<comment><!--|\{\#(?=[ \t\n]))
    | (?P<code>`+)
    | (?P<display>\$\$)
    | (?P<inline>\$)
    | (?P<statement>\{%)
    | (?P<expression>\{\{)
    | (?P<attributes>\{)
    """,
    re.MULTILINE | re.VERBOSE,
)
# Where a stretch inside a paragraph ends at the latest: a blank line or the start of another block.
_LIMIT = re.compile(
    r"\n(?=[ \t>]*(?:\n|\Z|\#{1,6}[ \t]|\||[-*+:][ \t]|\d{1,9}[.)][ \t]|```|~~~|\$\$|\{%))"
)
_ONE_LINE = re.compile(r"[ \t>]*(?:\#{1,6}[ \t]|\|)")
_BLANK = re.compile(r"[ \t>]*")
_MARKER = re.compile(r"[ \t>]*(?:(?:[-*+:]|\d{1,9}[.)])[ \t]+)*")
_EXPRESSION = re.compile(
    r"\{\{((?:[^'\"{}]|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|\{[^{}]*\}|\}(?!\}))*)\}\}"
)
_SHORTCODE = re.compile(r"\{\{[<%][^{}\n]*[>%]\}\}")
_DISPLAY_END = re.compile(r"\\.|\$\$?|\n[ \t>]*(?=\n|\Z)", re.DOTALL)
_AFTER_DISPLAY = re.compile(rf"[ \t]*(?:{LIST.pattern})?[ \t]*(?=\n|\Z)")
_TRIMMING = re.compile(
    r"\{\{[-+](?=[^{}]*\b(?:value|string|table|parameter)\b)"
    r"|\b(?:value|string|table|parameter)\b[^{}]*[-+]\}\}"
)
_BRACKETS = {"\\[": ("\\]", "$$ … $$"), "\\(": ("\\)", "$…$")}


def pieces_of(text: str, problems: Problems, line: int = 1) -> list[Piece]:
    """The pieces of `text`, whose first line has the number `line`."""
    scanner = _Scanner(text, problems, line)
    scanner.scan()
    return scanner.pieces


_MOST_MARKS = 1000  # of one kind in a paragraph: reading takes the square of their number


def check_marks(pieces: list[Piece], problems: Problems) -> bool:
    """Note each paragraph with so many marks that reading it would take minutes; whether any."""
    prose = [
        piece.text if piece.kind == "prose" else "\n" * piece.text.count("\n") for piece in pieces
    ]
    found = False
    counts: dict[str, int] = {}
    for number, line in enumerate("".join(prose).split("\n"), pieces[0].line if pieces else 1):
        if not line.strip() or line.lstrip().startswith("|"):
            counts = {}
        for mark in "[<&*_`":
            if mark in line:
                counts[mark] = counts.get(mark, 0) + line.count(mark)
                if counts[mark] > _MOST_MARKS:
                    message = f"more than {_MOST_MARKS} marks '{mark}' in one paragraph"
                    problems.add(number, message, "put data into a fence: ```text")
                    counts[mark] = 0
                    found = True
    return found


@dataclass(slots=True)
class _Scanner:
    text: str
    problems: Problems
    line: int  # of the character at `done`
    done: int = 0  # everything before it is in `pieces`
    pieces: list[Piece] = field(default_factory=list)

    def scan(self) -> None:
        """Fill `pieces`."""
        position = 0
        while match := _START.search(self.text, position):
            kind = match.lastgroup if match.lastgroup != "ticks" else "fence"
            assert kind is not None
            start = match.start("ticks") if kind == "fence" else match.start()
            position = getattr(self, f"_{kind}")(match, start)
        self._prose(len(self.text))

    def _prose(self, end: int) -> None:
        if end > self.done:
            self._add("prose", end)

    def _add(self, kind: Kind, end: int, content: str = "", info: str = "") -> None:
        text = self.text[self.done : end]
        alone = kind != "prose" and self._alone(self.done, end)
        self.pieces.append(Piece(kind, text, self.line, content, info, alone))
        self.line += text.count("\n")
        self.done = end

    def _emit(self, kind: Kind, start: int, end: int, content: str, info: str = "") -> int:
        self._prose(start)
        self._add(kind, end, content, info)
        return end

    def _problem(self, position: int, message: str, hint: str = "") -> None:
        line = self.line + self.text.count("\n", self.done, position)
        self.problems.add(line, message, hint)

    def _limit(self, position: int) -> int:
        """The end of the paragraph (cell, heading) that `position` stands in."""
        start = self.text.rfind("\n", 0, position) + 1
        if _ONE_LINE.match(self.text, start):
            end = self.text.find("\n", position)
            return len(self.text) if end < 0 else end
        match = _LIMIT.search(self.text, position)
        return match.start() if match else len(self.text)

    def _alone(self, start: int, end: int) -> bool:
        """Whether nothing but a list marker or a quotation mark shares the lines of a stretch."""
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        line_end = self.text.find("\n", end)
        after = self.text[end : line_end if line_end >= 0 else len(self.text)]
        return bool(_MARKER.fullmatch(before)) and not after.strip()

    def _escape(self, match: re.Match[str], start: int) -> int:
        trap = _BRACKETS.get(match[0])
        if trap and trap[0] in self.text[match.end() : self._limit(start)]:
            self._problem(
                start,
                f"{match[0]} … {trap[0]} is no maths here: it would print plain brackets",
                f"write {trap[1]} (for a plain bracket, escape only the opening one)",
            )
        return match.end()

    def _comment(self, match: re.Match[str], start: int) -> int:
        """Take an author's comment out of the text; its lines stay, so that others keep theirs."""
        close = "-->" if match[0] == "<!--" else "#}"
        end = self.text.find(close, match.end())
        if end < 0:
            self._problem(
                start,
                f"a comment opens with {match[0]} and is never closed",
                f"close it with {close}, or write \\{match[0][0]} for the character itself",
            )
            return match.end()
        if ends_a_list(self.text, start, end + len(close)):
            self._problem(start, *BETWEEN_ITEMS)
        comment, rest = self.text[start : end + len(close)], self.text[end + len(close) :]
        if not rest.partition("\n")[0].strip():
            # Two spaces at the end of a line would break it.
            start = max(self.done, len(self.text[:start].rstrip(" \t")))
        self.text = self.text[:start] + "\n" * comment.count("\n") + rest
        return start

    def _fence(self, match: re.Match[str], start: int) -> int:
        prefix, ticks = match["prefix"], match["ticks"]
        info_end = self.text.find("\n", start)
        info_end = len(self.text) if info_end < 0 else info_end
        quoted = r"[ \t>]*" if ">" in prefix else rf"[ \t]{{0,{len(prefix.expandtabs(4)) + 3}}}"
        close = re.compile(rf"^{quoted}{ticks[0]}{{{len(ticks)},}}[ \t]*$", re.MULTILINE)
        end = close.search(self.text, info_end)
        if not end:
            self._problem(
                start,
                f"a code block opens with {ticks} and is never closed",
                f"close it with {ticks} alone on its line",
            )
            return self._emit("fence", start, len(self.text), self.text[info_end + 1 :])
        code = self.text[info_end + 1 : max(end.start() - 1, info_end + 1)]
        if ">" in prefix and code and (bare := without_mark(code)) is not None:
            self._problem(info_end + 1 + bare, *NOT_QUOTED)
        content = "\n".join(_unprefixed(line, prefix) for line in code.split("\n"))
        info = self.text[start + len(ticks) : info_end].strip()
        return self._emit("fence", start, end.end(), content, info)

    def _code(self, match: re.Match[str], start: int) -> int:
        ticks = match[0]
        close = re.compile(rf"(?<!`){ticks}(?!`)")
        end = close.search(self.text, match.end(), self._limit(start))
        if not end:
            self._problem(
                start,
                f"code opens with {ticks} and is not closed in this paragraph",
                f"close it with {ticks}, or write \\` for the character itself",
            )
            return match.end()
        content = re.sub(r"\n[ \t>]*", " ", self.text[match.end() : end.start()])
        if content.strip() and content[0] == content[-1] == " ":
            content = content[1:-1]
        return self._emit("code", start, end.end(), content)

    def _display(self, match: re.Match[str], start: int) -> int:
        position = match.end()
        while end := _DISPLAY_END.search(self.text, position):
            if end[0] == "$":
                self._problem(end.start(), *_NESTED)
            elif end[0][0] != "\\":
                break
            position = end.end()
        if not end or end[0] != "$$":
            self._problem(
                start,
                "a formula opens with $$ and is not closed before a blank line",
                "close it with $$; a formula holds no blank line",
            )
            return match.end()
        self._check_display_room(start, end.end())
        content = self.text[match.end() : end.start()]
        self._check_trimming(content, match.end())
        if ">" in self.text[self.text.rfind("\n", 0, start) + 1 : start]:
            content = re.sub(r"\n[ \t]*>[ \t]?", "\n", content)
        return self._emit("display", start, end.end(), content)

    def _check_display_room(self, start: int, end: int) -> None:
        """A display formula stands between blank lines, or other readers lose it."""
        line_start = self.text.rfind("\n", 0, start) + 1
        before = self.text[line_start:start]
        above = self._line_above(line_start)
        after = _AFTER_DISPLAY.match(self.text, end)
        below = self._line_below(after.end()) if after else ""
        marked = before.strip(" \t>")
        if not (_MARKER.fullmatch(before) and after) or (above and not marked) or below:
            self._problem(
                start,
                "$$ … $$ stands inside a paragraph",
                "leave a blank line before and after it; write $…$ for a formula in a sentence",
            )

    def _line_above(self, line_start: int) -> str:
        """The nearest line above that is no statement, without quotation marks and spaces."""
        while line_start > 0:
            previous = self.text.rfind("\n", 0, line_start - 1) + 1
            line = self.text[previous : line_start - 1].strip(" \t>")
            if not line.startswith("{%"):
                return line
            line_start = previous
        return ""

    def _line_below(self, line_end: int) -> str:
        """The nearest line below that is no statement, without quotation marks and spaces."""
        while line_end < len(self.text):
            end = self.text.find("\n", line_end + 1)
            end = len(self.text) if end < 0 else end
            line = self.text[line_end + 1 : end].strip(" \t>")
            if not line.startswith("{%"):
                return line
            line_end = end
        return ""

    def _inline(self, match: re.Match[str], start: int) -> int:
        limit = self._limit(start)
        following = self.text[start + 1 : start + 2]
        if not following or following.isspace() or start + 1 >= limit:
            self._problem(
                start, "a $ opens no formula", "write \\$ for a dollar sign; $x$ has no inner space"
            )
            return match.end()
        position, depth, nested = start + 1, 0, 0
        while position < limit:
            character = self.text[position]
            if character == "\\":
                position += 2
                continue
            if character == "$" and depth <= 0:
                return self._close_inline(start, position, nested)
            if character == "$":
                nested = nested or position
            depth += (character == "{") - (character == "}")
            position += 1
        self._problem(
            start,
            "the braces of this formula don't balance"
            if nested
            else "a formula opens with $ and is not closed in this paragraph",
            "close it with $ and balance its braces; write \\$ for a dollar sign",
        )
        return nested + 1 if nested else match.end()

    def _close_inline(self, start: int, end: int, nested: int) -> int:
        if nested:
            self._problem(nested, *_NESTED)
        elif self.text[end - 1].isspace() or self.text[end + 1 : end + 2].isdigit():
            self._problem(
                start,
                f"is {' '.join(self.text[start : end + 1].split())} a formula or money?",
                "write \\$ for a dollar sign; a formula has no space inside its dollars and no "
                "digit behind them",
            )
        if self.text[start + 1] == self.text[end - 1] == "`":
            self._problem(start, "$`…`$ draws its backticks here", "write $…$ without them")
        self._check_trimming(self.text[start:end], start)
        content = re.sub(r"\n[ \t>]*", " ", self.text[start + 1 : end])
        return self._emit("inline", start, end + 1, content)

    def _statement(self, match: re.Match[str], start: int) -> int:
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        end = self.text.find("%}", start, line_end)
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        # Its line goes, and what stood before it on that line would open a list or a quotation.
        if end < 0 or before.strip() or not self._alone(start, end + 2):
            self._problem(
                start,
                "{% … %} does not stand alone on its line",
                "put it on a line of its own, or into code for its letters",
            )
            return line_end if end < 0 else self._emit("code", start, end + 2, "")
        content = self.text[match.end() : end].strip()
        return self._emit("statement", start, end + 2, content)

    def _expression(self, match: re.Match[str], start: int) -> int:
        shortcode = _SHORTCODE.match(self.text, start)
        if shortcode:
            self._problem(
                start,
                f"'{shortcode[0]}' is no expression here",
                "write {{ value.name }} for a result, \\newpage for a new page",
            )
            return shortcode.end()
        found = _EXPRESSION.match(self.text, start, self._limit(start))
        if not found:
            self._problem(
                start,
                "{{ is not closed by }} in this paragraph",
                "write {{ value.name }}, or put literal braces into code",
            )
            return match.end()
        self._check_trimming(found[0], start)
        return self._emit("expression", start, found.end(), found[1].strip())

    def _check_trimming(self, text: str, start: int) -> None:
        """{{- x }} trims white space in Jinja and would print −x here: neither is meant."""
        for found in _TRIMMING.finditer(text):
            self._problem(
                start + found.start(),
                "{{- … -}} means nothing here",
                "write {{ value.name }}, or {{ -value.name }} for the opposite number",
            )

    def _attributes(self, match: re.Match[str], start: int) -> int:
        found = LIST.match(self.text, start)
        if found and not re.search(r"\n[ \t>]*\n", found[0]):
            self._check_trimming(found[0], start)
            return self._emit("attributes", start, found.end(), found[0])
        before, after = self.text[max(0, start - 1) : start], self.text[start + 1 : start + 3]
        if (before and before in ")]") or re.match(r"#|\.[A-Za-z]", after):
            self._problem(
                start,
                "a list of attributes that can't be read",
                'write {#fig-name fig-alt="…"} with straight quotes, or \\{ for a brace',
            )
        return match.end()


_NESTED = (
    "a $ inside a formula",
    r"close \text{…} before it: \text{if } x>0; write \$ for a dollar sign",
)


def _unprefixed(line: str, prefix: str) -> str:
    """A line of a code block without the indentation and quotation marks of its opening."""
    width, position = len(prefix), 0
    while position < min(width, len(line)):
        if line[position] not in " \t" and not (line[position] == ">" and ">" in prefix):
            break
        position += 1
    return line[position:]
