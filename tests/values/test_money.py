"""Money is exact, has a currency, and is never taken for yes or no (invariant 9)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.values import CurrencyMismatch, Money, NotARoundedAmount, rounded_amount

CENTS = st.decimals(min_value=Decimal("-99999999.99"), max_value=Decimal("99999999.99"), places=2)


def xts(amount: str) -> Money:
    return Money(Decimal(amount), "XTS")


@given(one=CENTS, other=CENTS)
def test_what_is_added_and_taken_away_again_is_as_before_to_the_cent(
    one: Decimal, other: Decimal
) -> None:
    total = Money(one, "XTS") + Money(other, "XTS")

    assert total - Money(other, "XTS") == Money(one, "XTS")


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert xts("0.10") + xts("0.20") == xts("0.30")


def test_amounts_of_one_currency_are_compared() -> None:
    assert xts("9.99") < xts("10.00")
    assert xts("10.00") <= xts("10.00")
    assert not xts("10.00") < xts("10.00")


@pytest.mark.parametrize("combine", ["__add__", "__sub__", "__lt__", "__le__"])
def test_two_currencies_are_never_combined(combine: str) -> None:
    with pytest.raises(CurrencyMismatch, match="XTS and KES cannot be combined"):
        getattr(xts("1.00"), combine)(Money(Decimal("1.00"), "KES"))


@pytest.mark.parametrize("amount", [1, 0.1, "1.00", True])
def test_only_a_decimal_is_an_amount(amount: object) -> None:
    with pytest.raises(TypeError, match="Money takes a Decimal"):
        Money(amount, "XTS")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "xts", "XT", "EURO"])
def test_only_a_code_of_three_capitals_is_a_currency(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(Decimal("1.00"), currency)


@pytest.mark.parametrize("amount", ["0.00", "1.00"])
def test_an_amount_is_neither_yes_nor_no(amount: str) -> None:
    with pytest.raises(TypeError, match="Compare the amount explicitly"):
        bool(xts(amount))


def test_money_reads_as_amount_and_currency() -> None:
    assert str(xts("1234.50")) == "1234.50 XTS"


@pytest.mark.parametrize(("given_amount", "kept"), [("1", "1.00"), ("1.5", "1.50"), ("0", "0.00")])
def test_an_amount_without_fractions_of_a_cent_is_kept_with_two_decimals(
    given_amount: str, kept: str
) -> None:
    assert str(rounded_amount(Decimal(given_amount))) == kept


@pytest.mark.parametrize("amount", ["0.005", "1.001", "NaN", "Infinity"])
def test_a_fraction_of_a_cent_is_refused_and_not_rounded(amount: str) -> None:
    with pytest.raises(NotARoundedAmount, match="Round it in the rule"):
        rounded_amount(Decimal(amount))
