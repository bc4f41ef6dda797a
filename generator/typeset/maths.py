"""TeX → drawings: every formula of a report in one call, kept by content."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

from generator.cache import Cache
from generator.digest import canonical_json, digest_bytes
from generator.errors import PageError, StudyError, raise_all
from generator.model import Formula

DRAWING = 1  # raise when the same TeX comes out as another drawing or another sentence


@dataclass(frozen=True, slots=True)
class DrawnFormula:
    """A formula ready to be placed. Sizes in em of the text around it.

    operators: PDF content, 1000 units to the em, y upwards, baseline at y = 0, in the current
    colours. tag_operators: the labels of \\tag, in the same units, hung from x = 0, each on the
    baseline of its line; they are `tag_width_em` wide. alt: the formula in words.
    """

    width_em: float
    height_em: float
    depth_em: float
    operators: bytes
    alt: str
    tag_width_em: float = 0.0
    tag_operators: bytes = b""

    @property
    def css(self) -> str:
        """What the `style` of the <img> has to say so that the baseline sits on the line."""
        width = ";width:100%" if self.tag_operators else ""
        return f"vertical-align:{-self.depth_em:.4f}em{width}"


def draw_formulas(
    formulas: Sequence[Formula], cache: Cache | None, language: str = "en"
) -> dict[str, DrawnFormula]:
    """Each formula's drawing by its key. Raises every problem together as StudyErrors."""
    known: dict[str, DrawnFormula] = {}
    wanted: dict[str, list[Formula]] = {}
    for formula in formulas:
        key = _cache_key(formula, language)
        if key not in wanted and cache and (kept := cache.get("formula", key)):
            known[key] = _unpacked(kept)
        wanted.setdefault(key, []).append(formula)
    missing = {key: same[0] for key, same in wanted.items() if key not in known}
    problems: list[StudyError] = []
    for key, outcome in _draw(missing, language).items():
        if isinstance(outcome, str):
            problems += [PageError(outcome, formula.where) for formula in wanted[key]]
            continue
        known[key] = outcome
        if cache:
            cache.put("formula", key, _packed(outcome))
    raise_all(problems, "formulas")
    return {formula.key: known[key] for key, same in wanted.items() for formula in same}


def _draw(formulas: dict[str, Formula], language: str) -> dict[str, DrawnFormula | str]:
    """The drawing of each formula, or what is wrong with it."""
    if not formulas:
        return {}
    # Only here: a report whose formulas are all kept starts no JavaScript engine.
    from generator.typeset.math_drawing import math_drawing
    from generator.typeset.math_engine import typeset
    from generator.typeset.math_text import advances
    from generator.typeset.svg_path import SvgError

    text = "".join(formula.tex for formula in formulas.values())
    replies = typeset(
        [(formula.tex, formula.display) for formula in formulas.values()], advances(text)
    )
    drawn: dict[str, DrawnFormula | str] = {}
    for (key, formula), reply in zip(formulas.items(), replies, strict=True):
        if reply.tree is None:
            drawn[key] = f"formula {_shortened(formula.tex)}: {reply.error}"
            continue
        try:
            made = math_drawing(reply.tree)  # type: ignore[arg-type]
        except SvgError as error:
            drawn[key] = f"formula {_shortened(formula.tex)}: {error} cannot be drawn"
            continue
        if not made.operators:
            drawn[key] = f"formula {_shortened(formula.tex)}: it draws nothing"
            continue
        drawn[key] = DrawnFormula(
            made.width_em,
            made.height_em,
            made.depth_em,
            made.operators.encode("ascii"),
            _spoken(formula, language),
            made.tag_width_em,
            made.tag_operators.encode("ascii"),
        )
    return drawn


def _spoken(formula: Formula, language: str) -> str:
    import mathra

    locale = language if language in ("en", "ko") else "en"
    speech: str = mathra.render(formula.tex, locale, display=formula.display)["speech"]
    return speech or formula.tex


def _shortened(tex: str) -> str:
    flat = " ".join(tex.split())
    return f"“{flat if len(flat) <= 60 else flat[:57] + '…'}”"


@cache
def engine_version() -> str:
    """What a drawing depends on besides its TeX: MathJax, fonts, this converter."""
    from importlib.metadata import version

    names = ("quickjax", "pylopdf-fonts-ko")
    return "; ".join([f"drawing {DRAWING}", *(f"{name} {version(name)}" for name in names)])


def _cache_key(formula: Formula, language: str) -> str:
    parts = [engine_version(), formula.tex, formula.display, language]
    return digest_bytes(canonical_json(parts))


def _packed(drawn: DrawnFormula) -> bytes:
    values = asdict(drawn)
    for name in ("operators", "tag_operators"):
        values[name] = values[name].decode("ascii")
    return json.dumps(values, ensure_ascii=False, sort_keys=True).encode()


def _unpacked(content: bytes) -> DrawnFormula:
    values = json.loads(content)
    for name in ("operators", "tag_operators"):
        values[name] = values[name].encode("ascii")
    return DrawnFormula(**values)
