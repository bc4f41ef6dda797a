"""Numbers on the page: digits, exponents, errors, units, and arithmetic in expressions."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Quantity, Results
from generator.text.markdown.lexer import pieces_of
from generator.text.markdown.marks import MARK
from generator.text.problems import Problems
from generator.text.values.expand import expand
from generator.text.values.exposed import exposed
from generator.text.values.numerals import Form, numeral, written
from generator.text.values.quantities import Number, write_number
from generator.text.values.simple import simple_result
from tests.text_study import RESULTS, body


def plain(value: float | int, form: Form = "default", digits: int = 0) -> str:
    return written(numeral(value, form, digits)).plain


@pytest.mark.parametrize(
    ("value", "form", "digits", "expected"),
    [
        (7, "default", 0, "7"),
        (1234, "default", 0, "1234"),
        (12345, "default", 0, "12\u202f345"),
        (-1234567, "default", 0, "−1\u202f234\u202f567"),
        (10**16, "default", 0, "1×10¹⁶"),
        (0.5, "default", 0, "0.5"),
        (1 / 3, "default", 0, "0.333333"),
        (5e-5, "default", 0, "5×10⁻⁵"),
        (1234567.0, "default", 0, "1.23457×10⁶"),
        (-0.0, "default", 0, "0"),
        (0.66976, "digits", 3, "0.670"),
        (0.0000571, "digits", 3, "5.7×10⁻⁵"),
        (-0.0000571, "digits", 3, "−5.7×10⁻⁵"),
        (-0.0, "digits", 2, "0.00"),
        (0.0, "digits", 2, "0.00"),
        (0.00049, "digits", 3, "4.9×10⁻⁴"),
        (1.0e12, "digits", 1, "1.00×10¹²"),
        (12345.678, "digits", 1, "12\u202f345.7"),
        (5, "digits", 2, "5.00"),
        (12345.678, "significant", 2, "12\u202f000"),
        (0.012345, "significant", 2, "0.012"),
        (0.99996, "significant", 3, "1.00"),
        (0.0, "significant", 3, "0.00"),
        (2.4e-14, "significant", 2, "2.4×10⁻¹⁴"),
        (12345, "sci", 2, "1.23×10⁴"),
        (0.0, "sci", 1, "0.0"),
    ],
)
def test_a_number_is_written_as_asked(value: float, form: Form, digits: int, expected: str) -> None:
    assert plain(value, form, digits) == expected


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["default", "digits", "significant", "sci"]),
    st.integers(0, 12),
)
def test_a_number_that_is_not_zero_never_looks_like_zero(
    value: float, form: Form, digits: int
) -> None:
    shown = numeral(value, form, digits)
    assert (Decimal(shown.digits) == 0) == (value == 0)
    assert not (value == 0 and shown.digits.startswith("-"))


@given(st.floats(-1e8, 1e8), st.integers(0, 12))
def test_digits_are_off_by_half_a_unit_at_most(value: float, digits: int) -> None:
    shown = numeral(value, "digits", digits)
    if shown.exponent is None:
        error = abs(Decimal(shown.digits) - Decimal(value))
        assert error <= Decimal(5).scaleb(-digits - 1)


@pytest.mark.parametrize(
    ("quantity", "form", "digits", "html", "tex"),
    [
        (Quantity(0.5, unit="m"), "default", 0, "0.5\u202fm", r"0.5\,\mathrm{m}"),
        (Quantity(0.5, unit="m/s"), "default", 0, "0.5\u202fm/s", r"0.5\,\text{m/s}"),
        (Quantity(7, unit="cents"), "default", 0, "7\u00a0cents", r"7~\mathrm{cents}"),
        (Quantity(7, unit="bits/byte"), "default", 0, "7\u00a0bits/byte", r"7~\text{bits/byte}"),
        (Quantity(7, unit="KiB"), "default", 0, "7\u202fKiB", r"7\,\mathrm{KiB}"),
        (Quantity(5e-5), "sci", 1, "5.0×10<sup>−5</sup>", r"5.0\times 10^{-5}"),
        (Quantity(0.503), "percent", 1, "50.3\u202f%", r"50.3\,\%"),
        (Quantity(1), "percent", 0, "100\u202f%", r"100\,\%"),
        (Quantity(0.5684, error=0.0123), "default", 0, "0.568 ± 0.012", r"0.568 \pm 0.012"),
        (
            Quantity(0.5684, unit="m", error=0.0123),
            "digits",
            2,
            "(0.57 ± 0.01)\u202fm",
            r"(0.57 \pm 0.01)\,\mathrm{m}",
        ),
        (
            Quantity(5.71e-6, error=0.3e-6),
            "default",
            0,
            "(5.71 ± 0.30)×10<sup>−6</sup>",
            r"(5.71 \pm 0.30)\times 10^{-6}",
        ),
        (Quantity(0.503, error=0.012), "percent", 1, "(50.3 ± 1.2)\u202f%", None),
        (Quantity(12345.0, digits=0), "default", 0, "12\u202f345", r"12\,345"),
    ],
)
def test_error_and_unit_come_with_the_number(
    quantity: Quantity, form: Form, digits: int, html: str, tex: str | None
) -> None:
    shown = write_number(Number(quantity, form, digits))
    assert shown.html == html.replace(" ±", "\u202f±").replace("± ", "±\u202f")
    assert tex is None or shown.tex == tex


def show(expression: str) -> str:
    """What {{ expression }} says in prose, in plain text."""
    problems = Problems("x")
    expanded = expand(pieces_of(f"{{{{ {expression} }}}}", problems), RESULTS, problems)
    if problems.found:
        return problems.found[0].message
    return expanded.plain(expanded.text)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("value.height", "1.23456"),
        ("value.height | digits(2)", "1.23"),
        ("value['height'] | digits(2)", "1.23"),
        ("(value.height * 100) | digits(1)", "123.5"),
        ("value.height - value.share | digits(1)", "0.4"),  # not only b's digits
        ("value.drop", "−0.50"),
        ("value.drop | abs", "0.50"),
        ("-value.drop", "0.50"),
        ("value.tiny", "5.7×10⁻⁵"),
        ("value.share | percent(1)", "81.2\u202f%"),
        ("value.length.value | digits(2)", "0.57"),
        ("value.length.error | digits(3)", "0.012\u202fm"),
        ("value.count / value.items", "17636.6"),
        ("value.items ** 2", "49"),
        ("value.items * value.items", "49"),
        ("value.items", "7"),  # not the method of a dict
        ("value.length / value.length", "1"),
        ("2 * value.length.value", "1.1368"),
        ("table.heights.rows | length", "2"),
        ("table.heights.rows[0][1] | digits(2)", "12.50"),
        ("value.height > 1 and 'yes' or 'no'", "yes"),
        ("value.length + 1", "can't be worked out: can't add m and a plain number"),
        (
            "value.length * value.length",
            "can't be worked out: can't multiply m by m: there is no unit for it",
        ),
        ("value.height.error", "can't be worked out: this value has no error"),
        (
            "value.height.runs",
            "can't be worked out: the script does not say how many runs stand behind this value",
        ),
        ("value.height | digits", "1"),
    ],
)
def test_an_expression_calculates_with_results(expression: str, expected: str) -> None:
    assert show(expression).replace("17\u202f636.6", "17636.6") == expected


SIMPLE = st.sampled_from(
    [
        *(f"value.{name}" for name in RESULTS.values),
        "string.greeting",
        "table.heights",
        "string.greeting | code",
        "value.height|code",
        "string.greeting | digits(1)",
        "value.nope",
    ]
)


@given(
    SIMPLE,
    st.sampled_from(["", "| digits(2)", " |significant( 3 )", "| percent(0)", "| sci(15)"]),
)
def test_the_short_way_says_what_jinja_says(expression: str, form: str) -> None:
    whole = f"{expression} {form}"
    if simple_result(whole, exposed(RESULTS)) is None:
        return
    texts = []
    # A statement anywhere sends the whole text through Jinja.
    for tail in ("", "\n\n{% set x = 1 %}\n"):
        problems = Problems("x")
        text = f"{{{{ {whole} }}}}{tail}"
        expanded = expand(pieces_of(text, problems), RESULTS, problems)
        marks = [expanded.hidden[int(mark[1])] for mark in MARK.finditer(expanded.text)]
        texts.append([(hidden.kind, hidden.html, hidden.plain) for hidden in marks])
    assert texts[0] == texts[1]


def test_a_string_of_the_results_is_escaped_for_prose_and_for_code(tmp_path: Path) -> None:
    html = body(tmp_path, "{{ string.greeting }}; {{ string.greeting | code }}.")
    escaped = "a *plain* &lt;b&gt;greeting&lt;/b&gt; &amp; $5"
    assert html == f"<p>{escaped}; <code>{escaped}</code>.</p>\n"


def test_a_number_in_a_formula_is_one_group(tmp_path: Path) -> None:
    problems = Problems("x")
    text = "$x^{{ value.count }} = {{ (value.share * 100) | digits(1) }} + {{ value.tiny }}$"
    expanded = expand(pieces_of(text, problems), RESULTS, problems)
    assert expanded.hidden[-1].content == (r"x^{123\,456} = {81.2} + {5.7\times 10^{-5}}")


def test_numbers_that_no_script_made_are_let_through_only_when_the_study_says_so() -> None:
    for strict in (True, False):
        problems = Problems("x")
        expanded = expand(pieces_of("{{ 0.5 }}", problems), Results(), problems, strict=strict)
        assert bool(problems.found) == strict
        assert expanded.plain(expanded.text) == ("" if strict else "0.5")
