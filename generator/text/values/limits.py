"""How far a text's expressions and statements may go: no loop for hours, no full memory.

A text is no stranger's program, but a slip in a loop must end in a message all the same.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError

from generator.text.values.quantities import Number

ROUNDS = 20_000  # of all loops of a text together
_LETTERS = 2_000_000  # of a text with all that its loops repeat: a thousand pages
SIZE = 3_000_000  # letters and items that all steps of a text touch
_DEEPEST = 40
_STEPS = re.compile(r"\b(?:not|if|and|or)\b|[-+*/%|~.]")
_MOST_STEPS = 200
_BITS = 4096  # of a whole number: 10 to the power of 1233


def whole(parts: Iterable[str]) -> str:
    """`parts` of a text as one. Raises SecurityError if it is too long."""
    kept = []
    letters = 0
    for part in parts:
        kept.append(part)
        letters += len(part)
        if letters > _LETTERS:
            raise SecurityError(f"a text of more than {_LETTERS // 10**6} million letters")
    return "".join(kept)


def bounded(result: Any) -> Any:
    """`result` of a step of arithmetic. Raises SecurityError if squaring it again may hang."""
    value = result.quantity.value if isinstance(result, Number) else result
    if isinstance(value, int) and value.bit_length() > _BITS:
        raise SecurityError("whole numbers of more than a thousand digits")
    return result


def joined(items: Iterable[Any], between: Any = "") -> str:
    """The filter `join`."""
    words = [str(item) for item in items]
    if sum(map(len, words)) + len(words) * len(str(between)) > _LETTERS:
        raise SecurityError(f"a text of more than {_LETTERS // 10**6} million letters")
    return str(between).join(words)


def refused_steps(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Template line and words of each step in `tree` that is neither a result nor arithmetic."""
    for node in tree.find_all(nodes.Concat):
        yield node.lineno, "~ between texts"
    for call in tree.find_all(nodes.Call):
        # Methods of texts and lists: 'x'.center(10**12) would fill the memory.
        if isinstance(call.node, nodes.Getattr):
            yield call.lineno, f"{call.node.attr}(…)"


def too_deep(expression: str) -> bool:
    """Whether brackets or signs are nested deeper than any reader, or Jinja, can follow."""
    depth = deepest = 0
    for letter in expression:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    # "not not …", "- - …" and long sums nest as well, one deeper for each word.
    return deepest > _DEEPEST or len(_STEPS.findall(expression)) > _MOST_STEPS
