"""The three ways in which a Korean word can end, as far as particles care."""

from typing import Literal

# open: no final consonant. l: ㄹ, after which (으)로 is 로. closed: any other final consonant.
Sound = Literal["open", "l", "closed"]
Sounds = frozenset[Sound]  # more than one where a word is read in more than one way

OPEN: Sounds = frozenset({"open"})
L: Sounds = frozenset({"l"})
CLOSED: Sounds = frozenset({"closed"})
UNKNOWN: Sounds = frozenset()

_FIRST, _LAST = "가", "힣"
_CONSONANTS = frozenset("ㄱㄲㄳㄴㄵㄶㄷㄸㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
_VOWELS = frozenset("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")


def hangul_sound(character: str) -> Sounds:
    """How a syllable of Hangul, or the name of a single letter of it, ends; UNKNOWN for others.

    Source: the Unicode Standard, section 3.12: a syllable is 28 * (…) + its final consonant.
    """
    if _FIRST <= character <= _LAST:
        final = (ord(character) - ord(_FIRST)) % 28
        return OPEN if final == 0 else L if final == 8 else CLOSED
    if character == "ㄹ":
        return L  # 리을
    if character in _CONSONANTS:
        return CLOSED  # 기역, 니은, …
    return OPEN if character in _VOWELS else UNKNOWN
