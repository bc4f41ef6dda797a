"""What of a text has a number: its sections, figures, tables, equations and listings in order.

What has a label has a number; sections have one unless they are {.unnumbered}. In the appendices,
which have letters, all of it begins anew: Figure A1, equation (B2).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it.token import Token

from generator.text.markdown.attributes import LABEL, LIST, Attributes, read_attributes
from generator.text.markdown.boxes import COUNTED_AS, LABELLED, exercise_of
from generator.text.markdown.grammar import Parsed
from generator.text.markdown.marks import Expanded
from generator.text.problems import Problems

KINDS = {
    "fig": "figure", "tbl": "table", "eq": "equation", "sec": "section", "lst": "listing",
    **{prefix: kind for kind, prefix in LABELLED.items()},
}  # fmt: skip
REFERENCES = "sec-references"  # the anchor of the list that `citations.py` writes
DEEPEST = 40
_NUMBERED_LEVELS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Label:
    """A thing that can be referred to. kind: its prefix ("fig"); number: "3", "2.1", "A", "A1"."""

    name: str
    kind: str
    number: str
    line: int
    whole: str = ""  # the label of the figure that this is a part of


@dataclass(frozen=True, slots=True)
class Section:
    """A heading. anchor: its id on the page."""

    level: int
    number: str
    anchor: str
    line: int
    appendix: bool = False


@dataclass(slots=True)
class Outline:
    """The numbered things of a text. sections: by the number of the heading's token.

    solutions: the label of an exercise → the line of its solution.
    """

    labels: dict[str, Label] = field(default_factory=dict)
    sections: dict[int, Section] = field(default_factory=dict)
    solutions: dict[str, int] = field(default_factory=dict)


def lone_image(inline: Token) -> tuple[Token, int | None] | None:
    """The image of a paragraph that holds nothing else, and the number of its attributes."""
    children = [child for child in inline.children or [] if not _is_blank(child)]
    if not children or children[0].type != "image":
        return None
    if len(children) == 1:
        return children[0], None
    if len(children) == 2 and children[1].type == "attributes":
        return children[0], int(children[1].meta["hidden"])
    return None


def panels(tokens: Sequence[Token], index: int) -> list[tuple[Token, int | None]]:
    """The pictures of the paragraph that begins at `index`, side by side over one caption.

    Each with the number of its attributes; empty where the paragraph is no such row of pictures.
    """
    children = [child for child in tokens[index + 1].children or [] if not _is_blank(child)]
    found: list[tuple[Token, int | None]] = []
    for child in children:
        if child.type == "image":
            found.append((child, None))
        elif child.type == "attributes" and found and found[-1][1] is None:
            found[-1] = (found[-1][0], int(child.meta["hidden"]))
        else:
            return []
    follows = index + 3 < len(tokens) and tokens[index + 3].type == "caption_open"
    return found if len(found) > 1 and follows else []


def last_attributes(inline: Token) -> int | None:
    """The number of the attribute list at the end of a heading or a caption."""
    children = [child for child in inline.children or [] if not _is_blank(child)]
    if children and children[-1].type == "attributes":
        return int(children[-1].meta["hidden"])
    return None


def without_attributes(children: Sequence[Token]) -> list[Token]:
    """`children` up to the attribute list at their end."""
    end = max(place for place, child in enumerate(children) if child.type == "attributes")
    return list(children[:end])


def _is_blank(token: Token) -> bool:
    return token.type == "softbreak" or (token.type == "text" and not token.content.strip())


def fence_info(info: str) -> tuple[str, Attributes]:
    """Language and attributes of a fence: ```python {#lst-name caption="…"}."""
    match = LIST.search(info)
    attributes = read_attributes(match[0]) if match else Attributes()
    language = info[: match.start()] if match else info
    return language.strip(), attributes


def outline_of(parsed: Parsed, problems: Problems) -> Outline:
    """The outline of a text; problems with labels and heading levels are noted."""
    return _Outliner(parsed.expanded, problems).outline(parsed.tokens)


@dataclass(slots=True)
class _Outliner:
    expanded: Expanded
    problems: Problems
    found: Outline = field(default_factory=Outline)
    counts: dict[str, int] = field(default_factory=dict)
    sections: list[int] = field(default_factory=lambda: [0, 0, 0])
    level: int = 1
    unnumbered: int = 0  # the level of a heading without a number, whose parts have none either
    appendices: int = 0

    def outline(self, tokens: Sequence[Token]) -> Outline:
        """Walk through the tokens of a whole text."""
        for index, token in enumerate(tokens):
            if token.level > DEEPEST:
                # The parser drops what is nested more than 100 deep, without a word.
                line = self.expanded.source_line((token.map or [0])[0])
                self.problems.add(line, f"lists or quotations are nested over {DEEPEST} deep")
                break
            if token.type == "heading_open":
                self._heading(index, token, tokens[index + 1])
            elif token.type == "paragraph_open" and (row := panels(tokens, index)):
                self._panels(row, last_attributes(tokens[index + 4]))
            elif token.type == "paragraph_open":
                # Also of one that has words beside it, so that only this is told of it.
                children = tokens[index + 1].children or []
                for image, behind in pairwise(children):
                    if (image.type, behind.type) == ("image", "attributes"):
                        self._labelled("fig", int(behind.meta["hidden"]))
            elif token.type == "caption_open" and tokens[index - 1].type != "paragraph_close":
                attributes = last_attributes(tokens[index + 1])
                if attributes is not None:
                    self._labelled("tbl", attributes)
            elif token.type == "hidden_block":
                self._block(token)
            elif token.type == "admonition_open":
                self._box(token)
        for exercise, line in self.found.solutions.items():
            if exercise not in self.found.labels:
                exercises = [name for name in self.found.labels if name.startswith("exr-")]
                self.problems.add(
                    line,
                    f"the solution of {exercise}, which is no exercise of this text",
                    f"there are: {', '.join(exercises)}" if exercises else "no label starts exr-",
                )
        return self.found

    def _box(self, token: Token) -> None:
        """Count a box with a label; note which exercise a solution solves."""
        kind = token.meta["tag"]
        line = self.expanded.source_line((token.map or [0])[0])
        number = token.meta.get("attributes")
        given = self.expanded.hidden[number].attributes if number is not None else Attributes()
        if kind == "solution":
            exercise = exercise_of(given)
            if given.label or not exercise:
                self.problems.add(
                    line,
                    "a solution takes no label" if given.label else "a solution of no exercise",
                    "write !!! solution {of=exr-name}, with the exercise's label",
                )
            elif exercise in self.found.solutions:
                first = self.found.solutions[exercise]
                self.problems.add(
                    line, f"{exercise} has two solutions", f"the first is in line {first}"
                )
            else:
                self.found.solutions[exercise] = line
        elif given.label and kind in LABELLED:
            self._add(LABELLED[kind], given.label, line)
        elif given.label:
            self.problems.add(
                line,
                f"the box '{kind}' takes no label: it has no number",
                f"these have: {', '.join(LABELLED)}",
            )

    def _panels(self, row: Sequence[tuple[Token, int | None]], number: int | None) -> None:
        """One number for the whole, 3, and 3a, 3b for the pictures in it that have labels."""
        whole = ""
        if number is not None:
            self._labelled("fig", number)
            whole = self.expanded.hidden[number].attributes.label
        label = self.found.labels.get(whole)
        for letter, (_, attributes) in zip("abcdefghijklmnopqrstuvwxyz", row, strict=False):
            hidden = self.expanded.hidden[attributes] if attributes is not None else None
            if label and hidden and hidden.attributes.label:
                counted = f"{label.number}{letter}"
                self._add("fig", hidden.attributes.label, hidden.line, counted, whole)

    def _block(self, token: Token) -> None:
        hidden = self.expanded.hidden[token.meta["hidden"]]
        if hidden.kind == "display" and token.meta["attributes"] is not None:
            self._labelled("eq", token.meta["attributes"])
        elif hidden.kind == "fence":
            attributes = fence_info(hidden.info)[1]
            if attributes.label:
                self._add("lst", attributes.label, hidden.line)

    def _labelled(self, kind: str, number: int) -> None:
        hidden = self.expanded.hidden[number]
        if hidden.attributes.label:
            self._add(kind, hidden.attributes.label, hidden.line)

    def _add(self, kind: str, name: str, line: int, number: str = "", whole: str = "") -> None:
        if not name.startswith(f"{kind}-") or not LABEL.fullmatch(name):
            self.problems.add(
                line,
                f"'{name}' is no label for {_a(KINDS[kind])}",
                f"write {{#{kind}-name}}: letters, digits, - and _",
            )
            return
        if name == REFERENCES:
            self.problems.add(line, f"the label {name} is that of the list of references")
            return
        if name in self.found.labels:
            first = self.found.labels[name].line
            self.problems.add(line, f"the label {name} is used twice", f"first in line {first}")
            return
        if not number:
            counted = COUNTED_AS.get(kind, kind)
            self.counts[counted] = self.counts.get(counted, 0) + 1
            number = f"{_letter(self.appendices)}{self.counts[counted]}"
        self.found.labels[name] = Label(name, kind, number, line, whole)

    def _heading(self, index: int, token: Token, inline: Token) -> None:
        line = self.expanded.source_line((token.map or [0])[0])
        level = int(token.tag[1])
        if token.markup in ("=", "-"):
            self.problems.add(
                line,
                f"text underlined with {token.markup * 3} becomes a heading",
                "write ## Title, or leave a blank line before a rule",
            )
        if token.level > 0:
            self.problems.add(
                line, "a heading inside a list, quotation or box", "put it at the left margin"
            )
        if level == 1:
            self.problems.add(
                line,
                "a heading of level 1: the report's title comes from study.toml",
                "start with ##",
            )
        elif level > 5:
            self.problems.add(line, f"a heading of level {level}", "## to ##### are there")
        elif level > self.level + 1:
            expected = "#" * (self.level + 1)
            self.problems.add(line, f"{token.markup} skips a level", f"write {expected}")
        self.level = max(level, 1)
        number = last_attributes(inline)
        attributes = self.expanded.hidden[number].attributes if number is not None else Attributes()
        self._appendix(level, attributes, line)
        if level <= self.unnumbered:
            self.unnumbered = 0
        if "unnumbered" in attributes.classes and not self.unnumbered:
            self.unnumbered = level
        counted = "" if self.unnumbered else self._count(level)
        anchor = attributes.label
        if attributes.label:
            self._add("sec", attributes.label, line, counted or "-")
        else:
            # No label can have two dashes there, so this is never an author's.
            anchor = f"sec--{counted.replace('.', '-')}" if counted else f"sec--line-{line}"
        self.found.sections[index] = Section(level, counted, anchor, line, self.appendices > 0)

    def _appendix(self, level: int, attributes: Attributes, line: int) -> None:
        """Begin the next appendix, where all numbers begin anew, if this heading does."""
        if "appendix" in attributes.classes and level != 2:
            self.problems.add(
                line, "only a heading of level 2 begins an appendix", "write ## Title {.appendix}"
            )
        elif "appendix" in attributes.classes and "unnumbered" in attributes.classes:
            self.problems.add(
                line, "an appendix has a letter and can't be .unnumbered", "take one of them out"
            )
        elif "appendix" in attributes.classes:
            self.appendices += 1
            self.counts.clear()
            self.sections = [0, 0, 0]
        elif level == 2 and self.appendices:
            self.problems.add(
                line,
                "a section behind an appendix, which would be read as part of it",
                "write {.appendix} behind it as well, or move it before the first appendix",
            )

    def _count(self, level: int) -> str:
        if level not in _NUMBERED_LEVELS:
            return ""
        place = level - 2
        if self.appendices and place == 0:
            return _letter(self.appendices)
        self.sections[place] += 1
        self.sections[place + 1 :] = [0] * (2 - place)
        counts = [str(count) for count in self.sections[: place + 1]]
        return ".".join([_letter(self.appendices), *counts[1:]] if self.appendices else counts)


def _letter(number: int) -> str:
    """A, B, … Z, AA of the appendix `number`; "" before the first."""
    return _letter((number - 1) // 26) + chr(ord("A") + (number - 1) % 26) if number else ""


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
