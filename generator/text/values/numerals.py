"""How a number is written: its digits, its exponent, and its form in prose, maths and speech.

A number that is not zero never looks like zero: what would round to 0 at its digits, and what
is huge, is written with a power of ten. No number is ever written as −0.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

THIN = "\u202f"  # narrow no-break space: fonts have it, and no line breaks at it
WIDE = "\u00a0"  # as wide as between words, and no line breaks at it
MINUS = "\u2212"
HUGE = Decimal(10) ** 9  # from here on a number with decimals is written with a power of ten
HUGE_WHOLE = Decimal(10) ** 15  # the same for whole numbers, whose every digit may matter
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

Form = Literal["default", "digits", "significant", "percent", "sci"]


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it will be written: `digits` (an optional '-' first), times 10^`exponent`."""

    digits: str
    exponent: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The same number in HTML, in plain text (alternative texts, bookmarks), and in TeX."""

    html: str
    plain: str
    tex: str


def numeral(value: float | int | Decimal, form: Form, digits: int = 0) -> Numeral:
    """`value` (finite) in `form`; `digits`: decimals, or significant digits, see `Form`.

    digits, percent: that many decimals. significant: that many digits from the first that is
    not 0. sci: that many decimals and a power of ten. default: whole numbers whole, others with
    the shortest text of at most six significant digits.
    """
    exact = Decimal(value)
    if form == "sci":
        return _scientific(exact, digits)
    if form == "significant":
        return _significant(exact, max(digits, 1))
    if form == "default":
        return _default(exact, whole=isinstance(value, int))
    limit = HUGE_WHOLE if isinstance(value, int) else HUGE
    if abs(exact) >= limit:
        return _scientific(exact, max(digits, 2))
    text = f"{exact:.{digits}f}"
    if not exact:
        return Numeral(text.lstrip("-"))
    if Decimal(text) == 0:
        return _scientific(exact, 1)
    return Numeral(text)


def _default(exact: Decimal, *, whole: bool) -> Numeral:
    if whole and abs(exact) < HUGE_WHOLE:
        return Numeral(f"{exact:.0f}".replace("-0", "0") if not exact else f"{exact:.0f}")
    text = f"{float(exact):.6g}" if abs(exact) < Decimal("1e300") else f"{exact:.5e}"
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return Numeral("0" if mantissa in ("-0", "0") else mantissa)
    return Numeral(mantissa, int(exponent))


def _significant(exact: Decimal, digits: int) -> Numeral:
    if not exact:
        return Numeral(f"{0:.{digits - 1}f}")
    mantissa, _, exponent_text = f"{exact:.{digits - 1}e}".partition("e")
    exponent = int(exponent_text)
    if exponent < -4 or exponent >= 9:
        return Numeral(mantissa, exponent)
    rounded = Decimal(mantissa).scaleb(exponent)
    return Numeral(f"{rounded:.{max(0, digits - 1 - exponent)}f}")


def _scientific(exact: Decimal, digits: int) -> Numeral:
    if not exact:
        return Numeral(f"{0:.{digits}f}")
    mantissa, _, exponent = f"{exact:.{digits}e}".partition("e")
    return Numeral(mantissa, int(exponent))


def magnitude(value: float | int) -> int:
    """The power of ten of the first digit of `value`, which is not 0."""
    return Decimal(value).adjusted()


def written(number: Numeral) -> Written:
    """`number` in its three forms; thousands are set apart from 10 000 on."""
    prose = _prose_digits(number.digits)
    tex = _prose_digits(number.digits).replace(MINUS, "-").replace(THIN, r"\,")
    if number.exponent is None:
        return Written(prose, prose, tex)
    exponent = str(number.exponent)
    return Written(
        f"{prose}×10<sup>{exponent.replace('-', MINUS)}</sup>",
        f"{prose}×10{exponent.translate(_RAISED)}",
        rf"{tex}\times 10^{{{exponent}}}",
    )


def _prose_digits(digits: str) -> str:
    whole, dot, decimals = digits.partition(".")
    sign = MINUS if whole.startswith("-") else ""
    whole = whole.lstrip("-")
    if len(whole) > 4:
        head = len(whole) % 3
        groups = [whole[i : i + 3] for i in range(head, len(whole), 3)]
        whole = THIN.join(([whole[:head]] if head else []) + groups)
    return f"{sign}{whole}{dot}{decimals}"
