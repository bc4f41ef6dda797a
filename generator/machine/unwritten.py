"""Characters that no font has, told by the writing system that they belong to, and what to do."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

# First word of a character's name in Unicode → the writing system, and a package with a font.
_SYSTEMS = {
    "ARABIC": ("Arabic", "fontpkg-noto-sans-arabic"),
    "BENGALI": ("Bengali", ""),
    "CJK": ("Chinese", "noto-cjk-sans-jp-regular"),
    "DEVANAGARI": ("Devanagari", "fontpkg-noto-sans-devanagari"),
    "GUJARATI": ("Gujarati", ""),
    "HEBREW": ("Hebrew", ""),
    "HIRAGANA": ("Japanese", "noto-cjk-sans-jp-regular"),
    "KATAKANA": ("Japanese", "noto-cjk-sans-jp-regular"),
    "KHMER": ("Khmer", "fontpkg-noto-sans-khmer"),
    "TAMIL": ("Tamil", "fontpkg-noto-sans-tamil"),
    "TELUGU": ("Telugu", "fontpkg-noto-sans-telugu"),
    "THAI": ("Thai", "fontpkg-noto-sans-thai"),
}
_EMOJI = ("Emoji", "")
BRING = "bring a font that has it (docs/how-to.md)"
# What a letter of formulas is called → the command that writes it.
_ALPHABETS = (
    ("DOUBLE-STRUCK", r"\mathbb"),
    ("BLACK-LETTER", r"\mathfrak"),
    ("FRAKTUR", r"\mathfrak"),
    ("SCRIPT", r"\mathcal"),
    ("BOLD ITALIC", r"\boldsymbol"),
    ("SANS-SERIF", r"\mathsf"),
    ("MONOSPACE", r"\mathtt"),
    ("BOLD", r"\mathbf"),
    ("ITALIC", ""),
)
_SIGNS = {
    "\u21a6": r"\mapsto", "\u2308": r"\lceil", "\u2309": r"\rceil", "\u230a": r"\lfloor",
    "\u230b": r"\rfloor", "\u27c2": r"\perp", "\u220e": r"\blacksquare", "\u22c6": r"\star",
    "\u2218": r"\circ", "\u2295": r"\oplus", "\u2297": r"\otimes", "\u2299": r"\odot",
    "\u2209": r"\notin", "\u2204": r"\nexists", "\u2288": r"\nsubseteq", "\u227a": r"\prec",
    "\u227b": r"\succ", "\u2272": r"\lesssim", "\u2273": r"\gtrsim", "\u21aa": r"\hookrightarrow",
    "\u21a0": r"\twoheadrightarrow", "\u27f9": r"\Longrightarrow", "\u27fa": r"\iff",
    "\u22a2": r"\vdash", "\u22a8": r"\models", "\u22a4": r"\top", "\u22a5": r"\bot",
    "\u2205": r"\varnothing", "\u2225": r"\parallel", "\u2226": r"\nparallel",
}  # fmt: skip


def unwritten(characters: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """For characters without a glyph: the first of each problem, its message and its hint.

    Those of one writing system are one problem; any other character is one of its own.
    """
    systems: dict[tuple[str, str], list[str]] = {}
    for character in characters:
        system = _system(character)
        if system:
            systems.setdefault(system, []).append(character)
        else:
            hint = _as_formula(character) or f"write it differently, or {BRING}"
            yield character, f"no font has the character {_named(character)}", hint
    for (name, package), found in systems.items():
        if (name, package) == _EMOJI:
            what = "the emoji" if found[1:] else "the character"
            # By their names: not every terminal shows them.
            yield found[0], f"no font has {what} {_some(found, ', ', 4)}", f"use words, or {BRING}"
            continue
        which = f"type `pip install {package}` and " if package else ""
        yield found[0], f"no font has {name} letters: {_some(found, ' ', 6)}", which + BRING


def _some(characters: Sequence[str], between: str, most: int) -> str:
    shown = [c if between == " " else _named(c) for c in characters[:most]]
    left = len(characters) - len(shown)
    return between.join(shown) + (f" and {left} more" if left else "")


def _named(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'no name')})"


def _system(character: str) -> tuple[str, str] | None:
    """The writing system of a letter, if it is known to need a font of its own."""
    if 0x1F000 <= ord(character) <= 0x1FAFF or 0x2700 <= ord(character) <= 0x27BF:
        return _EMOJI
    return _SYSTEMS.get(unicodedata.name(character, "").partition(" ")[0])


def _as_formula(character: str) -> str:
    """How a formula writes `character`; "" if it is no sign of mathematics."""
    name = unicodedata.name(character, "")
    if character in _SIGNS:
        return f"write it as a formula: ${_SIGNS[character]}$"
    plain = unicodedata.normalize("NFKC", character)
    alphabet = next((command for word, command in _ALPHABETS if word in name), None)
    if alphabet is not None and len(plain) == 1 and plain != character:
        letter = plain if plain.isascii() else "\\" + unicodedata.name(plain).split()[-1].lower()
        return f"write it as a formula: ${alphabet} {letter}$".replace("$ ", "$")
    if unicodedata.category(character) == "Sm":
        return f"write it as a formula, in dollars, or {BRING}"
    return ""


def from_right(text: str) -> Iterator[tuple[str, str]]:
    """A message and a hint if a part of `text` is written from right to left."""
    found = [c for c in dict.fromkeys(text) if unicodedata.bidirectional(c) in ("R", "AL")]
    if found:
        system = unicodedata.name(found[0], "no name").split()[0].capitalize()
        yield (
            f"found {system} letters ({' '.join(found[:6])}), which run from right to left: "
            "pages and figures are set from left to right",
            "transliterate it, or show it as a picture of your own with its words in fig-alt",
        )
