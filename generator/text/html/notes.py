"""Footnotes, taken out of the text: they are printed where they are called."""

from collections import Counter
from collections.abc import Sequence

from markdown_it.token import Token

from generator.text.html.context import Desk, Note


def collect_notes(desk: Desk) -> None:
    """Move the notes from the tokens of the text to `desk.notes`."""
    tokens = desk.parsed.tokens
    calls = Counter(
        part.meta["label"]
        for token in tokens
        for part in token.children or ()
        if part.type == "footnote_ref" and part.meta.get("label")
    )
    desk.recalled = {label for label, count in calls.items() if count > 1}
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        if tokens[index].type != "footnote_reference_open":
            kept.append(tokens[index])
            index += 1
            continue
        end = index
        while tokens[end].type != "footnote_reference_close":
            end += 1
        _collect(desk, tokens[index], tokens[index + 1 : end])
        index = end + 1
    if len(kept) != len(tokens):
        # Sections are found by the number of their token, which changes here.
        places = {id(token): number for number, token in enumerate(kept)}
        desk.outline.sections = {
            places[id(tokens[number])]: section
            for number, section in desk.outline.sections.items()
            if id(tokens[number]) in places
        }
        tokens[:] = kept


def _collect(desk: Desk, opening: Token, content: Sequence[Token]) -> None:
    label = str(opening.meta["label"])
    row = (opening.map or [0])[0]
    line = desk.parsed.expanded.source_line(row)
    if label in desk.notes:
        desk.problems.add(line, f"the note [^{label}] is there twice")
        return
    paragraph = ["paragraph_open", "inline", "paragraph_close"]
    if not content or [token.type for token in content] != paragraph * (len(content) // 3):
        desk.problems.add(
            line,
            f"the note [^{label}] is more than paragraphs",
            "put lists, tables, code and displayed formulas into the text",
        )
    inlines = tuple(token for token in content if token.type == "inline")
    desk.notes[label] = Note(inlines, row)
