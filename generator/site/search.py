"""The words of all pages, for the search that the site's script offers.

Texts are kept whole and looked through in the browser: a study of a year is a few hundred KB,
which is loaded when somebody searches, also from a folder on a disk; and parts of Korean words
are found without knowing the language.
"""

import json
from collections.abc import Iterable, Iterator

from generator.site.leaf import Leaf


def search_script(leaves: Iterable[tuple[Leaf, str, str]]) -> str:
    """The script that hands over the texts. leaves: each with its address and what it is called."""
    rows = [row for leaf, address, place in leaves for row in _rows(leaf, address, place)]
    said = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    # These two end a line for scripts of old.
    said = said.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"window.studyTexts={said};\n"


def _rows(leaf: Leaf, address: str, place: str) -> Iterator[list[str]]:
    for section in leaf.sections:
        if section.text or section.title:
            anchor = f"#{section.anchor}" if section.anchor else ""
            yield [address + anchor, place, section.title, section.text]
