"""Blocks of a text → HTML in the forms that templates/README.md lists."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from generator.model import Heading
from generator.text.html.boxes import box_html, check_kind, opening
from generator.text.html.code import listing_html
from generator.text.html.context import Desk
from generator.text.html.decimals import aligned_numbers
from generator.text.html.equations import equation_html
from generator.text.html.foreign import foreign
from generator.text.html.inline import Line
from generator.text.html.notes import collect_notes
from generator.text.html.panels import panels_html
from generator.text.html.pictures import figure_html
from generator.text.html.tables import caption_html, check_rows, result_table_html
from generator.text.markdown.outline import last_attributes, lone_image, panels, without_attributes

_SIMPLE = {
    "bullet_list_close": "</ul>\n",
    "ordered_list_close": "</ol>\n",
    "list_item_close": "</li>\n",
    "dl_open": "<dl>\n",
    "dl_close": "</dl>\n",
    "dt_open": "<dt>",
    "dt_close": "</dt>\n",
    "dd_open": "<dd>",
    "dd_close": "</dd>\n",
    "thead_open": "<thead>\n",
    "thead_close": "</thead>\n",
    "tbody_open": "<tbody>\n",
    "tbody_close": "</tbody>\n",
    "tr_close": "</tr>\n",
    "th_close": "</th>",
    "td_close": "</td>",
    "admonition_close": "</div>\n",
}
_RULE = re.compile(r"^\|?[ \t]*:?-+:?[ \t]*\|[-:| \t]*$", re.MULTILINE)
_UNRULED = re.compile(r"\|.*\|[ \t]*(?:\n\|.*\|[ \t]*)+")  # rows without a second line of dashes
_ALIGNED = {"right": ' class="number"', "center": ' class="center"'}
_ALERT = re.compile(r"\[!([A-Za-z]+)\][ \t]*")


@dataclass(slots=True)
class Body:
    """Walks through the block tokens of one text."""

    desk: Desk
    index: int = 0
    parts: list[str] = field(default_factory=list)
    closers: list[str] = field(default_factory=list)  # of quotations that became boxes
    task: str = ""  # the box of the task whose first paragraph comes next

    def html(self) -> str:
        """The whole text."""
        for found in foreign(self.desk.parsed.expanded, self.desk.parsed.tokens):
            self.desk.problems.add(*found)
        collect_notes(self.desk)
        tokens = self.desk.parsed.tokens
        while self.index < len(tokens):
            token = tokens[self.index]
            self.index += 1
            simple = _SIMPLE.get(token.type)
            if simple is not None:
                self.parts.append(simple)
            else:
                getattr(self, f"_{token.type}")(token)
        return "".join(self.parts)

    def _line(self, token: Token) -> int:
        return self.desk.parsed.expanded.source_line((token.map or [0])[0])

    def _problem(self, token: Token, message: str, hint: str = "") -> None:
        self.desk.problems.add(self._line(token), message, hint)

    def _next(self) -> Token:
        token = self.desk.parsed.tokens[self.index]
        self.index += 1
        return token

    def _inline_html(self, inline: Token, place: str, children: Sequence[Token] | None) -> Line:
        """Render into `parts`; the Line knows the plain text."""
        line = Line(self.desk, (inline.map or [0])[0], place)
        self.parts.append(line.html(children if children is not None else inline.children or []))
        return line

    # ------------------------------------------------------------ paragraphs

    def _paragraph_open(self, token: Token) -> None:
        row = panels(self.desk.parsed.tokens, self.index - 1)
        inline = self._next()
        self._next()
        if row:
            caption = self.desk.parsed.tokens[self.index + 1]
            self.index += 3
            self.parts.append(panels_html(self.desk, row, caption, (token.map or [0])[0]))
            return
        image = lone_image(inline)
        if image:
            self.parts.append(figure_html(self.desk, image[0], image[1], (token.map or [0])[0]))
            return
        self._lint(inline)
        if inline.content.strip() == "\\newpage":
            self.parts.append('<hr class="page-break">\n')
            return
        start = (inline.map or [0])[0]
        place = "quotation" if "</blockquote>\n" in self.closers else "paragraph"
        inner = self.task + Line(self.desk, start, place).html(inline.children or [])
        self.task = ""
        if inner:  # nothing is left of a paragraph that only named a box, or quoted ""
            self.parts.append(inner if token.hidden else f"<p>{inner}</p>\n")

    def _lint(self, inline: Token) -> None:
        """What Markdown would print as plain letters and nobody can have meant."""
        text = inline.content
        if re.search(r"^#{2,6}[^\s#]|^#{7,}", text, re.MULTILINE):
            self._problem(inline, "a heading needs a space after its #", "write ## Title")
        elif re.match(r":[ \t]", text):
            self._problem(
                inline,
                "this caption follows no table",
                "a caption stands directly below its table: : Caption. {#tbl-name}",
            )
        elif _UNRULED.fullmatch(text) or _RULE.search(text):
            self._problem(
                inline,
                "this table is not recognised",
                "its second line needs as many columns as its first",
            )

    def _heading_open(self, token: Token) -> None:
        section = self.desk.outline.sections[self.index - 1]
        inline = self._next()
        self._next()
        children = list(inline.children or [])
        number = last_attributes(inline)
        if number is not None:
            children = without_attributes(children)
            attributes = self.desk.hidden(number).attributes
            known = {"unnumbered", "appendix"}
            unknown = [*sorted(set(attributes.classes) - known), *attributes.values]
            if unknown:
                self._problem(
                    inline, f"'{unknown[0]}' is no attribute of a heading", "only #sec-name is"
                )
        line = Line(self.desk, (inline.map or [0])[0], "heading")
        text = line.html(children).strip()
        if not text:
            self._problem(inline, "a heading without words", "write ## Title")
        plain = " ".join("".join(line.plain).split())
        level = min(section.level, 5)
        counter = f'<span class="heading-number">{section.number}</span> ' if section.number else ""
        anchor = html.escape(section.anchor)
        kind = ' class="appendix"' if section.appendix and level == 2 else ""
        self.parts.append(f'<h{level} id="{anchor}"{kind}>{counter}{text}</h{level}>\n')
        self.desk.headings.append(Heading(level, section.number, plain, section.anchor))

    def _hr(self, token: Token) -> None:
        self.parts.append("<hr>\n")

    def _html_block(self, token: Token) -> None:
        first = token.content.strip().split("\n")[0][:40]
        if not first.startswith("<!--"):  # one that is never closed has been reported
            self._problem(token, f"raw HTML: {first}", "write Markdown, or put it into code")

    def _code_block(self, token: Token) -> None:
        self._problem(
            token,
            "a line indented by four or more is code for other readers",
            "take the indentation out, or put code between ``` and ```",
        )

    def _fence(self, token: Token) -> None:
        raise AssertionError("the lexer takes every fence out")

    # ------------------------------------------------------------ hidden blocks

    def _hidden_block(self, token: Token) -> None:
        hidden = self.desk.hidden(token.meta["hidden"])
        attributes = token.meta["attributes"]
        if attributes is not None and hidden.kind != "display":
            self._problem(
                token,
                "attributes behind a table or code block belong to nothing",
                "a table's stand at the end of its caption, a code block's in its first line",
            )
        if token.meta["deep"]:
            self._code_block(token)
        if hidden.kind == "display":
            self.parts.append(equation_html(self.desk, hidden, attributes))
        elif hidden.kind == "fence":
            self.parts.append(listing_html(self.desk, hidden))
        elif hidden.kind in ("table", "gone"):
            self._table_wrapper_open()
            if hidden.table is not None:
                self.parts.append(result_table_html(self.desk, hidden.table, hidden.line))
            self._table_wrapper_close()

    # ------------------------------------------------------------ lists, quotations, boxes

    def _bullet_list_open(self, token: Token) -> None:
        tasks = any(_task(item) for item in self._items(token))
        self.parts.append('<ul class="task-list">\n' if tasks else "<ul>\n")

    def _ordered_list_open(self, token: Token) -> None:
        start = token.attrs.get("start")
        self.parts.append(f'<ol start="{start}">\n' if start not in (None, 1) else "<ol>\n")

    def _items(self, opening: Token) -> list[Token | None]:
        """The first inline token of each item of the list that `opening` opens."""
        found: list[Token | None] = []
        tokens = self.desk.parsed.tokens
        for index in range(self.index, len(tokens)):
            token = tokens[index]
            if token.level == opening.level and token.type == "bullet_list_close":
                break
            if token.level == opening.level + 1 and token.type == "list_item_open":
                following = tokens[index + 2]
                found.append(following if following.type == "inline" else None)
        return found

    def _list_item_open(self, token: Token) -> None:
        inline = self.desk.parsed.tokens[min(self.index + 1, len(self.desk.parsed.tokens) - 1)]
        task = _task(inline if inline.type == "inline" else None)
        if not task or not inline.children:
            self.parts.append("<li>")
            return
        inline.children[0].content = inline.children[0].content[4:]
        checked = " checked" if task in "xX" else ""
        self.parts.append('<li class="task-list-item">')
        self.task = f'<input type="checkbox" disabled{checked}> '

    def _blockquote_open(self, token: Token) -> None:
        inline = self.desk.parsed.tokens[min(self.index + 1, len(self.desk.parsed.tokens) - 1)]
        match = _ALERT.match(inline.content) if inline.type == "inline" else None
        if match and inline.children:
            self.closers.append("</div>\n")
            if inline.content[match.end() :].partition("\n")[0].strip():
                self._problem(
                    inline,
                    f"{match[0].strip()} does not stand alone on its line",
                    'put the text on the next line; a box with a title is !!! note "Title"',
                )
            check_kind(self.desk, self._line(inline), match[1].lower())
            _drop_alert(inline, match[0])
            self.parts.append(opening(self.desk, match[1].lower(), ""))
        else:
            self.closers.append("</blockquote>\n")
            self.parts.append("<blockquote>\n")

    def _blockquote_close(self, token: Token) -> None:
        self.parts.append(self.closers.pop())

    def _admonition_open(self, token: Token) -> None:
        title = None
        if self.desk.parsed.tokens[self.index].type == "admonition_title_open":
            if '"' in token.info:
                title = self.desk.parsed.tokens[self.index + 1]
            self.index += 3
        if self.desk.parsed.tokens[self.index].type == "admonition_close":
            self._problem(token, "a box with nothing in it", "indent its text by four spaces")
        self.parts.append(box_html(self.desk, token, title))

    # ------------------------------------------------------------ tables

    def _table_open(self, token: Token) -> None:
        check_rows(self.desk, token)
        self._table_wrapper_open()
        self.parts.append("<table>\n")

    def _table_close(self, token: Token) -> None:
        parts, opening = self.parts, len(self.parts) - 1 - self.parts[::-1].index("<table>\n")
        parts[opening:] = [aligned_numbers("".join(parts[opening:]) + "</table>\n")]
        self._table_wrapper_close()

    def _table_wrapper_open(self) -> None:
        """Open the figure of a table that a caption follows."""
        tokens = self.desk.parsed.tokens
        index = self.index
        if tokens[index - 1].type == "table_open":
            while tokens[index].type != "table_close":
                index += 1
            index += 1
        if index < len(tokens) and tokens[index].type == "caption_open":
            self.parts.append(caption_html(self.desk, tokens[index + 1]))

    def _table_wrapper_close(self) -> None:
        tokens = self.desk.parsed.tokens
        if self.index < len(tokens) and tokens[self.index].type == "caption_open":
            self.index += 3
            self.parts.append("</figure>\n")

    def _tr_open(self, token: Token) -> None:
        self.parts.append("<tr>")

    def _cell(self, token: Token) -> None:
        inline = self._next()
        align = str(token.attrs.get("style", "")).partition(":")[2]
        scope = ' scope="col"' if token.tag == "th" else ""
        self.parts.append(f"<{token.tag}{scope}{_ALIGNED.get(align, '')}>")
        self._inline_html(inline, "head" if token.tag == "th" else "cell", None)

    _th_open = _td_open = _cell

    def _inline(self, token: Token) -> None:
        """The words of a term in a definition list: every other block takes its own."""
        self._inline_html(token, "paragraph", None)


def _drop_alert(inline: Token, mark: str) -> None:
    """Take the line "[!NOTE]" out of the paragraph that it opens."""
    assert inline.children
    first = inline.children[0]
    first.content = first.content[len(mark.rstrip()) :].lstrip()
    if not first.content:
        del inline.children[0]
    if inline.children and inline.children[0].type == "softbreak":
        del inline.children[0]
        inline.map = [(inline.map or [0])[0] + 1, 0]


def _task(inline: Token | None) -> str:
    """The sign in the brackets of a task, "" for an ordinary item."""
    first = inline.children[0] if inline and inline.children else None
    match = re.match(r"\[([ xX])\] ", first.content) if first and first.type == "text" else None
    return match[1] if match else ""
