"""TeX → drawings, sentences and MathML: every formula of a report in one call, kept by content."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

from generator.digest import canonical_json, digest_bytes
from generator.errors import PageError, StudyError, raise_all
from generator.model import Formula
from generator.store.cache import Cache

if TYPE_CHECKING:
    from generator.maths.engine import Reply

DRAWING = 5  # raise when the same TeX comes out as another drawing, sentence or MathML

# What the compiler does itself, so that it would be lost or doubled inside of a formula.
_ELSEWHERE = {
    "label": "name the equation behind it: $$ … $$ {#eq-name}",
    "ref": "refer to it in the text: @eq-name",
    "eqref": "refer to it in the text: @eq-name",
    "href": "put links into the text",
    "require": "no package needs to be loaded",
    "includegraphics": "put pictures into the text",
}
_MOST_LETTERS = 4000  # the engine's time grows with the square
_DEEPEST = 60  # braces in braces
_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FormulaPiece:
    """A part of a formula that may stand on a line of its own; see math_drawing.Piece."""

    operators: bytes
    tex: str
    width_em: float
    gap_em: float
    penalty: float


@dataclass(frozen=True, slots=True)
class DrawnFormula:
    """A formula ready to be placed. Sizes in em of the text around it.

    operators: PDF content, 1000 units to the em, y upwards, baseline at y = 0, in the current
    colours. glyphs: the path of each letter that "/NAME Do" in them draws. tag_operators: the
    labels of \\tag, in the same units, hung from x = 0, each on the baseline of its line; they
    are `tag_width_em` wide. pieces: all of it again, in the parts that it may be broken into.
    alt: the formula in words. mathml: one <math> element. tex: as its author wrote it.
    """

    width_em: float
    height_em: float
    depth_em: float
    operators: bytes
    glyphs: Mapping[str, bytes]
    alt: str
    tex: str
    mathml: str
    tag_width_em: float = 0.0
    tag_operators: bytes = b""
    pieces: tuple["FormulaPiece", ...] = ()

    @property
    def css(self) -> str:
        """What the `style` of the <img> has to say so that the baseline sits on the line."""
        width = ";width:100%" if self.tag_operators else ""
        return f"vertical-align:{-self.depth_em:.4f}em{width}"


def draw_formulas(
    formulas: Sequence[Formula], cache: Cache | None, language: str = "en"
) -> dict[str, DrawnFormula]:
    """Each formula's drawing by its key, with its sentence in `language`.

    Raises every problem together, as PageErrors: mistakes in the TeX, characters without a glyph.
    """
    known: dict[str, bytes] = {}
    wanted: dict[str, list[Formula]] = {}
    for formula in formulas:
        key = _cache_key(formula)
        if key not in wanted and cache and (kept := cache.get("formula", key)):
            known[key] = kept
        wanted.setdefault(key, []).append(formula)
    missing = {key: same[0] for key, same in wanted.items() if key not in known}
    problems: list[StudyError] = []
    for key, outcome in _outcomes(missing):
        if isinstance(outcome, _Mistake):
            problems += [
                PageError(outcome.message, formula.where, outcome.hint) for formula in wanted[key]
            ]
            continue
        known[key] = outcome
        if cache:
            cache.put("formula", key, outcome)
    raise_all(problems, "formulas")
    return {
        formula.key: _unpacked(known[key], language, formula.tex)
        for key, same in wanted.items()
        for formula in same
    }


def start_engine(cache: Cache) -> None:
    """Start what draws formulas, if nothing that it drew is kept: then it will be wanted."""
    if not (cache.folder / "formula").is_dir():
        from generator.maths.engine import engine

        engine()


@dataclass(frozen=True, slots=True)
class _Mistake:
    message: str
    hint: str = ""


def _outcomes(formulas: Mapping[str, Formula]) -> Iterator[tuple[str, bytes | _Mistake]]:
    """Each formula's drawing as it is kept, or what is wrong with it."""
    if not formulas:
        return
    # Only here: a report whose formulas are all kept starts no JavaScript engine.
    from generator.maths.engine import known_commands, typeset

    defined = {name for f in formulas.values() for name in _DEFINED.findall(f.macros)}
    again = defined & known_commands() if defined else set()
    refused = {key: _refused(formula, again) for key, formula in formulas.items()}
    batch = [(f.macros + f.tex, f.display) for key, f in formulas.items() if refused[key] is None]
    replies = iter(typeset(batch) if batch else ())
    for key, formula in formulas.items():
        found = refused[key] or _drawn(next(replies), formula)
        if isinstance(found, _Mistake):
            found = _Mistake(f"formula {_shortened(formula.tex)}: {found.message}", found.hint)
        yield key, found


