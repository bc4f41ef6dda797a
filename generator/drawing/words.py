"""The words of a drawing whose letters are outlines: invisible text over them, to be found.

matplotlib writes each text as a comment, then its letters as outlines (`svg.fonttype: path`):
a drawing looks the same with every viewer, but nobody can search it, or copy from it.
"""

import html
import re
import unicodedata
from xml.etree import ElementTree

from generator.drawing.path import number, transform

FONT = "Text"  # the name of the font without outlines, among the resources of a form
ADVANCE = 500  # of each of its letters, 1/1000 of its size
# Letters closer than a tenth of their size are taken for shadows of each other by Poppler.
_CLOSEST = 0.15
EM = 100.0  # matplotlib's outlines have so many units to the em
_TEXT = re.compile(r"text_\d+")
_PLAIN = re.compile(r"\\math(?:default|regular|rm)\{((?:[^{}]|\{[^{}]*\})*)\}")


def plain(text: str) -> str:
    """`text` in one line, of letters with four hexadecimal digits: 𝔼 as E."""
    flat = "".join(
        unicodedata.normalize("NFKC", letter) if letter > "\uffff" else letter
        for letter in " ".join(text.split())
    )
    return "".join(letter if letter <= "\uffff" else "\ufffd" for letter in flat)


def invisible(text: str, width: float, em: float) -> str:
    """Operators that lay `text` over the first `width` units of the baseline, `em` to the em.

    In rendering mode 3, which paints nothing (PDF 32000-1, table 106).
    """
    advance = max(width, em / 1000) / len(text)
    size = min(em, advance / _CLOSEST)
    stretch = 100 * advance / (size * ADVANCE / 1000)
    codes = text.encode("utf-16-be").hex().upper()
    return f"BT\n/{FONT} {number(size)} Tf {number(stretch)} Tz 3 Tr <{codes}> Tj\nET"


def words_over(comment: str, parent: ElementTree.Element, letters: ElementTree.Element) -> str:
    """What matplotlib says of a group of `letters` in a comment before it; "" if it is no text."""
    if not _TEXT.fullmatch(parent.get("id", "")) or not letters.tag.endswith("}g"):
        return ""
    return plain(_PLAIN.sub(r"\1", html.unescape(comment)).replace("$", ""))


def laid_over(text: str, letters: ElementTree.Element) -> str:
    """Operators that lay `text` over a group of `letters`, in the space inside of the group."""
    across = reach(letters)
    return invisible(text, across, EM) if across else ""


def reach(letters: ElementTree.Element) -> float:
    """How far a group of letters reaches along its line, `EM` to the em; 0 if it has none."""
    uses = [transform(each.get("transform", "")) for each in letters if each.tag.endswith("}use")]
    if not uses:
        return 0.0
    last = max(uses, key=lambda matrix: matrix[4])
    # What is not said is the width of the last letter: that of the others, on average.
    count = len(uses) - 1
    return last[4] + (last[4] / count if count and last[4] > 0 else 0.6 * EM * last[0])
