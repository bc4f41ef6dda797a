"""The words of a style: how wide they are, and where inside of them a line may end."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyphen  # type: ignore[import-untyped]
from weasyprint.text import line_break

from generator.weasy.breaks import HANGUL

OWN_HYPHEN = 30.0  # penalty behind a hyphen or dash that the author wrote
_HYPHEN = 50.0  # Knuth and Plass's own
_NAME = 120.0  # a hyphen in a capitalised word
_CODE = 150.0  # inside of code, without a hyphen

_HANGUL = re.compile(f"[{HANGUL}]")
_LONGEST_KOREAN = 24
_LETTERS = re.compile(r"[^\W\d_]+")
_PLAIN_WORD = re.compile(r"[\W_]*[^\W\d_]*[\W_]*")
_OTHER = re.compile(r"[^\w\s'’.,;:!?()\"“”‘%]")
_CODE_PLACE = re.compile(r"(?<=[\w)\]\"']{2})[_./(,=:|\[](?=[\w\"'\[(]{2})")
_SOFT = "\xad"

# "en" alone is British to Pyphen, whose patterns part by roots: coun-ted, recor-ded, dir-ectly. The
# American ones are Liang's own, as in TeX. A text in "en-GB" keeps the British ones.
pyphen.LANGUAGES["en"] = pyphen.LANGUAGES["en_US"]


@dataclass(frozen=True, slots=True)
class Cut:
    """A place inside of a word: characters before it, their width with what is added there.

    hyphen: what the line then ends in. skip: characters that are left out there.
    """

    at: int
    width: float
    penalty: float
    hyphen: str
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A text without spaces, its width in CSS pixels, and the places where a line may end.

    spaces: those in it that do not break.
    """

    width: float
    cuts: tuple[Cut, ...]
    spaces: int = 0


class Words:
    """The words of one style."""

    def __init__(self, style: Any) -> None:
        self.style = style
        self.hyphen = style["hyphenate_character"]
        self._words: dict[str, Word] = {}
        self._widths: dict[str, float] = {}
        self._layout: Any = None
        probe = "가" if (style["lang"] or "").startswith("ko") else "x"
        self.space = self._measure(f"{probe} {probe}") - 2 * self._measure(probe)
        self.is_code = style["overflow_wrap"] == "anywhere"

    def hyphen_width(self, hyphen: str) -> float:
        """The width of what is added at a cut."""
        return self._measure(hyphen) if hyphen else 0.0

    def word(self, token: str) -> Word:
        """What is known of `token`, a text without spaces."""
        word = self._words.get(token)
        if word is None:
            width = self._measure(token)
            cuts = tuple(
                Cut(at, self._part(token, at, width, hyphen), cost, hyphen, skip)
                for at, cost, hyphen, skip in self._places(token)
            )
            word = Word(width, cuts, token.count("\u00a0"))
            self._words[token] = word
        return word

    def _part(self, token: str, at: int, width: float, hyphen: str) -> float:
        """The width of the first `at` letters of `token` and of `hyphen`."""
        if not hyphen:
            return self._measure(token[:at])
        # But for the kerning there: thrice as fast as to measure each.
        letters = [self._measure(letter) if letter != _SOFT else 0.0 for letter in token]
        return width * sum(letters[:at]) / (sum(letters) or 1.0) + self._measure(hyphen)

    def _measure(self, text: str) -> float:
        width = self._widths.get(text)
        if width is None:
            layout = self._layout
            if layout is None or self.style["word_spacing"] or _HANGUL.search(text):
                # What these add to a layout would stay with it.
                layout = line_break.create_layout(text, self.style, None, None, 0)
                self._layout = None if _HANGUL.search(text) else layout
            else:
                layout.set_text(text)
            line, _ = layout.get_first_line()
            width, _ = line_break.line_size(line, self.style)
            self._widths[text] = width
        return width

    def _places(self, token: str) -> list[tuple[int, float, str, int]]:
        """Where lines may end in `token`: characters before, penalty, hyphen, how many to skip."""
        style = self.style
        if _HANGUL.search(token) and len(token) <= _LONGEST_KOREAN:
            marks = (at for at, letter in enumerate(token[:-1], 1) if letter in "/–—")
            return [(at, OWN_HYPHEN, "", 0) for at in marks]
        if _SOFT in token:
            if style["hyphens"] == "none":
                return []
            return [
                (at, _HYPHEN, self.hyphen, 1) for at, letter in enumerate(token) if letter == _SOFT
            ]
        places: list[tuple[int, float, str, int]] = []
        if len(token) > 3 and (_OTHER.search(token[:-1]) or not token.isascii()):
            attributes = line_break.get_log_attrs(token, style["lang"])
            places = [
                (at, OWN_HYPHEN, "", 0)
                for at in range(2, len(token) - 1)
                if attributes[at].is_line_break
            ]
        if self.is_code and len(token) > 11:
            known = {place[0] for place in places}
            ends = (found.end() for found in _CODE_PLACE.finditer(token))
            places += [(at, _CODE, "", 0) for at in ends if at not in known]
            return sorted(places)
        if style["hyphens"] == "auto" and _PLAIN_WORD.fullmatch(token):
            places += self._hyphens(token)
        return sorted(places)

    def _hyphens(self, token: str) -> list[tuple[int, float, str, int]]:
        language = self.style["lang"] and pyphen.language_fallback(self.style["lang"])
        total, left, right = self.style["hyphenate_limit_chars"]
        found = _LETTERS.search(token)
        if not language or found is None or len(found.group()) < total:
            return []
        cost = _NAME if found.group()[0].isupper() else _HYPHEN
        return [
            (found.start() + at, cost, self.hyphen, 0)
            for at in _positions(found.group(), language, left, right)
        ]


@lru_cache(maxsize=4096)
def _positions(word: str, language: str, left: int, right: int) -> tuple[int, ...]:
    """Where `word` may be parted. Places one letter apart are doubtful, and left out."""
    places = list(map(int, _dictionary(language, left, right).positions(word)))
    return tuple(at for at in places if at - 1 not in places and at + 1 not in places)


@lru_cache(maxsize=16)
def _dictionary(language: str, left: int, right: int) -> Any:
    return pyphen.Pyphen(lang=language, left=left, right=right)


def words_of(style: Any) -> Words:
    """What is known of the words of `style`; kept with its fonts."""
    measured = getattr(style, "study_words", None)
    if measured is None:
        lines = getattr(style.font_config, "lines", None)
        if lines is None:
            measured = Words(style)
        else:
            known = lines.words
            number = lines.number(style)
            measured = known.get(number)
            if measured is None:
                measured = known[number] = Words(style)
        style.study_words = measured
    return measured
