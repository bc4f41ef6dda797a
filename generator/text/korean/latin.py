"""How Latin and Greek letters, abbreviations and English words end when Korean reads them."""

import re

from generator.text.korean.sounds import CLOSED, OPEN, UNKNOWN, L, Sounds, hangul_sound

LETTERS = {
    "a": "에이", "b": "비", "c": "시", "d": "디", "e": "이", "f": "에프", "g": "지", "h": "에이치",
    "i": "아이", "j": "제이", "k": "케이", "l": "엘", "m": "엠", "n": "엔", "o": "오", "p": "피",
    "q": "큐", "r": "알", "s": "에스", "t": "티", "u": "유", "v": "브이", "w": "더블유",
    "x": "엑스", "y": "와이", "z": "제트",
}  # fmt: skip
GREEK = {
    "α": "알파", "β": "베타", "γ": "감마", "δ": "델타", "ε": "엡실론", "ϵ": "엡실론", "ζ": "제타",
    "η": "에타", "θ": "세타", "ϑ": "세타", "ι": "요타", "κ": "카파", "λ": "람다", "μ": "뮤",
    "ν": "뉴", "ξ": "크시", "ο": "오미크론", "π": "파이", "ρ": "로", "ϱ": "로", "σ": "시그마",
    "ς": "시그마", "τ": "타우", "υ": "입실론", "φ": "피", "ϕ": "피", "χ": "카이", "ψ": "프시",
    "ω": "오메가",
}  # fmt: skip

# Words that are read otherwise than most words with their ending.
_CLOSED_WORDS = """
    bag block book chat chocolate club commit feedback foot format git group input job lab latex
    output packet plot pub robot stack target tex track type unit web
""".split()  # noqa: SIM905
_OPEN_WORDS = ("bit", "check", "hub", "set", "suit")
_WORDS: dict[str, Sounds] = {
    **dict.fromkeys(_CLOSED_WORDS, CLOSED),
    **dict.fromkeys(_OPEN_WORDS, OPEN),
}
# The first that fits decides. Source: 외래어 표기법 (Ministry of Culture, 2017-14), chapter 3,
# section 1: final [p], [t], [k] close a syllable after a short vowel and stand alone with 으
# otherwise; [b], [d], [g], [s], [z], [f], [v], [θ] take 으, [ʃ], [tʃ], [dʒ] take 이; [m], [n], [ŋ]
# and [l] close. UNKNOWN where the spelling doesn't tell whether the vowel is short.
_ENDINGS: tuple[tuple[str, Sounds], ...] = tuple(
    (rf"(?:{pattern})\Z", sounds)
    for pattern, sounds in (
        (r"ng|gn|mb|m|n", CLOSED),
        (r"l|ll", L),
        (r"[aeiouy]le|[bcdfgkptz]le|tle", L),
        (r"[aeiouy][mn]e|[a-z]me|[a-z]ne", CLOSED),
        (r"[aiouy]", OPEN),
        (r"ype", CLOSED),
        (r"e", OPEN),
        (r"[rwsxzfvdhjq]", OPEN),
        (r"log|lag|tag|bug|[a-z]rg|gg", OPEN),
        (r"[bcdfghjklmnpqrsvwxz]t|(?:ea|oa|ai|ee|oo|ou)t", OPEN),
        (r"[lnrs]k|(?:ea|ee|oa)k", OPEN),
        (r"ook", CLOSED),
        (r"[lmrs]p", OPEN),
        (r"(?:^|[^aeiou])[aeiou]p", CLOSED),
        (r"[nr]c", OPEN),
        (r"[aeiou]c", CLOSED),
    )
)


def letter_sound(letter: str) -> Sounds:
    """How the name of one letter ends: k (케이) is open, m (엠) closed, l (엘) and r (알) in ㄹ."""
    name = LETTERS.get(letter.lower()) or GREEK.get(letter.lower())
    return hangul_sound(name[-1]) if name else UNKNOWN


def word_sound(word: str) -> Sounds:
    """How `word` of Latin letters ends; UNKNOWN, or more than one, where its spelling can't tell.

    A single letter and an abbreviation without vowels are spelled; what may be spelled or read
    as a word (RAM, JSON) is known if both end alike.
    """
    if len(word) == 1:
        return letter_sound(word)
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    last = re.search(r"[A-Z]?[a-z]+\Z|[A-Z]+\Z", word)
    if last is None:
        return UNKNOWN
    part = last[0]
    spelled = letter_sound(part[-1])
    if len(part) == 1 or not re.search("[aeiouy]", part.lower()):
        return spelled
    read = _read_as_word(part.lower())
    if not part.isupper() and len(part) > 2:
        return read
    return spelled | read if read else UNKNOWN


def _read_as_word(word: str) -> Sounds:
    if word in _WORDS:  # the last part of a name: DataBlock
        return _WORDS[word]
    for pattern, sounds in _ENDINGS:
        if re.search(pattern, word):
            return sounds
    return UNKNOWN
