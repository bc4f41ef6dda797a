"""Code with Pygments' short classes, as the page's style sheet knows them."""

import html

from generator.digest import digest_bytes
from generator.store.cache import Cache

PLAIN = ("", "text", "plain", "txt", "output")


def code_html(code: str, language: str, store: Cache | None = None) -> str | None:
    """`code` as a highlighted block; None if nobody knows `language`.

    store: keeps blocks by content, since a lexer's patterns take 50 ms to compile.
    """
    if language in PLAIN:
        return _block(html.escape(code, quote=False))
    from pygments import __version__

    key = digest_bytes(f"{__version__}\0{language}\0{code}".encode())
    kept = store.get("highlight", key) if store else None
    if kept is not None:
        return _block(kept.decode())
    inner = _highlighted(code, language)
    if inner is None:
        return None
    if store:
        store.put("highlight", key, inner.encode())
    return _block(inner)


def _highlighted(code: str, language: str) -> str | None:
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _block(inner: str) -> str:
    return f'<div class="highlight"><pre><code>{inner}</code></pre></div>'
