"""Numbers of the results inside a template: arithmetic on them, and how they are written.

A `Number` made by arithmetic still counts as quoted; a plain number typed into an expression
does not become one by standing there.
"""

import html
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from generator.model import Quantity
from generator.text.values.numerals import (
    THIN,
    WIDE,
    Form,
    Numeral,
    Written,
    magnitude,
    numeral,
    written,
)


@dataclass(frozen=True, slots=True, eq=False, order=False)
class Number:
    """A quantity of the results, or one computed from them, and the form the author asked for."""

    quantity: Quantity
    form: Form = "default"
    digits: int = 0

    @property
    def value(self) -> "Number":
        """The number alone, without error and unit."""
        return Number(
            replace(self.quantity, unit="", error=None, runs=None), self.form, self.digits
        )

    @property
    def error(self) -> "Number":
        """The error as a number of its own. Raises TypeError if the script gave none."""
        if self.quantity.error is None:
            raise TypeError("this value has no error")
        return Number(Quantity(self.quantity.error, self.quantity.digits, self.quantity.unit))

    @property
    def runs(self) -> "Number":
        """How many runs stand behind it, a number of its own. Raises TypeError if unsaid."""
        if self.quantity.runs is None:
            raise TypeError("the script does not say how many runs stand behind this value")
        return Number(Quantity(self.quantity.runs))

    @property
    def unit(self) -> str:
        """The unit, "" if there is none."""
        return self.quantity.unit

    def __str__(self) -> str:
        return write_number(self).plain

    def __float__(self) -> float:
        return float(self.quantity.value)

    def __int__(self) -> int:
        return int(self.quantity.value)

    def __bool__(self) -> bool:
        return bool(self.quantity.value)

    def __index__(self) -> int:
        if isinstance(self.quantity.value, int):
            return self.quantity.value
        raise TypeError("expected a whole number here")

    def __hash__(self) -> int:
        return hash(self.quantity.value)

    def __eq__(self, other: object) -> bool:
        return self.quantity.value == _plain(other)

    def __lt__(self, other: object) -> bool:
        return bool(self.quantity.value < _plain(other))

    def __le__(self, other: object) -> bool:
        return bool(self.quantity.value <= _plain(other))

    def __gt__(self, other: object) -> bool:
        return bool(self.quantity.value > _plain(other))

    def __ge__(self, other: object) -> bool:
        return bool(self.quantity.value >= _plain(other))

    def __neg__(self) -> "Number":
        return replace(self, quantity=replace(self.quantity, value=-self.quantity.value))

    def __abs__(self) -> "Number":
        return replace(self, quantity=replace(self.quantity, value=abs(self.quantity.value)))

    def __round__(self, digits: int = 0) -> "Number":
        return replace(self, form="digits", digits=digits)

    def __add__(self, other: object) -> "Number":
        return _sum(self, other, lambda a, b: a + b)

    def __radd__(self, other: object) -> "Number":
        return _sum(self, other, lambda a, b: b + a)

    def __sub__(self, other: object) -> "Number":
        return _sum(self, other, lambda a, b: a - b)

    def __rsub__(self, other: object) -> "Number":
        return _sum(self, other, lambda a, b: b - a)

    def __mul__(self, other: object) -> "Number":
        unit = _product_unit(self, other)
        return _made(self, other, self.quantity.value * _plain(other), unit)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> "Number":
        unit = _quotient_unit(self, other)
        return _made(self, other, self.quantity.value / _plain(other), unit)

    def __rtruediv__(self, other: object) -> "Number":
        if self.unit:
            raise TypeError(f"can't divide a plain number by {self.unit}")
        return _made(self, other, _plain(other) / self.quantity.value)

    def __floordiv__(self, other: object) -> "Number":
        unit = _quotient_unit(self, other)
        return _made(self, other, self.quantity.value // _plain(other), unit)

    def __mod__(self, other: object) -> "Number":
        return _made(self, other, self.quantity.value % _plain(other))

    def __pow__(self, other: object) -> "Number":
        if self.unit:
            raise TypeError(f"can't raise {self.unit} to a power")
        return _made(self, other, math.pow(self.quantity.value, _plain(other)))


def _plain(other: object) -> float | int:
    if isinstance(other, Number):
        return other.quantity.value
    if isinstance(other, int | float):
        return other
    raise TypeError(f"can't calculate with {type(other).__name__}")


def _made(
    one: Number, other: object, value: float | int, unit: str = "", digits: int | None = None
) -> Number:
    """The result `value` of arithmetic on `one` and `other`, in the form asked for either.

    A filter binds more tightly than arithmetic: in {{ value.a - value.b | digits(1) }} it is
    b's, and the author means the difference.
    """
    if not math.isfinite(value):
        raise ArithmeticError("the result is not a finite number")
    asked = other if isinstance(other, Number) and other.form != "default" else one
    return Number(Quantity(value, digits, unit), asked.form, asked.digits)


def _sum(one: Number, other: object, of: Callable[[Any, Any], Any]) -> Number:
    digits = one.quantity.digits
    if isinstance(other, Number):
        if other.unit != one.unit:
            names = " and ".join(unit or "a plain number" for unit in (one.unit, other.unit))
            raise TypeError(f"can't add {names}")
        if digits is not None and other.quantity.digits is not None:
            digits = max(digits, other.quantity.digits)
        else:
            digits = None
    elif one.unit:
        raise TypeError(f"can't add {one.unit} and a plain number")
    return _made(one, other, of(one.quantity.value, _plain(other)), one.unit, digits)


def _product_unit(one: Number, other: object) -> str:
    theirs = other.unit if isinstance(other, Number) else ""
    if one.unit and theirs:
        raise TypeError(f"can't multiply {one.unit} by {theirs}: there is no unit for it")
    return one.unit or theirs


def write_number(number: Number) -> Written:
    """`number` as it goes on the page: value, ± error, unit or per cent sign."""
    quantity = number.quantity
    value, unit = quantity.value, quantity.unit
    form, digits = number.form, number.digits
    error: float | Decimal | None = quantity.error
    if form == "default" and quantity.digits is not None:
        form, digits = "digits", quantity.digits
    if form == "percent":
        unit = "%"
        shown = numeral(_hundredfold(value), "digits", digits)
        error = None if error is None else Decimal(error) * 100
    elif form == "default" and error:
        form, digits = _digits_of_error(float(value), float(error))
        shown = numeral(value, form, digits)
    else:
        shown = numeral(value, form, digits)
    if error is None:
        return _with_unit(written(shown), unit)
    return _with_error(shown, error, unit)


def _hundredfold(value: float | int) -> Decimal | int:
    return value * 100 if isinstance(value, int) else Decimal(value) * 100


def _digits_of_error(value: float, error: float) -> tuple[Form, int]:
    """The form that shows two significant digits of `error`."""
    size = max(magnitude(value) if value else -99, magnitude(error))
    if size < -4 or size >= 9:
        return "sci", max(0, size - magnitude(error) + 1)
    return "digits", max(0, 1 - magnitude(error))


def _with_error(shown: Numeral, error: float | Decimal, unit: str) -> Written:
    """`shown` ± `error` with the same decimals; brackets where 10^n or a unit belongs to both."""
    scaled = Decimal(error)
    times = Written("", "", "")
    if shown.exponent is not None:
        scaled = scaled.scaleb(-shown.exponent)
        power = written(Numeral("1", shown.exponent))
        times = Written(power.html[1:], power.plain[1:], power.tex[1:])
    spread = numeral(scaled, "digits", len(shown.digits.partition(".")[2]))
    one, two = written(Numeral(shown.digits)), written(spread)
    bracket = ("(", ")") if times.html or unit else ("", "")
    parts = [
        f"{bracket[0]}{a}{pm}{b}{bracket[1]}{c}"
        for a, pm, b, c in (
            (one.html, f"{THIN}±{THIN}", two.html, times.html),
            (one.plain, f"{THIN}±{THIN}", two.plain, times.plain),
            (one.tex, r" \pm ", two.tex, times.tex),
        )
    ]
    return _with_unit(Written(*parts), unit)


_WORD = re.compile("[a-z]{3}")  # cents, tokens per second; no symbol as ms, Hz or KiB


def _with_unit(number: Written, unit: str) -> Written:
    if not unit:
        return number
    if unit == "%":
        tex = r"\%"
    elif re.fullmatch(r"[A-Za-z]+", unit):
        tex = rf"\mathrm{{{unit}}}"
    else:
        escaped = re.sub(r"([%#&_{}$])", r"\\\1", unit)
        tex = rf"\text{{{escaped}}}"
    gap, tex_gap = (WIDE, "~") if _WORD.match(unit) else (THIN, r"\,")
    return Written(
        number.html + gap + html.escape(unit, quote=False),
        number.plain + gap + unit,
        number.tex + tex_gap + tex,
    )


def _quotient_unit(one: Number, other: object) -> str:
    theirs = other.unit if isinstance(other, Number) else ""
    if theirs == one.unit:
        return ""
    if theirs:
        raise TypeError(f"can't divide {one.unit or 'a plain number'} by {theirs}")
    return one.unit
