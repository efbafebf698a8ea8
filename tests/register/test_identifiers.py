"""Check digits: a mistyped identifier is noticed before it names somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.register.identifiers import IdentifierRule, UnknownCheckDigitRule, luhn_digit

TEN_DIGITS = IdentifierRule(pattern="[0-9]{10}", check_digit="luhn")


@given(
    body=st.from_regex(r"[0-9]{9}", fullmatch=True), place=st.integers(0, 9), by=st.integers(1, 9)
)
def test_one_wrong_digit_is_always_noticed(body: str, place: int, by: int) -> None:
    right = body + luhn_digit(body)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]

    assert TEN_DIGITS.has_the_right_check_digit(right)
    assert not TEN_DIGITS.has_the_right_check_digit(wrong)


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("luhn", "79927398713", "79927398710"),
        ("luhn", "79927398713", "7992739871A"),
        ("luhn", "79927398713", ""),
        ("mod97", "79444", "79443"),  # ISO/IEC 7064's own example: 794 with the digits 44
        ("mod97", "79444", "79-444"),
        ("none", "anything", ""),
    ],
)
def test_the_rules_know_right_from_wrong(rule: str, right: str, wrong: str) -> None:
    checked = IdentifierRule(pattern=".*", check_digit=rule)

    assert checked.has_the_right_check_digit(right)
    assert not checked.has_the_right_check_digit(wrong)


def test_a_rule_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownCheckDigitRule, match="luhn, mod97"):
        IdentifierRule(pattern=".*", check_digit="damm")


def test_the_form_is_checked_as_a_whole() -> None:
    assert TEN_DIGITS.has_the_right_form("1234567897")
    assert not TEN_DIGITS.has_the_right_form("12345678970")
