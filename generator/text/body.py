"""Blocks of a text → HTML in the forms that templates/README.md lists."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from generator.errors import StudyError
from generator.model import Heading
from generator.text.code import included
from generator.text.highlight import code_html
from generator.text.inline import Line
from generator.text.outline import fence_info, last_attributes, lone_image
from generator.text.page import Desk, Note
from generator.text.pictures import figure_html
from generator.text.tables import result_table_html
from generator.text.templating import Hidden

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
_ALIGNED = {"right": ' class="number"', "center": ' class="center"'}
_ALERT = re.compile(r"\[!([A-Za-z]+)\]\s*")


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
        self._collect_notes()
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
        inline = self._next()
        self._next()
        image = lone_image(inline)
        if image:
            self.parts.append(figure_html(self.desk, image[0], image[1], self._line(token)))
            return
        self._lint(inline)
        if inline.content.strip() == "\\newpage":
            self.parts.append('<hr class="page-break">\n')
            return
        row = (inline.map or [0])[0]
        inner = self.task + Line(self.desk, row).html(inline.children or [])
        self.task = ""
        self.parts.append(inner if token.hidden else f"<p>{inner}</p>\n")

    def _lint(self, inline: Token) -> None:
        """What Markdown would print as plain letters and nobody can have meant."""
        text = inline.content
        if re.match(r"#{2,6}[^\s#]", text):
            self._problem(inline, "a heading needs a space after its #", "write ## Title")
        elif text.startswith(":::"):
            self._problem(
                inline, "::: opens no box here", "write !!! note, and indent its text by four"
            )
        elif re.match(r":[ \t]", text):
            self._problem(
                inline,
                "this caption follows no table",
                "a caption stands directly below its table: : Caption. {#tbl-name}",
            )
        elif re.search(r"^\|?[ \t]*:?-+:?[ \t]*\|[-:| \t]*$", text, re.MULTILINE):
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
            children = children[: _last_attributes_at(children)]
            attributes = self.desk.hidden(number).attributes
            unknown = [*sorted(set(attributes.classes) - {"unnumbered"}), *attributes.values]
            if unknown:
                self._problem(
                    inline, f"'{unknown[0]}' is no attribute of a heading", "only #sec-name is"
                )
        line = Line(self.desk, (inline.map or [0])[0], "heading")
        text = line.html(children).strip()
        if not text:
            self._problem(inline, "a heading without words")
        plain = " ".join("".join(line.plain).split())
        level = min(section.level, 5)
        counter = f'<span class="heading-number">{section.number}</span> ' if section.number else ""
        anchor = html.escape(section.anchor)
        self.parts.append(f'<h{level} id="{anchor}">{counter}{text}</h{level}>\n')
        self.desk.headings.append(Heading(level, section.number, plain, section.anchor))

    def _hr(self, token: Token) -> None:
        self.parts.append("<hr>\n")

    def _html_block(self, token: Token) -> None:
        first = token.content.strip().split("\n")[0][:40]
        if first.startswith("<!--"):
            self._problem(token, "an HTML comment", "delete it: a text keeps no hidden words")
        else:
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
        if hidden.kind == "display":
            self._equation(hidden, attributes)
        elif hidden.kind == "fence":
            self._listing(hidden)
        elif hidden.kind == "table":
            self._table_wrapper_open()
            assert hidden.table is not None
            self.parts.append(result_table_html(self.desk, hidden.table, hidden.line))
            self._table_wrapper_close()

    def _equation(self, hidden: Hidden, attributes: int | None) -> None:
        image = f'<img class="formula display" src="formula:{self.desk.formula(hidden)}" alt="">'
        label = None
        if attributes is not None:
            given = self.desk.hidden(attributes).attributes
            label = self.desk.outline.labels.get(given.label)
            if given.classes or given.values or not given.label:
                unknown = [*given.classes, *given.values, "?"][0]
                self.desk.problems.add(
                    hidden.last_line, f"'{unknown}' is no attribute of an equation", "only #eq-name"
                )
        if label:
            self.parts.append(
                f'<div class="equation" id="{label.name}">{image}'
                f'<span class="equation-number">({label.number})</span></div>\n'
            )
        else:
            self.parts.append(f'<div class="equation">{image}</div>\n')

    def _listing(self, hidden: Hidden) -> None:
        language, attributes = fence_info(hidden.info)
        problems = self.desk.problems
        unknown = [*attributes.classes, *sorted(set(attributes.values) - {"include", "caption"})]
        if unknown or "{" in language:
            name = unknown[0] if unknown else language
            problems.add(
                hidden.line,
                f"'{name}' is no attribute of a code block",
                'there are #lst-name, caption="…" and include=function',
            )
        code = hidden.content
        target = attributes.values.get("include")
        if target:
            if code.strip():
                problems.add(
                    hidden.line,
                    "a code block includes a function and holds code, too",
                    "leave it empty: the function's source is put there",
                )
            code = self._included(target, hidden.line)
        block = code_html(code, language.lower())
        if block is None:
            problems.add(
                hidden.line,
                f"'{language}' is no language that code is highlighted in",
                "write one that Pygments knows, or text",
            )
            return
        self.parts.append(self._listed(block, attributes.label, attributes.values.get("caption")))

    def _included(self, target: str, line: int) -> str:
        try:
            code, label = included(self.desk.root, self.desk.report.folder, target)
        except StudyError as error:
            self.desk.problems.add(line, error.message, error.hint)
            return ""
        self.desk.inputs.add(label)
        return code

    def _listed(self, block: str, name: str, caption: str | None) -> str:
        label = self.desk.outline.labels.get(name)
        if label is None and not caption:
            return block + "\n"
        number = ""
        if label:
            word = self.desk.words.kinds["lst"][0]
            number = f'<span class="caption-number">{word}\u00a0{label.number}.</span> '
        anchor = f' id="{label.name}"' if label else ""
        text = html.escape(caption or "", quote=False)
        return (
            f'<figure class="listing"{anchor}><figcaption>{number}{text}</figcaption>'
            f"{block}</figure>\n"
        )

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
            first = inline.children[0]
            first.content = first.content[len(match[0].rstrip("\n")) :].lstrip()
            while inline.children and (
                inline.children[0].type == "softbreak" or not inline.children[0].content
            ):
                if inline.children[0].type == "softbreak" and inline.map:
                    inline.map[0] += 1
                del inline.children[0]
            self._box(match[1].lower(), "")
        else:
            self.closers.append("</blockquote>\n")
            self.parts.append("<blockquote>\n")

    def _blockquote_close(self, token: Token) -> None:
        self.parts.append(self.closers.pop())

    def _box(self, kind: str, title: str) -> None:
        known = self.desk.words.admonitions
        title = title or html.escape(known.get(kind, kind.title()), quote=False)
        self.parts.append(
            f'<div class="admonition {html.escape(kind)}"><p class="admonition-title">{title}</p>\n'
        )

    def _admonition_open(self, token: Token) -> None:
        kind = token.meta["tag"]
        if not re.fullmatch(r"[a-z]+", kind):
            self._problem(token, f"'{kind}' is no kind of box", "write !!! note")
            kind = "note"
        title = ""
        if self.desk.parsed.tokens[self.index].type == "admonition_title_open":
            inline = self.desk.parsed.tokens[self.index + 1]
            self.index += 3
            if '"' in token.info:
                row = (inline.map or [0])[0]
                title = Line(self.desk, row, "heading").html(inline.children or [])
        if self.desk.parsed.tokens[self.index].type == "admonition_close":
            self._problem(token, "a box with nothing in it", "indent its text by four spaces")
        self._box(kind, title)

    # ------------------------------------------------------------ tables

    def _table_open(self, token: Token) -> None:
        self._check_rows(token)
        self._table_wrapper_open()
        self.parts.append("<table>\n")

    def _table_close(self, token: Token) -> None:
        self.parts.append("</table>\n")
        self._table_wrapper_close()

    def _check_rows(self, token: Token) -> None:
        """A row with more cells than the head loses them, one with fewer is a slip."""
        first, last = token.map or [0, 0]
        lines = self.desk.parsed.expanded.text.split("\n")[first:last]
        columns = _cells(lines[0])
        for offset, line in enumerate(lines[2:], 2):
            if _cells(line) != columns:
                self.desk.problems.add(
                    self.desk.parsed.expanded.source_line(first + offset),
                    f"a row of {_cells(line)} cells in a table of {columns} columns",
                    "a bar inside a cell is \\|, in a formula \\vert or \\mid",
                )

    def _table_wrapper_open(self) -> None:
        """Open the figure of a table that a caption follows."""
        tokens = self.desk.parsed.tokens
        index = self.index
        if tokens[index - 1].type == "table_open":
            while tokens[index].type != "table_close":
                index += 1
            index += 1
        if index < len(tokens) and tokens[index].type == "caption_open":
            self._caption(tokens[index], tokens[index + 1])

    def _table_wrapper_close(self) -> None:
        tokens = self.desk.parsed.tokens
        if self.index < len(tokens) and tokens[self.index].type == "caption_open":
            self.index += 3
            self.parts.append("</figure>\n")

    def _caption(self, opening: Token, inline: Token) -> None:
        number = last_attributes(inline)
        children = list(inline.children or [])
        label = None
        if number is None:
            self._problem(opening, "a table's caption without a label", "end it with {#tbl-name}")
        else:
            children = children[: _last_attributes_at(children)]
            attributes = self.desk.hidden(number).attributes
            label = self.desk.outline.labels.get(attributes.label)
            unknown = [*attributes.classes, *attributes.values]
            if unknown:
                self._problem(
                    opening, f"'{unknown[0]}' is no attribute of a table", "only #tbl-name is"
                )
        anchor = f' id="{label.name}"' if label else ""
        self.parts.append(f'<figure class="table"{anchor}><figcaption>')
        if label:
            word = self.desk.words.kinds["tbl"][0]
            self.parts.append(f'<span class="caption-number">{word}\u00a0{label.number}.</span> ')
        before = len(self.parts)
        self._inline_html(inline, "caption", children)
        self.parts[before] = self.parts[before].strip()
        if not self.parts[before]:
            self._problem(opening, "a table's caption without words", ": Caption. {#tbl-name}")
        self.parts.append("</figcaption>")

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

    # ------------------------------------------------------------ footnotes

    def _collect_notes(self) -> None:
        """Take the notes out of the text: they are printed where they are called."""
        kept: list[Token] = []
        tokens = self.desk.parsed.tokens
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type != "footnote_reference_open":
                kept.append(token)
                index += 1
                continue
            end = index
            while tokens[end].type != "footnote_reference_close":
                end += 1
            self._collect_note(token, tokens[index + 1 : end])
            index = end + 1
        # Sections are found by the number of their token, which must not change.
        if len(kept) != len(tokens):
            shifted = {}
            positions = {id(token): number for number, token in enumerate(kept)}
            for number, section in self.desk.outline.sections.items():
                shifted[positions[id(tokens[number])]] = section
            self.desk.outline.sections = shifted
            tokens[:] = kept

    def _collect_note(self, opening: Token, content: Sequence[Token]) -> None:
        label = str(opening.meta["label"])
        line = self._line(opening)
        if label in self.desk.notes:
            self.desk.problems.add(line, f"the note [^{label}] is there twice")
            return
        types = [token.type for token in content]
        if types != ["paragraph_open", "inline", "paragraph_close"]:
            self.desk.problems.add(
                line, f"the note [^{label}] is not one paragraph", "put the rest into the text"
            )
        row = (opening.map or [0])[0]
        inline = next((token for token in content if token.type == "inline"), None)
        self.desk.notes[label] = Note(inline, row)


def _last_attributes_at(children: Sequence[Token]) -> int:
    """Where in `children` the attribute list at their end stands."""
    return max(i for i, child in enumerate(children) if child.type == "attributes")


def _task(inline: Token | None) -> str:
    """The sign in the brackets of a task, "" for an ordinary item."""
    first = inline.children[0] if inline and inline.children else None
    match = re.match(r"\[([ xX])\] ", first.content) if first and first.type == "text" else None
    return match[1] if match else ""


def _cells(line: str) -> int:
    line = line.strip().lstrip("> ").strip()
    line = line.removeprefix("|")
    line = re.sub(r"\|$", "", line) if not line.endswith("\\|") else line
    return len(re.findall(r"(?<!\\)\|", line)) + 1