_DEFINED = re.compile(r"\\newcommand\{\\([A-Za-z]+)\}")


def _refused(formula: Formula, known: Collection[str]) -> _Mistake | None:
    """What is wrong before it is drawn. known: commands that are defined though they exist."""
    for name in _DEFINED.findall(formula.macros):
        if name in known:
            # A formula elsewhere that has it already would change without its page being stale.
            hint = "give it a name of its own in reports/macros.tex"
            return _Mistake(f"\\{name} has a meaning already", hint)
    if len(formula.tex) > _MOST_LETTERS:
        found = f"{len(formula.tex)} characters, expected less than {_MOST_LETTERS}"
        return _Mistake(found, "no line is that long: split it into several")
    depth = deepest = 0
    for letter in formula.tex:
        depth += (letter == "{") - (letter == "}")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        return _Mistake(f"braces nested more than {_DEEPEST} deep")
    for command in _COMMAND.findall(formula.macros + formula.tex):
        if command in _ELSEWHERE:
            return _Mistake(f"\\{command} has no place in a formula", _ELSEWHERE[command])
        if command == "tag" and not formula.display:
            return _Mistake("\\tag has no place in a line of text", "display it: $$ … $$")
    return None


def _drawn(reply: "Reply", formula: Formula) -> bytes | _Mistake:
    from generator.drawing.path import SvgError
    from generator.maths.drawing import math_drawing
    from generator.maths.mathml import mathml
    from generator.maths.speech import speech
    from generator.maths.vocabulary import WORDINGS

    if reply.error:
        return _Mistake(reply.error, reply.hint)
    try:
        made = math_drawing(reply.tree, reply.meaning, display=formula.display)
    except SvgError as error:
        return _Mistake(f"{error} cannot be drawn")
    if not made.operators:
        return _Mistake("it draws nothing")
    kept = asdict(made)
    kept["alt"] = {language: speech(reply.meaning, language) for language in WORDINGS}
    kept["mathml"] = mathml(reply.meaning)
    return canonical_json(kept)


def _unpacked(content: bytes, language: str, tex: str) -> DrawnFormula:
    kept = json.loads(content)
    return DrawnFormula(
        width_em=kept["width_em"],
        height_em=kept["height_em"],
        depth_em=kept["depth_em"],
        operators=kept["operators"].encode("ascii"),
        glyphs={name: path.encode("ascii") for name, path in kept["glyphs"].items()},
        alt=kept["alt"].get(language) or kept["alt"]["en"],
        tex=tex,
        mathml=kept["mathml"],
        tag_width_em=kept["tag_width_em"],
        tag_operators=kept["tag_operators"].encode("ascii"),
        pieces=tuple(
            FormulaPiece(
                piece["operators"].encode("ascii"),
                piece["tex"],
                piece["width_em"],
                piece["gap_em"],
                piece["penalty"],
            )
            for piece in kept["pieces"]
        ),
    )


def _shortened(tex: str) -> str:
    flat = " ".join(tex.split())
    return f"“{flat if len(flat) <= 60 else flat[:57] + '…'}”"


@cache
def engine_version() -> str:
    """What a drawing depends on besides its TeX: MathJax, the text's fonts, this converter."""
    from generator.machine.fonts import font_versions
    from generator.maths.bundle import BUNDLE_SHA256

    fonts = [f"{name} {version}" for name, version in font_versions().items()]
    return "; ".join([f"drawing {DRAWING}", f"mathjax {BUNDLE_SHA256}", *fonts])


def _cache_key(formula: Formula) -> str:
    what = [engine_version(), formula.tex, formula.display]
    return digest_bytes(canonical_json([*what, formula.macros] if formula.macros else what))
