"""Numbers are decimal128: what a person computes on paper is what comes out."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.rules.feel.numbers import NUMBERS, number_text, round_to
from tests.rules.feel.evaluating import causes, evaluate, shown

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def test_a_tenth_and_two_tenths_make_three_tenths() -> None:
    assert evaluate("0.1 + 0.2 = 0.3") is True


def test_a_third_has_34_digits_and_is_not_mended() -> None:
    assert shown("1 / 3 * 3") == "0." + "9" * 34


def test_two_thirds_end_in_seven() -> None:
    assert shown("2 / 3") == "0." + "6" * 33 + "7"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("round half up(2.5, 0)", "3"),
        ("round half up(-2.5, 0)", "-3"),
        ("round half down(2.5, 0)", "2"),
        ("round half down(-2.51, 0)", "-3"),
        ("decimal(2.5, 0)", "2"),
        ("decimal(3.5, 0)", "4"),
        ("round up(1.121, 2)", "1.13"),
        ("round down(1.129, 2)", "1.12"),
        ("floor(-1.5)", "-2"),
        ("ceiling(-1.5)", "-1"),
        ("floor(316.8243, 1)", "316.8"),
        ("round half up(1250, -2)", "1300"),
        ("round half up(50.005, 2)", "50.01"),
        ("modulo(-12, 5)", "3"),
        ("modulo(12, -5)", "-3"),
        ("-2 ** 2", "4"),
        ("2 ** 3 ** 2", "64"),
        ("abs(-3.20)", "3.2"),
        ("sqrt(2)", "1.414213562373095048801688724209698"),
        ("exp(0)", "1"),
        ("log(1)", "0"),
        ("odd(-5)", "true"),
        ("even(1.0)", "false"),
        ('number("1 000,50", " ", ",")', "1000.5"),
        ('number("1.000,50", ".", ",")', "1000.5"),
        ('number("1,5", null, ",")', "1.5"),
        ("string(1.50)", '"1.5"'),
        (".5 + 1e2", "100.5"),
    ],
)
def test_the_arithmetic_of_the_law(text: str, result: str) -> None:
    assert shown(text) == result


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "number.arithmetic"),
        ("0 ** -1", "number.arithmetic"),
        ("10 ** 6144 * 10", "number.arithmetic"),
        ("exp(1000000)", "number.arithmetic"),
        ("sqrt(-1)", "number.negative"),
        ("log(0)", "number.not-positive"),
        ("modulo(1, 0)", "number.zero-divisor"),
        ("decimal(1, 9999)", "number.scale"),
        ('number("1,5")', "number.unreadable"),
        ('number("1.5", " ", ",")', "number.unreadable"),
        ('number("1e99999")', "number.arithmetic"),
        ('number("1.000", ";", null)', "number.separator"),
        ('number("1.000", ".")', "call.arguments"),
        ('number("1.000", ".", ".")', "number.separator"),
        ("1 + null", "null.operand"),
        ('1 + "1"', "type.operator"),
        ('-"a"', "type.operator"),
        ("odd(1.5)", "type.argument"),
        ("date(10 ** 6000, 1, 1)", "number.too-large"),
        ("floor()", "call.arguments"),
    ],
)
def test_an_error_is_null_with_its_cause(text: str, code: str) -> None:
    assert evaluate(text) is None
    assert code in causes(text)


@given(left=amounts, right=amounts)
def test_sums_and_products_of_amounts_are_exact(left: Decimal, right: Decimal) -> None:
    with localcontext(prec=80):
        total, product = left + right, left * right

    assert evaluate("a + b", {"a": left, "b": right}) == total
    assert evaluate("a * b", {"a": left, "b": right}) == product


@given(value=amounts, places=st.integers(min_value=0, max_value=3))
def test_rounding_half_up_is_never_more_than_half_a_unit_away(value: Decimal, places: int) -> None:
    result = round_to(value, places, ROUND_HALF_UP)

    unit = Decimal(1).scaleb(-places)
    assert abs(result - value) <= unit / 2
    assert result == result.quantize(unit)
    if abs(result - value) == unit / 2:
        assert abs(result) > abs(value)


@given(
    value=st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-1000, max_value=1000
    )
)
def test_the_text_of_a_number_is_the_number_again(value: Decimal) -> None:
    assert NUMBERS.create_decimal(number_text(value)) == value


def test_a_huge_number_is_written_with_its_exponent() -> None:
    assert number_text(Decimal("1E+6000")) == "1E+6000"
    assert number_text(Decimal("0.000")) == "0"
