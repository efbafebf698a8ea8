"""References of ISO 11649: the standard's examples, every single wrong digit, texts of payers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.delivery.contributions.references import (
    creditor_reference,
    is_creditor_reference,
    number_in,
)
from amparo.office.numbering import written_number

NUMBER = written_number(series="DE", year=2026, counter=123)
REFERENCE = creditor_reference(number=NUMBER)


# Published examples of creditor references with their check digits.
@pytest.mark.parametrize("text", ["RF18 5390 0754 7034", "RF471234567890", "rf45g72udfrhi"])
def test_published_references_are_right(text: str) -> None:
    assert is_creditor_reference(text=text) is (text != "rf45g72udfrhi")


def test_the_check_digits_of_a_published_reference_are_found() -> None:
    assert creditor_reference(number="539007547034") == "RF18539007547034"


@pytest.mark.parametrize("text", ["", "RF", "RF18", "18RF539007547034", "RF1853900754703\uff14"])
def test_what_is_no_reference_is_told(text: str) -> None:
    assert not is_creditor_reference(text=text)


@given(st.integers(min_value=4, max_value=len(REFERENCE) - 1), st.sampled_from("0123456789"))
def test_a_wrong_digit_is_found(place: int, digit: str) -> None:
    mistyped = REFERENCE[:place] + digit + REFERENCE[place + 1 :]

    assert is_creditor_reference(text=mistyped) is (mistyped == REFERENCE)


@given(st.integers(min_value=1, max_value=10**9), st.integers(min_value=1990, max_value=2099))
def test_the_number_is_read_back_from_its_reference(counter: int, year: int) -> None:
    number = written_number(series="DE", year=year, counter=counter)

    assert number_in(text=f"/{creditor_reference(number=number)}/ with thanks") == number


@pytest.mark.parametrize(
    "text",
    [
        f"Contributions {REFERENCE}",
        REFERENCE.lower(),
        " ".join(REFERENCE[i : i + 4] for i in range(0, len(REFERENCE), 4)) + " October 2026",
        f"RF18539007547034 {REFERENCE}",
    ],
)
def test_a_payers_text_is_read_as_people_write_it(text: str) -> None:
    assert number_in(text=text) == NUMBER


@pytest.mark.parametrize("text", ["", "no reference", "RF18539007547034", f"{REFERENCE[:-1]}0"])
def test_a_text_without_our_reference_names_nothing(text: str) -> None:
    assert number_in(text=text) in {"", NUMBER if text == REFERENCE else ""}


def test_a_number_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        creditor_reference(number="D" * 22)
