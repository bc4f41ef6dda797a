"""Marks that mark nothing here and would be printed as plain letters."""

import re

_STRAY = re.compile(r"\*\*|__|\]\(|\]\[")
# What other dialects mark: ==x==, x^2^, ++x++.
_FOREIGN = re.compile(
    r"(?<![=\w])==(?=\w)[^=\n]*?(?<=\w)==(?![=\w])"
    r"|(?<=\w)\^[^\s^]{1,12}\^"
    r"|(?<![+\w])\+\+(?=\w)[^+\n]*?(?<=\w)\+\+(?![+\w])"
)


def stray_marks(text: str) -> tuple[str, str] | None:
    """Message and hint for the first mark in the plain `text` that was meant as one; else None."""
    stray = _STRAY.search(text)
    if stray and stray[0] in ("](", "]["):
        return (
            f"'{stray[0]}' is left over from a link that can't be read",
            "write [text](address), or \\] for a plain bracket",
        )
    if stray:
        marks = stray[0]
        return (
            f"'{marks}' opens or closes nothing",
            f"{marks}bold{marks} has no space inside its marks; write \\{marks[0]} for the "
            "character itself",
        )
    foreign = _FOREIGN.search(text)
    if foreign:
        return (
            f"'{foreign[0]}' is no mark here, it would be printed as it stands",
            "write $…$ for what is raised, *…* or **…** for what stands out",
        )
    return None
