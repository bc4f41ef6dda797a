"""Boxes: `!!! kind "Title" {#label}` and the text below it, indented by four."""

import re

from markdown_it.rules_block import StateBlock
from mdit_py_plugins.admon.index import admonition

from generator.text.markdown.attributes import Attributes
from generator.text.markdown.marks import ATTRIBUTES, END

# Kind of a box → the prefix of its label; with a label it has a number.
LABELLED = {
    "theorem": "thm",
    "lemma": "lem",
    "proposition": "prp",
    "corollary": "cor",
    "conjecture": "cnj",
    "definition": "def",
    "example": "exm",
    "remark": "rem",
    "exercise": "exr",
}
# What is proved is counted together, as most books do: Lemma 1, Theorem 2, Corollary 3.
COUNTED_AS = {"lem": "thm", "prp": "thm", "cor": "thm", "cnj": "thm"}
# These say what they are even where they have a title.
NAMED = (*LABELLED, "proof", "solution")

_OPENING = re.compile(rf"!!!.*?[ \t]*{ATTRIBUTES}([0-9]+){END}[ \t]*$")


def exercise_of(given: Attributes) -> str:
    """The label of the exercise that a solution with these attributes solves; "" for none."""
    return given.values.get("of", "").lstrip("@#")


def box(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """An admonition whose first line may end with attributes, which the plugin would not read."""
    begin = state.bMarks[start] + state.tShift[start]
    last = state.eMarks[start]
    found = _OPENING.match(state.src[begin:last])
    if not found:
        return admonition(state, start, end, silent)
    state.eMarks[start] = last - (len(found[0]) - found[0].rindex(ATTRIBUTES))
    number = len(state.tokens)
    try:
        opened = admonition(state, start, end, silent)
    finally:
        state.eMarks[start] = last
    if opened and not silent:
        state.tokens[number].meta["attributes"] = int(found[1])
    return opened
