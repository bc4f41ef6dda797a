"""HTML → a tree, by the quick way where it is also XML.

tinyhtml5 takes 20 times as long as Python's own XML parser. What our template and the text room
write is XML but for void elements and two bare attributes; anything else goes the long way, and
both ways give the same tree (tested).
"""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_DOCTYPE = re.compile(r"\A\s*<!doctype html>\s*", re.IGNORECASE)
_VOID = re.compile(r"<(img|br|hr|meta|input|link|wbr)\b((?:[^<>\"]|\"[^\"<]*\")*?)\s*/?>")
_BARE = re.compile(r" (checked|disabled)(?=[ /]|$)")
# What HTML reads in another way than XML: raw text, templates, a line end after <pre>.
_SPECIAL = re.compile(
    r"<(?:script|svg|math|template|textarea|noscript)\b|<pre[^>]*>\n|<!--|<!\[|<\?"
)


def parse(html: str) -> Element:
    """The tree of a whole HTML document, html element first."""
    if not _SPECIAL.search(html):
        text = _VOID.sub(_closed, _DOCTYPE.sub("", html))
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            return parse_slowly(html)
        if root.tag == "html":
            return root
    return parse_slowly(html)


def _closed(match: re.Match[str]) -> str:
    attributes = match[2]
    if match[1] == "input":
        attributes = _BARE.sub(r' \1=""', attributes)
    return f"<{match[1]}{attributes}/>"


def parse_slowly(html: str) -> Element:
    """The tree of a whole HTML document, by the rules of HTML5."""
    import tinyhtml5  # type: ignore[import-untyped]

    root: Element = tinyhtml5.parse(html, namespace_html_elements=False)
    return root
