"""What stands inside a line: emphasis, links, formulas, references, citations, footnotes."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from generator.addresses import SCHEMES, scheme
from generator.text.html.context import Desk
from generator.text.html.foreign import runs_code
from generator.text.html.letters import set_letters
from generator.text.html.references import References
from generator.text.html.stray_marks import stray_marks
from generator.text.html.terms import term_tags
from generator.text.korean.aloud import Aloud

_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_TAGS = {"em": "em", "strong": "strong", "s": "del"}
# After these a quotation mark sees the letter before, not "some word".
_KEEPS_LAST = (
    "text", "text_special", "softbreak", "hardbreak", "em_open", "em_close", "strong_open",
    "strong_close", "s_open", "s_close", "span_open", "span_close", "link_open", "link_close",
)  # fmt: skip
_SMALL = {"smallcaps": ('<span class="smallcaps">', "</span>")}
_MARKS = _SMALL | {name: (f"<{name}>", f"</{name}>") for name in ("sub", "sup", "kbd", "mark")}
_LINKS = ("link_open", "reference", "citation", "group")


@dataclass(slots=True)
class Line:
    """Renders the tokens of one stretch of text and knows in which line it is.

    row: the current line of the expanded text, from 0. place: what the stretch is ("paragraph",
    "heading", "caption", "cell", "head", "note"): not everything may stand everywhere.
    """

    desk: Desk
    row: int
    place: str = "paragraph"
    last: str = ""  # the character before, for quotation marks
    seen: int = 0  # the last source line of a piece that spans lines
    links: int = 0  # links that are open
    spans: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    aloud: Aloud = field(default_factory=Aloud)

    @property
    def line(self) -> int:
        """The line of the source that is being read."""
        return max(self.desk.parsed.expanded.source_line(self.row), self.seen)

    def problem(self, message: str, hint: str = "") -> None:
        """Note a problem in the current line."""
        self.desk.problems.add(self.line, message, hint)

    def html(self, tokens: Sequence[Token]) -> str:
        """The HTML of `tokens`; `plain` fills with the text alone."""
        parts = []
        for token, before in zip(tokens, [None, *tokens], strict=False):
            if token.type == "attributes" and before and before.type == "image":
                continue  # that the picture stands inside a paragraph has been said
            if self.links and token.type in _LINKS:
                self.problem("a link inside a link", "end the first one before the second")
            parts.append(part := getattr(self, f"_{token.type}")(token))
            if part and token.type not in _KEEPS_LAST:
                self.last = "x"
        return "".join(parts)

    # ------------------------------------------------------------ letters

    def _say(self, text: str) -> None:
        self.plain.append(text)
        self.aloud.say(text)

    def _text(self, token: Token) -> str:
        text = token.content
        stray = stray_marks(text)
        if stray:
            self.problem(*stray)
        if self.desk.korean and self.place != "quotation":
            text = self.aloud.with_particles(text, self.problem)
        self._say(text)
        result = set_letters(text, self.last, link=not self.links)
        self.last = text[-1:] or self.last
        return result

    def _text_special(self, token: Token) -> str:
        tex = token.markup if token.markup in ("\\,", "\\;") else token.content
        if re.fullmatch(r"\\[A-Za-z,;]", tex) and not self._formula_is_open():
            self.problem(
                f"{tex}… looks like TeX, and no formula is here",
                "put it between dollars: $…$; a path on a disk is code",
            )
        self._say(token.content)
        self.last = token.content[-1:] or self.last
        return html.escape(token.content, quote=False)

    def _formula_is_open(self) -> bool:
        """Whether a formula above could not be read, so that TeX stands about in the text."""
        return any(
            problem.where is not None and (problem.where.line or 0) <= self.line
            for problem in self.desk.problems.found
            if problem.message.startswith(("a formula opens", "the braces of this formula"))
        )

    def _softbreak(self, token: Token) -> str:
        self.row += 1
        self.last = " "
        self._say(" ")
        return "\n"

    def _hardbreak(self, token: Token) -> str:
        self.row += 1
        self.last = ""
        self._say(" ")
        return "<br>\n"

    def _tag(self, token: Token) -> str:
        return f"<{'/' * (token.nesting < 0)}{_TAGS[token.tag]}>"

    _em_open = _em_close = _strong_open = _strong_close = _s_open = _s_close = _tag

    def _html_inline(self, token: Token) -> str:
        if self.place in ("cell", "head") and _BREAK.fullmatch(token.content):
            self._say(" ")
            return "<br>"  # a row of a table is one line, and GitHub knows no other way
        closing = token.content.startswith("</") and self.desk.raw_html
        if closing or token.content.startswith("<!--"):
            return ""  # its opening, or that the comment is never closed, has been reported
        self.desk.raw_html = True
        self.problem(
            f"raw HTML: {' '.join(token.content.split())[:40]}",
            "write Markdown; for the characters themselves write \\< or code",
        )
        return ""

    # ------------------------------------------------------------ pieces

    def _hidden(self, token: Token) -> str:
        hidden = self.desk.hidden(token.meta["hidden"])
        self.seen = max(self.seen, hidden.last_line)
        self.plain.append(hidden.plain)
        if hidden.kind == "inline":
            self.aloud.say_formula(hidden.content)
        else:
            self.aloud.say(hidden.plain, computed=hidden.kind == "value")
        if hidden.kind == "value":
            return hidden.html
        if hidden.kind == "inline":
            if self.place in ("cell", "head") and "|" in hidden.content:
                self.problem(
                    "a | in a formula splits the table's cell for other readers",
                    "write \\vert, \\mid or \\Vert",
                )
            return f'<img class="formula" src="formula:{self.desk.formula(hidden)}" alt="">'
        if hidden.kind == "code":
            code = hidden.content
            if runs := runs_code(hidden):
                self.problem(*runs)
            if self.place in ("cell", "head"):
                code = code.replace("\\|", "|")  # GitHub wants a bar in a cell escaped
            return f"<code>{html.escape(code, quote=False)}</code>"
        if hidden.kind == "table":
            self.problem("a table stands alone on its line", "leave blank lines around it")
        elif hidden.kind == "fence":
            self.problem("a code block starts inside a line", "start it on a line of its own")
        return ""  # a display formula here has been reported by the lexer

    def _attributes(self, token: Token) -> str:
        hidden = self.desk.hidden(token.meta["hidden"])
        attributes = hidden.attributes
        first = [
            *([f"#{attributes.label}"] if attributes.label else []),
            *(f".{name}" for name in attributes.classes),
            *(f"{name}=…" for name in attributes.values),
        ]
        self.desk.problems.add(
            hidden.line,
            f"the attributes {{{' '.join(first)}}} belong to nothing here",
            "they follow an image, a [span], a heading, a caption or $$ directly; \\{ is a brace",
        )
        return ""

    def _image(self, token: Token) -> str:
        self.problem(
            "a picture inside a paragraph", "leave a blank line before and after the picture"
        )
        return ""

    # ------------------------------------------------------------ spans and links

    def _span_open(self, token: Token) -> str:
        attributes = self.desk.hidden(token.meta["hidden"]).attributes
        classes = set(attributes.classes)
        if "term" in classes and set(attributes.values) <= {"of"} and not attributes.label:
            opening, closing = term_tags(self.desk, token.meta["words"], attributes, self.line)
            self.spans.append(closing)
            return opening
        if (
            len(classes) == 1
            and classes <= _MARKS.keys()
            and not (attributes.values or attributes.label)
        ):
            opening, closing = _MARKS[attributes.classes[0]]
            self.spans.append(closing)
            if opening == "<sub>":
                self.aloud.say("\u2060")  # x₃ is no name with a number, as GPT-3 is
            return opening
        unknown = sorted(classes - {"const", "quoted"})
        unknown += sorted(set(attributes.values) - {"cite", "lang"})
        if unknown or attributes.label or attributes.doubles:
            name = unknown[0] if unknown else attributes.label or attributes.doubles[0]
            self.problem(
                f"'{name}' is no attribute of a span",
                ".const, .quoted cite=key, .term, .sub, .sup, .kbd, .mark, .smallcaps, lang=ko are",
            )
        if "quoted" in classes:
            return self._quoted(attributes.values.get("cite", ""))
        self.spans.append("</span>")
        language = attributes.values.get("lang")
        if language:
            return f'<span lang="{html.escape(language)}">'
        return '<span class="const">'

    def _quoted(self, key: str) -> str:
        """A number from somebody's work leads to that work in the list of references."""
        self.spans.append("</a>")
        if self.links:
            self.problem("a .quoted number inside a link", "end the link before it")
        if not key:
            self.problem("a .quoted number names no source", "write [0.5]{.quoted cite=key}")
        elif not self.desk.citations.known(key):
            self._references.unknown_key(key)
        return f'<a class="quoted" href="#ref-{html.escape(key)}">'

    def _span_close(self, token: Token) -> str:
        closing = self.spans.pop()
        if closing == "</sup>":
            self.aloud.say("ⁿ")
        return closing

    def _link_open(self, token: Token) -> str:
        address = str(token.attrs.get("href", ""))
        if token.attrs.get("title"):
            self.problem("a link's title is not printed", "say it in the sentence")
        if "%EE%80%80" in address or "\ue000" in address:
            self.problem("an expression in a link's address", "write the address itself")
        elif address.startswith("#"):
            name = address[1:]
            if name in self.desk.outline.labels:
                self.desk.referred.add(name)
            else:
                self.problem(f"a link to {address}, which is not there", "write @label instead")
        elif scheme(address) not in SCHEMES:
            self.problem(
                f"a link to '{address}', which no reader of the PDF has",
                "write https://…, or @week-07:sec-name for another report",
            )
        self.links += 1
        return f'<a href="{html.escape(address)}">'

    def _link_close(self, token: Token) -> str:
        self.links -= 1
        return "</a>"

    # ------------------------------------------------------------ references

    @property
    def _references(self) -> References:
        return References(self.desk, self.line, self.plain)

    def _reference(self, token: Token) -> str:
        start = len(self.plain)
        reference = self._references.refer(token.meta)
        self.aloud.say("".join(self.plain[start:]), computed=True)
        return reference

    def _citation(self, token: Token) -> str:
        key, only = token.meta["key"], bool(token.meta["only"])
        if only or not self.desk.citations.known(key):
            self.aloud.pass_over()
        else:
            self.aloud.say(self.desk.citations.names(key)[0])  # the year in brackets isn't read
        return self._references.cite(key, only=only)

    def _group(self, token: Token) -> str:
        start = len(self.plain)
        cited = self._references.group(token.meta["items"])
        if cited.startswith("("):
            self.aloud.pass_over()
        else:
            self.aloud.say(", ".join(self.plain[start:]))
        self.row += int(token.meta["lines"])
        return cited

    # ------------------------------------------------------------ footnotes

    def _footnote_ref(self, token: Token) -> str:
        label = token.meta.get("label")
        if self.place in _PLACES:
            place, instead = _PLACES[self.place]
            self.problem(f"a footnote in a {place}", instead)
            self.desk.referred.add(f"fn-{label}")  # that it is called has been said
            return ""
        if label is None:
            name = f"-{token.meta['id'] + 1}"  # "fn--1": no author's label gives that
            tokens = self.desk.parsed.notes.get(token.meta["id"], [])
            inner = Line(self.desk, self.row, "note").html(tokens)
            return f'<span class="footnote" id="fn-{name}">{inner}</span>'
        note = self.desk.notes.get(label)
        if note is None:
            self.problem(f"[^{label}] has no note", f"write [^{label}]: Text of the note.")
            return ""
        anchor = f"fn-{html.escape(label)}"
        if f"fn-{label}" in self.desk.referred:
            # The page knows its number, where it was called first.
            return f'<a class="note-again" href="#{anchor}" data-called="#{anchor}--called"></a>'
        self.desk.referred.add(f"fn-{label}")
        first, *rest = [
            Line(self.desk, (part.map or [note.line])[0], "note").html(part.children or [])
            for part in note.paragraphs
        ] or [""]
        more = "".join(f'<span class="note-paragraph">{words}</span>' for words in rest)
        called = f'<span id="{anchor}--called"></span>' if label in self.desk.recalled else ""
        return f'<span class="footnote" id="{anchor}">{first}{more}</span>{called}'


# Where no note may be called: what the place is called, and the way to write it there.
_PLACES = {
    "heading": ("heading", "call it in the first sentence below"),
    "caption": (
        "caption",
        "say it in the caption, or call it in the sentence that names the figure or table",
    ),
    "head": ("table's head", "say it in the caption, or call it in a cell below"),
    "note": ("footnote", "say it in the note itself, in brackets or as a paragraph of its own"),
}
