"""Words that are no Markdown but may hold formulas: cells of results, meanings of terms."""

import html
import re

from generator.text.html.context import Desk
from generator.text.markdown.marks import Hidden

_FORMULA = re.compile(r"(?<!\\)\$([^$\s](?:[^$]*[^$\s\\])?)\$(?!\d)")


def words_html(desk: Desk, text: str, line: int) -> str:
    r"""A column's name or a cell's text, in which $d_k$ is a formula, and \$5 or $5 is money."""
    parts = _FORMULA.split(text)
    done = []
    for number, part in enumerate(parts):
        if number % 2:
            key = desk.formula(Hidden("inline", line, line, part))
            done.append(f'<img class="formula" src="formula:{key}" alt="">')
        else:
            done.append(html.escape(part.replace("\\$", "$"), quote=False))
    return "".join(done)
