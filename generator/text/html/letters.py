"""Typed letters as a printer sets them: quotation marks, dashes, dots; addresses as links."""

import html
import re

_ADDRESS = re.compile(r"https?://[^\s<>\"'“”‘’]*[^\s<>\"'“”‘’.,;:!?)\]]")
_DASHES = re.compile(r"(?<!-)---?(?!-)|\.\.\.")
_DASH = {"--": "–", "---": "—", "...": "…"}
_SHORTENED = re.compile(r"\d\ds?\b(?!')")  # '90s
_OPENING = set(" \t\n([{<–—/“‘\u00a0\u202f") | {""}


def set_letters(text: str, before: str, *, link: bool = True) -> str:
    """`text` in HTML with typographic quotation marks and dashes and with its addresses linked.

    before: the character in front of it, "" at the start of a paragraph. link: False inside a
    link, which can't hold another.
    """
    parts = []
    done = 0
    for match in _ADDRESS.finditer(text) if link and "://" in text else ():
        parts.append(_set(text[done : match.start()], before))
        address = html.escape(match[0])
        parts.append(f'<a href="{address}">{address}</a>')
        before, done = "x", match.end()
    parts.append(_set(text[done:], before))
    return "".join(parts)


def _set(text: str, before: str) -> str:
    if "--" in text or "..." in text:
        text = _DASHES.sub(lambda match: _DASH[match[0]], text)
    if '"' in text or "'" in text:
        characters = []
        for place, character in enumerate(text):
            if character in "\"'":
                opening = before in _OPENING
                if character == "'" and _SHORTENED.match(text, place + 1):
                    opening = False
                pair = "“”" if character == '"' else "‘’"
                character = pair[0] if opening else pair[1]
            characters.append(character)
            before = character
        text = "".join(characters)
    return html.escape(text, quote=False)
