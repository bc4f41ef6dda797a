"""How a stretch of text ends when it is read aloud in Korean: 63.4 in 사, 10 % in 퍼센트."""

import re
import unicodedata

from generator.text.korean.latin import GREEK, word_sound
from generator.text.korean.sounds import UNKNOWN, Sounds, hangul_sound

_DIGITS = "영일이삼사오육칠팔구"
# What a whole number's last zeros are called, by their count; 4 to 7 are 만, 십만, 백만, 천만.
_ZEROS = (
    "",
    "십",
    "백",
    "천",
    *("만",) * 4,
    *("억",) * 4,
    *("조",) * 4,
    *("경",) * 4,
    *("해",) * 4,
)
_UNITS = {
    "": "", "m": "미터", "g": "그램", "s": "초", "Hz": "헤르츠", "B": "바이트", "b": "비트",
    "bit": "비트", "bits": "비트", "byte": "바이트", "bytes": "바이트", "W": "와트",
    "Wh": "와트시", "V": "볼트", "A": "암페어", "Ah": "암페어시", "K": "켈빈", "J": "줄",
    "N": "뉴턴", "Pa": "파스칼", "eV": "전자볼트", "L": "리터", "l": "리터", "mol": "몰",
    "rad": "라디안", "sr": "스테라디안", "cd": "칸델라", "lm": "루멘", "lx": "럭스", "C": "쿨롬",
    "F": "패럿", "H": "헨리", "Ω": "옴", "S": "지멘스", "T": "테슬라", "Wb": "웨버",
    "Bq": "베크렐", "Gy": "그레이", "Sv": "시버트", "cal": "칼로리", "px": "픽셀",
    "FLOP": "플롭", "FLOPs": "플롭스", "FLOPS": "플롭스", "bps": "비피에스", "t": "톤",
}  # fmt: skip
_ALONE = {  # units that take no prefix
    "min": "분", "h": "시간", "d": "일", "dB": "데시벨", "pt": "포인트", "ha": "헥타르",
    "°C": "도", "°F": "도", "°": "도", "℃": "도", "%": "퍼센트", "‰": "퍼밀", "%p": "퍼센트포인트",
    "×": "배", "x": "배", "pp": "퍼센트포인트", "ppm": "피피엠", "ppb": "피피비",
    "fps": "에프피에스", "rpm": "알피엠", "dpi": "디피아이", "in": "인치", "ft": "피트",
    "kn": "노트",
}  # fmt: skip
_PREFIXES = ("", *"QRYZEPTGMkhdcmµunpfazyrq", "da", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_SIGNS = {
    "%": "퍼센트", "％": "퍼센트", "‰": "퍼밀", "°": "도", "℃": "도", "∞": "무한대", "+": "플러스",
    "♯": "샤프", "♭": "플랫", "♮": "내추럴", "$": "달러", "€": "유로", "£": "파운드", "₩": "원",
    "¥": "엔", "&": "앤드",
}  # fmt: skip
_MONEY = {"$": "달러", "€": "유로", "£": "파운드", "₩": "원", "¥": "엔"}
_CLOSERS = "”’\"'»›」』〉》】〕*_~…"
_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（"}
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉"
_GAPS = "\u202f\u2009\u00a0\u2060 "

_NUMBER = r"(?:\d{1,3}(?:[,\u202f\u2009\u00a0]\d{3})+(?!\d)|\d+)(?:\.\d+)*"
_AT_END = re.compile(rf"(?P<before>.*?)(?P<number>(?<![\d.,])(?:{_NUMBER}|\.\d+))\Z", re.DOTALL)
_WORD = re.compile(r"[A-Za-z\u00C0-\u024F]+\Z")
_WITH_UNIT = re.compile(
    rf"(?:[\d⁰¹²³⁴⁵⁶⁷⁸⁹]|[\d⁰¹²³⁴⁵⁶⁷⁸⁹]\))(?P<gap>[{_GAPS}]?)"
    r"(?P<unit>(?:[A-Za-zµμΩ%°‰℃×]+[²³]?)(?:/[A-Za-zµμΩ]+[²³]?)?)\Z"
)


def sounds_at_end(text: str) -> Sounds:
    """How `text` ends when it is read; UNKNOWN where that can't be told.

    Several sounds where its readings end differently. Words in brackets that follow a word
    directly aren't read: 쿼리(query) ends as 쿼리 does, 식 (3) as 삼.
    Source: 국립국어원 on brackets: a particle agrees with the word before them.
    """
    text = _without_closers(text)
    if not text:
        return UNKNOWN
    last = text[-1]
    if known := hangul_sound(last):
        return known
    if unit := _with_unit(text):
        return unit
    if last in _RAISED:
        return hangul_sound("곱")  # 제곱; 승 ends alike
    if last in _LOWERED:
        return hangul_sound(_DIGITS[_LOWERED.index(last)])
    if unicodedata.decomposition(last).startswith("<fraction>"):  # ½ is 이분의 일
        return _number(unicodedata.normalize("NFKC", last).partition("\u2044")[0])
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        if unit := _with_unit(text):
            return unit
    last = text[-1]
    if last.isdigit() and last.isascii():
        return _number(text)
    if last in _SIGNS:
        return hangul_sound(_SIGNS[last][-1])
    if last == "!" and text[-2:-1].isdigit():
        return hangul_sound("얼")  # 팩토리얼
    if last.lower() in GREEK:
        return hangul_sound(GREEK[last.lower()][-1])
    word = _WORD.search(text)
    if word is None:
        return UNKNOWN
    return word_sound("".join(map(_without_accent, word[0])))


def _without_accent(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]


def _without_closers(text: str) -> str:
    """`text` without what is not read at its end: quotation marks, words in brackets."""
    while text:
        last = text[-1]
        if last in _CLOSERS:
            text = text[:-1]
            continue
        opening = _BRACKETS.get(last)
        if opening is None:
            return text
        depth, at = 0, len(text) - 1
        while at >= 0:
            depth += (text[at] == last) - (text[at] == opening)
            if depth == 0:
                break
            at -= 1
        if at > 0 and not text[at - 1].isspace() and text[at - 1] not in "([{“‘\"'":
            text = text[:at]
        else:
            text = text[:-1]
    return text


def _with_unit(text: str) -> Sounds:
    """How a number with its unit ends; UNKNOWN if no unit follows a number there."""
    match = _WITH_UNIT.search(text)
    if match is None:
        return UNKNOWN
    unit = match["unit"].replace("μ", "µ")
    above, slash, below = unit.partition("/")
    read = _unit(above)
    if slash:
        # 초당 미터 or 미터 퍼 세컨드: known if both end alike.
        per = {"s": "드", "sec": "드", "h": "워", "min": "닛", "d": "이"}.get(below, "")
        other = hangul_sound(per) if per else _unit(below)
        return read | other if read and other else UNKNOWN
    if read and not match["gap"] and unit in ("K", "k", "M", "B", "T", "G"):
        return read | word_sound(unit)  # 10K is 10 thousand, or 10 kelvin
    return read


def _unit(unit: str) -> Sounds:
    """How the name of `unit` ends; areas and volumes are 제곱미터, 세제곱미터."""
    base = unit.rstrip("²³")
    name = _ALONE.get(base) or _UNITS.get(base)
    if name is None:
        for prefix in _PREFIXES:
            if prefix and base.startswith(prefix) and base[len(prefix) :] in _UNITS:
                name = _UNITS[base[len(prefix) :]]
                break
    return hangul_sound(name[-1]) if name else UNKNOWN


def _number(text: str) -> Sounds:
    """How `text`, which ends with a digit, ends."""
    match = _AT_END.fullmatch(text)
    if match is None:
        return UNKNOWN
    before, number = match["before"], match["number"]
    sounds = hangul_sound(_last_of_number(number))
    sign = before.rstrip(_GAPS)[-1:]
    if sign in _MONEY:
        return hangul_sound(_MONEY[sign][-1])
    if before.endswith("/") and (above := _AT_END.fullmatch(before[:-1])):
        if above["number"].isdigit() and number.isdigit() and int(above["number"]) < int(number):
            return hangul_sound(_last_of_number(above["number"]))  # 1/2 is 이분의 일
        return sounds | hangul_sound(_last_of_number(above["number"]))
    if re.search(r"(?:^|[^\d:])\d{1,2}:\Z", before) and re.fullmatch("[0-5]\\d", number):
        return sounds | hangul_sound("분" if number != "00" else "시")
    if re.search(r"[A-Za-z]-?\Z", before) and not re.search(r"\.\d", number):
        return sounds | _in_english(number)  # GPT-2, W1: as people happen to say it
    return sounds


def _last_of_number(number: str) -> str:
    """The last syllable of a number: decimals one by one, a whole number's zeros together."""
    _whole, dot, decimals = re.sub(r"[^\d.]", "", number).rpartition(".")
    if dot:
        return _DIGITS[int(decimals[-1])]
    digits = decimals.lstrip("0")
    if not digits:
        return "영"
    zeros = len(digits) - len(digits.rstrip("0"))
    if not zeros:
        return _DIGITS[int(digits[-1])]
    return _ZEROS[zeros] if zeros < len(_ZEROS) else ""


def _in_english(number: str) -> Sounds:
    """How a number behind a name ends where its digits are said in English: two, sixteen."""
    digits = number.lstrip("0") or "0"
    if len(digits) > 2:
        return UNKNOWN
    if len(digits) == 2 and "10" <= digits <= "19":
        last = {"10": "텐", "11": "븐", "12": "브"}.get(digits, "틴")
    elif len(digits) == 2 and digits[1] == "0":
        last = "티"
    else:
        last = "로원투리포브스븐트인"[int(digits[-1])]
    return hangul_sound(last)
