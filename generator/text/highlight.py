"""Code with Pygments' short classes, as the page's style sheet knows them."""

import html

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

PLAIN = ("", "text", "plain", "txt", "output", "console-output")


def code_html(code: str, language: str) -> str | None:
    """`code` as a highlighted block; None if nobody knows `language`."""
    if language in PLAIN:
        inner = html.escape(code, quote=False)
    else:
        try:
            lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        except ClassNotFound:
            return None
        inner = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<div class="highlight"><pre><code>{inner}</code></pre></div>'
