"""The fonts of a page for browsers: the letters that are used, as WOFF2, and the rules for them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from generator.digest import canonical_json, digest_bytes
from generator.machine.fonts import FACES, font_versions, reduced_font, static_font
from generator.store.cache import Cache

# Role → family, style and weight under which style sheets know it.
_WEB = {
    "serif": ("Study Serif", "normal", 400),
    "serif-italic": ("Study Serif", "italic", 400),
    "serif-bold": ("Study Serif", "normal", 700),
    "serif-bold-italic": ("Study Serif", "italic", 700),
    "serif-display": ("Study Display", "normal", 700),
    "sans": ("Study Sans", "normal", 400),
    "sans-italic": ("Study Sans", "italic", 400),
    "sans-bold": ("Study Sans", "normal", 700),
    "mono": ("Study Mono", "normal", 400),
    "mono-italic": ("Study Mono", "italic", 400),
    "mono-bold": ("Study Mono", "normal", 700),
    "korean-serif": ("Study Korean Serif", "normal", 400),
    "korean-sans": ("Study Korean Sans", "normal", 400),
    "korean-bold": ("Study Korean Sans", "normal", 700),
}
_BOLD_SERIF = "korean-bold"  # Korean books set the bold of a myeongjo as a gothic
_FEATURES = ("kern", "liga", "ccmp", "locl", "mark", "mkmk", "lnum", "tnum", "pnum", "smcp", "c2sc")
_SLICE = 120  # letters of one file: a page loads those of its slices only
_MAKING = 1  # raise when the same letters give another file


@dataclass(frozen=True, slots=True)
class WebFonts:
    """files: name → bytes. css: the @font-face rules that name them, relative to their folder."""

    files: Mapping[str, bytes]
    css: str


def web_fonts(pages: Sequence[str], cache: Cache | None) -> WebFonts:
    """Fonts for `pages`: of each, every character that it shows, the most important page first.

    Latin faces hold everything that any page needs. Korean ones are cut into slices by how many
    pages need a letter, those of the first page first, so that a page loads few of them.
    """
    counts = Counter(character for text in pages for character in _letters(text))
    latin = sorted(character for character in counts if not _is_wide(character))
    first = set(pages[0]) if pages else set()
    wide = sorted(
        (character for character in counts if _is_wide(character)),
        key=lambda character: (character not in first, -counts[character], character),
    )
    slices = [wide[at : at + _SLICE] for at in range(0, len(wide), _SLICE)]
    files: dict[str, bytes] = {}
    rules: list[str] = []
    versions = font_versions()
    for role, (family, style, weight) in _WEB.items():
        korean = role.startswith("korean")
        for number, letters in enumerate(slices if korean else [latin]):
            content = _woff2(role, letters, versions[FACES[role].package], cache)
            if not content:
                continue
            name = f"{role}-{number}.woff2" if korean else f"{role}.woff2"
            files[name] = content
            families = [(family, weight)]
            if role == _BOLD_SERIF:
                families.append(("Study Korean Serif", 700))
            for named, heavy in families:
                rules.append(_rule(named, style, heavy, name, letters if korean else ()))
    return WebFonts(files, "\n".join(rules) + "\n")


@lru_cache(maxsize=256)
def _letters(text: str) -> frozenset[str]:
    return frozenset(text)


def _is_wide(character: str) -> bool:
    """Whether a character is left to the Korean faces: Hangul, Han, and their punctuation."""
    return "\u1100" <= character <= "\u11ff" or "\u2e80" <= character <= "\uffef"


def _rule(family: str, style: str, weight: int, name: str, letters: Sequence[str]) -> str:
    ranges = ""
    if letters:
        ranges = f"; unicode-range: {', '.join(_ranges(letters))}"
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {style}; font-weight: {weight}; '
        f'font-display: swap; src: url("fonts/{name}") format("woff2"){ranges} }}'
    )


def _ranges(letters: Iterable[str]) -> Iterator[str]:
    """The letters as CSS names them: "U+AC00-AC02"."""
    codes = sorted(map(ord, letters))
    start = end = codes[0]
    for code in [*codes[1:], -1]:
        if code == end + 1:
            end = code
            continue
        yield f"U+{start:X}" if start == end else f"U+{start:X}-{end:X}"
        start = end = code


def _woff2(role: str, letters: Sequence[str], version: str, cache: Cache | None) -> bytes:
    """The face of `role` with `letters` as WOFF2; b"" if it has none of them."""
    key = digest_bytes(
        canonical_json(
            [_MAKING, role, version, list(map(list, FACES[role].axes)), "".join(letters)]
        )
    )
    if cache and (kept := cache.get("webfont", key)) is not None:
        return kept
    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO(reduced_font(static_font(role), letters, _FEATURES)), lazy=False)
    content = b""
    if set(font.getBestCmap() or ()) - {0x20, 0xA0}:
        font.recalcTimestamp = False
        font.flavor = "woff2"
        packed = BytesIO()
        font.save(packed, reorderTables=False)
        content = packed.getvalue()
    if cache:
        cache.put("webfont", key, content)
    return content
