"""Plain words as Markdown that GitHub and Python-Markdown read alike."""

import re
from urllib.parse import quote

# How a language calls itself; any other is shown by its code.
ENDONYMS = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
    "ko": "한국어",
    "pt": "Português",
    "ru": "Русский",
    "vi": "Tiếng Việt",
    "zh": "中文",
}

_SPECIAL = re.compile(r"[\\`*\[\]|]|(?<![^\W_])_|_(?![^\W_])|__+")
_ANY = re.compile(r"[\\`*\[\]|_&<$~]")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def markdown_text(text: str) -> str:
    """`text` so that it shows as it is, also in a table's cell.

    Backslashes where both readers know them; entities for what one of them doesn't: Python-
    Markdown has no `\\<` and no `\\~`, and GitHub reads `$…$` as a formula and `~…~` as struck out.
    """
    if not _ANY.search(text):
        return text
    text = _ENTITY.sub("&amp;", text)
    text = _SPECIAL.sub(lambda found: "".join("\\" + c for c in found.group()), text)
    text = text.replace("<", "&lt;")
    for letter, entity in (("$", "&#36;"), ("~", "&#126;")):
        if text.count(letter) > 1:
            text = text.replace(letter, entity)
    return text


def markdown_link(text: str, path: str, base: str = "") -> str:
    """A link to `path`, relative or under the address `base`; text is plain."""
    return f"[{markdown_text(text)}]({encoded_path(path, base)})"


def encoded_path(path: str, base: str = "") -> str:
    """`path` percent-encoded, brackets included: naive link finders stop at the first `)`."""
    path = quote(path, safe="/")
    return f"{base.rstrip('/')}/{path}" if base else path


def encoded_address(url: str) -> str:
    """`url` for a link: what Markdown would stumble over percent-encoded, all else as it is."""
    return re.sub(r"[()<>\s\\|]", lambda found: quote(found.group(), safe=""), url)


def sentence(text: str) -> str:
    """`text` with a capital and a full stop, unless it already ends like a sentence."""
    text = _capitalised(text)
    return text if not text or text.endswith((".", "?", "!", "…", "。")) else f"{text}."


def fragment(text: str) -> str:
    """`text` with a capital, and no final full stop unless it holds several sentences."""
    text = _capitalised(text)
    several = re.search(r"[.?!] +\S", text[:-1])
    return text if several or text.endswith("..") else text.removesuffix(".")


def _capitalised(text: str) -> str:
    """`text` with a capital first letter, unless its first word is a name like pH or k-means."""
    word = text.partition(" ")[0].rstrip(",:;")
    return text[:1].upper() + text[1:] if word.isalpha() and word.islower() else text


def endonym(language: str) -> str:
    """How `language` calls itself: 한국어 for ko."""
    return ENDONYMS.get(language.partition("-")[0], language)
