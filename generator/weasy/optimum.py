"""The best places to end the lines of a paragraph: its total ugliness is the least possible.

Knows nothing of pages or fonts, only of widths. Source: Knuth & Plass, Software: Practice and
Experience 11 (1981) 1119–1184, with glyphs that may be scaled (Hàn Thế Thành, thesis, Brno 2000).
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Lengths in em of the paragraph's type.
SCALE = 0.02  # by how much letters may be wider or narrower than drawn
# Korean words are not parted, so that their lines lack more; their letters stand in squares with
# air around them, and bear more.
KOREAN_SCALE = 0.035
SHARE = 0.8  # of what a line lacks: by its letters, as long as they bear it
WIDER, NARROWER = 0.10, 0.06  # what a space gains or loses in a line that is still good
NARROWEST = 0.085  # what a space may lose at most
SHORTEST_END = 4.3  # a last line is at least as long, if that can be had

_LINE = 10.0  # demerits are squared: of every line, so that few are better than many
_NEIGHBOURS = 3000.0  # a loose line beside a tight one
_HYPHENS = 6000.0  # two lines in a row that end in a hyphen
_LAST_HYPHEN = 8000.0  # a hyphen before the last line
_SHORT_END = 1_000_000.0
_LOOSEST = 0.78  # of the line: shorter ones are tried only where nothing else is possible


@dataclass(frozen=True, slots=True)
class Chance:
    """A place where a line may end; widths run from the paragraph's beginning.

    end, end_spaces, end_letters: width, spaces and width of letters up to here, as the end of a
    line: without a last space, with a hyphen. start, …: up to where the next line would begin.
    penalty: 0 between words. hyphen: the line would end in one.
    """

    end: float
    end_spaces: int
    end_letters: float
    start: float
    start_spaces: int
    start_letters: float
    penalty: float = 0.0
    hyphen: bool = False


@dataclass(slots=True)
class _Node:
    place: int  # of the chance that a line starts behind; -1: the beginning
    total: float
    fitness: int
    before: "_Node | None"


def scale_of(language: str | None) -> float:
    """By how much the letters of a text in `language` may be wider or narrower than drawn."""
    return KOREAN_SCALE if (language or "").partition("-")[0] == "ko" else SCALE


def spread(
    extra: float, letters: float, spaces: int, bearable: float = SCALE
) -> tuple[float, float]:
    """How a line is filled by `extra` (negative: squeezed): the scale of its letters less one, and
    what each space gains. bearable: by how much letters may be scaled.
    """
    most = bearable * letters
    scaled = max(-most, min(most, extra * SHARE if spaces else extra))
    scale = scaled / letters if letters else 0.0
    return scale, (extra - scaled) / spaces if spaces else 0.0


def best_breaks(
    chances: Sequence[Chance],
    first: float,
    width: float,
    em: float,
    least_end: float,
    scale: float = SCALE,
) -> list[int] | None:
    """The places in `chances` where lines end, the last of them the paragraph's end.

    first, width: of the first line and of all others; em: of the type, in the same unit.
    scale: by how much letters may be wider or narrower.
    None: a piece is wider than its line.
    """
    for loosest in (_LOOSEST, 0.0):
        found = _best(chances, first, width, em, least_end, scale, loosest)
        if found is not None:
            return found
    return None


def _best(
    chances: Sequence[Chance],
    first: float,
    width: float,
    em: float,
    least_end: float,
    scale: float,
    loosest: float,
) -> list[int] | None:
    active = [_Node(-1, 0.0, 1, None)]
    last = len(chances) - 1
    wider, narrower, narrowest = WIDER * em, NARROWER * em, NARROWEST * em
    for place, chance in enumerate(chances):
        end, end_spaces, end_letters = chance.end, chance.end_spaces, chance.end_letters
        is_last = place == last
        best: dict[int, _Node] = {}
        gone = False
        for node in active:
            if node.place < 0:
                room, long, spaces, letters = first, end, end_spaces, end_letters
                hyphen = False
            else:
                start = chances[node.place]
                room, long = width, end - start.start
                spaces = end_spaces - start.start_spaces
                letters = end_letters - start.start_letters
                hyphen = start.hyphen
            extra = room - long
            if extra < 0 and extra < -scale * letters - narrowest * spaces:
                node.fitness = -1  # too long from here on
                gone = True
                continue
            if extra > 0 and is_last:
                gain, fitness = 0.0, 1
            else:
                if long < loosest * room:
                    continue
                _, gain = spread(extra, letters, spaces, scale)
                if not spaces and extra > 0:
                    gain = extra
                if gain > 0:
                    ratio = gain / wider
                    fitness = 1 if ratio < 0.5 else 2 if ratio < 1 else 3
                else:
                    ratio = gain / narrower
                    fitness = 1 if ratio > -0.5 else 0
                gain = ratio if ratio > 0 else -ratio
            ugly = _LINE + 100.0 * gain * gain * gain
            demerits = ugly * ugly + chance.penalty * chance.penalty
            if abs(fitness - node.fitness) > 1:
                demerits += _NEIGHBOURS
            if hyphen:
                if chance.hyphen:
                    demerits += _HYPHENS
                if is_last:
                    demerits += _LAST_HYPHEN
            if is_last and node.place >= 0 and long < least_end:
                demerits += _SHORT_END * (2 - long / least_end)
            total = node.total + demerits
            known = best.get(fitness)
            if known is None or total < known.total:
                best[fitness] = _Node(place, total, fitness, node)
        if gone:
            active = [node for node in active if node.fitness >= 0]
        if is_last:
            if not best:
                return None
            return _places(min(best.values(), key=lambda node: node.total))
        if best:
            active.extend(best.values())
        elif not active:
            return None
    return None


def _places(node: _Node | None) -> list[int]:
    places: list[int] = []
    while node is not None and node.place >= 0:
        places.append(node.place)
        node = node.before
    return places[::-1]
