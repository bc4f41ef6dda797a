"""Particles written for both cases, as 이(가): the one that the word before them takes."""

import re
from collections.abc import Callable

from generator.text.korean.readings import sounds_at_end
from generator.text.korean.sounds import Sound, Sounds

# After a final consonant, after a vowel.
_PAIRS = (("이", "가"), ("은", "는"), ("을", "를"), ("과", "와"), ("으로", "로"))
_FORMS = {f"{one}({other})": (a, b) for a, b in _PAIRS for one, other in ((a, b), (b, a))}
_FORMS |= {f"{one}({other})": (one, other) for one, other in (("이었", "였"), ("이에", "예"))}
# What follows (이): the endings of 이다, and 이나, 이랑, 이야.
_COPULA = "다라란며면고나지므로든랑야기냐니자거던건"
NOTATION = re.compile(
    "|".join(map(re.escape, sorted(_FORMS, key=len, reverse=True)))
    + rf"|이([{_COPULA}][가-힣]{{0,2}})\(\1\)"
    + rf"|\(이\)(?=[{_COPULA}]|[었였에예])|\(으\)(?=로)"
)
_CONTRACTED = {"었": "였", "였": "였", "에": "예", "예": "예"}  # 이었다 → 였다, 이에요 → 예요
_FULL = {"였": "었", "예": "에"}
_OPENERS = "([{（“‘「『〈《【"

_TYPED = re.compile(r"(?:[이가은는을를과와]|(?:으로|로)(?:[서써는도]|부터)?)(?![가-힣(])")
_EITHER = {form: pair for pair in _PAIRS for form in pair}

Report = Callable[[str, str], None]


def with_particles(text: str, before: str, report: Report, sounds: Sounds | None = None) -> str:
    """`text` with every particle in two forms, 이(가), replaced by the one that is right there.

    before: what is read before `text`. sounds: how that ends where letters don't tell (a formula).
    report: told a message and a hint where a particle follows nothing or what can't be read.
    """
    if "(" not in text:
        return text
    parts: list[str] = []
    done = 0
    for match in NOTATION.finditer(text):
        if match.start() < done:
            continue
        parts.append(text[done : match.start()])
        so_far = "".join(parts)
        known = sounds if sounds is not None and not so_far.strip() and match.start() == 0 else None
        chosen, done = _chosen(match, text, before + so_far, report, known)
        parts.append(chosen)
    parts.append(text[done:])
    return "".join(parts)


def typed_wrongly(text: str, before: str) -> tuple[str, str] | None:
    """Message and hint if `text` starts with a particle that `before`, a number, doesn't take."""
    match = _TYPED.match(text)
    if match is None or not re.search(r"\d", before):
        return None
    particle = "으로" if match[0].startswith("으로") else match[0][0]
    one, other = _EITHER[particle]
    right = {_pick(sound, one, other) for sound in sounds_at_end(before)}
    if len(right) != 1 or particle in right:
        return None
    both = "(으)로" if one == "으로" else f"{one}({other})"
    return (
        f"'{particle}' follows {before.strip()}, which takes '{right.pop()}'",
        f"write {both}, which follows the value when it changes",
    )


def _chosen(
    match: re.Match[str], text: str, before: str, report: Report, known: Sounds | None
) -> tuple[str, int]:
    """The particle for `match` and where the text goes on behind it."""
    notation, end = match[0], match.end()
    if _is_quoted(before):
        return notation, end
    if known is None and (not before or before[-1].isspace()):
        report(
            f"{notation} follows nothing",
            f"write it right behind its word; {_escaped(notation)} prints the notation itself",
        )
        return notation, end
    sounds = sounds_at_end(before) if known is None else known
    if notation == "(이)" and text[end : end + 1] in _CONTRACTED:
        first = text[end]
        one, other, end = "이" + _FULL.get(first, first), _CONTRACTED[first], end + 1
    elif notation == "(이)":
        one, other = "이", ""
    elif notation == "(으)":
        one, other, end = "으로", "로", end + 1
    elif match[1]:
        one, other = "이" + match[1], match[1]
    else:
        one, other = _FORMS[notation]
    choices = {_pick(sound, one, other) for sound in sounds}
    if len(choices) == 1:
        return choices.pop(), end
    word = (re.split(r"[\s(]", before.rstrip("”’\"'*_"))[-1] or before)[-30:]
    said = "may be read in more than one way" if sounds else "has no known reading"
    shown = text[match.start() : max(end, match.end() + 1)] if notation[0] == "(" else notation
    what = f"{word}, which" if known is None else "a formula that"
    particle = other if other else text[end : end + 1]
    example = f"{word if known is None else '$…$'}{particle}"
    report(f"{shown} follows {what} {said}", f"write the particle itself: {example}")
    return notation, end


def _pick(sound: Sound, one: str, other: str) -> str:
    if sound == "open" or (sound == "l" and one == "으로"):
        return other
    return one


def _is_quoted(before: str) -> bool:
    """Whether a quotation or a bracket opens right before: the notation itself is meant."""
    if before[-1:] in _OPENERS and before:
        return True
    return before[-1:] in ("'", '"') and (len(before) == 1 or before[-2].isspace())


def _escaped(notation: str) -> str:
    return notation.replace("(", "\\(")
