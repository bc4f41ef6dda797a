"""How a formula ends when it is read aloud in Korean: x^2 in 제곱, d_k in 케이, 1/n in 일 or 엔."""

import re
from dataclasses import dataclass

from generator.text.korean.readings import sounds_at_end
from generator.text.korean.sounds import CLOSED, OPEN, UNKNOWN, L, Sounds

_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|[^\\]", re.DOTALL)
_SPACES = {
    r"\,", r"\;", r"\:", r"\!", "\\ ", r"\quad", r"\qquad", r"\displaystyle", r"\textstyle",
    r"\limits", r"\nolimits", "~", " ", "\n", "\t", "&",
}  # fmt: skip
_SIZES = re.compile(r"\\(?:left|right|middle|[bB]igg?[lrm]?)\Z")
_CLOSING = {
    ")", "]", "|", ".", r"\}", r"\|", r"\rangle", r"\rvert", r"\rVert", r"\vert", r"\Vert",
    r"\rfloor", r"\rceil", r"\rbrack", r"\rbrace", r"\rgroup",
}  # fmt: skip
_STOPS = {".", ",", ";", ":", "?"}
# Commands of one argument that is read as if it stood there alone.
_STYLES = {
    r"\mathbf", r"\boldsymbol", r"\bm", r"\mathit", r"\mathcal", r"\mathbb", r"\mathscr",
    r"\mathfrak", r"\mathsf", r"\mathtt", r"\mathop", r"\mathrel", r"\mathbin", r"\mathord",
    r"\boxed", r"\sqrt", r"\underline", r"\cancel",
}  # fmt: skip
_WORDS = {
    r"\text", r"\textrm", r"\textbf", r"\textit", r"\textsf", r"\texttt", r"\mathrm",
    r"\operatorname", r"\operatorname*", r"\mbox",
}  # fmt: skip
_MARKS = {
    r"\hat": CLOSED, r"\widehat": CLOSED, r"\bar": OPEN, r"\overline": OPEN, r"\tilde": OPEN,
    r"\widetilde": OPEN, r"\vec": OPEN, r"\dot": CLOSED | OPEN, r"\ddot": CLOSED | OPEN,
    r"\check": OPEN, r"\breve": OPEN, r"\mathring": CLOSED,
}  # fmt: skip
_FRACTIONS = {r"\frac", r"\tfrac", r"\dfrac", r"\cfrac"}
_NAMES = {
    r"\infty": "무한대", r"\ell": "엘", r"\%": "%", r"\degree": "도", r"\circ": "도",
    r"\prime": "프라임", r"\top": "전치", r"\intercal": "전치", r"\dagger": "대거",
    r"\star": "스타", r"\ast": "스타", r"\hbar": "에이치바", r"\nabla": "나블라",
    r"\emptyset": "공집합",
    r"\varnothing": "공집합", r"\log": "로그", r"\ln": "로그", r"\sin": "사인", r"\cos": "코사인",
    r"\tan": "탄젠트", r"\det": "행렬식", r"\dim": "차원", r"\exp": "", r"\%p": "퍼센트포인트",
    r"\aleph": "알레프", r"\Re": "실수부", r"\Im": "허수부", r"\alpha": "알파", r"\beta": "베타",
    r"\gamma": "감마", r"\delta": "델타", r"\epsilon": "엡실론", r"\zeta": "제타", r"\eta": "에타",
    r"\theta": "세타", r"\iota": "요타", r"\kappa": "카파", r"\lambda": "람다", r"\mu": "뮤",
    r"\nu": "뉴", r"\xi": "크시", r"\omicron": "오미크론", r"\pi": "파이", r"\rho": "로",
    r"\sigma": "시그마", r"\tau": "타우", r"\upsilon": "입실론", r"\phi": "피", r"\chi": "카이",
    r"\psi": "프시", r"\omega": "오메가", r"\$": "달러", r"\sharp": "샤프", r"\flat": "플랫",
    r"\natural": "내추럴",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Atom:
    """A token or a group with what is written on and below it.

    kind: "token", "group", "words" (letters as they are), "fraction", "marked". text: the token,
    the words, or the accent's command. parts: what a group, a fraction (above, below) or an accent
    holds.
    """

    kind: str
    text: str = ""
    parts: "tuple[tuple[_Atom, ...], ...]" = ()
    lower: "tuple[_Atom, ...] | None" = None
    upper: "tuple[_Atom, ...] | None" = None


def formula_sounds(tex: str) -> Sounds:
    """How the formula `tex` ends; UNKNOWN where that can't be told."""
    tex = re.sub(r"(?<=\d)(?:\{,\}|\\,)(?=\d)", "", tex)
    tokens = [token for token in _TOKEN.findall(tex) if not _SIZES.match(token)]
    try:
        return _end(_atoms(tokens[::-1], ""))
    except _UnreadableError:
        return UNKNOWN


class _UnreadableError(Exception):
    """TeX that this reader doesn't know."""


def _atoms(tokens: list[str], until: str) -> tuple[_Atom, ...]:
    """The atoms up to `until`; `tokens` are in reverse and used up."""
    found: list[_Atom] = []
    while tokens:
        token = tokens.pop()
        if token == until:
            return tuple(found)
        if token in _SPACES:
            continue
        if token in ("^", "_"):
            base = found.pop() if found else _Atom("token")
            script = _argument(tokens)
            lower, upper = (script, base.upper) if token == "_" else (base.lower, script)
            found.append(_Atom(base.kind, base.text, base.parts, lower, upper))
        elif token == "'":
            base = found.pop() if found else _Atom("token")
            prime = (_Atom("token", r"\prime"),)
            found.append(_Atom(base.kind, base.text, base.parts, base.lower, prime))
        else:
            found.append(_atom(token, tokens))
    if until:
        raise _UnreadableError
    return tuple(found)


def _atom(token: str, tokens: list[str]) -> _Atom:
    if token == "{":
        return _Atom("group", parts=(_atoms(tokens, "}"),))
    if token in _FRACTIONS:
        above = _argument(tokens)
        return _Atom("fraction", parts=(above, _argument(tokens)))
    if token in _WORDS:
        return _Atom("words", _raw(tokens))
    if token in _MARKS:
        return _Atom("marked", token, (_argument(tokens),))
    if token in _STYLES:
        if token == r"\sqrt" and _next(tokens) == "[":
            while tokens and tokens.pop() != "]":
                pass
        return _Atom("group", parts=(_argument(tokens),))
    if token in (r"\begin", r"\tag", r"\label", r"\substack", r"\binom", r"\over", r"\choose"):
        raise _UnreadableError
    return _Atom("token", token)


def _next(tokens: list[str]) -> str:
    while tokens and tokens[-1] in _SPACES:
        tokens.pop()
    return tokens[-1] if tokens else ""


def _argument(tokens: list[str]) -> tuple[_Atom, ...]:
    """The group or token that comes next."""
    if not _next(tokens):
        raise _UnreadableError
    token = tokens.pop()
    return _atoms(tokens, "}") if token == "{" else (_atom(token, tokens),)


def _raw(tokens: list[str]) -> str:
    """The letters of a group that TeX takes as words."""
    if _next(tokens) != "{":
        return tokens.pop() if tokens else ""
    tokens.pop()
    depth, words = 1, ""
    while tokens:
        token = tokens.pop()
        depth += (token == "{") - (token == "}")
        if not depth:
            return words
        words += "" if token in "{}" else " " if token == "~" else token.removeprefix("\\")
    raise _UnreadableError


def _end(atoms: tuple[_Atom, ...]) -> Sounds:
    """How the last atom that is read ends."""
    last = len(atoms) - 1
    while last >= 0 and _is_silent(atoms[last], closing=last > 0):
        last -= 1
    if last < 0:
        return UNKNOWN
    atom = atoms[last]
    if atom.upper is not None:
        return _power(atom.upper)
    if atom.lower is not None:
        return _end(atom.lower)
    sounds = _plain_end(atoms, last)
    if last > 1 and atoms[last - 1].text == "/" and not _is_number(atoms[last - 2]):
        return sounds | _end(atoms[: last - 1])  # 엔 분의 케이, or 케이 나누기 엔
    return sounds


def _is_silent(atom: _Atom, *, closing: bool) -> bool:
    if atom.kind != "token" or atom.upper is not None or atom.lower is not None:
        return False
    return atom.text in _STOPS or (closing and atom.text in _CLOSING)


def _is_number(atom: _Atom) -> bool:
    return atom.kind == "token" and atom.text.isdigit()


def _power(upper: tuple[_Atom, ...]) -> Sounds:
    """How something to the power of `upper` ends: 제곱, but transposed, primed and starred."""
    text = upper[0].text if len(upper) == 1 else ""
    if text in (r"\top", r"\intercal", r"\prime", r"\dagger", r"\star", r"\ast", r"\circ"):
        return sounds_at_end(_NAMES[text])
    if text == "*":
        return OPEN  # 스타, 별표
    if text in ("+", "-"):
        return OPEN | CLOSED if text == "+" else CLOSED | OPEN
    if text == "T":
        return OPEN | CLOSED  # transposed, or to the power of T
    if upper and upper[0].text in ("(", r"\langle"):
        return _end(upper)
    return CLOSED


def _plain_end(atoms: tuple[_Atom, ...], last: int) -> Sounds:
    atom = atoms[last]
    if atom.kind == "group":
        return _end(atom.parts[0])
    if atom.kind == "fraction":
        above, below = atom.parts
        sounds = _end(above)
        derivative = above and above[0].text in (r"\partial", "d")
        return sounds | _end(below) if derivative else sounds  # 디와이 디엑스
    if atom.kind == "marked":
        return _MARKS[atom.text]
    if atom.kind == "words":
        number = _number_before(atoms, last)
        return sounds_at_end(f"{number} {atom.text}" if number else atom.text)
    text = atom.text
    if text.isdigit():
        number = _number_before(atoms, last + 1)
        if last > len(number) and atoms[last - len(number)].text == "/":
            return sounds_at_end(f"{_number_before(atoms, last - len(number))}/{number}")
        return sounds_at_end(number)
    if text == r"\%" or text == "!":
        return sounds_at_end("1" + text[-1]) if text == r"\%" else L
    if text.startswith("\\"):
        name = _NAMES.get(text) or _NAMES.get(text.replace(r"\var", "\\")) or _greek_capital(text)
        return sounds_at_end(name) if name else UNKNOWN
    return sounds_at_end(text) if text.isalpha() else UNKNOWN


def _greek_capital(command: str) -> str:
    return _NAMES.get(command.lower(), "") if command[1:2].isupper() else ""


def _number_before(atoms: tuple[_Atom, ...], end: int) -> str:
    """The digits and dots right before the place `end`."""
    digits = ""
    while end > 0:
        atom = atoms[end - 1]
        plain = atom.kind == "token" and atom.upper is None and atom.lower is None
        if atom.kind == "group" and not digits:
            inner = _number_before(atom.parts[0], len(atom.parts[0]))
            return inner if len(inner) == len(atom.parts[0]) else ""
        if not plain or not (atom.text.isdigit() or atom.text == "."):
            break
        digits = atom.text + digits
        end -= 1
    return digits
