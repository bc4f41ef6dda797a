"""Formulas in a page for browsers: the drawing of the PDF, and the words of those who listen."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.maths.formulas import DrawnFormula
from generator.web.operators import elements, path_data

_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'  # HTML knows <math>


@dataclass(slots=True)
class Formulas:
    """The formulas of one page: each letter's path stands on it once, wherever it is used.

    drawn: key → drawing. letters: id on the page → path, of those used so far.
    """

    drawn: Mapping[str, DrawnFormula]
    letters: dict[str, str] = field(default_factory=dict)
    _bodies: dict[str, str] = field(default_factory=dict)

    def html(
        self, key: str, *, display: bool, whole: bool = False, around: tuple[str, str] = ("", "")
    ) -> str:
        """The formula `key`. whole: it stands where a line can't end, in a table for instance.

        around: HTML of what must stay in its line: a bracket before, a mark or particle behind.
        """
        drawn = self.drawn[key]
        if drawn.pieces and not whole:
            parts = [
                self._picture(
                    f"{key}/{place}",
                    piece.operators,
                    piece.width_em,
                    drawn,
                    piece.gap_em if place < len(drawn.pieces) - 1 else 0.0,
                )
                for place, piece in enumerate(drawn.pieces)
            ]
        else:
            parts = [self._picture(key, drawn.operators, drawn.width_em, drawn, 0.0)]
        if drawn.tag_operators:
            tag = self._picture(f"{key}/tag", drawn.tag_operators, drawn.tag_width_em, drawn, 0.0)
            parts.append(f'<span class="tag">{tag}</span>')
        kind = "formula display" if display else "formula"
        # The drawing is for eyes, the same in every browser and as in the PDF; MathML is for
        # readers who can't see it, who walk through it, and for what is copied.
        said = drawn.mathml.replace(_NAMESPACE, "", 1).replace(
            "<math", f'<math aria-label="{html.escape(drawn.alt)}"', 1
        )
        before, behind = around
        if before:
            parts[0] = f'<span class="keep">{before}{parts[0]}</span>'
        if behind:
            parts[-1] = f'<span class="keep">{parts[-1]}{behind}</span>'
        # Between two pieces a line may end: at the zero-width space.
        return f'<span class="{kind}">{said}{chr(0x200B).join(parts)}</span>'

    def _picture(
        self, name: str, operators: bytes, width: float, drawn: DrawnFormula, gap: float
    ) -> str:
        body = self._bodies.get(name)
        if body is None:
            body = elements(operators.decode("ascii"), lambda letter: self._letter(letter, drawn))
            self._bodies[name] = body
        height, depth = drawn.height_em, drawn.depth_em
        box = f"0 {-round(height * 1000)} {round(width * 1000)} {round((height + depth) * 1000)}"
        style = f"width:{_em(width)};height:{_em(height + depth)}"
        if depth:
            style += f";vertical-align:{_em(-depth)}"
        if gap:
            style += f";margin-right:{_em(gap)}"
        return (
            f'<svg viewBox="{box}" style="{style}" aria-hidden="true">'
            f'<g transform="scale(1 -1)">{body}</g></svg>'
        )

    def _letter(self, name: str, drawn: DrawnFormula) -> str:
        if name not in self.letters:  # which is named after its path
            self.letters[name] = path_data(drawn.glyphs[name].decode("ascii"))
        return name


def letters_html(letters: Mapping[str, str]) -> str:
    """The paths of letters, to stand on a page once; "" if there are none."""
    if not letters:
        return ""
    shapes = "".join(f'<path id="{name}" d="{data}"/>' for name, data in letters.items())
    return (
        f'<svg class="letters" aria-hidden="true" width="0" height="0"><defs>{shapes}</defs></svg>'
    )


def _em(size: float) -> str:
    return f"{size:.3f}".rstrip("0").rstrip(".") + "em"
