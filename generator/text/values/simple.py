"""Expressions that only name a result, carried out without Jinja.

They are nearly all that a text has. Jinja would take 35 ms to import and 1 ms for each of them;
whatever is not plainly one of these forms, or names nothing, is left to `sandbox.py`.
"""

import re
from collections.abc import Mapping
from typing import Any

from generator.text.values.exposed import Code, Names, Quoted
from generator.text.values.numerals import Form
from generator.text.values.quantities import Number

_SIMPLE = re.compile(
    r"\s*(value|string|table|parameter)\.([A-Za-z]\w*)\s*"
    r"(?:\|\s*(?:(digits|significant|percent|sci)\s*\(\s*(1[0-5]|[0-9])\s*\)|(code))\s*)?"
)
_FORMS: Mapping[str, Form] = {
    "digits": "digits",
    "significant": "significant",
    "percent": "percent",
    "sci": "sci",
}


def simple_result(expression: str, names: Mapping[str, Names]) -> Any | None:
    """What `expression` gives, as Jinja would have it; None if it is not a simple one."""
    match = _SIMPLE.fullmatch(expression)
    if not match or match[2] not in names[match[1]]:
        return None
    result = names[match[1]][match[2]]
    if isinstance(result, bool):
        return None
    if match[3]:
        if not isinstance(result, Number):
            return None
        return Number(result.quantity, _FORMS[match[3]], int(match[4]))
    if match[5]:
        return Code(str(result)) if isinstance(result, Quoted) else None
    return result
